import { formatName } from "../command/names.ts";
import type { Reason } from "./closure.ts";
import { type DependencyGraph, relationKinds } from "./dependency-graph.ts";
import type { DumpId, TocEntry } from "./toc-entry.ts";

/** An entry with the plain clause that says why. */
export interface Explained {
  readonly dumpId: DumpId;
  readonly because: string;
}

/** An object's name for people: without the schema where that is public, quoted only where it must be. */
export function nameOf(entry: TocEntry): string {
  const schema = entry.namespace === "public" || entry.namespace === "" ? null : entry.namespace;
  const quotable = relationKinds.has(entry.desc) || quotedKinds.has(entry.desc);
  if (quotable) return formatName(schema, entry.tag);
  return schema === null ? entry.tag : `${formatName(null, schema)}.${entry.tag}`;
}

/** Kinds whose tag is the bare name. Tags of functions, constraints and annotations hold more than a name. */
const quotedKinds = new Set(["TABLE DATA", "TYPE", "DOMAIN", "SCHEMA", "INDEX", "COLLATION", "EXTENSION"]);

/** One plain clause that says why an entry comes along: `orders.status uses it`, `index of orders`. */
export function explain(graph: DependencyGraph, id: DumpId, reason: Reason): string {
  const entry = graph.entries.get(id);
  if (entry === undefined || reason.kind === "chosen") return "chosen";
  if (reason.kind === "link") return explainLink(graph, entry);
  const other = graph.entries.get(reason.of);
  if (other === undefined) return "needed";
  return reason.kind === "part" ? explainPart(graph, entry, other) : explainNeed(graph, entry, other);
}

const partWords: Record<string, string> = {
  "TABLE DATA": "rows of",
  "MATERIALIZED VIEW DATA": "rows of",
  "STATISTICS DATA": "planner statistics of",
  DEFAULT: "default value in",
  CONSTRAINT: "key of",
  "CHECK CONSTRAINT": "check of",
  INDEX: "index of",
  STATISTICS: "extended statistics of",
  TRIGGER: "trigger of",
  RULE: "rule of",
  POLICY: "row security policy of",
  "ROW SECURITY": "row security of",
  COMMENT: "comment on",
  "SECURITY LABEL": "security label of",
  ACL: "privileges on",
  SEQUENCE: "sequence that numbers",
  "SEQUENCE SET": "current value of",
  "SEQUENCE OWNED BY": "ownership of",
  BLOBS: "contents of",
};

function explainPart(graph: DependencyGraph, entry: TocEntry, owner: TocEntry): string {
  if (graph.partitionParentOf(entry.dumpId) === owner.dumpId) return `partition of ${nameOf(owner)}`;
  // A comment on an index says little by the index alone: its table is what the reader knows.
  const outer = graph.entries.get(graph.ownerOf(owner.dumpId) ?? -1);
  const word = partWords[entry.desc] ?? "part of";
  if (outer === undefined) return `${word} ${nameOf(owner)}`;
  const inner = partWords[owner.desc];
  return inner === undefined ? `${word} ${nameOf(owner)}` : `${word} the ${inner} ${nameOf(outer)}`;
}

function explainNeed(graph: DependencyGraph, entry: TocEntry, of: TocEntry): string {
  if (of.desc === "FK CONSTRAINT")
    return graph.ownerOf(of.dumpId) === entry.dumpId
      ? `its foreign key ${partName(of)} comes back`
      : `${subjectOf(graph, of)} refers to it`;
  if (graph.ownerOf(of.dumpId) === entry.dumpId) return `the ${of.desc.toLowerCase()} ${partName(of)} is part of it`;
  if (entry.desc === "BLOB" || entry.desc === "BLOBS") return "large objects come all together";
  const subject = subjectOf(graph, of);
  if (entry.desc === "SCHEMA") return `${subject} lives in this schema`;
  if (of.desc === "VIEW" || of.desc === "MATERIALIZED VIEW") return `${subject} reads it`;
  if (of.desc === "TRIGGER") return `the trigger ${partName(of)} of ${subject} calls it`;
  if (of.desc === "RULE") return `the view or rule of ${subject} reads it`;
  if (of.desc === "TABLE DATA") return `the rows of ${nameOf(of)} are loaded through it`;
  if (entry.desc === "TABLE" && of.desc === "TABLE") return `${subject} inherits from it`;
  const column = of.desc === "TABLE" ? columnUsing(of, entry) : null;
  return column === null ? `${subject} uses it` : `${subject}.${column} uses it`;
}

function explainLink(graph: DependencyGraph, entry: TocEntry): string {
  const owner = graph.entries.get(graph.ownerOf(entry.dumpId) ?? -1);
  const name = owner === undefined ? entry.tag : nameOf(owner);
  if (entry.desc === "FK CONSTRAINT") return `foreign key of ${name}, and the table it refers to is there`;
  if (entry.desc === "TABLE ATTACH") return `makes ${name} a partition again`;
  if (entry.desc === "INDEX ATTACH") return `joins the index ${entry.tag} to that of the partitioned table`;
  return `member of the publication ${name}`;
}

/** The object that a part is about, so that an index's needs are told as its table's. */
function subjectOf(graph: DependencyGraph, entry: TocEntry): string {
  const owner = graph.entries.get(graph.ownerOf(entry.dumpId) ?? -1);
  return nameOf(owner ?? entry);
}

/** `orders_touch` of the tag `orders orders_touch`; the whole tag where it has no such form. */
function partName(entry: TocEntry): string {
  return /^\S+ (\S+)$/.exec(entry.tag)?.[1] ?? entry.tag;
}

/**
 * The column of a CREATE TABLE whose line names an object, as SQL writes it. Real line (pg_dump 15.18):
 * `    status public.order_status DEFAULT 'new'::public.order_status NOT NULL,`. Null where none or a table constraint does.
 */
function columnUsing(table: TocEntry, used: TocEntry): string | null {
  const bare = used.desc === "FUNCTION" ? used.tag.replace(/\(.*$/s, "") : used.tag;
  const written = formatName(used.namespace, bare);
  for (const line of (table.definition ?? "").split("\n    ").slice(1)) {
    if (line.startsWith("CONSTRAINT ") || !namesExactly(line, written)) continue;
    return /^(?:"(?:[^"]|"")+"|\S+)/.exec(line)?.[0] ?? null;
  }
  return null;
}

function namesExactly(line: string, name: string): boolean {
  const at = line.indexOf(name);
  if (at < 0) return false;
  return !/[\w$]/.test(line[at + name.length] ?? "") && !/[\w$.]/.test(line[at - 1] ?? "");
}
