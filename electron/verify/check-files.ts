import { stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Manifest, StoredFile } from "../../shared/contract/manifest.ts";
import { AppError } from "../../shared/error/app-error.ts";
import { digestFile } from "../storage/hashed-file.ts";
import { storageError } from "../storage/storage-error.ts";

/**
 * Reads every file of a backup and compares it with the manifest.
 * Throws verify.sizeMismatch, or verify.checksumMismatch with the range of bytes that differs, or storage.*.
 */
export async function checkFiles(
  archivePath: string,
  manifest: Manifest,
  options: { readonly signal: AbortSignal; readonly onBytes: (bytes: number) => void },
): Promise<void> {
  for (const file of manifest.files) {
    const path = join(dirname(archivePath), file.path);
    const { size } = await stat(path).catch((error) => Promise.reject(storageError(error, path)));
    if (size !== file.sizeBytes)
      throw new AppError("verify.sizeMismatch", `${path} has another size than when it was written.`, {
        detail: `${size} bytes, written were ${file.sizeBytes}`,
      });
    const digest = await digestFile(path, options);
    if (digest.sha256 !== file.sha256)
      throw new AppError("verify.checksumMismatch", `${path} was changed or damaged after it was written.`, {
        detail: describeDifference(file, digest.chunks),
      });
  }
}

function describeDifference(file: StoredFile, chunks: readonly string[]): string {
  const differing = file.chunks.flatMap((hash, index) => (hash === chunks[index] ? [] : [index]));
  const ranges = differing
    .slice(0, 5)
    .map((index) => `${index * file.chunkBytes} to ${Math.min((index + 1) * file.chunkBytes, file.sizeBytes) - 1}`);
  const more = differing.length > ranges.length ? ` and ${differing.length - ranges.length} more parts` : "";
  return differing.length === 0
    ? "the parts are as written, the whole is not: the manifest was changed"
    : `bytes ${ranges.join(", ")}${more}`;
}
