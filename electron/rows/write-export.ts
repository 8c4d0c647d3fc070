import { link, lstat, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { AppError } from "../../shared/error/app-error.ts";
import { syncFolder } from "../storage/durable-file.ts";
import { errnoOf, storageError } from "../storage/storage-error.ts";
import { unfinishedNameOf } from "../storage/unfinished-name.ts";

/** Where bytes go. */
export interface ExportFile {
  /** Absolute. */
  readonly path: string;
  /** A file that is there already is replaced. */
  readonly overwrite: boolean;
  /** Told the name of the half-written file before it is made. */
  onPartial(path: string): void;
}

/**
 * Writes bytes to a file that has its name only when it is whole and on the disk; what fails leaves nothing.
 * @returns its size
 * @throws backup.destinationExists, storage.*, what `parts` throws
 */
export async function writeExport(parts: AsyncIterable<Uint8Array>, file: ExportFile): Promise<number> {
  const { path, overwrite } = file;
  if (!overwrite && (await isThere(path))) throw alreadyThere(path);
  const partial = unfinishedNameOf(path);
  file.onPartial(partial);
  try {
    const sizeBytes = await writeAll(partial, parts);
    await settle(partial, path, overwrite);
    await syncFolder(dirname(path));
    return sizeBytes;
  } catch (error) {
    await rm(partial, { force: true });
    throw errnoOf(error) === undefined ? error : storageError(error, path);
  }
}

async function writeAll(path: string, parts: AsyncIterable<Uint8Array>): Promise<number> {
  const file = await open(path, "wx", 0o600);
  let sizeBytes = 0;
  try {
    for await (const bytes of parts) {
      await file.writeFile(bytes);
      sizeBytes += bytes.length;
    }
    await file.sync();
  } finally {
    await file.close();
  }
  return sizeBytes;
}

/** Gives a whole file its name; a link takes no name that somebody has taken meanwhile. */
async function settle(partial: string, path: string, overwrite: boolean): Promise<void> {
  if (!overwrite) {
    try {
      await link(partial, path);
      await rm(partial);
      return;
    } catch (error) {
      if (errnoOf(error) === "EEXIST") throw alreadyThere(path);
      // A file system without links: the name was free a moment ago.
    }
  }
  await rename(partial, path);
}

async function isThere(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    (error: unknown) => {
      if (errnoOf(error) === "ENOENT") return false;
      throw storageError(error, path);
    },
  );
}

function alreadyThere(path: string): AppError {
  return new AppError("backup.destinationExists", `${path} is there already.`, {
    hint: "Name another file; in a terminal, --overwrite replaces it.",
  });
}
