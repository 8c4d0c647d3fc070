import type { Toc } from "../../shared/archive/toc.ts";
import type { DumpId, TocEntry } from "../../shared/archive/toc-entry.ts";
import { formatName, parseName } from "../../shared/command/names.ts";
import { tableOf } from "../../shared/rows/row-columns.ts";
import { type RowFilter, testOfFilter } from "../../shared/rows/row-filter.ts";
import { type ExportFormat, headOf } from "../../shared/rows/row-format.ts";
import type { Archive } from "../archives/archive.ts";
import { archivedRows } from "../archives/archived-rows.ts";
import { columnsOf, dataEntry } from "./read-rows.ts";
import { workInThread, workOnRows, workOnStoredRows } from "./row-thread.ts";
import { createRowWork, type RowPart } from "./row-work.ts";

/** Which rows are exported, and how. */
export interface RowExport {
  readonly format: ExportFormat;
  readonly filter: RowFilter;
  /** null: all. */
  readonly limit: number | null;
}

/**
 * A table's rows in a format, as bytes, with a head before them. The archive is read here, rows are
 * decompressed and written in a thread of their own.
 * @throws usage.invalid, as Archive.columns: at once; as Archive.readRows, archive.damaged
 */
export async function exportRows(
  whole: Archive,
  id: DumpId,
  { format, filter, limit }: RowExport,
  signal: AbortSignal,
): Promise<AsyncGenerator<RowPart>> {
  const archive = whole.partOf(id);
  const entry = dataEntry(archive, id);
  const columns = await columnsOf(archive, id);
  testOfFilter(filter, columns);
  const { toc } = archive;
  const table = {
    schema: entry.namespace,
    name: entry.tag,
    overridesIdentity: format === "sql" && hasAlwaysIdentity(toc, tableOf(toc, entry)),
  };
  const everyColumn = columns.map((_, place) => place);
  const lines = archivedRows(archive, entry, everyColumn, { takesUnknown: false });
  const where = `of ${formatName(entry.namespace, entry.tag)}`;
  const work = { columns, filter, limit, as: { format, table }, where };
  return run();

  async function* run(): AsyncGenerator<RowPart> {
    yield { bytes: new TextEncoder().encode(headOf(format, columns)), readRows: 0, foundRows: 0 };
    if (limit === 0) {
      yield createRowWork({ ...work, limit: null }).end();
      return;
    }
    let found = 0;
    const stored = await lines.stored(signal);
    const parts = stored === null ? workOnTexts() : workOnStoredRows(stored, work);
    for await (const part of parts) {
      yield part;
      found += part.foundRows;
      if (limit !== null && found >= limit) return;
    }
  }

  function workOnTexts(): AsyncGenerator<RowPart> {
    const texts = lines.read(signal);
    return format === "parquet" ? workInThread(texts, work) : workOnRows(texts, work);
  }
}

const name = String.raw`(?:"(?:[^"]|"")+"|[^\s".]+)`;
const whole = `(${name}(?:\\.${name})?)`;
const identity = new RegExp(
  `^ALTER TABLE (?:ONLY )?${whole} ALTER COLUMN ${name} ADD GENERATED ALWAYS AS IDENTITY`,
  "m",
);
const attachment = new RegExp(`^ALTER TABLE (?:ONLY )?${whole} ATTACH PARTITION ${whole} `, "m");

/**
 * True where a column of the table, or of one that it is a part or a child of, is GENERATED ALWAYS AS IDENTITY. pg_dump writes
 * that with the sequence, and what a partition is a part of by itself:
 *
 *     ALTER TABLE public.orders ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
 *     ALTER TABLE ONLY public.orders ATTACH PARTITION public.orders_2026 FOR VALUES IN (2026);
 */
function hasAlwaysIdentity(toc: Toc, table: TocEntry | null): boolean {
  const owners = new Set<string>();
  const parents = new Map<string, string>();
  for (const { definition, namespace } of toc) {
    const [, owner] = identity.exec(definition ?? "") ?? [];
    if (owner !== undefined) owners.add(keyOf(owner, namespace));
    const [, parent, part] = attachment.exec(definition ?? "") ?? [];
    if (parent !== undefined && part !== undefined) parents.set(keyOf(part, namespace), keyOf(parent, namespace));
  }
  const seen = new Set<number>();
  const isOwned = (entry: TocEntry | null | undefined): boolean => {
    if (entry?.desc !== "TABLE" || seen.has(entry.dumpId)) return false;
    seen.add(entry.dumpId);
    for (let key = keyOf(formatName(entry.namespace, entry.tag), null); ; ) {
      if (owners.has(key)) return true;
      const parent = parents.get(key);
      parents.delete(key);
      if (parent === undefined) break;
      key = parent;
    }
    return entry.dependencies.some((id) => isOwned(toc.byDumpId(id)));
  };
  return isOwned(table);
}

function keyOf(text: string, namespace: string | null): string {
  const parsed = parseName(text);
  return formatName(parsed.schema ?? namespace, parsed.name);
}
