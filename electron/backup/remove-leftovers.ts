import { rm } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import type { JobContext } from "../jobs/job-context.ts";
import { encodeFileName } from "../storage/backup-folder.ts";
import { storageError } from "../storage/storage-error.ts";
import type { BackupRequest } from "./backup-request.ts";

/** What interrupted jobs of this home left half-written of this database; other files, whatever their names, are not ours. */
export async function removeLeftovers(context: JobContext, request: BackupRequest): Promise<void> {
  const folders = new Set(request.locations.map((location) => resolve(location, encodeFileName(request.database))));
  for (const path of context.leftovers()) {
    if (!folders.has(dirname(path))) continue;
    try {
      await rm(path, { recursive: true, force: true });
      context.log(`removed the unfinished ${path}`);
      context.forgetLeftover(path);
    } catch (error) {
      context.log(`could not remove the unfinished ${path}: ${storageError(error, path).message}`);
    }
  }
}
