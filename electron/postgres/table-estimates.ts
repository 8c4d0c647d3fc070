import { quoteIdentifier } from "../../shared/command/names.ts";
import type { DataTable } from "../../shared/contract/preflight.ts";
import type { Session } from "./connect.ts";

export interface TableEstimate {
  readonly rows: number;
  /** Of COPY's text format. */
  readonly bytes: number;
}

const budgetMs = 1500;
const statementTimeoutMs = 500;
const lockTimeoutMs = 50;
/** Pages to sample of one table; 8 kB each. */
const samplePages = 200;
/** Fewer of a table whose pages lead to much TOAST: turned to text, that would cost the server as much as the dump. */
const sampleBytes = 4 * 1024 * 1024;
const fewestPages = 2;
/** COPY text per byte of pg_table_size, where a table was not sampled: the middle of what was measured. */
const copyBytesPerTableByte = 0.85;

/**
 * Rows and bytes that COPY will give, for a progress bar: the width of rows as text from a sample of pages, times the
 * rows that ANALYZE counted. The largest tables are sampled until two seconds have gone; the rest are guessed from their
 * size. Never waits for a lock: a table that is locked is guessed too.
 *
 * The width of a row as text is what COPY writes within a few per cent, also for TOASTed and bytea columns, whose size
 * on disk says little.
 */
export async function estimateTables(
  session: Session,
  tables: readonly DataTable[],
): Promise<Map<number, TableEstimate>> {
  const estimates = new Map<number, TableEstimate>(
    tables.map((table) => [
      table.oid,
      { rows: table.estimatedRows, bytes: Math.round(table.sizeBytes * copyBytesPerTableByte) },
    ]),
  );
  const deadline = Date.now() + budgetMs;
  const largestFirst = tables.filter((table) => table.sizeBytes > 0).toSorted((a, b) => b.sizeBytes - a.sizeBytes);
  let open = false;
  try {
    for (const table of largestFirst) {
      if (Date.now() > deadline) break;
      /* oxlint-disable no-await-in-loop -- one session, one table after the other */
      try {
        if (!open) await begin(session);
        open = true;
        const estimate = await sampleTable(session, table);
        if (estimate !== null) estimates.set(table.oid, estimate);
      } catch {
        // Locked, not ours to read, or too slow: the guess stands. The failed transaction goes.
        open = false;
        await session.query("rollback");
      }
      /* oxlint-enable no-await-in-loop */
    }
  } catch {
    // The session is lost. Whoever uses it next is told; estimates are a courtesy.
  } finally {
    if (open) await session.query("rollback").catch(() => []);
  }
  return estimates;
}

async function begin(session: Session): Promise<void> {
  await session.query("begin read only");
  await session.query(
    `select pg_catalog.set_config('lock_timeout', '${lockTimeoutMs}ms', true),
            pg_catalog.set_config('statement_timeout', '${statementTimeoutMs}ms', true)`,
  );
}

async function sampleTable(session: Session, table: DataTable): Promise<TableEstimate | null> {
  const name = `${quoteIdentifier(table.schema)}.${quoteIdentifier(table.name)}`;
  // The table's own pages, without TOAST, are what TABLESAMPLE counts.
  const pagesOnDisk = `(select pg_catalog.pg_relation_size(${table.oid}) / pg_catalog.current_setting('block_size')::int8)`;
  const affordable = `greatest(${fewestPages}, ${sampleBytes} * ${pagesOnDisk} / ${Math.max(1, table.sizeBytes)})`;
  const percent = `least(100, 100.0 * least(${samplePages}, ${affordable}) / greatest(1, ${pagesOnDisk}))`;
  const [row] = await session.query<{ rows: number; width: number | null; percent: number; pages: number }>(
    `select pg_catalog.count(*)::float8 as rows, pg_catalog.avg(pg_catalog.octet_length((t.*)::text))::float8 as width,
            ${percent}::float8 as percent, ${pagesOnDisk} as pages
     from only ${name} as t tablesample system (${percent})`,
  );
  if (row === undefined || row.width === null) return null;
  const rows = row.percent < 100 ? await scaleRows(session, table, row) : row.rows;
  return { rows: Math.round(rows), bytes: Math.round(rows * row.width) };
}

/** As the planner does it: ANALYZE's density times the pages there are now; the sample's own where there was none. */
async function scaleRows(
  session: Session,
  table: DataTable,
  sample: { rows: number; percent: number; pages: number },
): Promise<number> {
  const [known] = await session.query<{ density: number | null }>(
    `select case when reltuples >= 0 and relpages > 0 then reltuples::float8 / relpages end as density
     from pg_catalog.pg_class where oid = ${table.oid}`,
  );
  return known?.density ? known.density * sample.pages : (sample.rows * 100) / sample.percent;
}
