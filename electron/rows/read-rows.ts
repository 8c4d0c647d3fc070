import { type CopyRow, CopyTextReader } from "../../shared/archive/copy-text.ts";
import type { DumpId, TocEntry } from "../../shared/archive/toc-entry.ts";
import { formatName } from "../../shared/command/names.ts";
import { AppError } from "../../shared/error/app-error.ts";
import { type RowColumn, rowColumns } from "../../shared/rows/row-columns.ts";
import { type RowFilter, takesEveryRow, testOfFilter } from "../../shared/rows/row-filter.ts";
import type { Archive } from "../archives/archive.ts";
import { archivedRows } from "../archives/archived-rows.ts";
import { nodeDecoding } from "../archives/node-decoding.ts";
import { workOnRows } from "./row-thread.ts";

/** Rows that a filter found, and how many were looked at for it. */
export interface FoundRows {
  readonly rows: CopyRow[];
  readonly readRows: number;
}

/** The columns of a data entry's rows. @throws as Archive.columns */
export async function columnsOf(archive: Archive, id: DumpId): Promise<RowColumn[]> {
  const names = await archive.columns(id);
  return rowColumns(archive.partOf(id).toc, dataEntry(archive, id), names);
}

/**
 * The rows of a table that a filter lets pass, in batches as they are found. With a filter each batch says how many rows
 * were looked at, though none of them may be in it; they are looked at in a thread of their own.
 * @param limit to read no more of the archive than so many rows need, where there is no filter
 * @throws usage.invalid before anything is read; as Archive.readRows
 */
export async function* readRows(
  archive: Archive,
  id: DumpId,
  filter: RowFilter,
  options: { readonly signal: AbortSignal; readonly limit?: number | undefined },
): AsyncGenerator<FoundRows> {
  const columns = await columnsOf(archive, id);
  testOfFilter(filter, columns);
  yield* takesEveryRow(filter) ? everyRowOf(archive, id, options) : filteredRows(archive, id, columns, filter, options);
}

async function* everyRowOf(
  archive: Archive,
  id: DumpId,
  options: { readonly signal: AbortSignal; readonly limit?: number | undefined },
): AsyncGenerator<FoundRows> {
  for await (const rows of archive.readRows(id, options)) yield { rows, readRows: rows.length };
}

async function* filteredRows(
  archive: Archive,
  id: DumpId,
  columns: readonly RowColumn[],
  filter: RowFilter,
  { signal }: { readonly signal: AbortSignal },
): AsyncGenerator<FoundRows> {
  const entry = dataEntry(archive, id);
  const where = `of ${formatName(entry.namespace, entry.tag)}`;
  const everyColumn = columns.map((_, place) => place);
  const lines = archivedRows(archive, entry, everyColumn, { takesUnknown: false });
  const work = { columns, filter, limit: null, as: "copyText", where } as const;
  const reader = new CopyTextReader({ columns: columns.length, encoding: "UTF8", decode: nodeDecoding, where });
  for await (const { bytes, readRows: count } of workOnRows(lines.read(signal), work))
    yield { rows: bytes.length === 0 ? [] : reader.push(bytes), readRows: count };
}

/** @throws archive.objectNotFound */
export function dataEntry({ toc }: Archive, id: DumpId): TocEntry {
  const entry = toc.byDumpId(id);
  if (entry === undefined) throw new AppError("archive.objectNotFound", `The archive has no entry ${id}.`);
  return entry;
}
