import { createHash } from "node:crypto";
import { type FileHandle, open, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { AppError } from "../../shared/error/app-error.ts";
import { makePrivateFolder } from "./durable-file.ts";
import { createCrcSum, createHashSum, createPartSums, hashChunkBytes, type RunningSum, sumOf } from "./part-sums.ts";
import { storageError } from "./storage-error.ts";

const WRITE_BATCH_BYTES = 1024 * 1024;
const READ_BYTES = 1024 * 1024;

/** Size and SHA-256 of a stored file, as a whole and of each `hashChunkBytes` long part. */
export interface FileDigest {
  readonly sizeBytes: number;
  readonly sha256: string;
  readonly chunks: readonly string[];
}

/** A new file that is hashed while it is written. It is private (0600) and must not exist before. */
export interface HashedFile {
  readonly path: string;
  /** Appends. The bytes belong to the file from then on. Throws storage.*. */
  write(bytes: Uint8Array): Promise<void>;
  /** Replaces bytes written earlier. Only after the last write. Throws storage.*. */
  patch(position: number, bytes: Uint8Array): Promise<void>;
  /** Syncs the file to the disk, reads it back, compares it with what was written, and closes it. */
  seal(): Promise<FileDigest>;
  /** Closes and removes it; for any way out but seal(). */
  discard(): Promise<void>;
}

/** Sums of each part of what was written. */
interface WrittenParts {
  readonly hashes: string[];
  readonly checksums: number[];
}

/** Creates the file, with its folder where there is none. Throws backup.destinationExists or storage.*. */
export async function createHashedFile(path: string): Promise<HashedFile> {
  const file = await openNew(path);
  const hasher = createPartSums(createHashSum);
  // The read-back compares by a checksum: a second SHA-256 of every byte would be most of what a backup's end takes.
  const checker = createPartSums(createCrcSum);
  /** What must be on the disk, from the moment the last byte was written. */
  let expected: WrittenParts | null = null;
  let batch: Uint8Array[] = [];
  let batchBytes = 0;
  let writing: Promise<unknown> = Promise.resolve();

  async function flush(): Promise<void> {
    const buffers = batch;
    batch = [];
    batchBytes = 0;
    // One write is under way while the next batch fills, no more: memory stays flat and a slow disk slows the source.
    await writing;
    if (buffers.length === 0) return;
    writing = writeFully(file, buffers);
    writing.catch(() => {});
  }

  async function settle(): Promise<WrittenParts> {
    await flush();
    await writing;
    expected ??= { hashes: hasher.finish(), checksums: checker.finish() };
    return expected;
  }

  /** The chunk is read back, compared and hashed anew with its change, so that seal() can hold it to that. */
  async function patchChunk(written: WrittenParts, chunk: number, position: number, bytes: Uint8Array): Promise<void> {
    const start = chunk * hashChunkBytes;
    const stored = await readFully(file, start, hashChunkBytes);
    if (sumOf(createHashSum, stored) !== written.hashes[chunk]) throw notAsWritten(path, chunk);
    const from = Math.max(start, position);
    const part = bytes.subarray(from - position, start + stored.length - position);
    stored.set(part, from - start);
    written.hashes[chunk] = sumOf(createHashSum, stored);
    written.checksums[chunk] = sumOf(createCrcSum, stored);
    for (let at = 0; at < part.length; ) at += (await file.write(part, at, part.length - at, from + at)).bytesWritten;
  }

  return {
    path,
    async write(bytes) {
      hasher.update(bytes);
      checker.update(bytes);
      batch.push(bytes);
      batchBytes += bytes.length;
      if (batchBytes >= WRITE_BATCH_BYTES) await flush().catch((error) => Promise.reject(storageError(error, path)));
    },
    async patch(position, bytes) {
      try {
        const written = await settle();
        const last = Math.floor((position + bytes.length - 1) / hashChunkBytes);
        for (let chunk = Math.floor(position / hashChunkBytes); chunk <= last; chunk++)
          await patchChunk(written, chunk, position, bytes);
      } catch (error) {
        throw storageError(error, path);
      }
    },
    async seal() {
      try {
        const { hashes, checksums } = await settle();
        const [stored] = await Promise.all([sumHandle(file, createCrcSum), file.sync()]);
        const damaged = checksums.findIndex((checksum, part) => checksum !== stored.parts[part]);
        if (damaged !== -1) throw notAsWritten(path, damaged);
        if (checksums.length !== stored.parts.length) throw notAsWritten(path, checksums.length);
        await file.close();
        return { sizeBytes: stored.sizeBytes, sha256: stored.sha256, chunks: hashes };
      } catch (error) {
        throw storageError(error, path);
      }
    },
    async discard() {
      await writing.catch(() => {});
      await file.close().catch(() => {});
      // What went wrong before is what counts; a file that cannot be removed is listed as unfinished.
      await rm(path, { force: true }).catch(() => {});
    },
  };
}

/** Size and hashes of an existing file, by reading it. Throws storage.*. */
export async function digestFile(
  path: string,
  options: { signal?: AbortSignal; onBytes?: (bytes: number) => void } = {},
): Promise<FileDigest> {
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

/** Size, SHA-256 of the whole, and each part's sum. */
async function sumHandle<Sum>(
  file: FileHandle,
  createSum: () => RunningSum<Sum>,
  options: { signal?: AbortSignal; onBytes?: (bytes: number) => void } = {},
): Promise<{ sizeBytes: number; sha256: string; parts: Sum[] }> {
  const whole = createHash("sha256");
  const sums = createPartSums(createSum);
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
    sums.update(piece);
    options.onBytes?.(bytesRead);
    [current, next] = [next, current];
  }
  return { sizeBytes, sha256: whole.digest("hex"), parts: sums.finish() };
}

async function openNew(path: string): Promise<FileHandle> {
  const folder = dirname(path);
  await makePrivateFolder(folder).catch((error) => Promise.reject(storageError(error, folder)));
  return open(path, "wx+", 0o600).catch((error) => Promise.reject(storageError(error, path)));
}

function notAsWritten(path: string, chunk: number): AppError {
  return new AppError("storage.failed", `${path} does not read back as it was written.`, {
    detail: `part ${chunk} of ${hashChunkBytes} bytes differs`,
    hint: "Check the disk, then run it again on another one.",
  });
}

/** Fewer bytes come back only where the file ends. */
async function readFully(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(length);
  let done = 0;
  while (done < length) {
    const { bytesRead } = await file.read(bytes, done, length - done, position + done);
    if (bytesRead === 0) break;
    done += bytesRead;
  }
  return bytes.subarray(0, done);
}

/** writev may write less than asked for (a disk that fills up); the rest is written or the error surfaces. */
async function writeFully(file: FileHandle, buffers: Uint8Array[]): Promise<void> {
  const expected = buffers.reduce((sum, buffer) => sum + buffer.length, 0);
  const { bytesWritten } = await file.writev(buffers);
  if (bytesWritten < expected) await file.writeFile(Buffer.concat(buffers).subarray(bytesWritten));
}
