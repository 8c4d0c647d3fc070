import { resolve } from "node:path";
import type { Job } from "../../shared/job/job.ts";
import type { Home } from "../home.ts";
import { openJobManager } from "../jobs/job-manager.ts";

/** The folders where backups are to be looked for: the default one, and every folder that a backup was sent to before. */
export async function backupLocations(home: Home): Promise<string[]> {
  const jobs = await openJobManager(home);
  try {
    return backupLocationsOf(home, jobs.list({ limit: Number.MAX_SAFE_INTEGER }));
  } finally {
    jobs.close();
  }
}

/** The same from jobs that were listed already. */
export function backupLocationsOf(home: Home, jobs: readonly Job[]): string[] {
  const locations = new Set([resolve(home.backupsFolder)]);
  for (const job of jobs)
    if (job.kind === "backup") for (const location of requestedLocations(job.request)) locations.add(location);
  return [...locations];
}

function requestedLocations(request: unknown): string[] {
  const { locations } = (request ?? {}) as { locations?: unknown };
  return Array.isArray(locations) ? locations.filter((location) => typeof location === "string") : [];
}
