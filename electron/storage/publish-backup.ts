import { lstat, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { AppError } from "../../shared/error/app-error.ts";
import { syncFolder, writeFileDurably } from "./durable-file.ts";
import { storageError } from "./storage-error.ts";

/** A whole and synced file or folder, and the name it is to get. */
export interface FinishedFile {
  readonly partial: string;
  readonly path: string;
}

/**
 * Gives a backup's files their final names and writes its manifest last: from then on it is a backup. Replaces nothing.
 * All names are in one folder, and whoever calls has taken the partial names exclusively, so no other race for the final.
 * Throws backup.destinationExists or storage.*; what had its final name already is removed then.
 */
export async function publishBackup(
  files: readonly FinishedFile[],
  manifest: { readonly path: string; readonly text: string },
): Promise<void> {
  await insistOnFreeNames([...files.map((file) => file.path), manifest.path]);
  const published: string[] = [];
  try {
    for (const { partial, path } of files) {
      await rename(partial, path);
      published.push(path);
    }
    await syncFolder(dirname(manifest.path));
    published.push(manifest.path);
    await writeFileDurably(manifest.path, manifest.text);
  } catch (error) {
    await withdraw(published);
    throw storageError(error, manifest.path);
  }
}

/** Throws backup.destinationExists where one of the names is taken. */
export async function insistOnFreeNames(paths: readonly string[]): Promise<void> {
  for (const path of paths)
    if (await isTaken(path)) throw new AppError("backup.destinationExists", `${path} is there already.`);
}

/** The manifest goes first. Where it does not go, the rest stays: a manifest must never describe what is gone. */
async function withdraw(published: readonly string[]): Promise<void> {
  try {
    for (const path of published.toReversed()) await rm(path, { recursive: true, force: true });
  } catch {
    // The failure that led here is the one to tell.
  }
}

async function isTaken(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}
