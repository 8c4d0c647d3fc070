import type { NodeIndex, TreeModel } from "./tree-model.ts";

/** What a search found: for each node whether it matches, or has a match below it. */
export interface TreeMatches {
  readonly query: string;
  /** 0 nothing, 1 a match somewhere below, 2 matches itself, 3 both. */
  readonly marks: Uint8Array;
  readonly found: number;
  /** The first match from the top; -1 where there is none. */
  readonly first: NodeIndex;
}

export interface TreeSearch {
  /** Names that hold the query, whatever the case; with a dot in it `schema.name` is looked at. Null for an empty query. */
  find(query: string): TreeMatches | null;
}

const BELOW = 1;
const ITSELF = 2;

/**
 * Prepares a tree for searching: all names in one text, so that a search is one pass of the engine's own indexOf
 * (100,000 names: a few milliseconds).
 */
export function createTreeSearch(tree: TreeModel): TreeSearch {
  let plain: Haystack | null = null;
  let qualified: Haystack | null = null;
  return {
    find(query) {
      const wanted = query.trim().toLowerCase();
      if (wanted === "") return null;
      plain ??= stack(tree, (node) => tree.label[node] ?? "");
      const marks = new Uint8Array(tree.length);
      let found = mark(tree, plain, wanted, marks);
      if (wanted.includes(".")) {
        qualified ??= stack(tree, (node) =>
          tree.role[node] === "object" ? `${tree.schema[node] ?? ""}.${tree.label[node] ?? ""}` : "",
        );
        found += mark(tree, qualified, wanted, marks);
      }
      return { query: wanted, marks, found, first: marks.findIndex((each) => each >= ITSELF) };
    },
  };
}

interface Haystack {
  readonly text: string;
  /** Where each node's name begins; the end of the text behind the last. */
  readonly starts: Int32Array;
}

/** No name holds it: PostgreSQL refuses the zero byte. */
const SEPARATOR = "\u0000";

function stack(tree: TreeModel, nameOf: (node: NodeIndex) => string): Haystack {
  const names: string[] = [];
  for (let node = 0; node < tree.length; node += 1) names.push(tree.role[node] === "group" ? "" : nameOf(node));
  const whole = names.join(SEPARATOR);
  const text = whole.toLowerCase();
  // Folding all at once is far quicker; a letter that grows by it (the Turkish capital I) would move the names behind it.
  const folded = text.length === whole.length ? names : names.map((name) => name.toLowerCase());
  const starts = new Int32Array(tree.length + 1);
  let at = 0;
  for (const [node, name] of folded.entries()) {
    starts[node] = at;
    at += name.length + 1;
  }
  starts[tree.length] = at;
  return { text: folded === names ? text : folded.join(SEPARATOR), starts };
}

function mark(tree: TreeModel, { text, starts }: Haystack, wanted: string, marks: Uint8Array): number {
  if (wanted.includes(SEPARATOR)) return 0;
  let found = 0;
  let node = 0;
  for (let at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, starts[node])) {
    node = nodeAt(starts, at, node);
    if ((marks[node] ?? 0) < ITSELF) {
      found += 1;
      marks[node] = (marks[node] ?? 0) | ITSELF;
      for (let up = tree.parent[node] ?? -1; up >= 0; up = tree.parent[up] ?? -1) {
        if (((marks[up] ?? 0) & BELOW) !== 0) break;
        marks[up] = (marks[up] ?? 0) | BELOW;
      }
    }
    // One hit a name is enough: go on behind it.
    node += 1;
    if (node >= tree.length) break;
  }
  return found;
}

function nodeAt(starts: Int32Array, at: number, from: number): number {
  let low = from;
  let high = starts.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((starts[middle] ?? 0) <= at) low = middle;
    else high = middle;
  }
  return low;
}

/** Where in a name the query stands, for highlighting; null where folding changes lengths and the place is not known. */
export function matchIn(name: string, query: string): { readonly start: number; readonly end: number } | null {
  const folded = name.toLowerCase();
  if (query === "" || folded.length !== name.length) return null;
  const wanted = folded.includes(query) ? query : query.slice(query.lastIndexOf(".") + 1);
  const start = wanted === "" ? -1 : folded.indexOf(wanted);
  return start < 0 ? null : { start, end: start + wanted.length };
}

export function matchesItself(matches: TreeMatches, node: NodeIndex): boolean {
  return ((matches.marks[node] ?? 0) & ITSELF) !== 0;
}

export function matchesBelow(matches: TreeMatches, node: NodeIndex): boolean {
  return ((matches.marks[node] ?? 0) & BELOW) !== 0;
}
