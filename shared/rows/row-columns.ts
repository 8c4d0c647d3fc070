import type { Toc } from "../archive/toc.ts";
import type { TocEntry } from "../archive/toc-entry.ts";
import { parseColumnTypes } from "../compare/table-definition.ts";

/** A column of a table's rows. */
export interface RowColumn {
  readonly name: string;
  /** As the archive's definition of the table writes it; null where the archive has none. */
  readonly type: string | null;
}

/** The table that a data entry's rows are of; null where the archive has its rows alone. */
export function tableOf(toc: Toc, data: TocEntry): TocEntry | null {
  for (const id of data.dependencies) {
    const entry = toc.byDumpId(id);
    if (entry?.desc === "TABLE" && entry.tag === data.tag && entry.namespace === data.namespace) return entry;
  }
  for (const entry of toc)
    if (entry.desc === "TABLE" && entry.tag === data.tag && entry.namespace === data.namespace) return entry;
  return null;
}

/**
 * The columns of a data entry's rows with their types. An inherited column stands in the parent's definition alone.
 * @param names as the rows have them
 */
export function rowColumns(toc: Toc, data: TocEntry, names: readonly string[]): RowColumn[] {
  const types = new Map<string, string>();
  const seen = new Set<number>();
  const look = (table: TocEntry | null | undefined): void => {
    if (table?.desc !== "TABLE" || seen.has(table.dumpId)) return;
    seen.add(table.dumpId);
    for (const [name, type] of parseColumnTypes(table.definition)) if (!types.has(name)) types.set(name, type);
    if (names.every((name) => types.has(name))) return;
    for (const id of table.dependencies) look(toc.byDumpId(id));
  };
  look(tableOf(toc, data));
  return names.map((name) => ({ name, type: types.get(name) ?? null }));
}
