import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BackupRequest, defaultBackupOptions } from "../../electron/backup/backup-request.ts";
import { type KeyRing, openKeyRing } from "../../electron/encryption/key-ring.ts";
import { type Home, locateHome } from "../../electron/home.ts";
import { type JobManager, openJobManager } from "../../electron/jobs/job-manager.ts";
import { startBackup } from "../../electron/jobs/run-backup.ts";
import { startRestore } from "../../electron/jobs/run-restore.ts";
import { planRestore, type RestoreServices } from "../../electron/restore/plan-restore.ts";
import type { RestorePlan } from "../../electron/restore/restore-plan.ts";
import { defaultRestoreOptions, type RestoreRequest } from "../../electron/restore/restore-request.ts";
import { createMemoryStore } from "../../electron/secrets/memory.ts";
import type { SecretStore } from "../../electron/secrets/secret-store.ts";
import type { BackupResult, RestoreResult } from "../../shared/contract/job-results.ts";
import { type Manifest, manifestSchema } from "../../shared/contract/manifest.ts";
import type { Job } from "../../shared/job/job.ts";
import type { TestServer } from "./servers.ts";

/** Backups and restores through the services, as jobs on a home of their own: what the commands do, without a process. */
export interface Services {
  readonly home: Home;
  readonly jobs: JobManager;
  /** A keychain in memory, for encryption keys. */
  readonly secrets: SecretStore;
  /** What opens encrypted archives: the keys that stand in keys.json when the first is opened. */
  readonly keys: KeyRing;
  /** Which clients are found beside those that lie where packages put them. */
  useTools(folders: readonly string[]): void;
  /** Into a location of its own: names of files are no finer than a second. */
  backUp(server: TestServer, database: string, changes?: Partial<BackupRequest>): Promise<Job>;
  plan(server: TestServer, archive: string, changes?: Partial<RestoreRequest>): Promise<[RestorePlan, RestoreServices]>;
  restore(server: TestServer, archive: string, changes?: Partial<RestoreRequest>): Promise<Job>;
  /** Closes the jobs and removes the home with all that is in it. */
  close(): void;
}

export async function openServices(): Promise<Services> {
  const root = mkdtempSync(join(tmpdir(), "lifeboat-services-"));
  const home = locateHome({ LIFEBOAT_HOME: root });
  const jobs = await openJobManager(home);
  const secrets = createMemoryStore();
  const keys = openKeyRing({ home, env: {}, secrets });
  let backups = 0;
  const plan: Services["plan"] = async (server, archive, changes) => {
    const connection = { ...connectionTo(server), ...(changes?.target ? { target: changes.target } : {}) };
    const request: RestoreRequest = {
      archive,
      target: connection.target,
      ...defaultRestoreOptions,
      ...changes,
    };
    const services = { home, env: process.env, secrets, connection, keys };
    return [await planRestore(request, services), services];
  };
  return {
    home,
    jobs,
    secrets,
    keys,
    plan,
    useTools(folders) {
      writeFileSync(home.settingsFile, JSON.stringify({ toolFolders: folders }));
    },
    backUp(server, database, changes) {
      const connection = { ...connectionTo(server), ...(changes?.target ? { target: changes.target } : {}) };
      const { hosts, ...target } = connection.target;
      const request: BackupRequest = {
        target: { ...target, hosts: hosts.map((host) => ({ ...host })) },
        database,
        locations: [join(home.backupsFolder, `location-${(backups += 1)}`)],
        ...defaultBackupOptions,
        ...changes,
      };
      return startBackup(request, connection, { home, env: process.env, secrets }, jobs, {});
    },
    async restore(server, archive, changes) {
      const [planned, services] = await plan(server, archive, changes);
      return startRestore(planned, services, jobs, {});
    },
    close() {
      jobs.close();
      rmSync(root, { recursive: true, force: true });
    },
  };
}

/** What a whole backup left, and its manifest. */
export function backupIn(job: Job): { result: BackupResult; manifest: Manifest } {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- written by run-backup; the record's type is any kind's
  const result = job.result as BackupResult;
  return { result, manifest: manifestSchema.parse(JSON.parse(readFileSync(result.manifestPath, "utf8"))) };
}

/** What a restore left. */
export function restoreIn(job: Job): RestoreResult {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- written by run-restore; the record's type is any kind's
  return job.result as RestoreResult;
}

function connectionTo(server: TestServer) {
  return { target: server.target(), password: null, passwordFrom: "none", warnings: [] };
}
