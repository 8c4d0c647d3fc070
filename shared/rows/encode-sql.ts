import { formatName } from "../command/names.ts";
import type { ByteWriter } from "./byte-writer.ts";
import { byteClasses, type RowEncoder } from "./encode-rows.ts";
import { isNumberText } from "./number-bytes.ts";
import type { RowColumn } from "./row-columns.ts";
import { kindOfType } from "./value-type.ts";

const [quote, comma, space] = [39, 44, 32];
const quoted = 2;
const classes = byteClasses((byte) => (byte === quote ? quoted : 0));
const nothing = bytesOf("NULL");

/** The table that INSERT statements are for. */
export interface InsertTarget {
  readonly schema: string | null;
  readonly name: string;
  /** A column is GENERATED ALWAYS AS IDENTITY, whose values the server takes only when it is told to. */
  readonly overridesIdentity: boolean;
}

/** What stands before the statements: how texts in quotes are to be read. */
export const sqlHead =
  "SET client_encoding = 'UTF8';\nSET standard_conforming_strings = on;\nSET xmloption = content;\n\n";

/**
 * An INSERT statement for each row. Numbers stand as they are, every other value in quotes, which its column's own type
 * reads: what a type writes, it reads again exactly.
 */
export function sqlEncoder(
  { schema, name, overridesIdentity }: InsertTarget,
  columns: readonly RowColumn[],
): RowEncoder {
  const table = formatName(schema, name);
  const overriding = overridesIdentity ? " OVERRIDING SYSTEM VALUE" : "";
  const list = columns.map((column) => formatName(null, column.name)).join(", ");
  const isEmpty = columns.length === 0;
  const open = bytesOf(`INSERT INTO ${table} ${isEmpty ? "DEFAULT VALUES" : `(${list})${overriding} VALUES (`}`);
  const close = bytesOf(isEmpty ? ";\n" : ");\n");
  const areNumbers = columns.map(({ type }) => kindOfType(type) === "number");
  return {
    classes,
    growth: 2,
    frame: open.length + 8,
    beginRow: (out) => out.copy(open, 0, open.length),
    field(out, bytes, start, end, _found, column) {
      separate(out, column);
      if (areNumbers[column] === true && isNumberText(bytes, start, end)) out.copy(bytes, start, end);
      else writeQuoted(out, bytes, start, end);
    },
    nullField(out, column) {
      separate(out, column);
      out.copy(nothing, 0, nothing.length);
    },
    endRow: (out) => out.copy(close, 0, close.length),
  };
}

function separate(out: ByteWriter, column: number): void {
  if (column === 0) return;
  out.byte(comma);
  out.byte(space);
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

function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
