import type { BackupResult } from "../../shared/contract/job-results.ts";
import { type BackupRequest, defaultBackupOptions } from "../backup/backup-request.ts";
import { startBackup } from "../jobs/run-backup.ts";
import type { DemoSample } from "./prepare-sample.ts";
import type { DemoServices } from "./story.ts";

/** Backs the sample up into the default folder, as `lifeboat backup --url …` does. */
export async function backUpSample(sample: DemoSample, services: DemoServices): Promise<BackupResult> {
  const { home, signal } = services;
  const { connection, database } = sample;
  const request: BackupRequest = {
    target: { ...connection.target, hosts: connection.target.hosts.map((host) => ({ ...host })) },
    database,
    locations: [home.backupsFolder],
    ...defaultBackupOptions,
  };
  const jobs = await services.jobs();
  return services.follow((onChange) => startBackup(request, connection, services, jobs, { signal, onChange }));
}
