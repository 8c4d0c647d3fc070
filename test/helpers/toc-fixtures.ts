import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { DumpId, Section, TocEntry } from "../../shared/archive/toc-entry.ts";

/** A TOC entry with the fields a test cares about, the rest as pg_dump leaves them empty. */
export function tocEntry(fields: Partial<TocEntry> & { readonly dumpId: DumpId; readonly desc: string }): TocEntry {
  return {
    hadDumper: fields.desc.endsWith(" DATA") || fields.desc === "BLOBS",
    tableOid: 0,
    oid: 0,
    tag: `e${fields.dumpId}`,
    section: "pre-data",
    definition: fields.desc.endsWith(" DATA") || fields.desc === "BLOBS" ? null : "SELECT 1;\n",
    dropStatement: null,
    copyStatement: null,
    namespace: "public",
    tablespace: null,
    tableAccessMethod: null,
    owner: "postgres",
    dependencies: [],
    hasData: false,
    dataOffset: null,
    ...fields,
  };
}

type Row = [
  DumpId,
  string,
  string | null,
  string,
  string | null,
  Section,
  DumpId[],
  boolean,
  string | null,
  string | null,
  string | null,
];

/**
 * The TOC of a real archive (pg_dump 15.18) of a shop with nearly every kind of object: one line an entry in
 * test/fixtures/toc/shop-15.18.json.
 */
export function shopToc(): TocEntry[] {
  const text = readFileSync(join(import.meta.dirname, "../fixtures/toc/shop-15.18.json"), "utf8");
  const rows: Row[] = JSON.parse(text);
  return rows.map(
    ([
      dumpId,
      desc,
      namespace,
      tag,
      owner,
      section,
      dependencies,
      hadDumper,
      definition,
      dropStatement,
      copyStatement,
    ]) =>
      tocEntry({
        dumpId,
        desc,
        namespace,
        tag,
        owner,
        section,
        dependencies,
        hadDumper,
        definition,
        dropStatement,
        copyStatement,
      }),
  );
}
