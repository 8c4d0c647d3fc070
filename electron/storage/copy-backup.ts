import { createReadStream } from "node:fs";
import { mkdir, readFile, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { StoredFile } from "../../shared/contract/manifest.ts";
import { AppError } from "../../shared/error/app-error.ts";
import { encodeFileName, loadBackup, partialOf } from "./backup-folder.ts";
import { makePrivateFolder, syncFolder } from "./durable-file.ts";
import { createHashedFile } from "./hashed-file.ts";
import { type FinishedFile, insistOnFreeNames, publishBackup } from "./publish-backup.ts";
import { storageError } from "./storage-error.ts";

interface CopyOptions {
  readonly signal: AbortSignal;
  readonly onPartial: (path: string) => void;
}

/**
 * Copies a finished backup to another folder: everything under partial names, hashed on the way and compared with the
 * manifest, then renamed, the manifest last. Replaces nothing; nothing of it stays when it fails or is cancelled.
 * @returns the copy's archive path
 * Throws verify.checksumMismatch when the source is not what its manifest says, storage.*, backup.destinationExists.
 */
export async function copyBackup(manifestPath: string, location: string, options: CopyOptions): Promise<string> {
  const { manifest, archivePath } = await loadBackup(manifestPath);
  const source = dirname(manifestPath);
  const folder = join(location, encodeFileName(manifest.database));
  const manifestCopy = join(folder, basename(manifestPath));
  const made: FinishedFile[] = [];
  try {
    await makePrivateFolder(folder);
    // Nobody should wait for a long copy to hear at its end that the name is taken.
    await insistOnFreeNames([join(folder, basename(archivePath)), manifestCopy]);
    for (const [name, files] of groupByName(manifest.files))
      await copyNamed(name, files, source, folder, made, options);
    options.signal.throwIfAborted();
    // As it stands, not written anew: a newer Lifeboat may have put in what this one does not know.
    await publishBackup(made, { path: manifestCopy, text: await readFile(manifestPath, "utf8") });
    return join(folder, basename(archivePath));
  } catch (error) {
    for (const { partial } of made) await rm(partial, { recursive: true, force: true }).catch(() => {});
    throw options.signal.aborted ? error : storageError(error, folder);
  }
}

/** By the name in the backup's folder: a file is alone under its own, the members of a directory archive share one. */
function groupByName(files: readonly StoredFile[]): Map<string, StoredFile[]> {
  return Map.groupBy(files, (file) => file.path.split("/", 1)[0] ?? "");
}

async function copyNamed(
  name: string,
  files: readonly StoredFile[],
  source: string,
  folder: string,
  made: FinishedFile[],
  options: CopyOptions,
): Promise<void> {
  const path = join(folder, name);
  const partial = partialOf(path);
  options.onPartial(partial);
  const isFolder = files.some((file) => file.path !== name);
  if (isFolder) {
    await mkdir(partial, { mode: 0o700 });
    made.push({ partial, path });
  }
  for (const file of files)
    await copyFile(file, join(source, file.path), `${partial}${file.path.slice(name.length)}`, options.signal);
  if (isFolder) await syncFolder(partial);
  else made.push({ partial, path });
}

async function copyFile(file: StoredFile, source: string, path: string, signal: AbortSignal): Promise<void> {
  const copy = await createHashedFile(path);
  try {
    const stream = createReadStream(source, { highWaterMark: 1024 * 1024, signal });
    for await (const piece of stream as AsyncIterable<Buffer>) await copy.write(piece);
    const { sha256 } = await copy.seal();
    if (sha256 !== file.sha256) throw new AppError("verify.checksumMismatch", `${source} is not what was backed up.`);
  } catch (error) {
    await copy.discard();
    throw signal.aborted ? error : storageError(error, source);
  }
}
