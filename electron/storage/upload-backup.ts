import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { StoredFile } from "../../shared/contract/manifest.ts";
import { AppError } from "../../shared/error/app-error.ts";
import { encodeFileName, loadBackup } from "./backup-folder.ts";
import { piecesOf, type Storage } from "./storage.ts";
import { storageError } from "./storage-error.ts";

/**
 * Copies a finished backup from a folder of this machine into a storage, under the same names: its files first, each held
 * to the manifest's hash on the way, the manifest last. Replaces nothing; what was uploaded is deleted again when it fails
 * or is cancelled, and without a manifest it is no backup meanwhile.
 * @returns where the archive lies, as an ARCHIVE argument takes it
 * Throws verify.checksumMismatch when the source is not what its manifest says, storage.*.
 */
export async function uploadBackup(manifestPath: string, storage: Storage, signal: AbortSignal): Promise<string> {
  const { manifest, archivePath } = await loadBackup(manifestPath);
  const folder = encodeFileName(manifest.database);
  const uploaded: string[] = [];
  const upload = async (path: string, pieces: AsyncIterable<Uint8Array>, sizeBytes: number): Promise<void> => {
    await storage.write(`${folder}/${path}`, pieces, { ifAbsent: true, expectedBytes: sizeBytes, signal });
    uploaded.push(`${folder}/${path}`);
  };
  try {
    // oxlint-disable-next-line no-await-in-loop -- each goes in several parts at once already
    for (const file of manifest.files)
      await upload(file.path, readChecked(join(dirname(manifestPath), file.path), file, signal), file.sizeBytes);
    // As it stands, not written anew: a newer Lifeboat may have put in what this one does not know.
    const text = await readFile(manifestPath).catch((error) => Promise.reject(storageError(error, manifestPath)));
    await upload(basename(manifestPath), piecesOf(text), text.length);
    return `${storage.address}/${folder}/${basename(archivePath)}`;
  } catch (error) {
    // Best effort: what stays is told as files without a manifest. The signal may be aborted, so it is left out.
    for (const path of uploaded) await storage.delete(path).catch(() => {});
    throw error;
  }
}

/** A file's bytes. Ends with an error, before the storage takes it for whole, where they are not what was backed up. */
async function* readChecked(path: string, file: StoredFile, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const hash = createHash("sha256");
  try {
    const stream = createReadStream(path, { highWaterMark: 1024 * 1024, signal });
    for await (const piece of stream as AsyncIterable<Buffer>) {
      hash.update(piece);
      yield piece;
    }
  } catch (error) {
    throw signal.aborted ? error : storageError(error, path);
  }
  if (hash.digest("hex") !== file.sha256)
    throw new AppError("verify.checksumMismatch", `${path} is not what was backed up.`);
}
