import type { DependencyGraph } from "../../shared/archive/dependency-graph.ts";
import { nameOf } from "../../shared/archive/reasons.ts";
import type { DumpId } from "../../shared/archive/toc-entry.ts";
import { AppError } from "../../shared/error/app-error.ts";
import type { FailedEntry } from "../../shared/restore/judge.ts";
import { buildChangeOwner, mapRoles, type RoleMap } from "../../shared/restore/roles.ts";
import type { Session } from "../postgres/connect.ts";
import { quoteTable } from "./count-rows.ts";
import { findPresentObjects, isToldByName } from "./present-objects.ts";

/** What is done with a restored database after pg_restore has ended, each part by itself; failures are collected. */

/**
 * Gives restored objects to the roles that the map puts in the place of the archive's owners (and to the archive's own
 * owners where the map says nothing of them), then makes the grants and policies that were set aside.
 */
export async function applyRoleMap(
  session: Session,
  graph: DependencyGraph,
  entries: readonly DumpId[],
  mapped: readonly DumpId[],
  options: { readonly roleMap: RoleMap; readonly noOwner: boolean; readonly missing: ReadonlySet<DumpId | null> },
): Promise<FailedEntry[]> {
  const failed: FailedEntry[] = [];
  const run = async (id: DumpId, sql: string | null): Promise<void> => {
    const failure = sql === null ? null : await tryStatement(session, sql);
    if (failure !== null) failed.push(describeFailure(graph, id, failure));
  };
  /* oxlint-disable no-await-in-loop -- in the archive's order, in one session */
  for (const id of options.noOwner ? [] : entries) {
    const entry = graph.entries.get(id);
    if (!entry?.owner || options.missing.has(id)) continue;
    await run(id, buildChangeOwner(entry, options.roleMap[entry.owner] ?? entry.owner));
  }
  for (const id of mapped) {
    const entry = graph.entries.get(id);
    await run(id, entry === undefined ? null : mapRoles(entry, options.roleMap));
  }
  /* oxlint-enable no-await-in-loop */
  return failed;
}

/**
 * Entries that pg_restore was told to restore, that nothing was said about, and whose object is not there: the catalogue's
 * word against pg_restore's.
 */
export async function findAbsentObjects(
  session: Session,
  graph: DependencyGraph,
  entries: readonly DumpId[],
  missing: ReadonlySet<DumpId | null>,
): Promise<FailedEntry[]> {
  const present = await findPresentObjects(session, graph);
  return entries.flatMap((id) => {
    const entry = graph.entries.get(id);
    if (entry === undefined || missing.has(id) || present.has(id) || !isToldByName(entry)) return [];
    const absent = new AppError(
      "restore.missingRequirement",
      "pg_restore reported no error, and the object is not there.",
    );
    return [{ ...describeFailure(graph, id, absent), objectIsThere: false }];
  });
}

/** ANALYZE of every restored table and materialized view. Gives what could not be analyzed, as sentences. */
export async function analyzeRestored(
  session: Session,
  graph: DependencyGraph,
  entries: readonly DumpId[],
  missing: ReadonlySet<DumpId | null>,
): Promise<string[]> {
  const skipped: string[] = [];
  for (const id of entries) {
    const entry = graph.entries.get(id);
    if (entry === undefined || missing.has(id)) continue;
    if (entry.desc !== "TABLE" && entry.desc !== "MATERIALIZED VIEW") continue;
    // oxlint-disable-next-line no-await-in-loop
    const failure = await tryStatement(session, `analyze ${quoteTable(entry.namespace, entry.tag)}`);
    if (failure !== null) skipped.push(`${nameOf(entry)} was not analyzed: ${firstLine(failure)}`);
  }
  return skipped;
}

/**
 * Compares the values of restored sequences with those the archive sets. Real definition (pg_dump 15.18):
 * `SELECT pg_catalog.setval('public.orders_id_seq', 5000, true);`
 */
export async function findWrongSequences(
  session: Session,
  graph: DependencyGraph,
  entries: readonly DumpId[],
  missing: ReadonlySet<DumpId | null>,
  isNewDatabase: boolean,
): Promise<FailedEntry[]> {
  const wrong: FailedEntry[] = [];
  for (const id of entries) {
    const entry = graph.entries.get(id);
    const match = /, (-?\d+), (true|false)\);\s*$/.exec(entry?.definition ?? "");
    if (entry?.desc !== "SEQUENCE SET" || match === null || missing.has(id)) continue;
    const expected = `${match[1]}, ${match[2]}`;
    const found = await readSequence(session, quoteTable(entry.namespace, entry.tag)).catch((error: unknown) => {
      if (error instanceof AppError && error.code.startsWith("postgres.")) return null;
      throw error;
    });
    if (found === null || found === expected) continue;
    // In an existing database it may be in use already.
    if (!isNewDatabase && Math.abs(Number.parseInt(found, 10)) >= Math.abs(Number(match[1]))) continue;
    const reason = `the sequence stands at ${found} (value, used), the archive says ${expected}`;
    wrong.push(describeFailure(graph, id, new AppError("restore.rowsDiffer", reason)));
  }
  return wrong;
}

async function readSequence(session: Session, name: string): Promise<string> {
  const [row] = await session.query<{ value: string }>(
    `select last_value::text || ', ' || case when is_called then 'true' else 'false' end as value from ${name}`,
  );
  return row?.value ?? "";
}

async function tryStatement(session: Session, sql: string): Promise<AppError | null> {
  try {
    await session.query(sql);
    return null;
  } catch (error) {
    if (error instanceof AppError && error.code.startsWith("postgres.")) return error;
    throw error;
  }
}

function describeFailure(graph: DependencyGraph, id: DumpId, failure: AppError): FailedEntry {
  const entry = graph.entries.get(id);
  return {
    dumpId: id,
    desc: entry?.desc ?? "",
    name: entry === undefined ? "" : nameOf(entry),
    reason: firstLine(failure),
    code: failure.code,
    meaning: failure.message,
    remedy: failure.hint ?? null,
    objectIsThere: true,
  };
}

function firstLine(failure: AppError): string {
  return (failure.detail ?? failure.message).split("\n", 1)[0] ?? failure.message;
}
