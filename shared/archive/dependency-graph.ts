import type { Toc } from "./toc.ts";
import type { DumpId, TocEntry } from "./toc-entry.ts";

/**
 * What belongs to what in an archive, and what needs what, read from the dependency ids of its entries. The ids alone do
 * not say it: a primary key depends on its table as an index does on its extension, yet one comes with the table and the
 * other does not. The kinds and their dependencies are those pg_dump writes (src/bin/pg_dump/pg_dump.c, 9.2 to 19);
 * every list here was checked against archives of PostgreSQL 15 to 18.
 */
export interface DependencyGraph {
  /** Entries that can be restored into a database, in archive order. */
  readonly all: readonly TocEntry[];
  readonly entries: ReadonlyMap<DumpId, TocEntry>;
  /** The object an entry is part of: the table of an index, the function of a comment. */
  ownerOf(id: DumpId): DumpId | null;
  /** What cannot be restored without: existing ids only, the owner among them. */
  needsOf(id: DumpId): readonly DumpId[];
  /** What comes along with an object: its parts, and the partitions of a partitioned table. Links are not among them. */
  partsOf(id: DumpId): Iterable<DumpId>;
  /** Links that touch an entry. A link joins entries and is restored only where all it joins are there. */
  linksOf(id: DumpId): Iterable<DumpId>;
  isLink(id: DumpId): boolean;
  /** The partitioned table that a TABLE is attached to by an entry of its own (pg_dump 14 and newer). */
  partitionParentOf(id: DumpId): DumpId | null;
  /** The TABLE ATTACH entry of a partition. */
  attachOf(id: DumpId): DumpId | null;
  /** Views and materialized views that read an entry directly. */
  readersOf(id: DumpId): Iterable<DumpId>;
}

/** What has rows or a place in queries. */
export const relationKinds: ReadonlySet<string> = new Set([
  "TABLE",
  "VIEW",
  "MATERIALIZED VIEW",
  "FOREIGN TABLE",
  "SEQUENCE",
]);

/** pg_restore runs the first three whatever the list says, and the database's own entries only with --create. */
const notRestorable = new Set(["ENCODING", "STDSTRINGS", "SEARCHPATH", "DATABASE", "DATABASE PROPERTIES"]);

/** Parts of a relation (or of a domain), told by their tag `relation part` where several relations are named. */
const relationParts = new Set([
  "TABLE DATA",
  "MATERIALIZED VIEW DATA",
  "DEFAULT",
  "CONSTRAINT",
  "CHECK CONSTRAINT",
  "FK CONSTRAINT",
  "INDEX",
  "STATISTICS",
  "TRIGGER",
  "RULE",
  "POLICY",
  "ROW SECURITY",
  "TABLE ATTACH",
]);

/** Parts whose first dependency of another kind is their object. */
const annotations = new Set(["COMMENT", "SECURITY LABEL", "ACL", "STATISTICS DATA"]);

const links = new Set([
  "FK CONSTRAINT",
  "TABLE ATTACH",
  "INDEX ATTACH",
  "PUBLICATION TABLE",
  "PUBLICATION TABLES IN SCHEMA",
]);

/** True for an entry that `pg_restore -l` lists and a use-list may name. */
export function isRestorable(entry: TocEntry): boolean {
  if (notRestorable.has(entry.desc)) return false;
  if (annotations.has(entry.desc) && entry.tag.startsWith("DATABASE ")) return false;
  // Without a definition and without data pg_restore has nothing to do, and says "line ignored" by not listing it.
  return entry.hadDumper || (entry.definition ?? "") !== "";
}

/**
 * Reads the graph of an archive's entries; ids that name no entry, and entries naming themselves, are dropped. Owners and
 * partitions at once, which is all that a list of entries shows; the rest when it is first asked for.
 */
export function readDependencyGraph(toc: Iterable<TocEntry> | Toc): DependencyGraph {
  const parts = "parts" in toc ? toc.parts : undefined;
  return parts === undefined ? readGraph(toc) : joinGraphs(parts.map((part) => readGraph(part.toc)));
}

