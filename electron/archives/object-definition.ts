import { readDependencyGraph } from "../../shared/archive/dependency-graph.ts";
import type { Toc } from "../../shared/archive/toc.ts";
import type { DumpId, TocEntry } from "../../shared/archive/toc-entry.ts";
import { formatName } from "../../shared/command/names.ts";
import { AppError } from "../../shared/error/app-error.ts";

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
export function definitionOf(toc: Toc, entry: TocEntry): TocEntry[] {
  const graph = readDependencyGraph(toc);
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
