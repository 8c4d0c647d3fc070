import type { KeyObject } from "node:crypto";
import { AppError } from "../../shared/error/app-error.ts";
import type { ByteSource } from "../archives/byte-source.ts";
import {
  chunkBytes,
  derivePayloadKey,
  openChunk,
  payloadNonceBytes,
  plainSizeOf,
  sealedChunkBytes,
  tagBytes,
} from "./payload.ts";

/** The plain bytes of an age file, readable at any place. */
export interface DecryptingSource extends ByteSource {
  /**
   * Reads the last chunk, which is marked as such: the file ends where it was written to end. What is in the chunks
   * before it is proved when they are read.
   * @throws archive.truncated, archive.damaged
   */
  proveWhole(): Promise<void>;
}

/** First line of every age file. */
const intro = "age-encryption.org/v1\n";
/** Header of an ordinary file and its first chunk in one read. */
const firstReadBytes = sealedChunkBytes + 1024;
/** A header with some thousand recipients. */
const mostHeaderBytes = 1024 * 1024;
/** A search looks at a few places again and again; a pass over the file comes back for the rest of a chunk. */
const keptChunks = 8;
const usualStreamedBytes = 1024 * 1024;

/** Whether these first bytes of a file are those of a (binary) age file. */
export function isAgeFile(firstBytes: Uint8Array): boolean {
  return Buffer.from(firstBytes.subarray(0, intro.length)).toString("latin1") === intro;
}

/**
 * Opens an age file over a source: reads its header, gets the file key through `unlock`, and from then on reads and
 * authenticates just the chunks that are asked for. Closing it closes the source.
 * @param unlock gives the file key of a header, or throws
 * @throws archive.truncated, archive.damaged, and what `unlock` throws
 */
export async function openDecryptingSource(
  source: ByteSource,
  unlock: (header: Uint8Array) => Promise<Uint8Array>,
): Promise<DecryptingSource> {
  let start = await source.read(0, firstReadBytes);
  let headerBytes = findHeaderEnd(start);
  if (headerBytes === null && source.sizeBytes > start.length) {
    start = await source.read(0, mostHeaderBytes);
    headerBytes = findHeaderEnd(start);
  }
  if (headerBytes === null)
    throw start.length === source.sizeBytes
      ? new AppError("archive.truncated", "The encrypted file ends within its header.")
      : new AppError("archive.damaged", "The header of the encrypted file has no end.");
  const fileKey = await unlock(start.subarray(0, headerBytes));
  const payloadAt = headerBytes + payloadNonceBytes;
  const sizeBytes = plainSizeOf(source.sizeBytes - payloadAt);
  if (sizeBytes === null) throw new AppError("archive.truncated", "The encrypted file was cut short.");
  const nonce = await source.read(headerBytes, payloadNonceBytes);
  return new AgeSource(source, derivePayloadKey(fileKey, nonce), payloadAt, sizeBytes, start);
}

/** Behind the line `--- MAC`; null where that has not come yet. */
function findHeaderEnd(bytes: Uint8Array): number | null {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const mark = text.indexOf("\n--- ");
  const end = mark === -1 ? -1 : text.indexOf("\n", mark + 1);
  return end === -1 ? null : end + 1;
}

class AgeSource implements DecryptingSource {
  readonly sizeBytes: number;
  readonly streamedBytes: number;
  readonly #source: ByteSource;
  readonly #key: KeyObject;
  readonly #payloadAt: number;
  readonly #lastIndex: number;
  /** Plain chunks, the one used last at the end. */
  readonly #kept = new Map<number, Uint8Array>();
  /** The first bytes of the file, read for its header; given up once its first chunk was asked for. */
  #start: Uint8Array | null;

  constructor(source: ByteSource, key: KeyObject, payloadAt: number, sizeBytes: number, start: Uint8Array) {
    this.#source = source;
    this.#key = key;
    this.#payloadAt = payloadAt;
    this.sizeBytes = sizeBytes;
    this.streamedBytes = source.streamedBytes ?? usualStreamedBytes;
    this.#lastIndex = Math.max(0, Math.ceil(sizeBytes / chunkBytes) - 1);
    this.#start = start;
  }

