import { parseCopyColumns } from "../../shared/archive/copy-statement.ts";
import { type CopyRow, CopyTextReader } from "../../shared/archive/copy-text.ts";
import { BLOCK_BLOBS, BLOCK_DATA, BLOCK_HEADER_BYTES, readInt } from "../../shared/archive/encoding.ts";
import { planExcerpt } from "../../shared/archive/excerpt.ts";
import { damagedAt, truncatedAt } from "../../shared/archive/header.ts";
import type { Toc } from "../../shared/archive/toc.ts";
import type { ArchiveHeader, DumpId, TocEntry } from "../../shared/archive/toc-entry.ts";
import type { ArchiveHead } from "../../shared/archive/toc-reader.ts";
import { formatName } from "../../shared/command/names.ts";
import type { Manifest } from "../../shared/contract/manifest.ts";
import { AppError } from "../../shared/error/app-error.ts";
import type { KeyRing } from "../encryption/key-ring.ts";
import { loadManifestBeside } from "../storage/backup-folder.ts";
import { BlockCursor } from "./block-cursor.ts";
import { BlockFinder, type BlockRange } from "./block-finder.ts";
import type { ByteSource } from "./byte-source.ts";
import { type CompressedParts, decompress } from "./decompress.ts";
import { readExcerpt } from "./excerpt-stream.ts";
import { knownBlocks } from "./known-blocks.ts";
import { nodeDecoding } from "./node-decoding.ts";
import { type ArchiveSource, openSource } from "./open-source.ts";
import { readHead } from "./read-head.ts";

/** A large object as it is read. */
export interface LargeObject {
  readonly oid: number;
  /** Its bytes, to be read before the next one is asked for; what is left then is passed over unseen. */
  readonly bytes: AsyncIterable<Uint8Array>;
}

/** An opened custom archive. Several things may be read from it at the same time. */
export interface Archive {
  readonly path: string;
  /** Of pg_dump's bytes: an encrypted file is a little larger. */
  readonly sizeBytes: number;
  readonly isEncrypted: boolean;
  /** pg_restore can open it by its path. */
  readonly isFile: boolean;
  readonly header: ArchiveHeader;
  readonly toc: Toc;
  /** Bytes of header and table of contents; the first data block begins there. */
  readonly tocBytes: number;
  /** The table of contents says where each data block is. It does not when pg_dump wrote to a pipe or it is encrypted. */
  readonly hasOffsets: boolean;
  /**
   * Where an entry's data block lies. Where the table of contents does not say it, the manifest does, or else it is
   * searched for, once.
   * @throws archive.noData, archive.objectNotFound, archive.truncated, archive.damaged
   */
  dataRange(id: DumpId): Promise<BlockRange>;
  /**
   * The decompressed bytes of a table's data block (COPY text, or INSERT statements in a dump made with --inserts).
   * Only what is asked for is read and decompressed. An error at the end counts as much as one at the beginning: bytes
   * given out before it may be all that is left.
   * @throws archive.noData, archive.objectNotFound, archive.truncated, archive.damaged
   */
  readData(id: DumpId, options?: { signal?: AbortSignal | undefined }): AsyncIterable<Uint8Array>;
  /**
   * The rows of a table in batches, up to `limit` rows. Without a limit, reaching the end means that all are there.
   * @throws as readData, archive.limitExceeded for a row too long to hold
   */
  readRows(
    id: DumpId,
    options?: { limit?: number | undefined; signal?: AbortSignal | undefined },
  ): AsyncIterable<CopyRow[]>;
  /** @throws as readData */
  readLargeObjects(id: DumpId, options?: { signal?: AbortSignal | undefined }): AsyncIterable<LargeObject>;
  /**
   * Names of the columns of a table's rows, in their order.
   * @throws archive.noData where the entry has no COPY statement, archive.objectNotFound
   */
  columns(id: DumpId): string[];
  /**
   * These entries as a custom archive of their own, which pg_restore takes from a pipe (shared/archive/excerpt.ts). Reads
   * their data blocks and nothing else, once `bytes` is read.
   *
   * @param ids each once, in the order they are to be restored in
   * @param options.headOnly without data: for whoever only wants to see the table of contents
   * @throws as dataRange
   */
  excerpt(ids: readonly DumpId[], options?: ExcerptOptions): Promise<ArchiveExcerpt>;
  close(): Promise<void>;
}

export interface ExcerptOptions {
  readonly signal?: AbortSignal | undefined;
  readonly headOnly?: boolean;
}

/** A part of an archive on its way to pg_restore. */
export interface ArchiveExcerpt {
  readonly sizeBytes: number;
  readonly bytes: AsyncIterable<Uint8Array>;
}

