import { type FileHandle, open, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { AppError } from "../../shared/error/app-error.ts";
import { sumHandle } from "./digest-file.ts";
import { makePrivateFolder } from "./durable-file.ts";
import { createCrcSum, createPartSums, hashChunkBytes, sumOf } from "./part-sums.ts";
import { readFully } from "./read-fully.ts";
import { storageError } from "./storage-error.ts";

const WRITE_BATCH_BYTES = 1024 * 1024;

/** A new file that is summed while it is written and read back before it counts. Private (0600), and not there before. */
export interface CheckedFile {
  readonly path: string;
  /** Appends. The bytes must not change any more. Throws storage.*. */
  write(bytes: Uint8Array): Promise<void>;
  /** Replaces bytes written earlier. Only after the last write. Throws storage.*. */
  patch(position: number, bytes: Uint8Array): Promise<void>;
  /**
   * Syncs the file to the disk, reads it back, compares it with what was written, and closes it.
   * @returns the SHA-256 of what was read
   */
  seal(): Promise<{ readonly sha256: string }>;
  /** Closes and removes it; for any way out but seal(). */
  discard(): Promise<void>;
}

/** Creates the file, with its folder where there is none. Throws backup.destinationExists or storage.*. */
export async function createCheckedFile(path: string): Promise<CheckedFile> {
  const file = await openNew(path);
  // By a checksum: a SHA-256 more of every byte would be most of what a backup's end takes.
  const checker = createPartSums(createCrcSum);
  /** What must be on the disk, from the moment the last byte was written. */
  let expected: number[] | null = null;
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

  async function settle(): Promise<number[]> {
    await flush();
    await writing;
    expected ??= checker.finish();
    return expected;
  }

  /** The chunk is read back, compared and summed anew with its change, so that seal() can hold it to that. */
  async function patchChunk(written: number[], chunk: number, position: number, bytes: Uint8Array): Promise<void> {
    const start = chunk * hashChunkBytes;
    const stored = await readFully(file, new Uint8Array(hashChunkBytes), start);
    if (sumOf(createCrcSum, stored) !== written[chunk]) throw notAsWritten(path, inPart(chunk));
    const from = Math.max(start, position);
    const part = bytes.subarray(from - position, start + stored.length - position);
    stored.set(part, from - start);
    written[chunk] = sumOf(createCrcSum, stored);
    for (let at = 0; at < part.length; ) at += (await file.write(part, at, part.length - at, from + at)).bytesWritten;
  }

  return {
    path,
    async write(bytes) {
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
        const checksums = await settle();
        const [stored] = await Promise.all([sumHandle(file, createCrcSum), file.sync()]);
        const damaged = checksums.findIndex((checksum, part) => checksum !== stored.parts[part]);
        if (damaged !== -1) throw notAsWritten(path, inPart(damaged));
        if (checksums.length !== stored.parts.length) throw notAsWritten(path, inPart(checksums.length));
        await file.close();
        return { sha256: stored.sha256 };
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

async function openNew(path: string): Promise<FileHandle> {
  const folder = dirname(path);
  await makePrivateFolder(folder).catch((error) => Promise.reject(storageError(error, folder)));
  return open(path, "wx+", 0o600).catch((error) => Promise.reject(storageError(error, path)));
}

function inPart(chunk: number): string {
  return `part ${chunk} of ${hashChunkBytes} bytes differs`;
}

/** storage.failed: what is read of a file is not what was written to it. */
function notAsWritten(path: string, detail: string): AppError {
  return new AppError("storage.failed", `${path} does not read back as it was written.`, {
    detail,
    hint: "Check the disk, then run it again on another one.",
  });
}

/** writev may write less than asked for (a disk that fills up); the rest is written or the error surfaces. */
async function writeFully(file: FileHandle, buffers: Uint8Array[]): Promise<void> {
  const expected = buffers.reduce((sum, buffer) => sum + buffer.length, 0);
  const { bytesWritten } = await file.writev(buffers);
  if (bytesWritten < expected) await file.writeFile(Buffer.concat(buffers).subarray(bytesWritten));
}
