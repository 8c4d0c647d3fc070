import { BLOCK_HEADER_BYTES, INT_BYTES, readInt, readOid } from "../../shared/archive/encoding.ts";
import { damagedAt, truncatedAt } from "../../shared/archive/header.ts";
import type { ByteSource } from "./byte-source.ts";

/** The first read of a block; later ones double up to `largestRead`, so that a glance reads little and a full read is fast. */
const firstRead = 32 * 1024;
const largestRead = 1024 * 1024;

/** Reads a data block from its first byte on: its header, numbers, and runs of chunks. */
export class BlockCursor {
  readonly #source: ByteSource;
  readonly #signal: AbortSignal | undefined;
  /** Where to stop reading ahead. The block may still go on behind it when this was a guess. */
  readonly #end: number;
  #bytes: Uint8Array = new Uint8Array(0);
  /** Position of #bytes in the archive, and of the cursor in #bytes. */
  #base: number;
  #at = 0;
  #readSize = firstRead;
  /** Between the first chunk and the end mark; bytes of the current chunk still to come. */
  #isInChunks = false;
  #left = 0;

  constructor(source: ByteSource, range: { offset: number; length: number }, signal?: AbortSignal) {
    this.#source = source;
    this.#base = range.offset;
    this.#end = range.offset + range.length;
    this.#signal = signal;
  }

  /** Position in the archive. */
  get position(): number {
    return this.#base + this.#at;
  }

  /** @throws archive.truncated, archive.damaged */
  async readBlockHeader(): Promise<{ type: number; dumpId: number }> {
    await this.#need(BLOCK_HEADER_BYTES);
    const type = this.#bytes[this.#at]!;
    const dumpId = readInt(this.#bytes, this.#at + 1);
    this.#at += BLOCK_HEADER_BYTES;
    return { type, dumpId };
  }

  /** The number of the next large object, 0 behind the last one. */
  async readOid(): Promise<number> {
    const position = this.position;
    await this.#need(INT_BYTES);
    const oid = readOid(this.#bytes, this.#at);
    if (Number.isNaN(oid)) throw damagedAt(position, "not the number of a large object");
    this.#at += INT_BYTES;
    return oid;
  }

  /**
   * The bytes of all chunks up to the end mark, in parts of about a read each. Chunk lengths are taken out in place, so
   * that rows of a chunk each do not become parts of a row each. Whoever stops early calls skipChunks().
   */
  readChunks(): AsyncGenerator<Uint8Array> {
    this.#isInChunks = true;
    return this.#chunks();
  }

  /** False once the end mark of the current run of chunks has been read. */
  get isInChunks(): boolean {
    return this.#isInChunks;
  }

  async *#chunks(): AsyncGenerator<Uint8Array> {
    while (this.#isInChunks) {
      const part = this.#takeChunks(true);
      if (part.length > 0) yield part;
      else if (this.#isInChunks) await this.#need(this.#left === 0 ? INT_BYTES : 1);
    }
  }

  /** Goes on to the end mark when readChunks() was left before it. */
  async skipChunks(): Promise<void> {
    while (this.#isInChunks)
      if (this.#takeChunks(false).length === 0 && this.#isInChunks) await this.#need(this.#left === 0 ? INT_BYTES : 1);
  }

  /** Steps over what is at hand of the current run of chunks, and returns its bytes without the lengths between them. */
  #takeChunks(isWanted: boolean): Uint8Array {
    this.#signal?.throwIfAborted();
    const bytes = this.#bytes;
    const from = this.#at;
    let to = from;
    for (;;) {
      if (this.#left === 0) {
        if (this.#at + INT_BYTES > bytes.length) break;
        this.#left = this.#chunkLength();
        if (this.#left === 0) {
          this.#isInChunks = false;
          break;
        }
      } else if (this.#at === bytes.length) break;
      else {
        const size = Math.min(this.#left, bytes.length - this.#at);
        if (isWanted) bytes.copyWithin(to, this.#at, this.#at + size);
        to += size;
        this.#at += size;
        this.#left -= size;
      }
    }
    return bytes.subarray(from, to);
  }

  #chunkLength(): number {
    const length = readInt(this.#bytes, this.#at);
    if (!(length >= 0)) throw damagedAt(this.position, "not the length of a chunk");
    this.#at += INT_BYTES;
    if (this.position + length > this.#source.sizeBytes)
      throw truncatedAt(this.position, `a chunk of ${length} bytes goes beyond the end of the file`);
    return length;
  }

  /** Makes sure that `count` bytes are at the cursor. */
  async #need(count: number): Promise<void> {
    if (this.#at + count <= this.#bytes.length) return;
    const position = this.position;
    // Behind an end that was a guess, byte after byte would be read otherwise.
    const ahead = position < this.#end ? Math.min(this.#readSize, this.#end - position) : this.#readSize;
    this.#bytes = await this.#source.read(position, Math.max(count, ahead));
    this.#base = position;
    this.#at = 0;
    const isGlance = this.#readSize === firstRead;
    this.#readSize = Math.min(largestRead, this.#readSize * 2);
    const next = position + this.#bytes.length;
    if (!isGlance && next < this.#end) this.#source.expect?.(next, Math.min(this.#readSize, this.#end - next));
    if (this.#bytes.length < count) throw truncatedAt(position, "the file ends inside a data block");
  }
}