/** Databases of one script: nothing in one needs anything in another, even where names are the same. */
function joinGraphs(graphs: readonly DependencyGraph[]): DependencyGraph {
  const of = (id: DumpId) => graphs.find(({ entries }) => entries.has(id));
  return {
    all: graphs.flatMap(({ all }) => all),
    entries: new Map(graphs.flatMap(({ entries }) => [...entries])),
    ownerOf: (id) => of(id)?.ownerOf(id) ?? null,
    needsOf: (id) => of(id)?.needsOf(id) ?? [],
    partsOf: (id) => of(id)?.partsOf(id) ?? [],
    linksOf: (id) => of(id)?.linksOf(id) ?? [],
    isLink: (id) => of(id)?.isLink(id) ?? false,
    partitionParentOf: (id) => of(id)?.partitionParentOf(id) ?? null,
    attachOf: (id) => of(id)?.attachOf(id) ?? null,
    readersOf: (id) => of(id)?.readersOf(id) ?? [],
  };
}

function readGraph(toc: Iterable<TocEntry>): DependencyGraph {
  const entries = new Map<DumpId, TocEntry>();
  const schemas = new Map<string, DumpId>();
  const largeObjects: LargeObjects = { objects: [], contents: [] };
  for (const entry of toc) {
    if (!isRestorable(entry)) continue;
    entries.set(entry.dumpId, entry);
    if (entry.desc === "SCHEMA") schemas.set(entry.tag, entry.dumpId);
    if (entry.desc === "BLOB") largeObjects.objects.push(entry.dumpId);
    if (entry.desc === "BLOBS") largeObjects.contents.push(entry.dumpId);
  }

  const owners = new Map<DumpId, DumpId>();
  const parents = new Map<DumpId, DumpId>();
  const attaches = new Map<DumpId, DumpId>();
  for (const entry of entries.values()) {
    const owner = findOwner(entry, entries);
    if (owner !== null) owners.set(entry.dumpId, owner);
    if (entry.desc !== "TABLE ATTACH" || owner === null) continue;
    const parent = known(entry, entries).find((dep) => dep !== owner && entries.get(dep)?.desc === "TABLE");
    if (parent === undefined) continue;
    parents.set(owner, parent);
    attaches.set(owner, entry.dumpId);
  }

  let edges: Edges | null = null;
  const readAll = () => (edges ??= readEdges({ entries, owners, parents, attaches, schemas, largeObjects }));
  return {
    all: [...entries.values()],
    entries,
    ownerOf: (id) => owners.get(id) ?? null,
    needsOf: (id) => readAll().needs.get(id) ?? [],
    partsOf: (id) => readAll().parts.get(id) ?? [],
    linksOf: (id) => readAll().touching.get(id) ?? [],
    isLink: (id) => links.has(entries.get(id)?.desc ?? ""),
    partitionParentOf: (id) => parents.get(id) ?? null,
    attachOf: (id) => attaches.get(id) ?? null,
    readersOf: (id) => readAll().readers.get(id) ?? [],
  };
}

/** What leads from one entry to others. */
interface Edges {
  readonly needs: ReadonlyMap<DumpId, readonly DumpId[]>;
  readonly parts: ReadonlyMap<DumpId, ReadonlySet<DumpId>>;
  readonly touching: ReadonlyMap<DumpId, ReadonlySet<DumpId>>;
  readonly readers: ReadonlyMap<DumpId, ReadonlySet<DumpId>>;
}

