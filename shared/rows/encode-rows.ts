import { AppError } from "../error/app-error.ts";
import type { WrittenRows } from "../lanes/csv-rows.ts";
import { ByteWriter } from "./byte-writer.ts";

/** How rows are written in one format. Everything is UTF-8. */
export interface RowEncoder {
  /** Of byteClasses: what a value that holds a byte needs. */
  readonly classes: Uint8Array;
  /** Bytes that one byte of a value can become at most. */
  readonly growth: number;
  /** Most bytes that stand before or behind a value, or before or behind a row. There is room for them, and for the value. */
  readonly frame: number;
  beginRow(out: ByteWriter): void;
  /** A value, bytes[start, end) as they are meant; `classes` are those of its bytes, or-ed. */
  field(out: ByteWriter, bytes: Uint8Array, start: number, end: number, classes: number, column: number): void;
  nullField(out: ByteWriter, column: number): void;
  endRow(out: ByteWriter): void;
  /** Many rows at once, from piece[at] on, where the format has a faster way for simple ones. */
  readonly simpleRows?: (piece: Uint8Array, at: number) => WrittenRows;
}

/** Class of a backslash, which COPY escapes with. */
const ESCAPED = 1;
/** Class of a tab and a line feed: in a value they were escaped, so encoders see them in few values. */
export const CONTROL_STOP = 128;
const STOP = CONTROL_STOP;
const [tab, lineFeed, backslash, letterN] = [9, 10, 92, 78];

/** Classes of bytes for an encoder: `of` gives each byte's, of 2, 4, 8 … 64. */
export function byteClasses(of: (byte: number) => number): Uint8Array {
  const classes = Uint8Array.from({ length: 256 }, (_, byte) => of(byte));
  classes[backslash]! |= ESCAPED;
  classes[tab] = STOP;
  classes[lineFeed] = STOP;
  return classes;
}

/**
 * Rows of COPY text in UTF-8 in another format, on bytes: nothing is decoded. What is refused is what CopyTextReader
 * refuses: another number of values than columns, a backslash at the end of one.
 * @param where for errors: `of public.orders`
 * @returns a function for pieces that end with a row
 * @throws archive.damaged
 */
export function encodeRows(
  encoder: RowEncoder,
  columns: number,
  where: string,
): (piece: Uint8Array) => Uint8Array<ArrayBuffer> {
  const out = new ByteWriter();
  const plain = new ByteWriter();
  const { classes, growth, frame } = encoder;
  let rows = 0;

  function writeField(piece: Uint8Array, start: number, end: number, found: number, column: number): void {
    out.room((end - start) * growth + frame);
    if ((found & ESCAPED) === 0) {
      encoder.field(out, piece, start, end, found, column);
      return;
    }
    if (end - start === 2 && piece[start] === backslash && piece[start + 1] === letterN) {
      encoder.nullField(out, column);
      return;
    }
    plain.at = 0;
    if (!unescape(piece, start, end, plain)) throw damaged("a backslash at the end of a value");
    let own = 0;
    for (let at = 0; at < plain.at; at++) own |= classes[plain.bytes[at]!]!;
    encoder.field(out, plain.bytes, 0, plain.at, own, column);
  }

  function damaged(what: string): AppError {
    return new AppError("archive.damaged", "The rows are damaged.", { detail: `Row ${rows} ${where}: ${what}.` });
  }

  return (piece) => {
    const size = piece.length;
    let at = 0;
    while (at < size) {
      if (encoder.simpleRows !== undefined) {
        const simple = encoder.simpleRows(piece, at);
        out.room(simple.bytes.length);
        out.append(simple.bytes);
        ({ at } = simple);
        rows += simple.rows;
        if (at >= size) break;
      }
      rows++;
      out.room(frame);
      encoder.beginRow(out);
      let column = 0;
      for (let isRow = true; isRow; column++) {
        const start = at;
        let found = 0;
        let kind = classes[piece[at]!]!;
        while (kind < STOP) {
          found |= kind;
          kind = classes[piece[++at]!]!;
        }
        if (at >= size) throw damaged("no line end");
        isRow = piece[at] === tab;
        if (column < columns) writeField(piece, start, at, found, column);
        else if (columns > 0 || start !== at || isRow) throw damaged(`more than ${columns} values`);
        at++;
      }
      if (column !== columns && columns > 0) throw damaged(`${column} values for ${columns} columns`);
      out.room(frame);
      encoder.endRow(out);
    }
    return out.take();
  };
}

const named = new Map([
  ["b", 8],
  ["f", 12],
  ["n", 10],
  ["r", 13],
  ["t", 9],
  ["v", 11],
]);
const namedBytes = Uint8Array.from({ length: 256 }, (_, byte) => named.get(String.fromCharCode(byte)) ?? 0);

/** A value without COPY's escapes; false where it ends in the middle of one. */
function unescape(bytes: Uint8Array, start: number, end: number, out: ByteWriter): boolean {
  out.room(end - start);
  let at = start;
  while (at < end) {
    const byte = bytes[at++]!;
    if (byte !== backslash) {
      out.byte(byte);
      continue;
    }
    if (at >= end) return false;
    const next = bytes[at]!;
    const digits = next === 120 ? countDigits(bytes, at + 1, end, 2, 16) : countDigits(bytes, at, end, 3, 8);
    if (next === 120 && digits > 0) {
      out.byte(numberAt(bytes, at + 1, digits, 16));
      at += 1 + digits;
    } else if (next !== 120 && digits > 0) {
      out.byte(numberAt(bytes, at, digits, 8));
      at += digits;
    } else {
      out.byte(namedBytes[next] === 0 ? next : namedBytes[next]!);
      at++;
    }
  }
  return true;
}

function countDigits(bytes: Uint8Array, start: number, end: number, most: number, base: number): number {
  let count = 0;
  while (count < most && start + count < end && valueOfDigit(bytes[start + count]!) < base) count++;
  return count;
}

function numberAt(bytes: Uint8Array, start: number, count: number, base: number): number {
  let value = 0;
  for (let at = start; at < start + count; at++) value = value * base + valueOfDigit(bytes[at]!);
  return value & 0xff;
}

function valueOfDigit(byte: number): number {
  if (byte >= 48 && byte <= 57) return byte - 48;
  const letter = byte | 32;
  return letter >= 97 && letter <= 102 ? letter - 87 : 99;
}
