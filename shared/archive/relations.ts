import type { ExplainedEntry, Relations } from "../contract/views.ts";
import { closeOver } from "./closure.ts";
import type { DependencyGraph } from "./dependency-graph.ts";
import { type Explained, explain, nameOf } from "./reasons.ts";
import type { DumpId } from "./toc-entry.ts";

/**
 * What an object needs to be restored, over all levels, and what needs it directly; each as the object that stands for
 * itself (the table of an index), once, with the first reason.
 */
export function relationsOf(graph: DependencyGraph, id: DumpId): Relations {
  const self = standsFor(graph, id);
  const needs = new Map<DumpId, string>();
  for (const [needed, reason] of closeOver(graph, [id]))
    if (reason.kind === "needed" && standsFor(graph, needed) === needed && needed !== self)
      needs.set(needed, explain(graph, needed, reason));
  const neededBy = new Map<DumpId, string>();
  for (const { dumpId } of graph.all) {
    const subject = standsFor(graph, dumpId);
    if (subject === self || neededBy.has(subject) || !graph.needsOf(dumpId).includes(id)) continue;
    neededBy.set(subject, explain(graph, id, { kind: "needed", of: dumpId }));
  }
  return { needs: named(graph, listOf(needs)), neededBy: named(graph, listOf(neededBy)) };
}

/** Entries with their names, as a person is shown them. */
export function named(graph: DependencyGraph, explained: readonly Explained[]): ExplainedEntry[] {
  return explained.map(({ dumpId, because }) => {
    const entry = graph.entries.get(dumpId);
    return { dumpId, name: entry === undefined ? String(dumpId) : nameOf(entry), because };
  });
}

function listOf(reasons: ReadonlyMap<DumpId, string>): Explained[] {
  return [...reasons].map(([dumpId, because]) => ({ dumpId, because }));
}

/** The object at the top of the owners. Bounded, because archives made by others may go in circles. */
function standsFor(graph: DependencyGraph, id: DumpId): DumpId {
  let top = id;
  for (let depth = 0; depth < 10; depth += 1) top = graph.ownerOf(top) ?? top;
  return top;
}
