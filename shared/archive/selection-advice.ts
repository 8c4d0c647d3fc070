import { formatName } from "../command/names.ts";
import type { Reason } from "./closure.ts";
import { type DependencyGraph, relationKinds } from "./dependency-graph.ts";
import { type Explained, nameOf } from "./reasons.ts";
import type { DumpId, TocEntry } from "./toc-entry.ts";

/** A closed selection, to be looked at for what it leaves out. */
export interface Selection {
  readonly graph: DependencyGraph;
  readonly reasons: ReadonlyMap<DumpId, Reason>;
  readonly present: ReadonlySet<DumpId>;
}

/** What was left out and may be wanted: tables that foreign keys refer to, children by inheritance, views. */
export function offersOf(selection: Selection): Explained[] {
  return [
    ...offerReferencedTables(selection),
    ...offerPartitioned(selection),
    ...offerChildren(selection),
    ...offerViews(selection),
    ...offerMemberships(selection),
    ...offerDependents(selection),
  ];
}

/** What a person should know before restoring the selection. */
export function warningsOf(selection: Selection): string[] {
  return [
    ...warnOfForeignKeys(selection),
    ...warnOfPlainPartitions(selection),
    ...warnOfMissingRows(selection),
    ...warnOfHiddenNeeds(selection),
    ...warnOfLargeObjects(selection),
  ];
}

/** Foreign keys of selected tables whose other table is neither selected nor present. */
function* danglingForeignKeys({
  graph,
  reasons,
  present,
}: Selection): Generator<{ key: TocEntry; owner: TocEntry; missing: TocEntry }> {
  for (const key of graph.all) {
    if (key.desc !== "FK CONSTRAINT" || reasons.has(key.dumpId)) continue;
    const owner = graph.entries.get(graph.ownerOf(key.dumpId) ?? -1);
    if (owner === undefined || !reasons.has(owner.dumpId)) continue;
    const absent = graph.needsOf(key.dumpId).filter((dep) => !reasons.has(dep) && !present.has(dep));
    const missing = absent.flatMap((dep) => graph.entries.get(dep) ?? []).find(isTable);
    if (missing !== undefined) yield { key, owner, missing };
  }
}

function isTable(entry: TocEntry): boolean {
  return entry.desc === "TABLE" || entry.desc === "FOREIGN TABLE";
}

function offerReferencedTables(selection: Selection): Explained[] {
  const offers = new Map<DumpId, string>();
  for (const { key, owner, missing } of danglingForeignKeys(selection)) {
    const column = /FOREIGN KEY \(([^)]*)\)/.exec(key.definition ?? "")?.[1];
    const from = column === undefined || column.includes(",") ? nameOf(owner) : `${nameOf(owner)}.${column}`;
    if (!offers.has(missing.dumpId)) offers.set(missing.dumpId, `${from} refers to it`);
  }
  return [...offers].map(([dumpId, because]) => ({ dumpId, because }));
}

/** The partitioned tables of partitions that come alone. */
function offerPartitioned({ graph, reasons, present }: Selection): Explained[] {
  const offers = new Map<DumpId, string>();
  for (const entry of graph.all) {
    const parent = graph.partitionParentOf(entry.dumpId);
    if (parent === null || !reasons.has(entry.dumpId) || reasons.has(parent) || present.has(parent)) continue;
    offers.set(parent, `${nameOf(entry)} is a partition of it`);
  }
  return [...offers].map(([dumpId, because]) => ({ dumpId, because }));
}

/** Tables that inherit from a selected one (and are no partitions, which came along). */
function offerChildren({ graph, reasons, present }: Selection): Explained[] {
  return graph.all.flatMap((entry) => {
    if (reasons.has(entry.dumpId) || present.has(entry.dumpId) || !isTable(entry)) return [];
    if (!entry.definition?.includes("\nINHERITS (")) return [];
    const taken = graph.needsOf(entry.dumpId).filter((dep) => reasons.has(dep));
    const parent = taken.flatMap((dep) => graph.entries.get(dep) ?? []).find(isTable);
    return parent === undefined ? [] : [{ dumpId: entry.dumpId, because: `it inherits from ${nameOf(parent)}` }];
  });
}

/** Views that read a selected table, also through other views. */
function offerViews({ graph, reasons, present }: Selection): Explained[] {
  const offers = new Map<DumpId, string>();
  const queue = graph.all
    .filter((entry) => reasons.has(entry.dumpId) && relationKinds.has(entry.desc))
    .map((entry) => entry.dumpId);
  // Grows while it is walked: a view over an offered view is offered too.
  for (const read of queue) {
    for (const reader of graph.readersOf(read)) {
      if (reasons.has(reader) || present.has(reader) || offers.has(reader)) continue;
      offers.set(reader, `it reads ${labelOf(graph, read)}`);
      queue.push(reader);
    }
  }
  return [...offers].map(([dumpId, because]) => ({ dumpId, because }));
}

