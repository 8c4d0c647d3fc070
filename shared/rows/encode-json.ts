import type { ByteWriter } from "./byte-writer.ts";
import { byteClasses, CONTROL_STOP, type RowEncoder } from "./encode-rows.ts";
import { isNumberText } from "./number-bytes.ts";
import type { RowColumn } from "./row-columns.ts";
import { kindOfType } from "./value-type.ts";

const [quote, backslash, comma, lineFeed, space] = [34, 92, 44, 10, 32];
const escaped = 2;
const classes = byteClasses((byte) => (byte < 32 || byte === quote || byte === backslash ? escaped : 0));
const mustEscape = escaped | CONTROL_STOP;
const [nothing, yes, no] = [bytesOf("null"), bytesOf("true"), bytesOf("false")];
/** By byte: what stands behind the backslash; 0: \u00 and two digits. */
const short = Uint8Array.from({ length: 256 }, (_, byte) => {
  const letters: Readonly<Record<number, string>> = { 8: "b", 9: "t", 10: "n", 12: "f", 13: "r", 34: '"', 92: "\\" };
  return letters[byte]?.charCodeAt(0) ?? 0;
});

/** A JSON array a line, values as PostgreSQL's text or null. */
export function jsonArrayEncoder(): RowEncoder {
  return {
    ...frameOf(bytesOf("["), bytesOf("]\n")),
    field(out, bytes, start, end, found, column) {
      if (column > 0) out.byte(comma);
      writeText(out, bytes, start, end, found);
    },
    nullField(out, column) {
      if (column > 0) out.byte(comma);
      out.copy(nothing, 0, nothing.length);
    },
  };
}

/**
 * A JSON object a line. By the types of the columns: numbers as JSON numbers with all their digits (NaN and infinities are
 * texts), booleans as such, json and jsonb as what they are, everything else as PostgreSQL's text.
 */
export function jsonObjectEncoder(columns: readonly RowColumn[]): RowEncoder {
  const keys = columns.map(({ name }, at) => bytesOf(`${at > 0 ? "," : ""}${JSON.stringify(name)}:`));
  const kinds = columns.map(({ type }) => kindOfType(type));
  const writeKey = (out: ByteWriter, column: number): void => {
    const key = keys[column]!;
    out.copy(key, 0, key.length);
  };
  const frame = frameOf(bytesOf("{"), bytesOf("}\n"));
  return {
    ...frame,
    frame: frame.frame + Math.max(0, ...keys.map((key) => key.length)),
    field(out, bytes, start, end, found, column) {
      writeKey(out, column);
      const kind = kinds[column];
      if (kind === "number" && isNumberText(bytes, start, end)) out.copy(bytes, start, end);
      else if (kind === "boolean" && end - start === 1) {
        const truth = bytes[start] === 116 ? yes : no;
        out.copy(truth, 0, truth.length);
      } else if (kind === "json" && end > start) writeJson(out, bytes, start, end);
      else writeText(out, bytes, start, end, found);
    },
    nullField(out, column) {
      writeKey(out, column);
      out.copy(nothing, 0, nothing.length);
    },
  };
}

function frameOf(open: Uint8Array, close: Uint8Array) {
  return {
    classes,
    growth: 6,
    frame: 8,
    beginRow: (out: ByteWriter) => out.copy(open, 0, open.length),
    endRow: (out: ByteWriter) => out.copy(close, 0, close.length),
  };
}

function writeText(out: ByteWriter, bytes: Uint8Array, start: number, end: number, found: number): void {
  out.byte(quote);
  if ((found & mustEscape) === 0) out.copy(bytes, start, end);
  else
    for (let at = start; at < end; at++) {
      const byte = bytes[at]!;
      if (byte >= 32 && byte !== quote && byte !== backslash) out.byte(byte);
      else writeEscape(out, byte);
    }
  out.byte(quote);
}

function writeEscape(out: ByteWriter, byte: number): void {
  out.byte(backslash);
  const letter = short[byte]!;
  if (letter !== 0) {
    out.byte(letter);
    return;
  }
  const digits = byte.toString(16).padStart(2, "0");
  for (const each of `u00${digits}`) out.byte(each.charCodeAt(0));
}

/** A line end between the parts of a json value would end the line; inside its texts there is none that is not escaped. */
function writeJson(out: ByteWriter, bytes: Uint8Array, start: number, end: number): void {
  for (let at = start; at < end; at++) {
    const byte = bytes[at]!;
    out.byte(byte === lineFeed || byte === 13 ? space : byte);
  }
}

function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
