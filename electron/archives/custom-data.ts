import { BLOCK_BLOBS, BLOCK_DATA, BLOCK_HEADER_BYTES, readInt } from "../../shared/archive/encoding.ts";
import { planExcerpt } from "../../shared/archive/excerpt.ts";
import { damagedAt, truncatedAt } from "../../shared/archive/header.ts";
import type { Toc } from "../../shared/archive/toc.ts";
import type { DumpId, TocEntry } from "../../shared/archive/toc-entry.ts";
import type { ArchiveHead } from "../../shared/archive/toc-reader.ts";
import type { ArchiveExcerpt, DataRange, ExcerptOptions, LargeObject, StoredData } from "./archive.ts";
import { type ArchiveData, dataOf, noLargeObjects, noRows } from "./archive-data.ts";
import { BlockCursor } from "./block-cursor.ts";
import { BlockFinder, type BlockRange } from "./block-finder.ts";
import type { ByteSource } from "./byte-source.ts";
import { whereIs } from "./create-archive.ts";
import { type Codec, type CompressedParts, decompress } from "./decompress.ts";
import { readExcerpt } from "./excerpt-stream.ts";

/** The data blocks of a custom archive, behind its table of contents in the one file. */
export class CustomData implements ArchiveData {
  readonly #source: ByteSource;
  readonly #head: ArchiveHead;
  readonly #toc: Toc;
  /** What the manifest says of blocks that the table of contents does not place. */
  readonly #known: ReadonlyMap<DumpId, BlockRange>;
  readonly #codec: Codec;
  #finder: BlockFinder | null = null;
  #starts: number[] | null = null;
  /** Where blocks end that were read to their end mark: that is certain, where the next one begins can be damaged. */
  readonly #ends = new Map<DumpId, number>();

  constructor(source: ByteSource, head: ArchiveHead, known: ReadonlyMap<DumpId, BlockRange>) {
    this.#source = source;
    this.#head = head;
    this.#toc = head.toc;
    this.#known = known;
    const { compression } = head.header;
    this.#codec = compression === "gzip" ? "zlib" : compression;
  }

