import { basename } from "node:path";
import { AppError } from "../../shared/error/app-error.ts";
import { isGpgMessage } from "../encryption/gpg-message.ts";
import type { KeyRing } from "../encryption/key-ring.ts";
import { type ByteSource, openFileSource } from "./byte-source.ts";

/** The bytes of an archive as pg_dump wrote them, decrypted where it is encrypted. */
export interface ArchiveSource extends ByteSource {
  readonly isEncrypted: boolean;
  /** Its plain bytes lie on this disk while it is open: gpg gives them only from the beginning. */
  readonly isUnpacked?: true;
  /** Another program can open it by its path, and finds there what pg_dump wrote. */
  readonly isFile: boolean;
}

/** As long as the first line of an age file, and the first packet of a gpg one. */
const sniffedBytes = 32;
const usualStreamedBytes = 1024 * 1024;

/**
 * Opens a file, decrypted where it is encrypted.
 * @param keys what opens encrypted files; without it none is opened
 * @param hold puts what looks at the stored bytes in between
 * @throws storage.*, archive.keyMissing, archive.truncated, archive.damaged, encryption.*, secrets.unavailable
 */
export async function openSource(
  path: string,
  keys: KeyRing | undefined,
  hold: (stored: ByteSource, path: string) => ByteSource = (stored) => stored,
): Promise<ArchiveSource> {
  return plainSource(await openHeldFile(path, hold), keys, {
    name: basename(path),
    loadMetadata: async () => {
      const file = await openFileSource(`${path}.metadata`);
      try {
        return await file.read(0, mostMetadataBytes);
      } finally {
        await file.close();
      }
    },
  });
}

/** A file, held; it is closed where it is refused at once. @throws storage.*, what `hold` throws */
export async function openHeldFile(
  path: string,
  hold: (stored: ByteSource, path: string) => ByteSource,
): Promise<ByteSource> {
  const stored = await openFileSource(path);
  try {
    return hold(stored, path);
  } catch (error) {
    await stored.close();
    throw error;
  }
}

/** A .metadata file is one small JSON object. */
export const mostMetadataBytes = 64 * 1024;

/** Where a Databasus backup's id may be found. */
export interface Beside {
  readonly name: string;
  /** The file of this name with `.metadata` behind it; fails where there is none. */
  loadMetadata(): Promise<Uint8Array>;
}

/**
 * The plain bytes of what is stored, which belongs to the result from then on. Whether it is encrypted is told by its
 * first bytes, not by its name; that an encrypted one ends where it should is proved at once.
 * @throws as openSource
 */
export async function plainSource(
  stored: ByteSource,
  keys: KeyRing | undefined,
  beside: Beside,
): Promise<ArchiveSource> {
  try {
    const start = await stored.read(0, sniffedBytes);
    if (start[0] === "P".charCodeAt(0) && start[1] === "G".charCodeAt(0) && start[2] === "R".charCodeAt(0)) {
      const source = await openDatabasus(stored, start, keys, beside);
      if (source !== null) return withMark(source, true);
    }
    if (isGpgMessage(start)) {
      if (keys === undefined) throw new AppError("archive.keyMissing", "The file is encrypted with gpg.");
      const { openGpgSource } = await import("../encryption/gpg-source.ts");
      const source = await openGpgSource(stored, keys.gpg);
      return { ...withMark(source, true), isUnpacked: true };
    }
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

/** Null where it is another file. */
async function openDatabasus(
  stored: ByteSource,
  start: Uint8Array,
  keys: KeyRing | undefined,
  beside: Beside,
): Promise<ByteSource | null> {
  const databasus = await import("../encryption/databasus-source.ts");
  if (!databasus.isDatabasusFile(start)) return null;
  if (keys === undefined)
    throw new AppError("encryption.databasusKeyMissing", "The file is an encrypted backup of Databasus.");
  const metadata = await beside.loadMetadata().catch(() => null);
  const said = metadata === null ? null : databasus.backupIdOf(Buffer.from(metadata).toString("latin1"));
  const id = said ?? databasus.backupIdIn(beside.name);
  if (id === null)
    throw new AppError(
      "archive.keyMissing",
      "The id of this backup of Databasus is not known, and it is a part of its key.",
      {
        hint: "Keep the name that Databasus gave it, which ends with the id, or put its .metadata file beside it.",
      },
    );
  return databasus.openDatabasusSource(stored, await keys.databasusKey(), id);
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
