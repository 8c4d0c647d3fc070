import type { ReactNode } from "react";
import { formatBytes, formatCount } from "../../../shared/text/format.ts";
import { visibleText } from "../../../shared/text/visible-text.ts";
import type { Tick } from "../../components/checkbox.tsx";
import type { TreeRow } from "../../components/tree.tsx";
import { type Selection, tickStateOf } from "./model/selection.ts";
import type { NodeIndex, TreeModel } from "./model/tree-model.ts";
import { hasChildren, isUnfolded, type TreeRows } from "./model/tree-rows.ts";
import type { TreeMatches } from "./model/tree-search.ts";
import { texts } from "./texts.ts";

/** What of a tree is seen, and how. */
export interface TreeView {
  readonly tree: TreeModel;
  readonly rows: TreeRows;
  readonly matches: TreeMatches | null;
  readonly folds: ReadonlySet<NodeIndex>;
  readonly selection: Selection;
}

const ticks: Record<"on" | "off" | "mixed", Tick> = { on: true, off: false, mixed: "mixed" };

/**
 * Rows as the tree component takes them, each made once and only when it is looked at: jumping over 100,000 rows asks for
 * little more than their names or levels.
 */
export function createRowSource(view: TreeView, labelOf: (node: NodeIndex) => ReactNode): (index: number) => TreeRow {
  const made = new Map<number, TreeRow>();
  return (index) => {
    let row = made.get(index);
    if (row === undefined) {
      row = new LazyRow(view, index, labelOf);
      made.set(index, row);
    }
    return row;
  };
}

class LazyRow implements TreeRow {
  readonly #view: TreeView;
  readonly #index: number;
  readonly #labelOf: (node: NodeIndex) => ReactNode;
  #label: ReactNode | undefined;
  readonly key: NodeIndex;
  readonly level: number;

  constructor(view: TreeView, index: number, labelOf: (node: NodeIndex) => ReactNode) {
    this.#view = view;
    this.#index = index;
    this.#labelOf = labelOf;
    this.key = view.rows.nodes[index] ?? 0;
    this.level = (view.tree.depth[this.key] ?? 0) + 1;
  }

  get text(): string {
    return visibleText(nameOf(this.#view.tree, this.key));
  }

  get label(): ReactNode {
    this.#label ??= this.#labelOf(this.key);
    return this.#label;
  }

  get note(): string | undefined {
    return numbersOf(this.#view.tree, this.key);
  }

  get expanded(): boolean | null {
    const { tree, folds, matches } = this.#view;
    return hasChildren(tree, this.key) ? isUnfolded(this.key, folds, matches) : null;
  }

  get tick(): Tick {
    return ticks[tickStateOf(this.#view.tree, this.#view.selection, this.key)];
  }

  get position(): number {
    return this.#view.rows.position[this.#index] ?? 1;
  }

  get siblings(): number {
    return this.#view.rows.siblings[this.#index] ?? 1;
  }
}

/** A node's name as stored; of groups that of their kind. */
export function nameOf(tree: TreeModel, node: NodeIndex): string {
  if (tree.role[node] === "group") return texts.groups[tree.kind[node] ?? "other"];
  return tree.label[node] ?? "";
}

/** At the right of a row: how large it is, of the database's own groups how many there are. */
export function numbersOf(tree: TreeModel, node: NodeIndex): string | undefined {
  const bytes = tree.bytes[node] ?? -1;
  const count = tree.count[node] ?? 0;
  if (tree.kind[node] === "largeObjects" && count > 0 && bytes >= 0)
    return `${formatCount(count)} · ${formatBytes(bytes)}`;
  if (tree.role[node] !== "group") return bytes < 0 ? undefined : formatBytes(bytes);
  if (tree.depth[node] !== 0) return undefined;
  if (count > 0) return formatCount(count);
  return bytes < 0 ? undefined : formatBytes(bytes);
}
