import { parseCopyColumns } from "../../shared/archive/copy-statement.ts";
import type { CopyRow } from "../../shared/archive/copy-text.ts";
import type { DumpId, TocEntry } from "../../shared/archive/toc-entry.ts";
import { writeCopyLine } from "../../shared/compare/copy-line.ts";
import { AppError } from "../../shared/error/app-error.ts";
import type { Archive, StoredData } from "./archive.ts";
import { decompress, largePieceBytes } from "./decompress.ts";

/** The rows of an archive's table as COPY text in UTF-8 (or the bytes of a database without an encoding, where they serve). */
export interface ArchivedRows {
  /** The encoding that the bytes have, as COPY's ENCODING takes it. */
  readonly encoding: "UTF8" | "SQL_ASCII";
  /** Whole rows, with their line feeds and without the end mark. Each call reads them anew. */
  read(signal: AbortSignal): AsyncIterable<Uint8Array>;
  /**
   * The same rows as they are stored, for whoever decompresses them elsewhere and then takes them by `rowsOf`; null where
   * they are not stored as they are wanted.
   */
  stored(signal: AbortSignal): Promise<StoredData | null>;
}

/** What bytes of an archive serve whoever asked as they are. */
export interface ArchivedRowsOptions {
  /** false: rows of a database without an encoding are made UTF-8, value by value. */
  readonly takesUnknown: boolean;
}

/**
 * Where the archive's bytes serve as they are, nothing is decoded: all of the columns are wanted and the encoding is one
 * that is asked for.
 * @param places of the wanted columns in the archive's rows
 */
export function archivedRows(
  archive: Archive,
  entry: TocEntry,
  places: readonly number[],
  { takesUnknown }: ArchivedRowsOptions,
): ArchivedRows {
  const columns = parseCopyColumns(entry.copyStatement ?? "");
  const isWhole = places.length === columns?.length && places.every((place, at) => place === at);
  const { encoding } = archive.toc;
  if (isWhole && (encoding === "UTF8" || (takesUnknown && encoding === "SQL_ASCII")))
    return {
      encoding,
      read: (signal) => withoutEndMark(archive.readData(entry.dumpId, { signal })),
      stored: (signal) => archive.storedData(entry.dumpId, { signal }),
    };
  return {
    encoding: "UTF8",
    read: (signal) => written(archive, entry.dumpId, places, signal),
    stored: () => Promise.resolve(null),
  };
}

async function* written(
  archive: Archive,
  id: DumpId,
  places: readonly number[],
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  for await (const batch of archive.readRows(id, { signal })) {
    const lines = batch.map((row: CopyRow) => `${writeCopyLine(places.map((place) => row[place] ?? null))}\n`);
    yield Buffer.from(lines.join(""), "utf8");
  }
}

const endMark = Buffer.from("\\.\n");
const endMarkLine = Buffer.from("\n\\.\n");

/** The rows in what ArchivedRows.stored gave. @throws as Archive.readData */
export function rowsOf({ compressed, codec, where }: StoredData): AsyncIterable<Uint8Array> {
  return withoutEndMark(decompress(compressed, codec, where, { pieceBytes: largePieceBytes }));
}

/**
 * The rows before the end mark `\.`, in pieces that end with a row.
 * @throws archive.truncated where there is no end mark
 */
async function* withoutEndMark(data: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  // Pieces of a line that is not whole yet; joined when it is, so that a row of a gigabyte is copied once.
  let waiting: Buffer[] = [];
  let isOver = false;
  for await (const bytes of data) {
    // What follows the mark is read all the same: damage there is damage.
    if (isOver) continue;
    const next = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (!next.includes(10)) {
      waiting.push(Buffer.from(next));
      continue;
    }
    const all = waiting.length === 0 ? next : Buffer.concat([...waiting, next]);
    const mark = all.subarray(0, endMark.length).equals(endMark) ? 0 : all.indexOf(endMarkLine) + 1;
    isOver = mark > 0 || all.subarray(0, endMark.length).equals(endMark);
    const end = isOver ? mark : all.lastIndexOf(10) + 1;
    // The last line may be the beginning of the mark's.
    waiting = isOver || end === all.length ? [] : [Buffer.from(all.subarray(end))];
    if (end > 0) yield all.subarray(0, end);
  }
  if (!isOver) throw new AppError("archive.truncated", "The rows end too early.", { detail: "There is no end mark." });
}
