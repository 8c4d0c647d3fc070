import { formatName } from "../../../shared/command/names.ts";
import type { NodeIndex, TreeModel } from "./model/tree-model.ts";
import { nameOf } from "./tree-row.ts";

/** `public.orders`; quoted where PostgreSQL would. Names of functions hold their arguments and stay as they are. */
export function fullName(tree: TreeModel, node: NodeIndex): string {
  const label = nameOf(tree, node);
  const schema = tree.schema[node] ?? "";
  if (tree.role[node] !== "object" || schema === "") return label;
  const isBare = !["function", "procedure", "aggregate", "operator", "otherInSchema", "defaultPrivileges"].includes(
    tree.kind[node] ?? "",
  );
  return isBare ? formatName(schema, label) : `${formatName(null, schema)}.${label}`;
}
