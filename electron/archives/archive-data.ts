import type { Toc } from "../../shared/archive/toc.ts";
import type { ArchiveHeader, DumpId, TocEntry } from "../../shared/archive/toc-entry.ts";
import { formatName } from "../../shared/command/names.ts";
import { AppError } from "../../shared/error/app-error.ts";
import type { ArchiveExcerpt, DataRange, ExcerptOptions, LargeObject, StoredData } from "./archive.ts";

/** The data of an archive, which is where the formats differ: each has its own. Entries handed in have data. */
export interface ArchiveData {
  /** @throws archive.truncated, archive.damaged */
  range(entry: TocEntry, signal?: AbortSignal): Promise<DataRange>;
  /** What Archive.storedSizes gives. */
  sizes(): Promise<ReadonlyMap<DumpId, number>>;
  /** What Archive.storedData gives. */
  stored(entry: TocEntry, signal?: AbortSignal): Promise<StoredData | null>;
  /** What Archive.readData gives. */
  read(entry: TocEntry, signal?: AbortSignal): AsyncIterable<Uint8Array>;
  /** What Archive.readLargeObjects gives. */
  readLargeObjects(entry: TocEntry, signal?: AbortSignal): AsyncIterable<LargeObject>;
  /** What Archive.excerpt gives. */
  excerpt(ids: readonly DumpId[], options: ExcerptOptions): Promise<ArchiveExcerpt>;
  close(): Promise<void>;
}

/** What a format says of an archive besides its data. */
export interface ArchiveFacts {
  readonly path: string;
  readonly sizeBytes: number;
  readonly isEncrypted: boolean;
  readonly opensByPath: boolean;
  readonly header: ArchiveHeader;
  readonly toc: Toc;
  readonly tocBytes: number;
  readonly hasOffsets: boolean;
  readonly damage: AppError | null;
}

/** An entry as errors name it. */
export function nameOf(entry: TocEntry): string {
  return `${entry.desc} ${formatName(entry.namespace, entry.tag)}`;
}

/** The same with the word data before it. */
export function dataOf(entry: TocEntry): string {
  return `the data of ${nameOf(entry)}`;
}

/** True for an entry whose data is large objects, not rows. */
export function holdsLargeObjects(entry: TocEntry): boolean {
  return entry.desc === "BLOBS" || entry.desc === "BLOB";
}

/** False in a dump made with --inserts, which has no COPY statement. */
export function isCopied(copyStatement: string | null): copyStatement is string {
  return copyStatement !== null && copyStatement !== "";
}

/** The error for rows asked of an entry that holds large objects. */
export function noRows(): AppError {
  return new AppError("archive.noData", "The entry holds large objects, not rows.", {
    hint: "Restore it to read them.",
  });
}

/** The error for large objects asked of a table. */
export function noLargeObjects(entry: TocEntry): AppError {
  return new AppError("archive.noData", `${nameOf(entry)} holds rows, not large objects.`);
}
