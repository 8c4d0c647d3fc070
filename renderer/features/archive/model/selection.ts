import type { DumpId } from "../../../../shared/archive/toc-entry.ts";
import type { NodeIndex, TreeModel } from "./tree-model.ts";
import { hasChildren } from "./tree-rows.ts";

/** What is ticked. Never changed in place. */
export interface Selection {
  /** Ticked nodes without children in each node's subtree; at such a node itself 0 or 1. */
  readonly ticked: Int32Array;
}

export type TickState = "off" | "on" | "mixed";

/** As `archive.closure` and `restore.plan` take it; null where nothing is ticked. */
export type ChosenEntries = { kind: "everything" } | { kind: "objects"; dumpIds: DumpId[] };

export function noSelection(tree: TreeModel): Selection {
  return { ticked: new Int32Array(tree.length) };
}

export function everythingSelected(tree: TreeModel): Selection {
  return { ticked: Int32Array.from(tree.leaves) };
}

export function tickStateOf(tree: TreeModel, selection: Selection, node: NodeIndex): TickState {
  const ticked = selection.ticked[node] ?? 0;
  if (ticked === 0) return "off";
  return ticked === tree.leaves[node] ? "on" : "mixed";
}

/**
 * Ticks a node with all below it, or takes the ticks away where all have one. With `isMeant`, as during a search, only
 * such nodes below count and change: what cannot be seen is not ticked along.
 */
export function toggleTick(
  tree: TreeModel,
  selection: Selection,
  node: NodeIndex,
  isMeant?: (node: NodeIndex) => boolean,
): Selection {
  const meant = leavesMeant(tree, node, isMeant);
  const on = meant.some((leaf) => selection.ticked[leaf] === 0);
  return setTicks(tree, selection, meant, on);
}

/** Ticks or unticks nodes, each with all below it. */
export function setTicks(tree: TreeModel, selection: Selection, nodes: Iterable<NodeIndex>, on: boolean): Selection {
  const ticked = Int32Array.from(selection.ticked);
  for (const node of nodes)
    for (let leaf = node; leaf < (tree.end[node] ?? 0); leaf += 1) {
      if (hasChildren(tree, leaf) || ticked[leaf] === (on ? 1 : 0)) continue;
      ticked[leaf] = on ? 1 : 0;
      for (let up = tree.parent[leaf] ?? -1; up >= 0; up = tree.parent[up] ?? -1)
        ticked[up] = (ticked[up] ?? 0) + (on ? 1 : -1);
    }
  return { ticked };
}

function leavesMeant(tree: TreeModel, node: NodeIndex, isMeant?: (node: NodeIndex) => boolean): NodeIndex[] {
  const leaves: NodeIndex[] = [];
  const end = tree.end[node] ?? node + 1;
  // Where a node that holds others is meant itself, it is meant with all it holds.
  let wholeUntil = isMeant === undefined || isMeant(node) ? end : node;
  for (let at = node; at < end; at += 1) {
    if (at >= wholeUntil && isMeant?.(at)) wholeUntil = tree.end[at] ?? at + 1;
    if (at < wholeUntil && !hasChildren(tree, at)) leaves.push(at);
  }
  return leaves;
}

export function isEverything(tree: TreeModel, selection: Selection): boolean {
  for (let node = 0; node < tree.length; node = tree.end[node] ?? tree.length)
    if (tickStateOf(tree, selection, node) !== "on") return false;
  return tree.length > 0;
}

/** What is ticked, as dump IDs of objects; what belongs to them is for the closure to add. */
export function chosenEntries(tree: TreeModel, selection: Selection): ChosenEntries | null {
  if (isEverything(tree, selection)) return { kind: "everything" };
  const dumpIds: DumpId[] = [];
  for (let node = 0; node < tree.length; ) {
    const state = tickStateOf(tree, selection, node);
    if (state === "off") {
      node = tree.end[node] ?? tree.length;
      continue;
    }
    // A partitioned table of which some partitions are ticked is not itself chosen: it would bring them all.
    if (state === "on") dumpIds.push(...tree.ownIds(node));
    node += 1;
  }
  return dumpIds.length === 0 ? null : { kind: "objects", dumpIds };
}

/** What is ticked, for people. */
export interface SelectionSummary {
  /** Tables with their rows, partitioned ones as one, in the tree's order. */
  readonly tables: readonly { readonly node: NodeIndex; readonly rows: number; readonly isWhole: boolean }[];
  /** Everything else that is ticked, in the tree's order. */
  readonly others: readonly NodeIndex[];
  readonly isEverything: boolean;
}

export function summarize(tree: TreeModel, selection: Selection): SelectionSummary {
  const tables: { node: NodeIndex; rows: number; isWhole: boolean }[] = [];
  const others: NodeIndex[] = [];
  for (let node = 0; node < tree.length; ) {
    const state = tickStateOf(tree, selection, node);
    const end = tree.end[node] ?? tree.length;
    if (state === "off") node = end;
    else if (tree.role[node] === "object" && (tree.kind[node] === "table" || tree.kind[node] === "foreignTable")) {
      tables.push({ node, rows: tickedRows(tree, selection, node), isWhole: state === "on" });
      node = end;
    } else {
      const isThing = tree.role[node] === "object" || (end === node + 1 && tree.role[node] !== undefined);
      if (isThing) others.push(node);
      node += 1;
    }
  }
  return { tables, others, isEverything: isEverything(tree, selection) };
}

/** Rows of a table, or of those of its partitions that are ticked; -1 where unknown. */
function tickedRows(tree: TreeModel, selection: Selection, node: NodeIndex): number {
  if (tickStateOf(tree, selection, node) === "on") return tree.rows[node] ?? -1;
  let sum = -1;
  for (let leaf = node; leaf < (tree.end[node] ?? 0); leaf += 1) {
    if (hasChildren(tree, leaf) || selection.ticked[leaf] === 0) continue;
    const rows = tree.rows[leaf] ?? -1;
    if (rows < 0) return -1;
    sum = Math.max(sum, 0) + rows;
  }
  return sum;
}
