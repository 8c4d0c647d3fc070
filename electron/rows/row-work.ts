import { CopyTextReader } from "../../shared/archive/copy-text.ts";
import { countLineFeeds } from "../../shared/lanes/count-lines.ts";
import { encodeRows } from "../../shared/rows/encode-rows.ts";
import type { InsertTarget } from "../../shared/rows/encode-sql.ts";
import type { RowColumn } from "../../shared/rows/row-columns.ts";
import { type RowFilter, stretchPattern, takesEveryRow, testOfFilter } from "../../shared/rows/row-filter.ts";
import { type ExportFormat, encoderFor } from "../../shared/rows/row-format.ts";
import { nodeDecoding } from "../archives/node-decoding.ts";

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
 * @throws usage.invalid for a filter that makes no sense; the function it gives: archive.damaged
 */
export function createRowWork({ columns, filter, limit, as, where }: RowWork): (piece: Uint8Array) => RowPart {
  const find = takesEveryRow(filter) ? null : createFinder(columns, filter, where);
  const encode = as === "copyText" ? null : encodeRows(encoderFor(as.format, columns, as.table), columns.length, where);
  let left = limit ?? Number.POSITIVE_INFINITY;

  return (piece) => {
    const readRows = countLineFeeds(piece, 0, piece.length);
    const found = find === null ? { lines: piece, rows: readRows } : find(piece);
    const rows = Math.min(found.rows, left);
    const lines = rows === found.rows ? found.lines : firstLines(found.lines, rows);
    left -= rows;
    return { bytes: encode === null ? new Uint8Array(lines) : encode(lines), readRows, foundRows: rows };
  };
}

function createFinder(columns: readonly RowColumn[], filter: RowFilter, where: string) {
  const reader = new CopyTextReader({ columns: columns.length, encoding: "UTF8", decode: nodeDecoding, where });
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

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
