import { createHash } from "node:crypto";
import { type FileHandle, open } from "node:fs/promises";
import { createHashSum, createPartSums, type RunningSum } from "./part-sums.ts";
import type { FileDigest } from "./running-digest.ts";
import { storageError } from "./storage-error.ts";

const READ_BYTES = 1024 * 1024;

export interface ReadingOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onBytes?: ((bytes: number) => void) | undefined;
}

/** Size and hashes of an existing file, by reading it. Throws storage.*. */
export async function digestFile(
  path: string,
  options: ReadingOptions = {},
): Promise<FileDigest & { readonly sha256: string }> {
  try {
    const file = await open(path, "r");
    try {
      const { sizeBytes, sha256, parts } = await sumHandle(file, createHashSum, options);
      return { sizeBytes, sha256, chunks: parts };
    } finally {
      await file.close();
    }
  } catch (error) {
    if (options.signal?.aborted) throw error;
    throw storageError(error, path);
  }
}

/** Size, SHA-256 of the whole, and each part's sum, of an open file. */
export async function sumHandle<Sum>(
  file: FileHandle,
  createSum: () => RunningSum<Sum>,
  options: ReadingOptions = {},
): Promise<{ sizeBytes: number; sha256: string; parts: Sum[] }> {
  const sums = createPartSums(createSum);
  const whole = await readThrough(file, (piece) => sums.update(piece), options);
  return { ...whole, parts: sums.finish() };
}

/** Size and SHA-256 of an open file. */
export function hashHandle(
  file: FileHandle,
  options: ReadingOptions = {},
): Promise<{ sizeBytes: number; sha256: string }> {
  return readThrough(file, () => {}, options);
}

async function readThrough(
  file: FileHandle,
  see: (piece: Uint8Array) => void,
  options: ReadingOptions,
): Promise<{ sizeBytes: number; sha256: string }> {
  const whole = createHash("sha256");
  let sizeBytes = 0;
  // Two buffers: the next read is under way while this one is hashed.
  let current = Buffer.allocUnsafe(READ_BYTES);
  let next = Buffer.allocUnsafe(READ_BYTES);
  let reading = file.read(current, 0, READ_BYTES, 0);
  for (;;) {
    options.signal?.throwIfAborted();
    const { bytesRead } = await reading;
    if (bytesRead === 0) break;
    sizeBytes += bytesRead;
    reading = file.read(next, 0, READ_BYTES, sizeBytes);
    reading.catch(() => {});
    const piece = current.subarray(0, bytesRead);
    whole.update(piece);
    see(piece);
    options.onBytes?.(bytesRead);
    [current, next] = [next, current];
  }
  return { sizeBytes, sha256: whole.digest("hex") };
}