/**
 * Opens a custom archive and reads its table of contents. Nothing in it is executed; every length is checked.
 * @param keys what opens encrypted archives
 * @throws archive.notAnArchive, archive.unsupportedFormat, archive.unsupportedVersion, archive.truncated,
 *   archive.damaged, archive.limitExceeded, archive.keyMissing, encryption.*, secrets.unavailable, storage.notFound,
 *   storage.permissionDenied, storage.failed
 */
export async function openArchive(path: string, keys?: KeyRing): Promise<Archive> {
  return readArchive(path, await openSource(path, keys), () => loadManifestBeside(path));
}

/**
 * The same from a source, which the archive owns from then on.
 * @param path how the archive is called
 * @param loadManifest its manifest, asked for where the table of contents does not say where the data is
 * @throws as openArchive
 */
export async function readArchive(
  path: string,
  source: ArchiveSource,
  loadManifest: () => Promise<Manifest | null>,
): Promise<Archive> {
  try {
    const head = await readHead(source);
    const manifest = head.hasOffsets ? null : await loadManifest().catch(() => null);
    return new CustomArchive(path, source, head, knownBlocks(manifest, head.tocBytes, source.sizeBytes));
  } catch (error) {
    await source.close();
    throw error;
  }
}

class CustomArchive implements Archive {
  readonly path: string;
  readonly sizeBytes: number;
  readonly isEncrypted: boolean;
  readonly isFile: boolean;
  readonly header: ArchiveHeader;
  readonly toc: Toc;
  readonly tocBytes: number;
  readonly hasOffsets: boolean;
  readonly #source: ByteSource;
  readonly #head: ArchiveHead;
  /** What the manifest says of blocks that the table of contents does not place. */
  readonly #known: ReadonlyMap<DumpId, BlockRange>;
  #finder: BlockFinder | null = null;
  #starts: number[] | null = null;

  constructor(path: string, source: ArchiveSource, head: ArchiveHead, known: ReadonlyMap<DumpId, BlockRange>) {
    this.path = path;
    this.#source = source;
    this.#head = head;
    this.#known = known;
    this.isEncrypted = source.isEncrypted;
    this.isFile = source.isFile;
    this.sizeBytes = source.sizeBytes;
    this.header = head.header;
    this.toc = head.toc;
    this.tocBytes = head.tocBytes;
    this.hasOffsets = head.hasOffsets;
  }

  async dataRange(id: DumpId): Promise<BlockRange> {
    return this.#range(this.#dataEntry(id), undefined);
  }

  async *readData(id: DumpId, options: { signal?: AbortSignal | undefined } = {}): AsyncGenerator<Uint8Array> {
    const entry = this.#dataEntry(id);
    const { cursor, where } = await this.#openBlock(entry, BLOCK_DATA, options.signal);
    yield* decompress(compressedParts(cursor), this.header.compression, where);
  }

  async *readRows(
    id: DumpId,
    options: { limit?: number | undefined; signal?: AbortSignal | undefined } = {},
  ): AsyncGenerator<CopyRow[]> {
    const columns = this.columns(id).length;
    const range = await this.#range(this.#dataEntry(id), options.signal);
    const where = whereIs(range);
    const reader = new CopyTextReader({ columns, encoding: this.toc.encoding, decode: nodeDecoding, where });
    let left = options.limit ?? Number.POSITIVE_INFINITY;
    if (left <= 0) return;
    for await (const bytes of this.readData(id, { signal: options.signal })) {
      const rows = reader.push(bytes);
      if (rows.length >= left) {
        yield rows.slice(0, left);
        return;
      }
      left -= rows.length;
      if (rows.length > 0) yield rows;
    }
    reader.end();
  }

  async *readLargeObjects(id: DumpId, options: { signal?: AbortSignal | undefined } = {}): AsyncGenerator<LargeObject> {
    const entry = this.#dataEntry(id);
    const { cursor, where } = await this.#openBlock(entry, BLOCK_BLOBS, options.signal);
    for (let oid = await cursor.readOid(); oid !== 0; oid = await cursor.readOid()) {
      const compressed = compressedParts(cursor);
      yield { oid, bytes: decompress(compressed, this.header.compression, `of large object ${oid} ${where}`) };
      // Waits for a read under way, then goes on to where the consumer did not.
      await compressed.parts.return(undefined);
      await cursor.skipChunks();
    }
  }

  columns(id: DumpId): string[] {
    const entry = this.#dataEntry(id);
    const { copyStatement } = entry;
    if (copyStatement === null || copyStatement === "") throw noRows(entry);
    const columns = parseCopyColumns(copyStatement);
    if (columns === null)
      throw new AppError("archive.damaged", `The column list of ${nameOf(entry)} cannot be read.`, {
        detail: copyStatement.slice(0, 1000),
      });
    return columns;
  }

