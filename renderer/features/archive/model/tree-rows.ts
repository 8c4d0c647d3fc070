import type { NodeIndex, TreeModel } from "./tree-model.ts";
import { matchesBelow, type TreeMatches } from "./tree-search.ts";

/** What is to be shown of a tree, from top to bottom. */
export interface TreeRows {
  readonly nodes: Int32Array;
  /** Of each row among its siblings that are shown, from 1: what a screen reader says of a tree that is drawn in part. */
  readonly position: Int32Array;
  readonly siblings: Int32Array;
}

/**
 * The rows of a tree. With a search, only matches and what leads to them, unfolded; `toggled` are then the nodes folded
 * against that, else the nodes that are unfolded.
 */
export function listRows(tree: TreeModel, toggled: ReadonlySet<NodeIndex>, matches: TreeMatches | null): TreeRows {
  const nodes = new Int32Array(tree.length);
  const position = new Int32Array(tree.length);
  const siblings = new Int32Array(tree.length);
  const countBelow = new Map<NodeIndex, number>();
  let length = 0;
  let node = 0;
  // Below an unfolded match everything is shown, whether it matches or not.
  let freeUntil = -1;
  while (node < tree.length) {
    const isFree = node < freeUntil;
    if (matches !== null && !isFree && (matches.marks[node] ?? 0) === 0) {
      node = tree.end[node] ?? tree.length;
      continue;
    }
    const up = tree.parent[node] ?? -1;
    const place = (countBelow.get(up) ?? 0) + 1;
    countBelow.set(up, place);
    nodes[length] = node;
    position[length] = place;
    length += 1;
    if (!isUnfolded(node, toggled, isFree ? null : matches)) node = tree.end[node] ?? tree.length;
    else {
      if (matches !== null && !isFree && !matchesBelow(matches, node)) freeUntil = tree.end[node] ?? -1;
      node += 1;
    }
  }
  for (let row = 0; row < length; row += 1) siblings[row] = countBelow.get(tree.parent[nodes[row] ?? 0] ?? -1) ?? 1;
  return { nodes: nodes.slice(0, length), position: position.slice(0, length), siblings: siblings.slice(0, length) };
}

/** True for a node whose children are shown, where it has any. */
export function isUnfolded(node: NodeIndex, toggled: ReadonlySet<NodeIndex>, matches: TreeMatches | null): boolean {
  return matches !== null && matchesBelow(matches, node) ? !toggled.has(node) : toggled.has(node);
}

export function hasChildren(tree: TreeModel, node: NodeIndex): boolean {
  return (tree.end[node] ?? 0) > node + 1;
}

/** A fresh tree shows its databases or its schemas; the first schema's tables too, and of a small archive everything's. */
export function unfoldedAtFirst(tree: TreeModel): Set<NodeIndex> {
  const unfolded = new Set<NodeIndex>();
  let schemas = 0;
  for (let node = 0; node < tree.length; node = tree.end[node] ?? tree.length) {
    if (tree.role[node] === "database" && tree.length <= 60) unfolded.add(node);
    if (tree.role[node] !== "schema") continue;
    schemas += 1;
    if (schemas > 1 && tree.length > 60) continue;
    unfolded.add(node);
    if (tree.kind[node + 1] === "table") unfolded.add(node + 1);
  }
  return unfolded;
}

/** Everything above a node, so that it can be seen. */
export function unfoldTo(tree: TreeModel, toggled: ReadonlySet<NodeIndex>, node: NodeIndex): Set<NodeIndex> {
  const unfolded = new Set(toggled);
  for (let up = tree.parent[node] ?? -1; up >= 0; up = tree.parent[up] ?? -1) unfolded.add(up);
  return unfolded;
}
