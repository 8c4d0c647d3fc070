import type { DumpId } from "../../../../shared/archive/toc-entry.ts";
import type { EntryColumns } from "../../../../shared/contract/views.ts";
import { compareNatural } from "./natural-order.ts";
import { databaseGroups, kindOf, type ObjectKind, schemaGroups } from "./object-kinds.ts";

/** A node of the tree by its place: parents before children, so a subtree is the range from a node to its `end`. */
export type NodeIndex = number;

/** A database is a node only in a script of several. */
type NodeRole = "database" | "schema" | "group" | "object";

/**
 * What an archive holds as a tree: schemas with groups of objects, partitions below their table, and the groups of the
 * whole database. Column by column over numbered nodes, because there may be 100,000. Parts (indexes, keys, rows, comments)
 * are not nodes: they belong to their object.
 */
export interface TreeModel {
  readonly length: number;
  readonly role: readonly NodeRole[];
  readonly kind: readonly ObjectKind[];
  /** Names as stored; empty for groups, which are named by their kind. */
  readonly label: readonly string[];
  /** Name of the schema an object lies in; empty where it lies in none. */
  readonly schema: readonly string[];
  readonly depth: Uint8Array;
  /** -1 at the top. */
  readonly parent: Int32Array;
  /** One past the last node of the subtree. */
  readonly end: Int32Array;
  /** Stored bytes of all data in the subtree; -1 where there is none or the archive does not say. */
  readonly bytes: Float64Array;
  /** Rows of the object, for a partitioned table of all its partitions; -1 where unknown. */
  readonly rows: Float64Array;
  /** Objects right below a group or partitions right below a table; for the large objects how many there are. */
  readonly count: Int32Array;
  /** Nodes without children in the subtree, the node itself where it has none. */
  readonly leaves: Int32Array;
  /** Place of the node's entry in the columns it was read from; -1 where it has none. */
  readonly entry: Int32Array;
  /** Dump ID of the entry that holds the object's rows; 0 where it has none of its own. */
  readonly rowsId: Int32Array;
  /** Dump IDs a restore takes with the node itself: an object's own, a schema's with its annotations. */
  ownIds(node: NodeIndex): readonly DumpId[];
  /** The node of an object, or of the object that a part belongs to; -1 where there is none. */
  nodeOf(dumpId: DumpId): NodeIndex;
}

interface Draft {
  readonly entry: number;
  readonly kind: ObjectKind;
  readonly name: string;
  bytes: number;
  rows: number;
  rowsId: DumpId;
  partitions: Draft[] | null;
}

function byName(one: { readonly name: string }, other: { readonly name: string }): number {
  return compareNatural(one.name, other.name);
}

function publicFirst(one: SchemaDraft, other: SchemaDraft): number {
  return Number(other.name === "public") - Number(one.name === "public") || byName(one, other);
}

interface SchemaDraft {
  readonly name: string;
  readonly own: DumpId[];
  entry: number;
  readonly groups: Map<ObjectKind, Draft[]>;
}

/** Reads the tree out of an archive's entries. About 100 ms for 100,000 of them. */
export function buildTree(columns: EntryColumns): TreeModel {
  const places = placesOf(columns.dumpId);
  const top = findTopOwners(columns, places);
  const forests = splitByDatabase(columns).map(({ database, indexes }) => ({
    database,
    ...collect(columns, places, top, indexes),
  }));
  return lay(columns, places, top, forests);
}

/** Places of the entries of each database, in the archive's order; what belongs to the whole server, or is all, under null. */
function splitByDatabase({ dumpId, database, texts }: EntryColumns): { database: string | null; indexes: number[] }[] {
  if (database.length === 0) return [{ database: null, indexes: [...dumpId.keys()] }];
  const found = new Map<number, number[]>();
  for (const [index, text] of database.entries()) {
    const list = found.get(text);
    if (list === undefined) found.set(text, [index]);
    else list.push(index);
  }
  return Array.from(found, ([text, indexes]) => ({ database: texts[text] ?? null, indexes }));
}

/** Index of each dump ID. Ids are dense where pg_dump wrote them; an archive made by others may claim any. */
function placesOf(ids: readonly DumpId[]): (id: DumpId) => number {
  let largest = 0;
  for (const id of ids) if (id > largest) largest = id;
  if (largest > ids.length * 8 + 1000) {
    const map = new Map(ids.map((id, index) => [id, index]));
    return (id) => map.get(id) ?? -1;
  }
  const table = new Int32Array(largest + 1).fill(-1);
  for (const [index, id] of ids.entries()) if (id >= 0) table[id] = index;
  return (id) => table[id] ?? -1;
}

/** Index of the object that each entry is a part of in the end, its own where it stands for itself. */
function findTopOwners(columns: EntryColumns, places: (id: DumpId) => number): Int32Array {
  const top = new Int32Array(columns.dumpId.length);
  for (let index = 0; index < top.length; index += 1) {
    let at = index;
    // The bound is for archives made by others, where parts may go in circles.
    for (let step = 0; step < 10; step += 1) {
      const owner = columns.partOf[at] ?? 0;
      const next = owner === 0 ? -1 : places(owner);
      if (next < 0) break;
      at = next;
    }
    top[index] = at;
  }
  return top;
}

