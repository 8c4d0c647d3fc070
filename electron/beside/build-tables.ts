import { readDependencyGraph } from "../../shared/archive/dependency-graph.ts";
import { nameOf } from "../../shared/archive/reasons.ts";
import { selectFrom } from "../../shared/archive/selection.ts";
import type { TocEntry } from "../../shared/archive/toc-entry.ts";
import { formatName, quoteIdentifier } from "../../shared/command/names.ts";
import type { RestoredTable } from "../../shared/contract/job-results.ts";
import { AppError } from "../../shared/error/app-error.ts";
import { countLineFeeds } from "../../shared/lanes/count-lines.ts";
import { quoteLiteral } from "../../shared/restore/database-definition.ts";
import { buildChangeOwner } from "../../shared/restore/roles.ts";
import type { Archive } from "../archives/archive.ts";
import { archivedRows } from "../archives/archived-rows.ts";
import type { JobContext } from "../jobs/job-context.ts";
import type { Session } from "../postgres/connect.ts";
import { countRestoredRows, quoteTable, targetsToCount } from "../restore/count-rows.ts";
import { findPresentObjects } from "../restore/present-objects.ts";
import type { Move, PlannedTable } from "../restore/restore-plan.ts";
import { type RowProgress, startRowProgress } from "./row-progress.ts";

/** What came, in the open transaction. */
export interface BuiltTables {
  readonly tables: readonly RestoredTable[];
  readonly entries: number;
  /** What drops it again, in order. */
  readonly drops: readonly string[];
}

/**
 * Makes the moved tables in the session's open transaction: the arranged definitions as pg_dump wrote them, the rows out of
 * the archive, then keys, indexes, triggers and all else; and proves them.
 * @param arranged the archive of the scratch database
 * @param session in a transaction, which the caller ends
 * @throws restore.rowsDiffer, restore.missingRequirement, archive.*, postgres.* naming the entry, connection.*, job.cancelled
 */
export async function buildTables(
  context: JobContext,
  session: Session,
  from: { readonly archive: Archive; readonly arranged: Archive },
  plan: { readonly moves: readonly Move[]; readonly tables: readonly PlannedTable[]; readonly noOwner: boolean },
): Promise<BuiltTables> {
  const graph = readDependencyGraph(from.arranged.toc);
  const relations = plan.moves.map(({ to }) => to);
  const present = await findPresentObjects(session, graph);
  const choice = { kind: "objects", tables: relations, schemas: [], dumpIds: [] } as const;
  const entries = selectFrom(graph, choice, present).entries.flatMap((id) => graph.entries.get(id) ?? []);
  refuseTablesWithoutRows(entries, relations);

  await session.query(opening);
  const definitions = entries.filter(({ desc }) => desc !== "TABLE DATA" && desc !== "STATISTICS DATA");
  const first = definitions.filter(({ section }) => section === "pre-data");
  /* oxlint-disable no-await-in-loop -- one transaction, one statement after another */
  for (const entry of first) await define(session, entry, plan.noOwner);
  const progress = startRowProgress(context, plan.tables);
  const counts = new Map<number, number>();
  for (const table of plan.tables)
    counts.set(table.dataId, await copyRows(context, session, from.archive, table, plan.moves, progress));
  context.step("Building keys and indexes");
  const rest = definitions.filter(({ section }) => section !== "pre-data");
  for (const entry of rest) await define(session, entry, plan.noOwner);

  context.step("Checking");
  const into = plan.tables.map((table) => ({
    ...table,
    ...placeOf(table, plan.moves),
    loadedInto: table.loadedInto === null ? null : placeOf(table.loadedInto, plan.moves),
  }));
  const tables = await countRestoredRows(session, targetsToCount(into), counts);
  const wrong = tables.filter(({ rowsExpected, rowsRestored }) => rowsExpected !== rowsRestored);
  if (wrong.length > 0)
    throw new AppError("restore.rowsDiffer", "Not all rows came, so nothing was kept.", {
      detail: wrong
        .map(
          ({ schema, name, rowsExpected, rowsRestored }) =>
            `${formatName(schema, name)}: ${rowsExpected} in the archive, ${rowsRestored} came`,
        )
        .join("\n"),
    });
  for (const entry of entries)
    if (entry.desc === "TABLE" || entry.desc === "MATERIALIZED VIEW")
      await session.query(`analyze ${quoteTable(entry.namespace, entry.tag)}`);
  /* oxlint-enable no-await-in-loop */
  const own = entries.filter(({ dumpId, desc }) => graph.ownerOf(dumpId) === null || desc === "FK CONSTRAINT");
  return {
    tables,
    entries: entries.length,
    drops: own.toReversed().flatMap(({ dropStatement }) => dropOf(dropStatement)),
  };
}

