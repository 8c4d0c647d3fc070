import { readDependencyGraph } from "../../shared/archive/dependency-graph.ts";
import type { Toc } from "../../shared/archive/toc.ts";
import type { DumpId, TocEntry } from "../../shared/archive/toc-entry.ts";
import { formatName } from "../../shared/command/names.ts";
import { AppError } from "../../shared/error/app-error.ts";
import { visibleText } from "../../shared/text/visible-text.ts";

/** Parts that are contents, not definition; and partitions, which are tables of their own. */
const otherParts = new Set([
  "TABLE DATA",
  "SEQUENCE SET",
  "MATERIALIZED VIEW DATA",
  "STATISTICS DATA",
  "BLOBS",
  "TABLE",
  "FOREIGN TABLE",
]);

/**
 * The entries whose SQL together makes an object, in archive order: for a table its columns, defaults, constraints,
 * indexes, triggers, rules, policies, statistics, owned sequences, comments and privileges. Where only a table's data
 * entry is given, the table is meant.
 * @throws archive.objectNotFound where the archive holds no SQL for it
 */
export function definitionOf(toc: Toc, entry: TocEntry, graph = readDependencyGraph(toc)): TocEntry[] {
  const isData = entry.desc === "TABLE DATA" || entry.desc === "SEQUENCE SET";
  const root = isData ? (graph.ownerOf(entry.dumpId) ?? entry.dumpId) : entry.dumpId;
  const ids = new Set<DumpId>([root]);
  // Grows while it is walked; every id enters once, so cycles end.
  for (const id of ids) {
    for (const part of graph.partsOf(id)) if (!otherParts.has(graph.entries.get(part)?.desc ?? "")) ids.add(part);
    for (const link of graph.linksOf(id)) if (graph.ownerOf(link) === id) ids.add(link);
  }
  const found: TocEntry[] = [];
  for (const each of toc) if (ids.has(each.dumpId) && (each.definition ?? "") !== "") found.push(each);
  if (found.length === 0)
    throw new AppError(
      "archive.objectNotFound",
      `The archive holds no SQL for ${entry.desc} ${formatName(entry.namespace, entry.tag)}.`,
      { hint: isData ? "It was dumped without definitions. See its rows with: lifeboat rows" : undefined },
    );
  return found;
}

const ofWholeServer = new Set(["ROLE", "ROLE MEMBERSHIPS", "TABLESPACE"]);

/** What a script of pg_dumpall says of the whole server, in its order: roles with their memberships, tablespaces. */
export function globalsOf(toc: Toc): TocEntry[] {
  return Array.from(toc).filter(({ desc }) => ofWholeServer.has(desc));
}

/** The SQL of entries as one script, each under a comment that says what it is. */
export function scriptOf(entries: readonly TocEntry[]): string {
  return entries.map(withHeading).join("\n");
}

function withHeading(entry: TocEntry): string {
  const facts = [`dump ID ${entry.dumpId}`];
  if (entry.owner) facts.push(`owner ${entry.owner}`);
  if (entry.tablespace) facts.push(`tablespace ${entry.tablespace}`);
  if (entry.tableAccessMethod) facts.push(`access method ${entry.tableAccessMethod}`);
  const name = isPlainName(entry) ? formatName(entry.namespace || null, entry.tag) : entry.tag;
  // In a comment, a line end would let the rest of a name be taken for SQL.
  return `-- ${visibleText(`${entry.desc} ${name} (${facts.join(", ")})`)}\n${(entry.definition ?? "").trim()}\n`;
}

/** Tags such as `orders orders_pkey` and `add(integer)` are no names to be quoted. */
function isPlainName(entry: TocEntry): boolean {
  return /^(TABLE|VIEW|MATERIALIZED VIEW|FOREIGN TABLE|SEQUENCE|INDEX|TYPE|DOMAIN|SCHEMA|EXTENSION)$/.test(entry.desc);
}
