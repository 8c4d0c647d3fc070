import type { DependencyGraph } from "./dependency-graph.ts";
import type { DumpId } from "./toc-entry.ts";

/** Why an entry is in a closure: the entry it came with, and how. `chosen` has none. */
export type Reason =
  | { readonly kind: "chosen" }
  /** `of` cannot be restored without it. */
  | { readonly kind: "needed"; readonly of: DumpId }
  /** It is a part of `of`. */
  | { readonly kind: "part"; readonly of: DumpId }
  /** It joins entries that are all there. */
  | { readonly kind: "link" };

/**
 * Everything that has to be restored with the roots so that they work: what they need, upwards and transitively, and the
 * parts of every object among them. Links (foreign keys, attachments, publication members) come where all that they join
 * comes or is present, and never pull anything in, except where a root or a need names them.
 * `present` are entries whose objects the target has already: they are not restored, nor are their parts, and what needs
 * them finds them there.
 * Only ids of the graph are returned. Monotone in the roots, and closing the result again adds nothing.
 */
export function closeOver(
  graph: DependencyGraph,
  roots: Iterable<DumpId>,
  present: ReadonlySet<DumpId> = new Set(),
): Map<DumpId, Reason> {
  const reasons = new Map<DumpId, Reason>();
  const queue: DumpId[] = [];
  function add(id: DumpId, reason: Reason): void {
    if (reasons.has(id) || !graph.entries.has(id)) return;
    reasons.set(id, reason);
    queue.push(id);
  }

  for (const root of roots) add(root, { kind: "chosen" });
  // Grows while it is walked; every id enters once, so cycles end.
  for (const id of queue) {
    for (const part of graph.partsOf(id)) if (!present.has(part)) add(part, { kind: "part", of: id });
    for (const needed of graph.needsOf(id)) if (!present.has(needed)) add(needed, { kind: "needed", of: id });
    for (const link of openLinks(graph, id, reasons, present)) add(link, { kind: "link" });
  }
  return reasons;
}

/** Links touching an entry that have all they join by now. The last of the joined entries to come in brings its link. */
function openLinks(
  graph: DependencyGraph,
  id: DumpId,
  taken: ReadonlyMap<DumpId, Reason>,
  present: ReadonlySet<DumpId>,
): DumpId[] {
  return [...graph.linksOf(id)].filter((link) => {
    if (taken.has(link) || present.has(link)) return false;
    // Membership of a publication changes the publication, so it comes with it and not with the table.
    const owner = graph.ownerOf(link);
    const mayBePresent = graph.entries.get(owner ?? -1)?.desc !== "PUBLICATION";
    return graph
      .needsOf(link)
      .every((anchor) => taken.has(anchor) || (present.has(anchor) && (mayBePresent || anchor !== owner)));
  });
}
