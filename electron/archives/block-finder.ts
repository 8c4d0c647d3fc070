import { BLOCK_BLOBS, BLOCK_DATA, BLOCK_HEADER_BYTES, INT_BYTES, readInt } from "../../shared/archive/encoding.ts";
import { damagedAt, truncatedAt } from "../../shared/archive/header.ts";
import type { Toc } from "../../shared/archive/toc.ts";
import type { DumpId } from "../../shared/archive/toc-entry.ts";
import { AppError } from "../../shared/error/app-error.ts";
import type { ByteSource } from "./byte-source.ts";
import { SlidingWindow } from "./sliding-window.ts";

/** A data block with its header and end mark, in bytes of the archive. */
export interface BlockRange {
  readonly offset: number;
  readonly length: number;
}

/** Chunks shorter than this are rows, whose lengths are alike by chance alone. */
const leastGallop = 1024;

/**
 * Finds the data blocks of an archive that does not say where they are (pg_dump wrote it to a pipe). Blocks follow
 * each other without gaps, so each block's end has to be found before the next one's start. What was found is kept.
 *
 * Most blocks of pg_dump can be crossed without reading them: zlib's and newer ones' chunks are of one size C but for the last,
 * so chunk headers stand C + 5 bytes apart. Probing at doubling distances, then halving, finds the last whole chunk in
 * about 2 log2(n) reads of five bytes. A probe can be right by chance inside a later block that happens to be in step
 * (one in C + 5); then the block behind is not the one that must follow, and the block is walked chunk by chunk instead.
 */
export class BlockFinder {
  readonly #source: ByteSource;
  readonly #window: SlidingWindow;
  /** Dump IDs with data that have not been met yet, in the order in which pg_dump writes blocks. */
  readonly #expected: Set<DumpId>;
  readonly #found = new Map<DumpId, BlockRange>();
  #position: number;
  #searching: Promise<unknown> = Promise.resolve();

  constructor(source: ByteSource, toc: Toc, tocBytes: number) {
    this.#source = source;
    this.#window = new SlidingWindow(source);
    this.#expected = new Set();
    for (const entry of toc) if (entry.hasData) this.#expected.add(entry.dumpId);
    this.#position = tocBytes;
  }

  /**
   * @throws archive.truncated where the archive ends before the block or in it, archive.damaged where something else
   *   stands where a block should be
   */
  find(id: DumpId, signal?: AbortSignal): Promise<BlockRange> {
    // One search at a time: all of them move the same position.
    const search = this.#searching.then(() => this.#findNow(id, signal));
    this.#searching = search.catch(() => {});
    return search;
  }

  async #findNow(id: DumpId, signal: AbortSignal | undefined): Promise<BlockRange> {
    for (;;) {
      const known = this.#found.get(id);
      if (known !== undefined) return known;
      signal?.throwIfAborted();
      await this.#crossBlock(signal);
    }
  }

  async #crossBlock(signal: AbortSignal | undefined): Promise<void> {
    const offset = this.#position;
    const header = await this.#readBlockHeader(offset);
    if (header === null) throw truncatedAt(offset, "the file ends where a data block should begin");
    const { type, dumpId } = header;
    if (type !== BLOCK_DATA && type !== BLOCK_BLOBS) throw damagedAt(offset, `data block of type ${type}`);
    if (!this.#expected.delete(dumpId)) throw damagedAt(offset, `a data block of dump ID ${dumpId}`);
    const end = await this.#findEnd(offset, type, signal);
    this.#found.set(dumpId, { offset, length: end - offset });
    this.#position = end;
  }

  async #findEnd(offset: number, type: number, signal: AbortSignal | undefined): Promise<number> {
    const start = offset + BLOCK_HEADER_BYTES;
    try {
      const end = await this.#endOf(start, type, true, signal);
      if (await this.#isFollowedRightly(end)) return end;
    } catch (error) {
      // Out of step, anything can stand where a number is read.
      if (!(error instanceof AppError)) throw error;
    }
    return this.#endOf(start, type, false, signal);
  }

  /** At the end of a block: the next block in order, or the end of the file when there is none. */
  async #isFollowedRightly(end: number): Promise<boolean> {
    const next = this.#expected.values().next();
    const header = await this.#readBlockHeader(end);
    if (header === null || next.done) return header === null && next.done === true && end === this.#source.sizeBytes;
    return header.dumpId === next.value && (header.type === BLOCK_DATA || header.type === BLOCK_BLOBS);
  }

  async #readBlockHeader(offset: number): Promise<{ type: number; dumpId: number } | null> {
    const view = await this.#window.view(offset, BLOCK_HEADER_BYTES);
    if (view === null) return null;
    return { type: view.bytes[view.at]!, dumpId: readInt(view.bytes, view.at + 1) };
  }

  async #endOf(start: number, type: number, mayGallop: boolean, signal: AbortSignal | undefined): Promise<number> {
    if (type === BLOCK_DATA) return this.#endOfChunks(start, mayGallop, signal);
    let position = start;
    for (;;) {
      signal?.throwIfAborted();
      const view = await this.#window.view(position, INT_BYTES);
      if (view === null) throw truncatedAt(position, "the file ends among the large objects");
      const oid = readInt(view.bytes, view.at);
      if (Number.isNaN(oid)) throw damagedAt(position, "not the number of a large object");
      position += INT_BYTES;
      if (oid === 0) return position;
      position = await this.#endOfChunks(position, mayGallop, signal);
    }
  }

  /** Behind the end mark of the run of chunks that begins at `start`. */
  async #endOfChunks(start: number, mayGallop: boolean, signal: AbortSignal | undefined): Promise<number> {
    let position = start;
    let lastLength = -1;
    let canGallop = mayGallop;
    for (;;) {
      const view = await this.#window.view(position, INT_BYTES);
      if (view === null) throw truncatedAt(position, "the file ends inside a data block");
      signal?.throwIfAborted();
      const { bytes } = view;
      // All chunks whose headers are at hand, without waiting in between: there can be millions.
      let { at } = view;
      const base = position - at;
      while (at + INT_BYTES <= bytes.length) {
        const length = readInt(bytes, at);
        if (!(length >= 0)) throw damagedAt(base + at, "not the length of a chunk");
        if (length === 0) return base + at + INT_BYTES;
        at += INT_BYTES + length;
        if (canGallop && length === lastLength && length >= leastGallop) break;
        if (lastLength !== -1) canGallop = false;
        lastLength = length;
      }
      position = base + at;
      if (position > this.#source.sizeBytes) throw truncatedAt(position, "a chunk goes beyond the end of the file");
      if (canGallop && lastLength >= leastGallop && position - start > lastLength + INT_BYTES) {
        position = await this.#gallop(position, lastLength);
        canGallop = false;
      }
    }
  }

  /** Where the last of the chunks of `length` bytes ends that follow each other from `start` on. */
  async #gallop(start: number, length: number): Promise<number> {
    const step = length + INT_BYTES;
    const isHeader = async (index: number): Promise<boolean> => {
      const bytes = await this.#source.read(start + index * step, INT_BYTES);
      return bytes.length === INT_BYTES && readInt(bytes, 0) === length;
    };
    let miss = 0;
    let distance = 1;
    while (await isHeader(miss)) {
      miss += distance;
      distance *= 2;
    }
    let hit = miss === 0 ? -1 : miss - distance / 2;
    while (miss - hit > 1) {
      const middle = hit + Math.floor((miss - hit) / 2);
      if (await isHeader(middle)) hit = middle;
      else miss = middle;
    }
    return start + miss * step;
  }
}