interface Forest {
  readonly schemas: ReadonlyMap<string, SchemaDraft>;
  readonly groups: ReadonlyMap<ObjectKind, Draft[]>;
  readonly largeObjects: LargeObjects;
}

function collect(
  columns: EntryColumns,
  places: (id: DumpId) => number,
  top: Int32Array,
  indexes: readonly number[],
): Forest {
  const { dumpId, desc, namespace, tag, dataBytes, rows } = columns;
  const textAt = (index: number) => (index < 0 ? "" : (columns.texts[index] ?? ""));
  const schemas = new Map<string, SchemaDraft>();
  const groups = new Map<ObjectKind, Draft[]>();
  const drafts = new Map<number, Draft>();
  const largeObjects: LargeObjects = { contents: [], objects: [], metadata: [], entry: -1, bytes: -1 };
  const schemaOf = (name: string): SchemaDraft => {
    let schema = schemas.get(name);
    if (schema === undefined) {
      schema = { name, own: [], entry: -1, groups: new Map() };
      schemas.set(name, schema);
    }
    return schema;
  };

  const tableData = columns.texts.indexOf("TABLE DATA");
  const annotations: { readonly schema: string; readonly id: DumpId }[] = [];
  for (const index of indexes) {
    if (top[index] !== index) continue;
    const id = dumpId[index] ?? 0;
    const word = textAt(desc[index] ?? -1);
    const schemaName = textAt(namespace[index] ?? -1);
    const kind = kindOf(word, schemaName !== "");
    const name = tag[index] ?? "";
    if (kind === null) {
      // What is said about the schema public stands alone: every database is born with the schema itself.
      if (schemaName === "" && name.startsWith("SCHEMA ")) annotations.push({ schema: name.slice(7), id });
    } else if (kind === "schema") {
      const schema = schemaOf(name);
      schema.own.push(id);
      schema.entry = index;
    } else if (kind === "largeObjects") {
      if (word === "BLOB") largeObjects.objects.push(id);
      else if (word === "BLOBS") largeObjects.contents.push(id);
      else largeObjects.metadata.push(id);
      if (largeObjects.entry < 0) largeObjects.entry = index;
    } else {
      drafts.set(index, { entry: index, kind, name, bytes: -1, rows: -1, rowsId: 0, partitions: null });
    }
  }

  for (const index of indexes) {
    const bytes = dataBytes[index] ?? -1;
    const count = rows[index] ?? -1;
    const holdsRows = desc[index] === tableData;
    if (bytes < 0 && count < 0 && !holdsRows) continue;
    const owner = top[index] ?? index;
    const draft = drafts.get(owner);
    if (draft === undefined) {
      if (kindOf(textAt(desc[owner] ?? -1), false) === "largeObjects")
        largeObjects.bytes = plus(largeObjects.bytes, bytes);
      continue;
    }
    if (holdsRows) draft.rowsId = dumpId[index] ?? 0;
    draft.bytes = plus(draft.bytes, bytes);
    draft.rows = plus(draft.rows, count);
  }

  for (const draft of drafts.values()) {
    const parentId = columns.partitionOf[draft.entry] ?? 0;
    const parent = parentId === 0 ? undefined : drafts.get(places(parentId));
    if (parent !== undefined && parent !== draft && !isBelow(columns, places, parent.entry, draft.entry)) {
      parent.partitions ??= [];
      parent.partitions.push(draft);
      continue;
    }
    const schemaName = textAt(namespace[draft.entry] ?? -1);
    const into = schemaName === "" ? groups : schemaOf(schemaName).groups;
    const list = into.get(draft.kind);
    if (list === undefined) into.set(draft.kind, [draft]);
    else list.push(draft);
  }
  for (const { schema, id } of annotations) schemas.get(schema)?.own.push(id);
  return { schemas, groups, largeObjects };
}

/** True where a claimed parent is itself somewhere below its partition: a circle no PostgreSQL wrote. */
function isBelow(columns: EntryColumns, places: (id: DumpId) => number, parent: number, partition: number): boolean {
  let at = parent;
  for (let step = 0; step < 32; step += 1) {
    const next = columns.partitionOf[at] ?? 0;
    if (next === 0) return false;
    at = places(next);
    if (at === partition) return true;
    if (at < 0) return false;
  }
  return true;
}

interface LargeObjects {
  readonly contents: DumpId[];
  readonly objects: DumpId[];
  readonly metadata: DumpId[];
  entry: number;
  bytes: number;
}

function plus(sum: number, more: number): number {
  if (more < 0) return sum;
  return sum < 0 ? more : sum + more;
}

