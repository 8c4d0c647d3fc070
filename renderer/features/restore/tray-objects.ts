import type { OpenedArchive } from "../archive/archive-store.ts";
import { fullName } from "../archive/full-name.ts";
import { type Selection, tickStateOf } from "../archive/model/selection.ts";
import type { NodeIndex } from "../archive/model/tree-model.ts";
import { texts as archiveTexts } from "../archive/texts.ts";

/** `function app.add(integer, integer)` */
export function describeObject(opened: OpenedArchive, node: NodeIndex): string {
  const kind = archiveTexts.kinds[opened.tree.kind[node] ?? "other"];
  return opened.tree.role[node] === "group" ? kind : `${kind} ${fullName(opened.tree, node)}`;
}

/** The kind of an object of its own, in a word; null for what is part of another. */
export function kindOfObject({ tree }: OpenedArchive, dumpId: number): string | null {
  const node = tree.nodeOf(dumpId);
  return tree.ownIds(node).includes(dumpId) ? archiveTexts.kinds[tree.kind[node] ?? "other"] : null;
}

/** Within public the schema goes without saying. */
export function fullNameShort({ tree }: OpenedArchive, node: NodeIndex): string {
  return tree.schema[node] === "public" && tree.role[node] === "object"
    ? (tree.label[node] ?? "")
    : fullName(tree, node);
}

/** Stored bytes of all ticked data; what is not known counts nothing. */
export function bytesOf({ tree, view }: OpenedArchive, selection: Selection): number {
  let sum = 0;
  for (let node = 0; node < tree.length; ) {
    const state = tickStateOf(tree, selection, node);
    if (state === "mixed") node += 1;
    else {
      if (state === "on") sum += Math.max(0, tree.bytes[node] ?? 0);
      node = tree.end[node] ?? tree.length;
    }
  }
  return Math.min(sum, view.sizeBytes);
}
