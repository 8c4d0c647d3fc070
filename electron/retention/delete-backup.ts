import { AppError } from "../../shared/error/app-error.ts";
import { pinPathOf } from "../storage/backup-folder.ts";
import type { Storage, StoredObject } from "../storage/storage.ts";
import { sayHold } from "./holds.ts";
import type { RetainedBackup } from "./retained-backups.ts";

/**
 * Deletes a backup: its manifest first, so that what is half deleted never poses as a backup, then the files that the
 * manifest named, then what checks of it found. Not to be cut in between: it takes no signal.
 * @returns why it was kept after all, where it is locked, was pinned or changed since it was looked at; else null
 * @throws storage.*, where some of it is still there
 */
export async function deleteBackup(
  storage: Storage,
  { manifestFile, files, proofs }: RetainedBackup,
): Promise<string | null> {
  if (await find(storage, pinPathOf(manifestFile.path))) return "it was pinned meanwhile";
  const now = await find(storage, manifestFile.path);
  if (now === null) return "somebody else has deleted it";
  // Where versions are kept, a deletion of what is held would only hide it.
  if (now.hold !== undefined) return sayHold(now.hold);
  if (now.etag !== manifestFile.etag) return "its manifest was changed meanwhile";
  await storage.delete(manifestFile.path);
  for (const { path } of [...files, ...proofs]) await storage.delete(path);
  return null;
}

async function find(storage: Storage, path: string): Promise<StoredObject | null> {
  try {
    return await storage.stat(path);
  } catch (error) {
    if (error instanceof AppError && error.code === "storage.notFound") return null;
    throw error;
  }
}
