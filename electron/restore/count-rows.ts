import { quoteIdentifier } from "../../shared/command/names.ts";
import type { RestoredTable } from "../../shared/contract/job-results.ts";
import { AppError } from "../../shared/error/app-error.ts";
import { countLineFeeds } from "../../shared/lanes/count-lines.ts";
import type { Archive } from "../archives/archive.ts";
import type { Session } from "../postgres/connect.ts";
import type { PlannedTable } from "./restore-plan.ts";

/** What is to be counted as one: a table, or a whole tree of partitions whose rows were loaded through the root. */
export interface CountedTarget {
  readonly schema: string | null;
  readonly name: string;
  readonly dataIds: readonly number[];
  /** Rows may have gone into any partition, so the root is counted with all of them. */
  readonly withChildren: boolean;
}

/** The tables to count for a plan's rows, each once. */
export function targetsToCount(tables: readonly PlannedTable[]): CountedTarget[] {
  const targets = new Map<string, CountedTarget>();
  for (const { dataId, schema, name, loadedInto } of tables) {
    const into = loadedInto ?? { schema, name };
    const key = JSON.stringify([into.schema, into.name]);
    const known = targets.get(key);
    const dataIds = [...(known?.dataIds ?? []), dataId];
    targets.set(key, { ...into, dataIds, withChildren: loadedInto !== null });
  }
  return [...targets.values()];
}

/**
 * Rows of each data entry, by dump id: the manifest's counts where it has them, else counted in the archive.
 * @throws archive.damaged, archive.truncated
 */
export async function countArchivedRows(
  archive: Archive,
  tables: readonly PlannedTable[],
  signal: AbortSignal,
): Promise<Map<number, number>> {
  const counts = new Map<number, number>();
  /* oxlint-disable no-await-in-loop -- one pass over one file */
  for (const { dataId, rows } of tables) {
    const entry = archive.toc.byDumpId(dataId);
    if (rows !== null) counts.set(dataId, rows);
    else if (!entry?.hasData) counts.set(dataId, 0);
    else if (entry.copyStatement) counts.set(dataId, await countCopied(archive.readData(dataId, { signal })));
    else counts.set(dataId, await countInserted(archive.readRows(dataId, { signal })));
  }
  /* oxlint-enable no-await-in-loop */
  return counts;
}

/** pg_dump closes a table's data with `\.` and two empty lines (pg_dump.c, dumpTableData_copy): no rows. */
const END_MARK_LINE_FEEDS = 3;

async function countCopied(data: AsyncIterable<Uint8Array>): Promise<number> {
  let lineFeeds = 0;
  for await (const bytes of data) lineFeeds += countLineFeeds(bytes);
  return Math.max(0, lineFeeds - END_MARK_LINE_FEEDS);
}

async function countInserted(batches: AsyncIterable<readonly unknown[]>): Promise<number> {
  let rows = 0;
  for await (const batch of batches) rows += batch.length;
  return rows;
}

/** Counts the target's tables and sets them beside what the archive holds. A table that cannot be counted has null. */
export async function countRestoredRows(
  session: Session,
  targets: readonly CountedTarget[],
  archived: ReadonlyMap<number, number>,
): Promise<RestoredTable[]> {
  const counted: RestoredTable[] = [];
  for (const { schema, name, dataIds, withChildren } of targets) {
    const known = dataIds.every((id) => archived.has(id));
    const rowsExpected = known ? dataIds.reduce((sum, id) => sum + (archived.get(id) ?? 0), 0) : null;
    // One session, one count after another.
    // oxlint-disable-next-line no-await-in-loop
    counted.push({ schema, name, rowsExpected, rowsRestored: await countTable(session, schema, name, withChildren) });
  }
  return counted;
}

async function countTable(
  session: Session,
  schema: string | null,
  name: string,
  withChildren: boolean,
): Promise<number | null> {
  try {
    const from = `${withChildren ? "" : "only "}${quoteTable(schema, name)}`;
    const [row] = await session.query<{ rows: number }>(`select pg_catalog.count(*) as rows from ${from}`);
    return row?.rows ?? null;
  } catch (error) {
    if (error instanceof AppError && error.code.startsWith("postgres.")) return null;
    throw error;
  }
}

/** A table's name as SQL takes it whatever it holds. */
export function quoteTable(schema: string | null, name: string): string {
  return [schema ?? "public", name].map(quoteIdentifier).join(".");
}

/**
 * The tables whose rows are not those of the archive. In an existing database others may add rows as soon as the table is
 * there, so only fewer count.
 */
export function differingTables(tables: readonly RestoredTable[], isNewDatabase: boolean): RestoredTable[] {
  return tables.filter(({ rowsExpected, rowsRestored }) => {
    if (rowsExpected === null || rowsExpected === rowsRestored) return false;
    return isNewDatabase || rowsRestored === null || rowsRestored < rowsExpected;
  });
}

/** What is wrong with a table that differs. */
export function describeDifference({ rowsExpected, rowsRestored }: RestoredTable): string {
  const there = rowsRestored === null ? "they could not be counted" : `${rowsRestored} are there`;
  return `the archive holds ${rowsExpected} rows, ${there}`;
}
