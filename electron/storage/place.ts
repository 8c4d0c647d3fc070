import { AppError } from "../../shared/error/app-error.ts";
import type { Storage } from "./storage.ts";
import { storageError } from "./storage-error.ts";

/** One of the places that something goes to at once, and what has become of it there. */
export interface Place {
  /** As it was asked for. */
  readonly location: string;
  readonly storage: Storage;
  /** Why it gets nothing any more. */
  failure: AppError | null;
  /** It could not keep up and gets its copy afterwards, from a place that could. */
  isBehind: boolean;
  /** What was finished there, by its path in the storage, in the order in which it was. */
  readonly written: string[];
}

/** A folder of this machine, or one that is mounted here: what is there can be read again for nothing. */
export function isFolder({ storage }: Place): boolean {
  return storage.kind === "folder";
}

/** Whether it takes what is written now. */
export function takesPart(place: Place): boolean {
  return place.failure === null && !place.isBehind;
}

/** Deletes what was finished in a place, the last first: the manifest. What cannot be deleted stays without one. */
export async function withdrawFrom({ storage, written }: Place): Promise<void> {
  try {
    for (const path of written.toReversed()) await storage.delete(path);
    written.length = 0;
  } catch {
    // The failure that led here is the one to tell. A manifest that stays must not describe what is gone.
  }
}

/** Why something of a backup could not be written to a place, in the user's words; a name that is taken is backup.destinationExists. */
export function failureIn({ location }: Place, path: string, error: unknown): AppError {
  const failure = storageError(error, `${location}/${path}`);
  return failure.code === "storage.conflict"
    ? new AppError("backup.destinationExists", failure.message, { detail: failure.detail })
    : failure;
}