  async excerpt(ids: readonly DumpId[], options: ExcerptOptions = {}): Promise<ArchiveExcerpt> {
    const blocks = new Map<DumpId, BlockRange>();
    for (const id of options.headOnly === true ? [] : ids) {
      const entry = this.toc.byDumpId(id);
      // oxlint-disable-next-line no-await-in-loop -- the search for blocks goes through the archive in its order
      if (entry?.hasData) blocks.set(id, await this.#range(entry, options.signal));
    }
    const plan = planExcerpt(this.#head, ids, blocks);
    return { sizeBytes: plan.sizeBytes, bytes: readExcerpt(this.#source, plan, options.signal) };
  }

  close(): Promise<void> {
    return this.#source.close();
  }

  /** @throws archive.objectNotFound, archive.noData */
  #dataEntry(id: DumpId): TocEntry {
    const entry = this.toc.byDumpId(id);
    if (entry === undefined) throw new AppError("archive.objectNotFound", `The archive has no entry ${id}.`);
    if (!entry.hasData) throw new AppError("archive.noData", `The archive holds no data of ${nameOf(entry)}.`);
    return entry;
  }

  async #range(entry: TocEntry, signal: AbortSignal | undefined): Promise<BlockRange> {
    const offset = entry.dataOffset;
    if (offset === null) {
      const known = this.#known.get(entry.dumpId);
      if (known !== undefined && (await this.#beginsAt(known.offset, entry.dumpId))) return known;
      this.#finder ??= new BlockFinder(this.#source, this.toc, this.tocBytes);
      return this.#finder.find(entry.dumpId, signal);
    }
    if (offset < this.tocBytes) throw damagedAt(offset, `the table of contents, where ${dataOf(entry)} should begin`);
    if (offset >= this.sizeBytes)
      throw truncatedAt(this.sizeBytes, `the file ends before byte ${offset}, where ${dataOf(entry)} should begin`);
    return { offset, length: this.#nextStart(offset) - offset };
  }

  /** A manifest may be of another file of this name, so it is believed where the block is there. */
  async #beginsAt(offset: number, id: DumpId): Promise<boolean> {
    const header = await this.#source.read(offset, BLOCK_HEADER_BYTES);
    if (header.length < BLOCK_HEADER_BYTES || readInt(header, 1) !== id) return false;
    return header[0] === BLOCK_DATA || header[0] === BLOCK_BLOBS;
  }

  /** A block ends where the next one begins, the last one with the file. */
  #nextStart(offset: number): number {
    this.#starts ??= sortedStarts(this.toc, this.sizeBytes);
    let low = 0;
    let high = this.#starts.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#starts[middle]! > offset) high = middle;
      else low = middle + 1;
    }
    return this.#starts[low] ?? this.sizeBytes;
  }

  async #openBlock(
    entry: TocEntry,
    type: number,
    signal: AbortSignal | undefined,
  ): Promise<{ cursor: BlockCursor; where: string }> {
    const range = await this.#range(entry, signal);
    const cursor = new BlockCursor(this.#source, range, signal);
    const found = await cursor.readBlockHeader();
    if (found.dumpId !== entry.dumpId || (found.type !== BLOCK_DATA && found.type !== BLOCK_BLOBS))
      throw damagedAt(range.offset, `no data block of dump ID ${entry.dumpId}, which should begin there`);
    if (found.type !== type) throw type === BLOCK_DATA ? noRows(entry) : noLargeObjects(entry);
    return { cursor, where: whereIs(range) };
  }
}

function compressedParts(cursor: BlockCursor): CompressedParts {
  return { parts: cursor.readChunks(), isOver: () => !cursor.isInChunks };
}

function sortedStarts(toc: Toc, sizeBytes: number): number[] {
  const starts: number[] = [];
  for (const entry of toc) {
    const offset = entry.dataOffset;
    if (offset !== null && offset < sizeBytes) starts.push(offset);
  }
  return starts.toSorted((one, other) => one - other);
}

function whereIs({ offset }: BlockRange): string {
  return `in the data block at byte ${offset}`;
}

function nameOf(entry: TocEntry): string {
  return `${entry.desc} ${formatName(entry.namespace, entry.tag)}`;
}

function dataOf(entry: TocEntry): string {
  return `the data of ${nameOf(entry)}`;
}

function noRows(entry: TocEntry): AppError {
  if (entry.desc === "BLOBS" || entry.desc === "BLOB")
    return new AppError("archive.noData", "The entry holds large objects, not rows.", {
      hint: "Restore it to read them.",
    });
  return new AppError("archive.noData", `The rows of ${nameOf(entry)} are INSERT statements, not COPY text.`, {
    hint: "The dump was made with --inserts. Restore the table to read its rows.",
  });
}

function noLargeObjects(entry: TocEntry): AppError {
  return new AppError("archive.noData", `${nameOf(entry)} holds rows, not large objects.`);
}