function lay(
  columns: EntryColumns,
  places: (id: DumpId) => number,
  top: Int32Array,
  forests: readonly (Forest & { readonly database: string | null })[],
): TreeModel {
  const role: NodeRole[] = [];
  const kind: ObjectKind[] = [];
  const label: string[] = [];
  const schema: string[] = [];
  const depth: number[] = [];
  const parent: number[] = [];
  const end: number[] = [];
  const bytes: number[] = [];
  const rows: number[] = [];
  const count: number[] = [];
  const leaves: number[] = [];
  const entry: number[] = [];
  const rowsId: number[] = [];
  const ownOf = new Map<NodeIndex, readonly DumpId[]>();
  const nodeOfEntry = new Int32Array(columns.dumpId.length).fill(-1);

  function open(up: number, what: NodeRole, of: ObjectKind, name: string, lies: string): number {
    const node = role.length;
    role.push(what);
    kind.push(of);
    label.push(name);
    schema.push(lies);
    depth.push(up < 0 ? 0 : (depth[up] ?? 0) + 1);
    parent.push(up);
    end.push(node + 1);
    bytes.push(-1);
    rows.push(-1);
    count.push(0);
    leaves.push(0);
    entry.push(-1);
    rowsId.push(0);
    return node;
  }
  function close(node: number): void {
    end[node] = role.length;
    if (end[node] === node + 1) leaves[node] = 1;
    const up = parent[node] ?? -1;
    if (up < 0) return;
    bytes[up] = plus(bytes[up] ?? -1, bytes[node] ?? -1);
    leaves[up] = (leaves[up] ?? 0) + (leaves[node] ?? 0);
    count[up] = (count[up] ?? 0) + 1;
    if (role[up] === "object") rows[up] = plus(rows[up] ?? -1, rows[node] ?? -1);
  }
  function put(draft: Draft, up: number, lies: string): void {
    const node = open(up, "object", draft.kind, columns.tag[draft.entry] ?? "", lies);
    entry[node] = draft.entry;
    nodeOfEntry[draft.entry] = node;
    bytes[node] = draft.bytes;
    rows[node] = draft.rows;
    rowsId[node] = draft.rowsId;
    for (const partition of draft.partitions?.toSorted(byName) ?? []) {
      const text = columns.namespace[partition.entry] ?? -1;
      put(partition, node, columns.texts[text] ?? lies);
    }
    close(node);
  }
  function putGroup(of: ObjectKind, list: Draft[], up: number, lies: string): void {
    const node = open(up, "group", of, "", lies);
    for (const draft of list.toSorted(byName)) put(draft, node, lies);
    close(node);
  }

  function putForest({ schemas, groups, largeObjects }: Forest, up: number): void {
    for (const each of [...schemas.values()].toSorted(publicFirst)) {
      const node = open(up, "schema", "schema", each.name, each.name);
      entry[node] = each.entry;
      if (each.entry >= 0) nodeOfEntry[each.entry] = node;
      ownOf.set(node, each.own);
      for (const group of schemaGroups) {
        const list = each.groups.get(group);
        if (list !== undefined) putGroup(group, list, node, each.name);
      }
      close(node);
    }
    for (const group of databaseGroups) {
      const drafts = groups.get(group);
      if (drafts !== undefined) putGroup(group, drafts, up, "");
      if (group !== "largeObjects" || largeObjects.entry < 0) continue;
      const node = open(up, "group", group, "", "");
      const { contents, objects, metadata } = largeObjects;
      entry[node] = largeObjects.entry;
      bytes[node] = largeObjects.bytes;
      count[node] = objects.length;
      // Each of them brings all others, so the fewest ids that name them all are enough.
      ownOf.set(node, contents.length > 0 && metadata.length === 0 ? contents : [...metadata, ...objects]);
      for (const list of [contents, objects, metadata]) for (const id of list) nodeOfEntry[places(id)] = node;
      close(node);
    }
  }

  for (const forest of forests) {
    if (forest.database === null) {
      putForest(forest, -1);
      continue;
    }
    const node = open(-1, "database", "database", forest.database, "");
    putForest(forest, node);
    close(node);
    // A database of which nothing is shown is none to be ticked.
    ownOf.set(node, []);
  }

  return {
    length: role.length,
    role,
    kind,
    label,
    schema,
    depth: Uint8Array.from(depth),
    parent: Int32Array.from(parent),
    end: Int32Array.from(end),
    bytes: Float64Array.from(bytes),
    rows: Float64Array.from(rows),
    count: Int32Array.from(count),
    leaves: Int32Array.from(leaves),
    entry: Int32Array.from(entry),
    rowsId: Int32Array.from(rowsId),
    ownIds(node) {
      const known = ownOf.get(node);
      if (known !== undefined) return known;
      const id = role[node] === "object" ? columns.dumpId[entry[node] ?? -1] : undefined;
      return id === undefined ? [] : [id];
    },
    nodeOf(dumpId) {
      const place = places(dumpId);
      return place < 0 ? -1 : (nodeOfEntry[top[place] ?? place] ?? -1);
    },
  };
}
