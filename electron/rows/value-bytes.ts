import type { DumpId } from "../../shared/archive/toc-entry.ts";
import { AppError } from "../../shared/error/app-error.ts";
import type { RowFilter } from "../../shared/rows/row-filter.ts";
import { kindOfType } from "../../shared/rows/value-type.ts";
import type { Archive } from "../archives/archive.ts";
import { columnsOf, readRows } from "./read-rows.ts";

/** One value of a table's rows. */
export interface ValuePlace {
  /** Of the entry with the rows. */
  readonly dumpId: DumpId;
  readonly filter: RowFilter;
  /** Rows that the filter lets pass before it. */
  readonly row: number;
  /** Its column's place. */
  readonly column: number;
}

/** Hexadecimal digits that become bytes at a time. */
const pieceDigits = 2 * 1024 * 1024;

/**
 * The bytes of a value: of a bytea those it stands for, of everything else its text in UTF-8.
 * @throws archive.objectNotFound where there is no such value or it is NULL, archive.damaged, as readRows
 */
export async function* readValueBytes(
  archive: Archive,
  { dumpId, filter, row, column }: ValuePlace,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const value = await findValue(archive, { dumpId, filter, row, column }, signal);
  const type = (await columnsOf(archive, dumpId))[column]?.type ?? null;
  if (kindOfType(type) !== "bytea") yield Buffer.from(value, "utf8");
  else if (value.startsWith("\\x")) yield* hexBytes(value);
  else yield escapedBytes(value);
}

async function findValue(archive: Archive, place: ValuePlace, signal: AbortSignal): Promise<string> {
  const { dumpId, filter, row, column } = place;
  let passed = 0;
  for await (const { rows } of readRows(archive, dumpId, filter, { signal, limit: row + 1 })) {
    const value = rows[row - passed]?.[column];
    if (value !== undefined && value !== null) return value;
    passed += rows.length;
    if (passed > row) break;
  }
  throw new AppError("archive.objectNotFound", "There is no value in this place of the table.");
}

function* hexBytes(value: string): Generator<Uint8Array> {
  if (!/^\\x(?:[0-9a-f]{2})*$/i.test(value)) throw notBytea();
  for (let at = 2; at < value.length; at += pieceDigits) yield Buffer.from(value.slice(at, at + pieceDigits), "hex");
}

/** As a server with `bytea_output = escape` writes them: `\\\\` and three octal digits behind a backslash (byteaout in varlena.c). */
function escapedBytes(value: string): Uint8Array {
  const bytes: number[] = [];
  for (let at = 0; at < value.length; at += 1) {
    if (value[at] !== "\\") bytes.push(value.charCodeAt(at));
    else if (value[at + 1] === "\\") {
      bytes.push(0x5c);
      at += 1;
    } else {
      const [digits] = /^[0-3][0-7]{2}/.exec(value.slice(at + 1, at + 4)) ?? [];
      if (digits === undefined) throw notBytea();
      bytes.push(Number.parseInt(digits, 8));
      at += 3;
    }
  }
  return Uint8Array.from(bytes);
}

function notBytea(): AppError {
  return new AppError("archive.damaged", "The value is not written as PostgreSQL writes a bytea.");
}