/** Publications of the target that had a selected table as a member: dropping the table took it out. */
function offerMemberships({ graph, reasons, present }: Selection): Explained[] {
  return graph.all.flatMap((entry) => {
    const publication = graph.ownerOf(entry.dumpId);
    if (entry.desc !== "PUBLICATION TABLE" || publication === null || !present.has(publication)) return [];
    if (reasons.has(entry.dumpId) || present.has(entry.dumpId)) return [];
    const table = graph.needsOf(entry.dumpId).find((dep) => dep !== publication && reasons.has(dep));
    if (table === undefined) return [];
    return [{ dumpId: entry.dumpId, because: `${labelOf(graph, table)} was a member of the publication` }];
  });
}

/**
 * What DROP … CASCADE took along beside foreign keys and views: policies, rules, defaults and triggers of tables that are
 * there, functions over the table's row type. Told only where the target is known, and only where nothing else is missing.
 */
function offerDependents({ graph, reasons, present }: Selection): Explained[] {
  if (present.size === 0) return [];
  const isThere = (id: DumpId) => reasons.has(id) || present.has(id);
  return graph.all.flatMap((entry) => {
    const owner = graph.ownerOf(entry.dumpId);
    if (!dependents.has(entry.desc) || isThere(entry.dumpId) || (owner !== null && !present.has(owner))) return [];
    const needed = graph.needsOf(entry.dumpId);
    const cause = needed.find((id) => reasons.has(id));
    if (cause === undefined || !needed.every(isThere)) return [];
    return [{ dumpId: entry.dumpId, because: `it uses ${labelOf(graph, cause)}` }];
  });
}

const dependents = new Set(["POLICY", "RULE", "DEFAULT", "TRIGGER", "FUNCTION", "PROCEDURE", "AGGREGATE"]);

function labelOf(graph: DependencyGraph, id: DumpId): string {
  const entry = graph.entries.get(id);
  return entry === undefined ? String(id) : nameOf(entry);
}

function warnOfForeignKeys(selection: Selection): string[] {
  return [...danglingForeignKeys(selection)].map(({ key, owner, missing }) => {
    const name = key.tag.startsWith(`${owner.tag} `) ? key.tag.slice(owner.tag.length + 1) : key.tag;
    return `The foreign key ${formatName(null, name)} of ${nameOf(owner)} is left out: it refers to ${nameOf(missing)}, which is not chosen.`;
  });
}

function warnOfPlainPartitions({ graph, reasons, present }: Selection): string[] {
  return graph.all.flatMap(({ dumpId: id }) => {
    const parent = graph.partitionParentOf(id);
    if (parent === null || !reasons.has(id) || reasons.has(parent) || present.has(parent)) return [];
    const [partition, whole] = [labelOf(graph, id), labelOf(graph, parent)];
    return [
      `${partition} comes as a table of its own, not as a partition of ${whole}, and without ${whole}'s foreign keys and triggers.`,
    ];
  });
}

/** Tables that the archive has the definition of and no rows: a dump of the schema alone, or with data excluded. */
function warnOfMissingRows({ graph, reasons }: Selection): string[] {
  const partitioned = new Set(graph.all.map((entry) => graph.partitionParentOf(entry.dumpId)));
  const empty = graph.all.filter((entry) => {
    if (!reasons.has(entry.dumpId) || entry.desc !== "TABLE" || partitioned.has(entry.dumpId)) return false;
    if (entry.definition?.includes("\nPARTITION BY ")) return false;
    return ![...graph.partsOf(entry.dumpId)].some((part) => graph.entries.get(part)?.desc === "TABLE DATA");
  });
  if (empty.length === 0) return [];
  return [`The archive holds no rows of ${listNames(empty)}.`];
}

/** What a function's body uses is text to pg_dump, so the archive does not say it; only `BEGIN ATOMIC` bodies are tracked. */
function warnOfHiddenNeeds({ graph, reasons }: Selection): string[] {
  const opaque = graph.all.filter((entry) => {
    const isRoutine = entry.desc === "FUNCTION" || entry.desc === "PROCEDURE";
    return isRoutine && reasons.has(entry.dumpId) && /\n {4}AS [$'"]/.test(entry.definition ?? "");
  });
  if (opaque.length === 0) return [];
  return [
    `What is used inside the body of ${listNames(opaque)} cannot be seen in an archive; it may need more objects.`,
  ];
}

/** A column of type oid (or the lo extension's type) may point to large objects, which no table brings along. */
function warnOfLargeObjects({ graph, reasons }: Selection): string[] {
  const contents = graph.all.filter((entry) => entry.desc === "BLOBS" && !reasons.has(entry.dumpId));
  if (contents.length === 0) return [];
  const pointing = graph.all.filter((entry) => {
    if (!reasons.has(entry.dumpId) || entry.desc !== "TABLE") return false;
    return /^ {4}(?:"(?:[^"]|"")+"|\S+) (?:oid|(?:\S+\.)?lo)\b/m.test(entry.definition ?? "");
  });
  if (pointing.length === 0) return [];
  return [
    `${listNames(pointing)} may point to large objects. They do not come along; choose ${contents.map((entry) => `entry ${entry.dumpId}`).join(", ")} too to bring all of them.`,
  ];
}

function listNames(entries: readonly TocEntry[]): string {
  const shown = entries.slice(0, 5).map(nameOf);
  const rest = entries.length - shown.length;
  return rest > 0 ? `${shown.join(", ")} and ${rest} more` : shown.join(", ");
}
