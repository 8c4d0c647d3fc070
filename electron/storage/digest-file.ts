import { createHash } from "node:crypto";
import { type FileHandle, open } from "node:fs/promises";
import { createPartSums, hashChunkBytes, type RunningSum } from "./part-sums.ts";
import { readFully } from "./read-fully.ts";
import type { FileDigest } from "./running-digest.ts";
import { storageError } from "./storage-error.ts";

export interface ReadingOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onBytes?: ((bytes: number) => void) | undefined;
}

/** A digest of all there is. */
export type WholeDigest = FileDigest & { readonly sha256: string };

/** Size and hashes of an existing file, by reading it: the whole's in this thread, the parts' beside it in libuv's. Throws storage.*. */
export async function digestFile(path: string, options: ReadingOptions = {}): Promise<WholeDigest> {
  try {
    const file = await open(path, "r");
    try {
      const parts: Promise<string>[] = [];
      const see = async (part: Uint8Array<ArrayBuffer>): Promise<void> => {
        parts.push(hashBeside(part));
        // Memory stays flat where the other processors are busy.
        await parts.at(-3);
      };
      const whole = await readThrough(file, see, options);
      if (parts.length === 0) parts.push(hashBeside(new Uint8Array(0)));
      return { ...whole, chunks: await Promise.all(parts) };
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
  const whole = await readThrough(file, async (part) => sums.update(part), options);
  return { ...whole, parts: sums.finish() };
}

/**
 * Reads a file in the parts that are hashed on their own; fewer reads cost less than a quarter more than many.
 * @param see gets a part, which is the caller's until it has resolved
 */
async function readThrough(
  file: FileHandle,
  see: (part: Uint8Array<ArrayBuffer>) => Promise<void>,
  options: ReadingOptions,
): Promise<{ sizeBytes: number; sha256: string }> {
  const whole = createHash("sha256");
  let sizeBytes = 0;
  // Two buffers: the next read is under way while this one is hashed.
  let current = new Uint8Array(hashChunkBytes);
  let next = new Uint8Array(hashChunkBytes);
  let reading = readFully(file, current, 0);
  for (;;) {
    options.signal?.throwIfAborted();
    const part = await reading;
    if (part.length === 0) break;
    sizeBytes += part.length;
    reading = readFully(file, next, sizeBytes);
    reading.catch(() => {});
    const seen = see(part);
    whole.update(part);
    await seen;
    options.onBytes?.(part.length);
    [current, next] = [next, current];
  }
  return { sizeBytes, sha256: whole.digest("hex") };
}

/** SHA-256 in hexadecimal, by a thread of libuv's pool. The bytes are copied before this returns (Web Cryptography API, digest). */
async function hashBeside(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return Buffer.from(await crypto.subtle.digest("SHA-256", bytes)).toString("hex");
}
