import type { EntryColumns } from "../contract/views.ts";
import type { DependencyGraph } from "./dependency-graph.ts";
import type { Toc } from "./toc.ts";
import type { DumpId, Section } from "./toc-entry.ts";

/** What a manifest or the archive's offsets say about entries with data. */
export interface KnownData {
  /** Stored bytes by dump ID. */
  readonly bytes: ReadonlyMap<DumpId, number>;
  readonly rows: ReadonlyMap<DumpId, number>;
}

/**
 * Every entry of an archive in columns, in the archive's order. One pass: 100,000 entries are some tens of milliseconds.
 * @param databaseOf of a script of several databases; else null
 */
export function entryColumns(
  toc: Toc,
  graph: DependencyGraph,
  data: KnownData,
  databaseOf: ((id: DumpId) => string | null) | null,
): EntryColumns {
  const texts: string[] = [];
  const numbers = new Map<string, number>();
  const numberOf = (text: string | null): number => {
    if (text === null) return -1;
    const known = numbers.get(text);
    if (known !== undefined) return known;
    numbers.set(text, texts.length);
    return texts.push(text) - 1;
  };
  const dumpId: DumpId[] = [];
  const desc: number[] = [];
  const namespace: number[] = [];
  const owner: number[] = [];
  const database: number[] = [];
  const tag: string[] = [];
  const section: Section[] = [];
  const dataBytes: number[] = [];
  const rows: number[] = [];
  const partOf: DumpId[] = [];
  const partitionOf: DumpId[] = [];
  for (const entry of toc) {
    const id = entry.dumpId;
    dumpId.push(id);
    desc.push(numberOf(entry.desc));
    // pg_dump writes both: NULL and an empty text stand for no schema and no owner alike.
    namespace.push(numberOf(entry.namespace || null));
    if (databaseOf !== null) database.push(numberOf(databaseOf(id)));
    owner.push(numberOf(entry.owner || null));
    tag.push(entry.tag);
    section.push(entry.section);
    dataBytes.push(data.bytes.get(id) ?? -1);
    rows.push(data.rows.get(id) ?? -1);
    partOf.push(graph.ownerOf(id) ?? 0);
    partitionOf.push(graph.partitionParentOf(id) ?? 0);
  }
  return { texts, dumpId, desc, namespace, database, owner, tag, section, dataBytes, rows, partOf, partitionOf };
}
