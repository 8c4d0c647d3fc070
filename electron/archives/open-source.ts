import { AppError } from "../../shared/error/app-error.ts";
import type { KeyRing } from "../encryption/key-ring.ts";
import { type ByteSource, openFileSource } from "./byte-source.ts";

/** The bytes of an archive as pg_dump wrote them, decrypted where it is encrypted. */
export interface ArchiveSource extends ByteSource {
  readonly isEncrypted: boolean;
  /** Another program can open it by its path, and finds there what pg_dump wrote. */
  readonly isFile: boolean;
}

/** As long as the first line of an age file. */
const sniffedBytes = 32;
const usualStreamedBytes = 1024 * 1024;

/**
 * Opens a file, decrypted where it is encrypted.
 * @param keys what opens encrypted files; without it none is opened
 * @throws storage.*, archive.keyMissing, archive.truncated, archive.damaged, encryption.*, secrets.unavailable
 */
export async function openSource(path: string, keys: KeyRing | undefined): Promise<ArchiveSource> {
  return plainSource(await openFileSource(path), keys);
}

/**
 * The plain bytes of what is stored, which belongs to the result from then on. Whether it is encrypted is told by its
 * first bytes, not by its name; that an encrypted one ends where it should is proved at once.
 * @throws as openSource
 */
export async function plainSource(stored: ByteSource, keys: KeyRing | undefined): Promise<ArchiveSource> {
  try {
    const start = await stored.read(0, sniffedBytes);
    // Most archives are not encrypted; what decrypts is loaded for those that are.
    if (start[0] !== "a".charCodeAt(0)) return withMark(stored, false);
    const { isAgeFile, openDecryptingSource } = await import("../encryption/decrypting-source.ts");
    if (!isAgeFile(start)) return withMark(stored, false);
    if (keys === undefined) throw new AppError("archive.keyMissing", "The file is encrypted with age.");
    const source = await openDecryptingSource(stored, (header) => keys.unlock(header));
    await source.proveWhole();
    return withMark(source, true);
  } catch (error) {
    await stored.close();
    throw error;
  }
}

function withMark(source: ByteSource, isEncrypted: boolean): ArchiveSource {
  return {
    sizeBytes: source.sizeBytes,
    ...(source.streamedBytes === undefined ? {} : { streamedBytes: source.streamedBytes }),
    isEncrypted,
    isFile: !isEncrypted,
    read: (offset, length) => source.read(offset, length),
    expect: (offset, length) => source.expect?.(offset, length),
    close: () => source.close(),
  };
}

/** All bytes of a source in order; the next ones are read while these are used. */
export async function* streamSource(source: ByteSource, signal?: AbortSignal): AsyncGenerator<Buffer> {
  const { streamedBytes = usualStreamedBytes } = source;
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