function readEdges(pieces: Pieces): Edges {
  const { entries, owners, parents } = pieces;
  const needs = new Map<DumpId, readonly DumpId[]>();
  const parts = new Map<DumpId, Set<DumpId>>();
  const touching = new Map<DumpId, Set<DumpId>>();
  const readers = new Map<DumpId, Set<DumpId>>();
  for (const entry of entries.values()) {
    const id = entry.dumpId;
    const owner = owners.get(id) ?? null;
    const needed = findNeeds(entry, pieces);
    needs.set(id, needed);
    if (links.has(entry.desc)) for (const dep of needed) push(touching, dep, id);
    else if (owner !== null) push(parts, owner, id);
    const reader = readerOf(entry, owner, entries);
    if (reader !== null) for (const dep of needed) if (dep !== reader) push(readers, dep, reader);
  }
  for (const [partition, parent] of parents) push(parts, parent, partition);
  return { needs, parts, touching, readers };
}

interface Pieces {
  readonly entries: ReadonlyMap<DumpId, TocEntry>;
  readonly owners: ReadonlyMap<DumpId, DumpId>;
  readonly parents: ReadonlyMap<DumpId, DumpId>;
  readonly attaches: ReadonlyMap<DumpId, DumpId>;
  readonly schemas: ReadonlyMap<string, DumpId>;
  readonly largeObjects: LargeObjects;
}

/** Entries that make large objects (BLOB, one each, before archive version 1.16) and those with their contents. */
interface LargeObjects {
  readonly objects: DumpId[];
  readonly contents: DumpId[];
}

/** Dependencies that are in the archive, once each, in the order written. */
function known(entry: TocEntry, entries: ReadonlyMap<DumpId, TocEntry>): DumpId[] {
  const written = entry.dependencies;
  // Most entries name one or none, and there may be 100,000 of them.
  const distinct = written.length < 2 ? written : [...new Set(written)];
  return distinct.filter((dep) => dep !== entry.dumpId && entries.has(dep));
}

function findOwner(entry: TocEntry, entries: ReadonlyMap<DumpId, TocEntry>): DumpId | null {
  const deps = known(entry, entries);
  if (deps.length === 0) return null;
  const descOf = (id: DumpId) => entries.get(id)?.desc ?? "";
  const first = (test: (desc: string) => boolean) => deps.find((dep) => test(descOf(dep))) ?? null;
  if (relationParts.has(entry.desc)) return relationOf(entry, deps, entries);
  if (annotations.has(entry.desc)) return first((desc) => !annotations.has(desc) && !desc.endsWith(" DATA"));
  switch (entry.desc) {
    case "SEQUENCE":
      // pg_dump makes an owned sequence (serial, identity) depend on its table, never the other way round.
      return first((desc) => desc === "TABLE" || desc === "FOREIGN TABLE");
    case "SEQUENCE SET":
    case "SEQUENCE OWNED BY":
      return first((desc) => desc === "SEQUENCE");
    case "INDEX ATTACH":
      return deps.find((dep) => isIndex(descOf(dep)) && indexName(entries.get(dep)) === entry.tag) ?? null;
    case "PUBLICATION TABLE":
    case "PUBLICATION TABLES IN SCHEMA":
      return first((desc) => desc === "PUBLICATION");
    case "BLOBS":
      return first((desc) => desc === "BLOB METADATA");
    default:
      return null;
  }
}

/** The relation an entry is part of. Several may be named: a foreign key names both tables, a rule all it reads. */
function relationOf(entry: TocEntry, deps: readonly DumpId[], entries: ReadonlyMap<DumpId, TocEntry>): DumpId | null {
  const named = deps.flatMap((dep) => entries.get(dep) ?? []);
  const candidates = named.filter((other) => relationKinds.has(other.desc) && other.desc !== "SEQUENCE");
  const pool = candidates.length > 0 ? candidates : named.filter((other) => other.desc === "DOMAIN");
  if (pool.length <= 1) return pool[0]?.dumpId ?? extensionOf(entry, named);
  const sameSchema = pool.filter((other) => other.namespace === entry.namespace);
  const byTag = sameSchema
    .filter((other) => entry.tag === other.tag || entry.tag.startsWith(`${other.tag} `))
    .toSorted((a, b) => b.tag.length - a.tag.length);
  return (byTag[0] ?? sameSchema[0] ?? pool[0])?.dumpId ?? null;
}