  async read(offset: number, length: number): Promise<Uint8Array> {
    const wanted = Math.max(0, Math.min(length, this.sizeBytes - offset));
    const bytes = Buffer.allocUnsafeSlow(wanted);
    if (wanted === 0) return bytes;
    const first = Math.floor(offset / chunkBytes);
    const last = Math.floor((offset + wanted - 1) / chunkBytes);
    const put = (index: number, plain: Uint8Array): void => {
      const at = index * chunkBytes - offset;
      bytes.set(plain.subarray(Math.max(0, -at), Math.min(plain.length, wanted - at)), Math.max(0, at));
    };
    for (let index = first; index <= last; ) {
      const kept = this.#kept.get(index);
      if (kept !== undefined) {
        this.#keep(index, kept);
        put(index, kept);
        index += 1;
        continue;
      }
      let end = index + 1;
      while (end <= last && !this.#kept.has(end)) end += 1;
      const sealed = await this.#readSealed(index, end);
      for (let each = index; each < end; each++) {
        const at = (each - index) * sealedChunkBytes;
        const plain = await this.#openOrAgain(each, sealed.subarray(at, at + sealedChunkBytes));
        put(each, plain);
        // Those within a long read were used up by it.
        if (each === first || each === last) this.#keep(each, plain);
      }
      index = end;
    }
    return bytes;
  }

  async proveWhole(): Promise<void> {
    if (this.#kept.has(this.#lastIndex)) return;
    const sealed = await this.#readSealed(this.#lastIndex, this.#lastIndex + 1);
    this.#keep(this.#lastIndex, await this.#openOrAgain(this.#lastIndex, sealed));
  }

  close(): Promise<void> {
    this.#kept.clear();
    return this.#source.close();
  }

  #keep(index: number, plain: Uint8Array): void {
    this.#kept.delete(index);
    this.#kept.set(index, plain);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > keptChunks && oldest !== undefined) this.#kept.delete(oldest);
  }

  /** The stored bytes of chunks from `index` to before `end`. */
  async #readSealed(index: number, end: number): Promise<Uint8Array> {
    const from = this.#payloadAt + index * sealedChunkBytes;
    const to = Math.min(this.#payloadAt + end * sealedChunkBytes, this.#source.sizeBytes);
    const start = this.#start;
    if (index === 0) this.#start = null;
    const isAtHand = start !== null && to <= start.length;
    const sealed = isAtHand ? start.subarray(from, to) : await this.#source.read(from, to - from);
    if (sealed.length === to - from) return sealed;
    throw new AppError("archive.truncated", "The encrypted file became shorter while it was read.");
  }

  /** What does not open may have been changed on its way here, or in what is kept of it: it is fetched once more. */
  async #openOrAgain(index: number, sealed: Uint8Array): Promise<Uint8Array> {
    const plain = openChunk(this.#key, index, index === this.#lastIndex, sealed);
    if (plain !== null) return plain;
    if (this.#source.forget === undefined) return this.#open(index, sealed);
    await this.#source.forget(this.#payloadAt + index * sealedChunkBytes, sealed.length);
    return this.#open(index, await this.#readSealed(index, index + 1));
  }

  #open(index: number, sealed: Uint8Array): Uint8Array {
    const isLast = index === this.#lastIndex;
    const plain = openChunk(this.#key, index, isLast, sealed);
    if (plain !== null) return plain;
    const detail = `64 KiB part ${index} of ${this.#lastIndex + 1}, at byte ${this.#payloadAt + index * sealedChunkBytes} of the file`;
    // The same chunk with the other mark: whole parts were cut off, or something was put behind the end.
    if (sealed.length > tagBytes && openChunk(this.#key, index, !isLast, sealed) !== null)
      throw isLast
        ? new AppError("archive.truncated", "The encrypted file was cut short: its last part is missing.", { detail })
        : new AppError("archive.damaged", "The encrypted file goes on behind its end.", { detail });
    throw new AppError(
      "archive.damaged",
      isLast
        ? "The last part of the encrypted file was changed or cut."
        : "A part of the encrypted file was changed, or is not where it was written.",
      { detail },
    );
  }
}
