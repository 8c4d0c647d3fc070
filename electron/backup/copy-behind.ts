import { join } from "node:path";
import { AppError } from "../../shared/error/app-error.ts";
import type { JobContext } from "../jobs/job-context.ts";
import type { BackupNames } from "../storage/backup-folder.ts";
import { copyBackup } from "../storage/copy-backup.ts";
import { isFolder, type Place, takesPart } from "../storage/place.ts";
import { storageError } from "../storage/storage-error.ts";
import type { BackupPlaces } from "./backup-places.ts";

/**
 * Copies a finished backup to the places that could not keep up, or could not be written to directly, from a folder that
 * could, else from another place. What fails is in the place's `failure`.
 * Throws job.cancelled, which says that the backup is whole all the same.
 */
export async function copyToThoseBehind(
  context: JobContext,
  { all }: BackupPlaces,
  { manifest, archive }: BackupNames,
): Promise<void> {
  const { signal } = context;
  const whole = all.filter(takesPart);
  const source = whole.find(isFolder) ?? whole[0];
  for (const place of all.filter(({ isBehind, failure }) => isBehind && failure === null)) {
    if (source === undefined) return;
    context.step(`Copying to ${place.location}`);
    try {
      await copyBackup(source.storage, manifest, place.storage, {
        signal,
        onPartial: (partial) => context.recordPartial(partial),
      });
      place.isBehind = false;
    } catch (error) {
      if (signal.aborted)
        throw new AppError("job.cancelled", "Cancelled.", {
          detail: `The backup is whole and stays: ${addressIn(source, archive)}. Not copied to: ${place.location}.`,
        });
      place.failure = storageError(error, place.location);
      context.log(`error: ${place.location}: ${place.failure.message}`);
    }
  }
}

/** What is at a path of a place, as ARCHIVE arguments take it. */
export function addressIn({ storage }: Place, path: string): string {
  return storage.kind === "folder" ? join(storage.address, path) : `${storage.address}/${path}`;
}
