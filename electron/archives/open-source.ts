import { AppError } from "../../shared/error/app-error.ts";
import type { KeyRing } from "../encryption/key-ring.ts";
import { type ByteSource, openFileSource } from "./byte-source.ts";

/** The bytes of an archive as pg_dump wrote them, decrypted where it is encrypted. */
export interface ArchiveSource extends ByteSource {
  readonly isEncrypted: boolean;
}

/** As long as the first line of an age file. */
const sniffedBytes = 32;
const streamedBytes = 1024 * 1024;

/**
 * Opens a file. Whether it is encrypted is told by its first bytes, not by its name; that an encrypted one ends where it
 * should is proved at once.
 * @param keys what opens encrypted files; without it none is opened
 * @throws storage.*, archive.keyMissing, archive.truncated, archive.damaged, encryption.*, secrets.unavailable
 */
export async function openSource(path: string, keys: KeyRing | undefined): Promise<ArchiveSource> {
  const file = await openFileSource(path);
  try {
    const start = await file.read(0, sniffedBytes);
    // Most archives are not encrypted; what decrypts is loaded for those that are.
    if (start[0] !== "a".charCodeAt(0)) return withMark(file, false);
    const { isAgeFile, openDecryptingSource } = await import("../encryption/decrypting-source.ts");
    if (!isAgeFile(start)) return withMark(file, false);
    if (keys === undefined) throw new AppError("archive.keyMissing", "The file is encrypted with age.");
    const source = await openDecryptingSource(file, (header) => keys.unlock(header));
    await source.proveWhole();
    return withMark(source, true);
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** Whether a file is encrypted, by its first bytes. @throws storage.*, archive.* for a folder */
export async function isEncryptedFile(path: string): Promise<boolean> {
  const file = await openFileSource(path);
  try {
    const { isAgeFile } = await import("../encryption/decrypting-source.ts");
    return isAgeFile(await file.read(0, sniffedBytes));
  } finally {
    await file.close();
  }
}

function withMark(source: ByteSource, isEncrypted: boolean): ArchiveSource {
  return {
    sizeBytes: source.sizeBytes,
    isEncrypted,
    read: (offset, length) => source.read(offset, length),
    close: () => source.close(),
  };
}

/** All bytes of a source in order; the next ones are read while these are used. */
export async function* streamSource(source: ByteSource, signal?: AbortSignal): AsyncGenerator<Buffer> {
  let position = 0;
  let reading = source.read(0, streamedBytes);
  for (;;) {
    const bytes = await reading;
    signal?.throwIfAborted();
    if (bytes.length === 0) return;
    position += bytes.length;
    reading = source.read(position, streamedBytes);
    // Told where it is awaited, if anybody still wants it then.
    reading.catch(() => {});
    yield Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  }
}
