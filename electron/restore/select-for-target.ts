import type { DependencyGraph } from "../../shared/archive/dependency-graph.ts";
import { type Explained, explain, nameOf } from "../../shared/archive/reasons.ts";
import { type Choice, type SelectionPlan, selectFrom } from "../../shared/archive/selection.ts";
import type { DumpId, TocEntry } from "../../shared/archive/toc-entry.ts";
import { quoteIdentifier } from "../../shared/command/names.ts";
import { AppError } from "../../shared/error/app-error.ts";
import type { Session } from "../postgres/connect.ts";
import { findPresentObjects } from "./present-objects.ts";
import type { RestoreRequest } from "./restore-request.ts";

/** A selection fitted to what the target has. */
export interface TargetSelection extends SelectionPlan {
  /** Needed, and in the target already: left as it is. */
  readonly kept: readonly Explained[];
  /** A partition is attached to a table of the target, after its indexes are built. */
  readonly hasLateAttach: boolean;
}

/**
 * The entries to restore into a new database or, as-is, into the session's own.
 * @throws restore.objectsExist naming the chosen objects that are there, restore.missingRequirement for rows without a
 *   table, archive.object*, restore.nothingSelected
 */
export async function selectForTarget(
  session: Session,
  graph: DependencyGraph,
  request: Pick<RestoreRequest, "choice" | "mode">,
): Promise<TargetSelection> {
  if (request.mode === "new-database") return selectForNewDatabase(graph, request.choice);
  const present = await findPresentObjects(session, graph);
  const wanted = selectFrom(graph, request.choice, present);
  const chosenEntries = wanted.chosen.flatMap((id) => graph.entries.get(id) ?? []);
  const inTheWay = chosenEntries.filter((entry) => present.has(entry.dumpId) && !mayExist.has(entry.desc));
  if (inTheWay.length > 0) throw objectsExist(inTheWay.map(describeEntry));
  const existing = new Set(chosenEntries.filter((entry) => present.has(entry.dumpId)).map((entry) => entry.dumpId));
  const selection = existing.size === 0 ? wanted : without(graph, request.choice, wanted, existing, present);
  await refuseRowsInTheWay(session, graph, selection, present);
  return {
    ...attachLast(graph, selection, present),
    kept: [
      ...[...existing].map((dumpId) => ({ dumpId, because: "chosen, and there already" })),
      ...keptFor(graph, selection.entries, present),
    ],
  };
}

/** Chosen as part of a schema or of everything, these are places to put objects into rather than objects to bring back. */
const mayExist = new Set(["SCHEMA", "EXTENSION", "PROCEDURAL LANGUAGE"]);

function selectForNewDatabase(graph: DependencyGraph, choice: Choice): TargetSelection {
  const selection = selectFrom(graph, choice);
  const orphan = rowsWithoutTable(graph, selection);
  if (orphan !== undefined)
    throw new AppError(
      "restore.missingRequirement",
      `The archive holds rows of ${nameOf(orphan)} and not its definition.`,
      {
        hint: "Restore it with --mode as-is into a database that has the table, empty.",
      },
    );
  // Every database is born with the schema public; archives of `pg_dump -n public`, and those before 11, create it.
  const born = graph.all.filter(
    (entry) =>
      entry.desc === "SCHEMA" && entry.tag === "public" && entry.definition?.startsWith("CREATE SCHEMA") === true,
  );
  const bornIds = new Set(born.map((entry) => entry.dumpId));
  const leftOut = new Set(selection.entries.filter((id) => bornIds.has(id)));
  return {
    ...selection,
    entries: selection.entries.filter((id) => !leftOut.has(id)),
    chosen: selection.chosen.filter((id) => !leftOut.has(id)),
    added: selection.added.filter(({ dumpId }) => !leftOut.has(dumpId)),
    kept: [...leftOut].map((dumpId) => ({ dumpId, because: "every new database has it" })),
    hasLateAttach: false,
  };
}

