import type { EntryColumns } from "../../../shared/contract/views.ts";

export interface Entry {
  readonly id: number;
  readonly desc: string;
  readonly schema?: string;
  readonly database?: string;
  readonly tag: string;
  readonly bytes?: number;
  readonly rows?: number;
  readonly partOf?: number;
  readonly partitionOf?: number;
}

/** Entries column by column, as archive.entries gives them. */
export function columnsOf(entries: readonly Entry[]): EntryColumns {
  const places = new Map<string, number>();
  const textOf = (text: string | undefined): number => {
    if (text === undefined) return -1;
    const known = places.get(text) ?? places.size;
    places.set(text, known);
    return known;
  };
  const columns = {
    dumpId: entries.map(({ id }) => id),
    desc: entries.map(({ desc }) => textOf(desc)),
    namespace: entries.map(({ schema }) => textOf(schema)),
    database: entries.some(({ database }) => database !== undefined)
      ? entries.map(({ database }) => textOf(database))
      : [],
    owner: entries.map(() => -1),
    tag: entries.map(({ tag }) => tag),
    section: entries.map(() => "pre-data" as const),
    dataBytes: entries.map(({ bytes = -1 }) => bytes),
    rows: entries.map(({ rows = -1 }) => rows),
    partOf: entries.map(({ partOf = 0 }) => partOf),
    partitionOf: entries.map(({ partitionOf = 0 }) => partitionOf),
  };
  return { texts: [...places.keys()], ...columns };
}

/** A shop with partitions, an empty schema, extensions, large objects and things the tree does not show. */
export const shop: readonly Entry[] = [
  { id: 1, desc: "ENCODING", tag: "ENCODING" },
  { id: 2, desc: "DATABASE", tag: "shop" },
  { id: 3, desc: "SCHEMA", tag: "audit" },
  { id: 4, desc: "SCHEMA", tag: "empty" },
  { id: 5, desc: "ACL", tag: "SCHEMA public" },
  { id: 6, desc: "COMMENT", tag: "SCHEMA audit", partOf: 3 },
  { id: 7, desc: "EXTENSION", tag: "pgcrypto" },
  { id: 8, desc: "COMMENT", tag: "EXTENSION pgcrypto", partOf: 7 },
  { id: 10, desc: "TABLE", schema: "public", tag: "table_10" },
  { id: 11, desc: "TABLE DATA", schema: "public", tag: "table_10", bytes: 300, rows: 30, partOf: 10 },
  { id: 12, desc: "INDEX", schema: "public", tag: "table_10_idx", partOf: 10 },
  { id: 13, desc: "COMMENT", schema: "public", tag: "INDEX table_10_idx", partOf: 12 },
  { id: 14, desc: "TABLE", schema: "public", tag: "table_2" },
  { id: 15, desc: "TABLE DATA", schema: "public", tag: "table_2", bytes: 20, rows: 2, partOf: 14 },
  { id: 20, desc: "TABLE", schema: "public", tag: "Shipments" },
  { id: 21, desc: "TABLE", schema: "public", tag: "shipments_2", partitionOf: 20 },
  { id: 22, desc: "TABLE", schema: "audit", tag: "shipments_1", partitionOf: 20 },
  { id: 23, desc: "TABLE DATA", schema: "public", tag: "shipments_2", bytes: 5, rows: 5, partOf: 21 },
  { id: 24, desc: "TABLE DATA", schema: "audit", tag: "shipments_1", bytes: 7, rows: 7, partOf: 22 },
  { id: 30, desc: "VIEW", schema: "public", tag: "<img src=x onerror=alert(1)>" },
  { id: 31, desc: "TABLE", schema: "audit", tag: "log" },
  { id: 40, desc: "BLOB", tag: "16400" },
  { id: 41, desc: "BLOB", tag: "16401" },
  { id: 42, desc: "BLOBS", tag: "BLOBS", bytes: 1000 },
];
