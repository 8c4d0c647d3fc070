import { formatName } from "../command/names.ts";
import { AppError } from "../error/app-error.ts";
import { closeOver } from "./closure.ts";
import { type DependencyGraph, readDependencyGraph, relationKinds } from "./dependency-graph.ts";
import { nearNames } from "./near-names.ts";
import { type Explained, explain } from "./reasons.ts";
import { offersOf, warningsOf } from "./selection-advice.ts";
import type { DumpId, TocEntry } from "./toc-entry.ts";

/** A table, view or sequence by name; schema null looks in all of them. Names are as stored, not as SQL quotes them. */
export interface RelationName {
  readonly schema: string | null;
  readonly name: string;
}

/** What a person wants back. */
export type Choice =
  | { readonly kind: "everything" }
  | {
      readonly kind: "objects";
      readonly tables: readonly RelationName[];
      readonly schemas: readonly string[];
      readonly dumpIds: readonly DumpId[];
    };

/** What a choice comes to. */
export interface SelectionPlan {
  /** Everything to restore, in archive order. ENCODING and the like, which pg_restore runs in any case, are not named. */
  readonly entries: readonly DumpId[];
  /** What the choice itself names. */
  readonly chosen: readonly DumpId[];
  /** What the closure added, in archive order. */
  readonly added: readonly Explained[];
  /** What was left out and may be wanted: tables that foreign keys refer to, views that read a chosen table. */
  readonly offered: readonly Explained[];
  readonly warnings: readonly string[];
}

/**
 * Turns a choice into the entries to restore.
 * @param present entries whose objects the target has: they are left out with their parts, and count as there
 * @throws archive.objectNotFound, archive.objectAmbiguous, restore.nothingSelected
 */
export function planSelection(
  toc: Iterable<TocEntry>,
  choice: Choice,
  present: ReadonlySet<DumpId> = new Set(),
): SelectionPlan {
  return selectFrom(readDependencyGraph(toc), choice, present);
}

/** The same over a graph that was read before. */
export function selectFrom(
  graph: DependencyGraph,
  choice: Choice,
  present: ReadonlySet<DumpId> = new Set(),
): SelectionPlan {
  if (choice.kind === "everything") {
    const ids = graph.all.map((entry) => entry.dumpId);
    if (ids.length === 0) throw nothingSelected();
    return { entries: ids, chosen: ids, added: [], offered: [], warnings: [] };
  }
  const roots = findRoots(graph, choice);
  if (roots.size === 0) throw nothingSelected();
  const reasons = closeOver(graph, roots, present);
  const entries: DumpId[] = [];
  const added: Explained[] = [];
  for (const { dumpId } of graph.all) {
    const reason = reasons.get(dumpId);
    if (reason === undefined) continue;
    entries.push(dumpId);
    if (reason.kind !== "chosen") added.push({ dumpId, because: explain(graph, dumpId, reason) });
  }
  const selection = { graph, reasons, present };
  return {
    entries,
    chosen: entries.filter((id) => roots.has(id)),
    added,
    offered: offersOf(selection),
    warnings: warningsOf(selection),
  };
}

function findRoots(graph: DependencyGraph, choice: Extract<Choice, { kind: "objects" }>): Set<DumpId> {
  const roots = new Set<DumpId>();
  for (const id of choice.dumpIds) {
    if (!graph.entries.has(id))
      throw new AppError("archive.objectNotFound", `The archive has no entry ${id} that can be restored.`);
    roots.add(id);
  }
  for (const schema of choice.schemas) for (const id of findSchema(graph, schema)) roots.add(id);
  for (const table of choice.tables) roots.add(findRelation(graph, table));
  return roots;
}

/**
 * A relation by name; in an archive of data alone, its TABLE DATA entry.
 * @throws archive.objectNotFound with near names, archive.objectAmbiguous naming the candidates
 */
export function findRelation(graph: DependencyGraph, { schema, name }: RelationName): DumpId {
  const relations = graph.all.filter((entry) => relationKinds.has(entry.desc));
  const rows = graph.all.filter((entry) => entry.desc === "TABLE DATA" && graph.ownerOf(entry.dumpId) === null);
  const matches = (entry: TocEntry) => entry.tag === name && (schema === null || entry.namespace === schema);
  const named = relations.filter(matches);
  const found = named.length > 0 ? named : rows.filter(matches);
  const [first, second] = found;
  if (first === undefined) throw notFound(formatName(schema, name), "table", nearNames(name, [...relations, ...rows]));
  if (second === undefined) return first.dumpId;
  const candidates = found.map((entry) => formatName(entry.namespace, entry.tag)).join(", ");
  throw new AppError(
    "archive.objectAmbiguous",
    `The archive has ${found.length} objects named ${formatName(null, name)}.`,
    {
      detail: candidates,
      hint: `Name one of them with its schema: ${candidates}`,
    },
  );
}

/** A schema's own entry and annotations, and all objects in it. Parts and links come with their objects. */
function findSchema(graph: DependencyGraph, name: string): DumpId[] {
  const found = graph.all.filter((entry) => {
    if (entry.desc === "SCHEMA") return entry.tag === name;
    // The schema public has annotations without an entry of its own, because every database is born with it.
    if (entry.namespace === null || entry.namespace === "") return entry.tag === `SCHEMA ${name}`;
    return entry.namespace === name && !graph.isLink(entry.dumpId) && graph.ownerOf(entry.dumpId) === null;
  });
  if (found.length > 0) return found.map((entry) => entry.dumpId);
  const schemas = new Set(graph.all.flatMap((entry) => entry.namespace || []));
  const near = nearNames(
    name,
    [...schemas].map((schema) => ({ namespace: null, tag: schema })),
  );
  throw notFound(formatName(null, name), "schema", near);
}

function nothingSelected(): AppError {
  return new AppError("restore.nothingSelected", "Nothing is chosen.");
}

function notFound(name: string, kind: string, near: readonly string[]): AppError {
  const hint = near.length === 0 ? undefined : `Did you mean ${near.join(", ")}?`;
  return new AppError("archive.objectNotFound", `The archive has no ${kind} ${name}.`, { hint });
}
