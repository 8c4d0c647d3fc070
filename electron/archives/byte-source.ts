import type { FileHandle } from "node:fs/promises";
import { AppError } from "../../shared/error/app-error.ts";
import { openWithoutWaiting } from "../storage/open-without-waiting.ts";

/** Bytes of an archive that can be read at any place, wherever they are kept. */
export interface ByteSource {
  readonly sizeBytes: number;
  /** How much is best read at once by whoever reads all of it. */
  readonly streamedBytes?: number;
  /** Fewer bytes than asked for come back only where the source ends. The bytes are the caller's own. */
  read(offset: number, length: number): Promise<Uint8Array>;
  /** Says what will be read next, so that a source far away can begin to fetch it. */
  expect?(offset: number, length: number): void;
  /** Nothing that is kept of these bytes is given out again: they were not what was written, here or on their way. */
  forget?(offset: number, length: number): Promise<void>;
  close(): Promise<void>;
}

/**
 * A file as a source. Its size is taken once: a file that grows is read as it was.
 * @throws storage.notFound, storage.permissionDenied, storage.failed, archive.notAnArchive for a folder, a pipe, a device
 */
export async function openFileSource(path: string): Promise<ByteSource> {
  let file: FileHandle;
  try {
    file = await openWithoutWaiting(path);
  } catch (error) {
    throw readError(path, error);
  }
  try {
    const facts = await file.stat();
    if (facts.isDirectory())
      throw new AppError("archive.notAnArchive", "It is a folder, not a file.", { detail: path });
    if (!facts.isFile())
      throw new AppError(
        "archive.notAnArchive",
        "It is a pipe or a device, not a file that can be read at any place.",
        {
          detail: path,
        },
      );
    return fileSource(path, file, facts.size);
  } catch (error) {
    await file.close();
    throw error instanceof AppError ? error : readError(path, error);
  }
}

function fileSource(path: string, file: FileHandle, sizeBytes: number): ByteSource {
  return {
    sizeBytes,
    async read(offset, length) {
      const wanted = Math.max(0, Math.min(length, sizeBytes - offset));
      const bytes = Buffer.allocUnsafeSlow(wanted);
      let done = 0;
      while (done < wanted) {
        const { bytesRead } = await file.read(bytes, done, wanted - done, offset + done).catch((error: unknown) => {
          throw readError(path, error);
        });
        if (bytesRead === 0) break;
        done += bytesRead;
      }
      return done === wanted ? bytes : bytes.subarray(0, done);
    },
    close: () => file.close(),
  };
}

function readError(path: string, error: unknown): AppError {
  const code = error instanceof Error && "code" in error ? error.code : null;
  const options = { detail: error instanceof Error ? error.message : String(error), cause: error };
  if (code === "ENOENT" || code === "ENOTDIR")
    return new AppError("storage.notFound", `There is no file ${path}.`, options);
  if (code === "EACCES" || code === "EPERM")
    return new AppError("storage.permissionDenied", `The file ${path} may not be read.`, options);
  return new AppError("storage.failed", `The file ${path} could not be read.`, options);
}