  async range(entry: TocEntry, signal?: AbortSignal): Promise<DataRange> {
    return { member: null, ...(await this.#block(entry, signal)) };
  }

  async sizes(): Promise<ReadonlyMap<DumpId, number>> {
    const sizes = new Map<DumpId, number>();
    for (const { dumpId, dataOffset } of this.#toc) {
      // A damaged offset is an error of what lies there, not of the list.
      if (dataOffset === null || dataOffset < this.#head.tocBytes || dataOffset >= this.#source.sizeBytes) continue;
      sizes.set(dumpId, this.#nextStart(dataOffset) - dataOffset);
    }
    return sizes;
  }

  async stored(entry: TocEntry, signal?: AbortSignal): Promise<StoredData> {
    const { cursor, where } = await this.#openBlock(entry, BLOCK_DATA, signal);
    const compressed = compressedParts(cursor, () => this.#ends.set(entry.dumpId, cursor.position));
    return { compressed, codec: this.#codec, where };
  }

  async *read(entry: TocEntry, signal?: AbortSignal): AsyncGenerator<Uint8Array> {
    const { compressed, codec, where } = await this.stored(entry, signal);
    yield* decompress(compressed, codec, where);
  }

  async *readLargeObjects(entry: TocEntry, signal?: AbortSignal): AsyncGenerator<LargeObject> {
    const { cursor, where } = await this.#openBlock(entry, BLOCK_BLOBS, signal);
    for (let oid = await cursor.readOid(); oid !== 0; oid = await cursor.readOid()) {
      const compressed = compressedParts(cursor);
      yield { oid, bytes: decompress(compressed, this.#codec, `of large object ${oid} ${where}`) };
      // Waits for a read under way, then goes on to where the consumer did not.
      await compressed.parts.return(undefined);
      await cursor.skipChunks();
    }
    this.#ends.set(entry.dumpId, cursor.position);
  }

  async excerpt(ids: readonly DumpId[], options: ExcerptOptions): Promise<ArchiveExcerpt> {
    const blocks = new Map<DumpId, BlockRange>();
    for (const id of options.headOnly === true ? [] : ids) {
      const entry = this.#toc.byDumpId(id);
      // oxlint-disable-next-line no-await-in-loop -- the search for blocks goes through the archive in its order
      if (entry?.hasData) blocks.set(id, await this.#block(entry, options.signal));
    }
    const plan = planExcerpt(this.#head, ids, blocks);
    return { sizeBytes: plan.sizeBytes, bytes: readExcerpt(this.#source, plan, options.signal) };
  }

  close(): Promise<void> {
    return this.#source.close();
  }

  async #block(entry: TocEntry, signal: AbortSignal | undefined): Promise<BlockRange> {
    const offset = entry.dataOffset;
    const { tocBytes } = this.#head;
    const { sizeBytes } = this.#source;
    if (offset === null) {
      const known = this.#known.get(entry.dumpId);
      if (known !== undefined && (await this.#beginsAt(known.offset, entry.dumpId))) return known;
      this.#finder ??= new BlockFinder(this.#source, this.#toc, tocBytes);
      return this.#finder.find(entry.dumpId, signal);
    }
    if (offset < tocBytes) throw damagedAt(offset, `the table of contents, where ${dataOf(entry)} should begin`);
    if (offset >= sizeBytes)
      throw truncatedAt(sizeBytes, `the file ends before byte ${offset}, where ${dataOf(entry)} should begin`);
    return { offset, length: (this.#ends.get(entry.dumpId) ?? this.#nextStart(offset)) - offset };
  }

  /** A manifest may be of another file of this name, so it is believed where the block is there. */
  async #beginsAt(offset: number, id: DumpId): Promise<boolean> {
    const header = await this.#source.read(offset, BLOCK_HEADER_BYTES);
    if (header.length < BLOCK_HEADER_BYTES || readInt(header, 1) !== id) return false;
    return header[0] === BLOCK_DATA || header[0] === BLOCK_BLOBS;
  }

  /** A block ends where the next one begins, the last one with the file. */
  #nextStart(offset: number): number {
    this.#starts ??= sortedStarts(this.#toc, this.#source.sizeBytes);
    let low = 0;
    let high = this.#starts.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#starts[middle]! > offset) high = middle;
      else low = middle + 1;
    }
    return this.#starts[low] ?? this.#source.sizeBytes;
  }

  async #openBlock(
    entry: TocEntry,
    type: number,
    signal: AbortSignal | undefined,
  ): Promise<{ cursor: BlockCursor; where: string }> {
    const range = await this.range(entry, signal);
    const cursor = new BlockCursor(this.#source, range, signal);
    const found = await cursor.readBlockHeader();
    if (found.dumpId !== entry.dumpId || (found.type !== BLOCK_DATA && found.type !== BLOCK_BLOBS))
      throw damagedAt(range.offset, `no data block of dump ID ${entry.dumpId}, which should begin there`);
    if (found.type !== type) throw type === BLOCK_DATA ? noRows() : noLargeObjects(entry);
    return { cursor, where: whereIs(range) };
  }
}

/** @param onEnd called where they are read to their end, by whoever needs no more than the last of them, too */
function compressedParts(cursor: BlockCursor, onEnd = (): void => {}): CompressedParts {
  const chunks = cursor.readChunks();
  async function* parts(): AsyncGenerator<Uint8Array> {
    try {
      yield* chunks;
    } finally {
      if (!cursor.isInChunks) onEnd();
    }
  }
  return { parts: parts(), isOver: () => !cursor.isInChunks };
}

function sortedStarts(toc: Toc, sizeBytes: number): number[] {
  const starts: number[] = [];
  for (const entry of toc) {
    const offset = entry.dataOffset;
    if (offset !== null && offset < sizeBytes) starts.push(offset);
  }
  return starts.toSorted((one, other) => one - other);
}