/** Rows of an extension's configuration table: the table itself is not in the archive, CREATE EXTENSION makes it. */
function extensionOf(entry: TocEntry, named: readonly TocEntry[]): DumpId | null {
  if (entry.desc !== "TABLE DATA") return null;
  return named.find((other) => other.desc === "EXTENSION")?.dumpId ?? null;
}

function findNeeds(entry: TocEntry, pieces: Pieces): DumpId[] {
  const { entries, owners, parents, attaches, schemas, largeObjects } = pieces;
  const owner = owners.get(entry.dumpId) ?? null;
  const descOf = (id: DumpId) => entries.get(id)?.desc ?? "";
  let needed = known(entry, entries);
  if (entry.desc === "TABLE" || entry.desc === "FOREIGN TABLE") {
    // A partition is a plain table until it is attached.
    needed = needed.filter((dep) => dep !== parents.get(entry.dumpId));
  } else if (isIndex(entry.desc) && owner !== null && parents.has(owner)) {
    // A partition's index names the index of the parent, which only INDEX ATTACH needs.
    needed = needed.filter((dep) => !isIndex(descOf(dep)) || owners.get(dep) === owner);
  } else if (entry.desc === "TABLE DATA" || entry.desc === "STATISTICS DATA") {
    // Data entries name each other only to be loaded in the order of foreign keys.
    needed = owner === null ? [] : [owner, ...attachesAboveOf(entry, owner, parents, attaches)];
  } else if (entry.desc === "BLOBS" && owner === null) {
    // Before archive version 1.16 one block holds the contents of all large objects, and each of them must exist.
    needed = [...largeObjects.objects];
  } else if (entry.desc === "BLOB") {
    needed = [...needed, ...largeObjects.contents];
  }
  const schema = entry.namespace === null ? undefined : schemas.get(entry.namespace);
  if (schema !== undefined && schema !== entry.dumpId && !needed.includes(schema)) needed.push(schema);
  return needed;
}

/**
 * Rows dumped with `-- load via partition root public.t` are copied into the root, so the partition has to be attached
 * to it, over all levels between them.
 */
function attachesAboveOf(
  entry: TocEntry,
  owner: DumpId,
  parents: ReadonlyMap<DumpId, DumpId>,
  attaches: ReadonlyMap<DumpId, DumpId>,
): DumpId[] {
  if (!entry.definition?.startsWith("-- load via partition root")) return [];
  const found: DumpId[] = [];
  const seen = new Set<DumpId>();
  for (let at: DumpId | undefined = owner; at !== undefined && !seen.has(at); at = parents.get(at)) {
    seen.add(at);
    const attach = attaches.get(at);
    if (attach !== undefined) found.push(attach);
  }
  return found;
}

/** The view that an entry's dependencies are read for: a view's own, or through its rule `_RETURN`. */
function readerOf(entry: TocEntry, owner: DumpId | null, entries: ReadonlyMap<DumpId, TocEntry>): DumpId | null {
  if (entry.desc === "VIEW" || entry.desc === "MATERIALIZED VIEW") return entry.dumpId;
  if (entry.desc !== "RULE" || owner === null) return null;
  const desc = entries.get(owner)?.desc;
  return desc === "VIEW" || desc === "MATERIALIZED VIEW" ? owner : null;
}

function isIndex(desc: string): boolean {
  return desc === "INDEX" || desc === "CONSTRAINT";
}

/** An index's own name: the tag of an INDEX, the part after the table's name in that of a CONSTRAINT. */
function indexName(entry: TocEntry | undefined): string | null {
  if (entry === undefined || entry.desc === "INDEX") return entry?.tag ?? null;
  const match = /\bADD CONSTRAINT ("(?:[^"]|"")+"|\S+)/.exec(entry.definition ?? "");
  const name = match?.[1];
  if (name === undefined) return null;
  return name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name;
}

function push(lists: Map<DumpId, Set<DumpId>>, key: DumpId, value: DumpId): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, new Set([value]));
  else list.add(value);
}