/** The same choice less what exists: closed again, because the parts of what is left out stay out too. */
function without(
  graph: DependencyGraph,
  choice: Choice,
  wanted: SelectionPlan,
  existing: ReadonlySet<DumpId>,
  present: ReadonlySet<DumpId>,
): SelectionPlan {
  const rest = wanted.chosen.filter((id) => !existing.has(id));
  if (rest.length === 0)
    throw objectsExist([...existing].flatMap((id) => graph.entries.get(id) ?? []).map(describeEntry));
  if (choice.kind === "everything")
    return { ...wanted, entries: wanted.entries.filter((id) => !existing.has(id)), chosen: rest };
  return selectFrom(graph, { kind: "objects", tables: [], schemas: [], dumpIds: rest }, present);
}

/** Present objects that the selection leans on, each with the first reason. */
function keptFor(graph: DependencyGraph, entries: readonly DumpId[], present: ReadonlySet<DumpId>): Explained[] {
  const kept = new Map<DumpId, string>();
  for (const id of entries)
    for (const needed of graph.needsOf(id))
      if (present.has(needed) && graph.ownerOf(needed) === null && !kept.has(needed))
        kept.set(needed, explain(graph, needed, { kind: "needed", of: id }));
  return [...kept].map(([dumpId, because]) => ({ dumpId, because }));
}

/**
 * ATTACH PARTITION makes the parent's keys and indexes on a partition that has none, and the archive's own would then
 * collide with them. In a full restore the parent has none yet; here it has, so attaching goes to the end of the list.
 */
function attachLast(
  graph: DependencyGraph,
  selection: SelectionPlan,
  present: ReadonlySet<DumpId>,
): SelectionPlan & { hasLateAttach: boolean } {
  const partitions = new Set<DumpId>();
  for (const id of selection.entries) {
    const parent = graph.partitionParentOf(id);
    if (parent !== null && present.has(parent)) partitions.add(id);
  }
  if (partitions.size === 0) return { ...selection, hasLateAttach: false };
  const rank = (id: DumpId) => {
    const desc = graph.entries.get(id)?.desc;
    const owner = graph.ownerOf(id) ?? -1;
    if (desc === "TABLE ATTACH" && partitions.has(owner)) return 1;
    return desc === "INDEX ATTACH" && partitions.has(graph.ownerOf(owner) ?? -1) ? 2 : 0;
  };
  return { ...selection, entries: selection.entries.toSorted((a, b) => rank(a) - rank(b)), hasLateAttach: true };
}

function rowsWithoutTable(graph: DependencyGraph, selection: SelectionPlan): TocEntry | undefined {
  return selection.entries
    .flatMap((id) => graph.entries.get(id) ?? [])
    .find((entry) => entry.desc === "TABLE DATA" && graph.ownerOf(entry.dumpId) === null);
}

/** Rows chosen by themselves go into a table that is there, and only into an empty one. */
async function refuseRowsInTheWay(
  session: Session,
  graph: DependencyGraph,
  selection: SelectionPlan,
  present: ReadonlySet<DumpId>,
): Promise<void> {
  const taken = new Set(selection.entries);
  const filled: string[] = [];
  for (const id of selection.entries) {
    const entry = graph.entries.get(id);
    const owner = graph.ownerOf(id);
    if (entry?.desc !== "TABLE DATA" || (owner !== null && taken.has(owner) && !present.has(owner))) continue;
    const name = [entry.namespace ?? "public", entry.tag].map(quoteIdentifier).join(".");
    // One session, one question after another.
    // oxlint-disable-next-line no-await-in-loop
    const [table] = await session.query<{ oid: number | null }>("select pg_catalog.to_regclass($1)::oid as oid", [
      name,
    ]);
    if (table?.oid === null || table === undefined)
      throw new AppError(
        "restore.missingRequirement",
        `The target has no table ${nameOf(entry)} to put the rows into.`,
      );
    // oxlint-disable-next-line no-await-in-loop
    if ((await session.query(`select 1 from ${name} limit 1`)).length > 0) filled.push(`rows of ${nameOf(entry)}`);
  }
  if (filled.length > 0) throw objectsExist(filled);
}

function describeEntry(entry: TocEntry): string {
  return `${entry.desc.toLowerCase()} ${nameOf(entry)}`;
}

function objectsExist(names: readonly string[]): AppError {
  const list = names.join(", ");
  const message =
    names.length === 1
      ? `The target has ${list} already.`
      : `The target has ${names.length} of the chosen objects already.`;
  return new AppError("restore.objectsExist", message, { detail: list });
}
