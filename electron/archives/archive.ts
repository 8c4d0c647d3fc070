import type { CopyRow } from "../../shared/archive/copy-text.ts";
import type { Toc } from "../../shared/archive/toc.ts";
import type { ArchiveHeader, DumpId } from "../../shared/archive/toc-entry.ts";
import type { AppError } from "../../shared/error/app-error.ts";
import type { Codec, CompressedParts } from "./decompress.ts";

/**
 * An opened archive of pg_dump, in whatever format: all formats look and read alike. Several things may be read from it at
 * the same time. Nothing in it is ever executed.
 */
export interface Archive {
  readonly path: string;
  /** Of pg_dump's bytes: an encrypted or wrapped file has another size; a directory archive has that of all its files. */
  readonly sizeBytes: number;
  readonly isEncrypted: boolean;
  /** pg_restore can open it by its path and restore any choice of entries from it. Else it is fed with an excerpt. */
  readonly opensByPath: boolean;
  /** The format is `header.format`. */
  readonly header: ArchiveHeader;
  readonly toc: Toc;
  /** Bytes of header and table of contents. */
  readonly tocBytes: number;
  /** The archive says where each data entry is. A custom archive does not when pg_dump wrote to a pipe or it is encrypted. */
  readonly hasOffsets: boolean;
  /** What was found wrong on opening, where the rest can be read nevertheless; null where nothing was looked at or found. */
  readonly damage: AppError | null;
  /** Databases of a pg_dumpall script, in its order; empty for what holds but one. */
  readonly databases: readonly string[];
  /** The database of a pg_dumpall script that an entry is in; null for roles and tablespaces and in every other archive. */
  databaseOf(id: DumpId): string | null;
  /**
   * One database of a pg_dumpall script as an archive of its own, with the same dump IDs; it is closed with the whole.
   * @throws archive.objectNotFound
   */
  database(name: string): Archive;
  /**
   * The same for the database that an entry is in; the archive itself where it holds but one.
   * @throws archive.objectNotFound
   */
  partOf(id: DumpId): Archive;
  /**
   * Where an entry's data lies. Where the archive does not say it, the manifest does, or else it is searched for, once.
   * @throws archive.noData, archive.objectNotFound, archive.truncated, archive.damaged
   */
  dataRange(id: DumpId): Promise<DataRange>;
  /** Stored bytes of each data entry where they are known without a search, by dump ID. */
  storedSizes(): Promise<ReadonlyMap<DumpId, number>>;
  /**
   * The decompressed bytes of a table's data as a custom archive holds them: COPY text with its end mark and the two empty
   * lines behind it, or INSERT statements in a dump made with --inserts. Only what is asked for is read and decompressed.
   * An error at the end counts as much as one at the beginning: bytes given out before it may be all that is left.
   * @throws archive.noData, archive.objectNotFound, archive.truncated, archive.damaged
   */
  readData(id: DumpId, options?: ReadOptions): AsyncIterable<Uint8Array>;
  /**
   * What readData decompresses, for whoever does that elsewhere; null where the archive holds its texts as they are.
   * Leave it by `parts.return()`. @throws as readData
   */
  storedData(id: DumpId, options?: ReadOptions): Promise<StoredData | null>;
  /**
   * The rows of a table in batches, up to `limit` rows, whether COPY or INSERT statements hold them. Without a limit, reaching the end means that all are there.
   * @throws as readData, archive.limitExceeded for a row too long to hold
   */
  readRows(id: DumpId, options?: ReadOptions & { limit?: number | undefined }): AsyncIterable<CopyRow[]>;
  /** @throws as readData */
  readLargeObjects(id: DumpId, options?: ReadOptions): AsyncIterable<LargeObject>;
  /**
   * Names of the columns of a table's rows, in their order. Of INSERT statements that list none and whose table's definition
   * is not in the archive they are called `column1` and so on.
   * @throws archive.noData, archive.objectNotFound, archive.damaged
   */
  columns(id: DumpId): Promise<string[]>;
  /**
   * These entries as a custom archive of their own, which pg_restore takes from a pipe. Reads their data and nothing else,
   * once `bytes` is read.
   *
   * @param ids each once, in the order they are to be restored in
   * @throws as dataRange
   */
  excerpt(ids: readonly DumpId[], options?: ExcerptOptions): Promise<ArchiveExcerpt>;
  close(): Promise<void>;
}

/** Where data lies, with all that frames it there. */
export interface DataRange {
  /** File of a directory archive or member of a tar archive; null for the archive itself. */
  readonly member: string | null;
  /** Of the file named by `path`; in a directory archive, of the member. */
  readonly offset: number;
  /** Stored bytes. */
  readonly length: number;
}

/** A table's data as it is stored: what `decompress` takes. */
export interface StoredData {
  readonly compressed: CompressedParts;
  readonly codec: Codec;
  /** For errors: `in the data block at byte 4711`. */
  readonly where: string;
}

export interface ReadOptions {
  readonly signal?: AbortSignal | undefined;
}

/** A large object as it is read. */
export interface LargeObject {
  readonly oid: number;
  /** Its bytes, to be read before the next one is asked for; what is left then is passed over unseen. */
  readonly bytes: AsyncIterable<Uint8Array>;
}

export interface ExcerptOptions extends ReadOptions {
  /** Without data: for whoever only wants to see the table of contents. */
  readonly headOnly?: boolean;
}

/** A part of an archive on its way to pg_restore. */
export interface ArchiveExcerpt {
  /** Null where data is decompressed on its way, so that nobody knows before. */
  readonly sizeBytes: number | null;
  readonly bytes: AsyncIterable<Uint8Array>;
}
