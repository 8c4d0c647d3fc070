import type { DumpId } from "../../shared/archive/toc-entry.ts";
import { AppError } from "../../shared/error/app-error.ts";
import type { RowFilter } from "../../shared/rows/row-filter.ts";
import { kindOfType } from "../../shared/rows/value-type.ts";
import type { Archive } from "../archives/archive.ts";
import { byteaPieces } from "./bytea.ts";
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
  else yield* byteaPieces(value);
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
