import { CopyTextReader } from "../../shared/archive/copy-text.ts";
import type { RowColumn } from "../../shared/rows/row-columns.ts";
import { type RowFilter, stretchPattern, takesEveryRow, testOfFilter } from "../../shared/rows/row-filter.ts";
import { nodeDecoding } from "../archives/node-decoding.ts";
import { countLineFeeds } from "../backup/count-lines.ts";

/** What is done with a table's rows on their way. */
export interface RowWork {
  readonly columns: readonly RowColumn[];
  readonly filter: RowFilter;
  /** The table, for errors: `of public.orders`. */
  readonly where: string;
}

/** What became of one piece. */
export interface RowPart {
  /** The rows that are wanted, as COPY text. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Rows that were looked at, and those that are wanted. */
  readonly readRows: number;
  readonly foundRows: number;
}

/**
 * Works through COPY text in UTF-8, in pieces that end with a row. The same in a thread of its own (row-thread.ts) and here.
 * @throws usage.invalid for a filter that makes no sense; the function it gives: archive.damaged
 */
export function createRowWork({ columns, filter, where }: RowWork): (piece: Uint8Array) => RowPart {
  const reader = new CopyTextReader({ columns: columns.length, encoding: "UTF8", decode: nodeDecoding, where });
  const test = testOfFilter(filter, columns);
  const pattern = stretchPattern(filter);
  const isEverything = takesEveryRow(filter);

  return (piece) => {
    const readRows = countLineFeeds(piece, 0, piece.length);
    if (isEverything) return { bytes: new Uint8Array(piece), readRows, foundRows: readRows };
    // Most pieces hold nothing that a search finds; they are not taken apart.
    if (pattern !== null && !pattern.test(nodeDecoding.utf8(piece, 0, piece.length)))
      return { bytes: new Uint8Array(0), readRows, foundRows: 0 };
    const found: Uint8Array[] = [];
    let start = 0;
    for (const row of reader.push(piece)) {
      const end = piece.indexOf(10, start) + 1;
      if (test(row)) found.push(piece.subarray(start, end));
      start = end;
    }
    return { bytes: joined(found), readRows, foundRows: found.length };
  };
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
