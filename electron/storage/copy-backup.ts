import { createReadStream } from "node:fs";
import { mkdir, rename } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { StoredFile } from "../../shared/contract/manifest.ts";
import { AppError } from "../../shared/error/app-error.ts";
import { encodeFileName, loadBackup } from "./backup-folder.ts";
import { makePrivateFolder, syncFolder, writeFileDurably } from "./durable-file.ts";
import { createHashedFile } from "./hashed-file.ts";
import { storageError } from "./storage-error.ts";

/**
 * Copies a finished backup to another folder: every file under a partial name, hashed on the way and compared with the
 * manifest, then renamed, the manifest last.
 * @returns the copy's archive path
 * Throws verify.checksumMismatch when the source is not what its manifest says, storage.*, backup.destinationExists.
 */
export async function copyBackup(
  manifestPath: string,
  location: string,
  options: { readonly signal: AbortSignal; readonly onPartial: (path: string) => void },
): Promise<string> {
  const { manifest, archivePath } = await loadBackup(manifestPath);
  const source = dirname(manifestPath);
  const folder = join(location, encodeFileName(manifest.database));
  await makePrivateFolder(folder).catch((error) => Promise.reject(storageError(error, folder)));
  for (const file of manifest.files) await copyFile(file, source, folder, options);
  await syncFolder(folder);
  const manifestCopy = join(folder, manifestPath.slice(source.length + 1));
  await writeFileDurably(manifestCopy, `${JSON.stringify(manifest, null, 2)}\n`);
  return join(folder, archivePath.slice(source.length + 1));
}

async function copyFile(
  file: StoredFile,
  source: string,
  folder: string,
  options: { readonly signal: AbortSignal; readonly onPartial: (path: string) => void },
): Promise<void> {
  const path = join(folder, file.path);
  const partial = `${path}.partial`;
  options.onPartial(partial);
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const copy = await createHashedFile(partial);
  try {
    const stream = createReadStream(join(source, file.path), { highWaterMark: 1024 * 1024, signal: options.signal });
    for await (const piece of stream as AsyncIterable<Buffer>) await copy.write(piece);
    const { sha256 } = await copy.seal();
    if (sha256 !== file.sha256)
      throw new AppError("verify.checksumMismatch", `${join(source, file.path)} is not what was backed up.`);
    await rename(partial, path);
  } catch (error) {
    await copy.discard();
    throw error;
  }
}