/** As pg_restore sets a session up (_doSetFixedOutputState in pg_backup_archiver.c), for this transaction alone. */
const opening = [
  "statement_timeout = 0",
  "lock_timeout = '30s'",
  "idle_in_transaction_session_timeout = 0",
  "search_path = ''",
  "check_function_bodies = off",
  "xmloption = content",
  "standard_conforming_strings = on",
  "row_security = off",
]
  .map((setting) => `set local ${setting}`)
  .join("; ");

/** Runs an entry's definition and gives its object to its owner, as pg_restore does. @throws postgres.* naming the entry */
export async function define(session: Session, entry: TocEntry, noOwner: boolean): Promise<void> {
  const { definition, owner } = entry;
  try {
    const settings = [
      `set local default_tablespace = ${quoteLiteral(entry.tablespace ?? "")}`,
      ...(entry.tableAccessMethod
        ? [`set local default_table_access_method = ${quoteLiteral(entry.tableAccessMethod)}`]
        : []),
    ];
    if (entry.section !== "none") await session.query(settings.join("; "));
    if (definition) await session.query(definition);
    const change = noOwner || !owner ? null : buildChangeOwner(entry, owner);
    if (change !== null) await session.query(change);
  } catch (error) {
    throw ofEntry(error, entry);
  }
}

/** The server's word, with the entry it was about. */
function ofEntry(error: unknown, entry: TocEntry): unknown {
  if (!(error instanceof AppError) || !error.code.startsWith("postgres.")) return error;
  const what = `${entry.desc.toLowerCase()} ${nameOf(entry)}`;
  return new AppError(error.code, `Nothing was changed: ${what} could not be made.`, {
    detail: [error.message, error.detail].filter((part) => part !== undefined).join("\n"),
    hint: error.hint,
    cause: error,
  });
}

/** Gives how many rows the archive held. */
async function copyRows(
  context: JobContext,
  session: Session,
  archive: Archive,
  table: PlannedTable,
  moves: readonly Move[],
  progress: RowProgress,
): Promise<number> {
  const entry = archive.toc.byDumpId(table.dataId);
  if (entry === undefined || !entry.hasData) return 0;
  const columns = await archive.columns(entry.dumpId);
  const into = placeOf(table.loadedInto ?? table, moves);
  progress.table(formatName(into.schema, into.name));
  const rows = archivedRows(
    archive,
    entry,
    columns.map((_, place) => place),
    { takesUnknown: true },
  );
  const list = columns.length === 0 ? "" : ` (${columns.map(quoteIdentifier).join(", ")})`;
  const copy = `copy ${quoteTable(into.schema, into.name)}${list} from stdin with (encoding '${rows.encoding}')`;
  let sent = 0;
  async function* counted(): AsyncGenerator<Uint8Array> {
    for await (const bytes of rows.read(context.signal)) {
      sent += countLineFeeds(bytes);
      progress.bytes(bytes.length);
      yield bytes;
    }
  }
  try {
    const taken = await session.copyIn(copy, counted());
    if (taken === sent && (table.rows === null || table.rows === sent)) return sent;
    throw new AppError("restore.rowsDiffer", `Not all rows of ${nameOf(entry)} came, so nothing was kept.`, {
      detail: `The backup counted ${table.rows ?? "no"} rows, the archive gave ${sent}, the server took ${taken}.`,
    });
  } catch (error) {
    throw ofEntry(error, entry);
  }
}

function placeOf({ schema, name }: { schema: string | null; name: string }, moves: readonly Move[]): Move["to"] {
  const found = moves.find(({ from }) => from.schema === (schema ?? "public") && from.name === name);
  return found?.to ?? { schema: schema ?? "public", name };
}

/** A view's table that the live database has lost would come without its rows. */
function refuseTablesWithoutRows(entries: readonly TocEntry[], relations: readonly Move["to"][]): void {
  const isMoved = ({ namespace, tag }: TocEntry) =>
    relations.some(({ schema, name }) => schema === namespace && name === tag);
  const needed = entries.filter((entry) => /^(FOREIGN )?TABLE$|VIEW$/.test(entry.desc) && !isMoved(entry));
  if (needed.length === 0) return;
  throw new AppError(
    "restore.missingRequirement",
    `The database has no ${needed.map(nameOf).join(", ")}, which what is chosen needs.`,
    { hint: "Choose these, too." },
  );
}

function dropOf(statement: string | null): string[] {
  return statement !== null && /^(DROP|ALTER TABLE) /.test(statement) ? [statement.trim().replace(/;$/, "")] : [];
}
