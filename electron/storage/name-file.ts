import { link, rename, rm, stat } from "node:fs/promises";
import { AppError } from "../../shared/error/app-error.ts";
import { errnoOf } from "./storage-error.ts";

/**
 * Gives a whole file its final name. The folder is the caller's to sync.
 * @param ifAbsent refuse where the name is taken, rather than replace what is there
 * Throws storage.conflict, and the system's own errors.
 */
export async function nameFile(partial: string, path: string, ifAbsent: boolean): Promise<void> {
  if (!ifAbsent) return rename(partial, path);
  try {
    // A rename would replace what somebody else put there meanwhile; a hard link does not.
    await link(partial, path);
  } catch (error) {
    if (errnoOf(error) === "EEXIST") throw nameIsTaken(path);
    // exFAT and some network disks have no hard links: look, then rename.
    if (await isThere(path)) throw nameIsTaken(path);
    return rename(partial, path);
  }
  await rm(partial);
}

/** Whether anything is at this path that this user can see. */
export function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

/** storage.conflict: something has this name. */
export function nameIsTaken(path: string): AppError {
  return new AppError("storage.conflict", `${path} is there already.`);
}
