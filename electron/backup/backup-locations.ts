import { resolve } from "node:path";
import type { Home } from "../home.ts";
import { openJobManager } from "../jobs/job-manager.ts";

/** The folders where backups are to be looked for: the default one, and every folder that a backup was sent to before. */
export async function backupLocations(home: Home): Promise<string[]> {
  const locations = new Set([resolve(home.backupsFolder)]);
  const jobs = await openJobManager(home);
  try {
    for (const job of jobs.list({ limit: Number.MAX_SAFE_INTEGER }))
      if (job.kind === "backup") for (const location of requestedLocations(job.request)) locations.add(location);
  } finally {
    jobs.close();
  }
  return [...locations];
}

function requestedLocations(request: unknown): string[] {
  const { locations } = (request ?? {}) as { locations?: unknown };
  return Array.isArray(locations) ? locations.filter((location) => typeof location === "string") : [];
}
