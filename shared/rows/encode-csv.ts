import { createCsvRows } from "../lanes/csv-rows.ts";
import type { ByteWriter } from "./byte-writer.ts";
import { byteClasses, CONTROL_STOP, type RowEncoder } from "./encode-rows.ts";

const [comma, quote, carriageReturn, lineFeed] = [44, 34, 13, 10];
const quoted = 2;
const classes = byteClasses((byte) => ([comma, quote, carriageReturn].includes(byte) ? quoted : 0));

/**
 * CSV by RFC 4180, as `COPY … WITH (FORMAT csv, HEADER)` reads it: NULL is nothing, an empty text is "". A single column's
 * `\.` is quoted, which COPY would take for the end.
 */
export function csvEncoder(columns: number): RowEncoder {
  return {
    classes,
    growth: 2,
    frame: 3,
    ...(columns > 0 ? { simpleRows: createCsvRows(columns) } : {}),
    beginRow() {},
    field(out, bytes, start, end, found, column) {
      if (column > 0) out.byte(comma);
      const isEnd = columns === 1 && end - start === 2 && bytes[start] === 92 && bytes[start + 1] === 46;
      if (end === start || isEnd || ((found & (quoted | CONTROL_STOP)) !== 0 && mustQuote(bytes, start, end)))
        writeQuoted(out, bytes, start, end);
      else out.copy(bytes, start, end);
    },
    nullField(out, column) {
      if (column > 0) out.byte(comma);
    },
    endRow(out) {
      out.byte(carriageReturn);
      out.byte(lineFeed);
    },
  };
}

/** A tab alone needs no quotes. */
function mustQuote(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if (bytes[at] === lineFeed || (classes[bytes[at]!]! & quoted) !== 0) return true;
  return false;
}

function writeQuoted(out: ByteWriter, bytes: Uint8Array, start: number, end: number): void {
  out.byte(quote);
  for (let at = start; at < end; at++) {
    const byte = bytes[at]!;
    if (byte === quote) out.byte(quote);
    out.byte(byte);
  }
  out.byte(quote);
}
