import type { OpenedArchive } from "./archive-store.ts";
import { noSelection, type Selection, setTicks } from "./model/selection.ts";
import { hasChildren } from "./model/tree-rows.ts";

const KEY = "lifeboat.ticks";
/** Who ticks more by hand ticks everything, which is one click. */
const MOST = 20_000;

/** Keeps in the tab what is ticked in the open archive, so that a reload goes on where it was. */
export function keepTicks({ view, tree }: OpenedArchive, { ticked }: Selection): void {
  const nodes: number[] = [];
  for (let node = 0; node < tree.length && nodes.length <= MOST; node += 1)
    if (ticked[node] === 1 && !hasChildren(tree, node)) nodes.push(node);
  try {
    if (nodes.length > MOST) sessionStorage.removeItem(KEY);
    else sessionStorage.setItem(KEY, JSON.stringify({ archive: nameOf(view), nodes }));
  } catch {
    // A full store costs the ticks at the next reload, nothing else.
  }
}

/** What was ticked in this very archive before the page was loaded again; null for nothing. */
export function readTicks({ view, tree }: OpenedArchive): Selection | null {
  try {
    const kept: unknown = JSON.parse(sessionStorage.getItem(KEY) ?? "null");
    if (typeof kept !== "object" || kept === null || !("archive" in kept) || !("nodes" in kept)) return null;
    if (kept.archive !== nameOf(view) || !Array.isArray(kept.nodes) || kept.nodes.length === 0) return null;
    return setTicks(
      tree,
      noSelection(tree),
      kept.nodes.filter((node) => Number.isInteger(node)),
      true,
    );
  } catch {
    return null;
  }
}

/** Nodes are places in a tree, so another file under the same path must not take them. */
function nameOf({ path, createdAt, sizeBytes, entryCount }: OpenedArchive["view"]): string {
  return JSON.stringify([path, createdAt, sizeBytes, entryCount]);
}
