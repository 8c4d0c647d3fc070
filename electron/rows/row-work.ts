import { CopyTextReader } from "../../shared/archive/copy-text.ts";
import { countLineFeeds } from "../../shared/lanes/count-lines.ts";
import { encodeRows } from "../../shared/rows/encode-rows.ts";
import type { InsertTarget } from "../../shared/rows/encode-sql.ts";
import type { RowColumn } from "../../shared/rows/row-columns.ts";
import { type RowFilter, stretchPattern, takesEveryRow, testOfFilter } from "../../shared/rows/row-filter.ts";
import { type ExportFormat, encoderFor } from "../../shared/rows/row-format.ts";
import { nodeDecoding } from "../archives/node-decoding.ts";
import { createParquetRows } from "./parquet-rows.ts";

/** What is done with a table's rows on their way. */
export interface RowWork {
  readonly columns: readonly RowColumn[];
  readonly filter: RowFilter;
  /** So many of the rows that the filter lets pass; null: all. */
  readonly limit: number | null;
  /** How they are written. */
  readonly as: { readonly format: ExportFormat; readonly table: InsertTarget } | "copyText";
  /** The table, for errors: `of public.orders`. */
  readonly where: string;
}

/** Row work under way. */
export interface RunningWork {
  /** A piece that ends with a row. Nothing may follow the last row of a limit. */
  take(piece: Uint8Array): RowPart;
  /** What is left to be written behind the last row, where the limit has not been reached. */
  end(): RowPart;
}

/** What became of one piece. */
export interface RowPart {
  /** The rows that are wanted. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Rows that were looked at, and those that are wanted. */
  readonly readRows: number;
  readonly foundRows: number;
}

/**
 * Works through COPY text in UTF-8, in pieces that end with a row. The same in a thread of its own (row-thread.ts) and here.
 * @throws usage.invalid for a filter that makes no sense, or a format that cannot hold the rows; what it gives: archive.damaged
 */
export function createRowWork({ columns, filter, limit, as, where }: RowWork): RunningWork {
  const find = takesEveryRow(filter) ? null : createFinder(columns, filter, where);
  const written = createWriter(columns, as, where);
  let left = limit ?? Number.POSITIVE_INFINITY;

  return {
    take(piece) {
      if (left === 0) return noRows();
      const readRows = countLineFeeds(piece, 0, piece.length);
      const found = find === null ? { lines: piece, rows: readRows } : find(piece);
      const foundRows = Math.min(found.rows, left);
      const lines = foundRows === found.rows ? found.lines : firstLines(found.lines, foundRows);
      left -= foundRows;
      const bytes = written.lines(lines);
      return { bytes: left > 0 ? bytes : joined([bytes, written.end()]), readRows, foundRows };
    },
    end: () => (left > 0 ? noRows(written.end()) : noRows()),
  };
}

/** Of its own each time: whoever sends it to another thread gives it away. */
function noRows(bytes = noBytes()): RowPart {
  return { bytes, readRows: 0, foundRows: 0 };
}

/** How whole lines of COPY text are written, and what stands behind the last of them. */
interface Writer {
  lines(lines: Uint8Array): Uint8Array<ArrayBuffer>;
  end(): Uint8Array<ArrayBuffer>;
}

function createWriter(columns: readonly RowColumn[], as: RowWork["as"], where: string): Writer {
  if (as === "copyText") return { lines: (lines) => new Uint8Array(lines), end: noBytes };
  if (as.format !== "parquet")
    return { lines: encodeRows(encoderFor(as.format, columns, as.table), columns.length, where), end: noBytes };
  const rows = createParquetRows(columns, where);
  const reader = readerOf(columns, where);
  return { lines: (lines) => rows.add(reader.push(lines)), end: () => rows.end() };
}

function noBytes(): Uint8Array<ArrayBuffer> {
  return new Uint8Array(0);
}

function readerOf(columns: readonly RowColumn[], where: string): CopyTextReader {
  return new CopyTextReader({ columns: columns.length, encoding: "UTF8", decode: nodeDecoding, where });
}

function createFinder(columns: readonly RowColumn[], filter: RowFilter, where: string) {
  const reader = readerOf(columns, where);
  const test = testOfFilter(filter, columns);
  const pattern = stretchPattern(filter);

  return (piece: Uint8Array): { readonly lines: Uint8Array; readonly rows: number } => {
    // Most pieces hold nothing that a search finds; they are not taken apart.
    if (pattern !== null && !pattern.test(nodeDecoding.utf8(piece, 0, piece.length)))
      return { lines: new Uint8Array(0), rows: 0 };
    const found: Uint8Array[] = [];
    let start = 0;
    for (const row of reader.push(piece)) {
      const end = piece.indexOf(10, start) + 1;
      if (test(row)) found.push(piece.subarray(start, end));
      start = end;
    }
    return { lines: joined(found), rows: found.length };
  };
}

function firstLines(lines: Uint8Array, count: number): Uint8Array {
  let end = 0;
  for (let line = 0; line < count; line++) end = lines.indexOf(10, end) + 1;
  return lines.subarray(0, end);
}

function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
