import type { DumpId } from "../toc-entry.ts";
import { type TocFileEntry, writeTocFile } from "../toc-writer.ts";
import { readPlainDependencies } from "./plain-dependencies.ts";
import { type PlainData, type PlainEntry, restoreLineFeeds } from "./plain-entry.ts";

/** What a plain script says of one database. */
export interface PlainDump {
  readonly database: string | null;
  readonly serverVersion: string | null;
  readonly dumpVersion: string | null;
  /** Null where the script does not say it. */
  readonly startedAt: Date | null;
  readonly encoding: string | null;
  /** `standard_conforming_strings = off`. */
  readonly hasEscapes: boolean;
  readonly entries: readonly PlainEntry[];
}

/** A plain script's table of contents as a toc.dat, and where the data is. */
export interface PlainToc {
  readonly toc: Uint8Array;
  readonly data: ReadonlyMap<DumpId, PlainData>;
  /** The first dump ID that it does not use. */
  readonly nextId: DumpId;
}

const postData: ReadonlySet<string> = new Set([
  "INDEX",
  "INDEX ATTACH",
  "CONSTRAINT",
  "CHECK CONSTRAINT",
  "FK CONSTRAINT",
  "TRIGGER",
  "RULE",
  "POLICY",
  "ROW SECURITY",
  "STATISTICS",
  "PUBLICATION",
  "PUBLICATION TABLE",
  "PUBLICATION TABLES IN SCHEMA",
  "SUBSCRIPTION",
  "EVENT TRIGGER",
  "MATERIALIZED VIEW DATA",
]);
const inData: ReadonlySet<string> = new Set([
  "TABLE DATA",
  "BLOBS",
  "BLOB METADATA",
  "SEQUENCE SET",
  "STATISTICS DATA",
]);
const sections = { none: 1, preData: 2, data: 3, postData: 4 } as const;
const annotations: ReadonlySet<string> = new Set(["COMMENT", "ACL", "DEFAULT ACL", "SECURITY LABEL"]);

/**
 * Writes what a plain script holds as the toc.dat of an archive, so that everything that reads archives reads it. Rows of
 * COPY are numbered first, from 1 on, as the manifest of a plain backup numbers them.
 * @param writtenAt for one that does not say when it was begun
 * @param firstId above 1 for the second database of a script and those behind it, so that no two entries share one
 */
export function buildPlainToc(dump: PlainDump, writtenAt: Date, firstId: DumpId = 1): PlainToc {
  const version = archiveVersion(dump.dumpVersion);
  const { encoding, hasEscapes } = dump;
  const entries = restoreLineFeeds(dump.entries);
  const copied = entries.filter(({ data }) => data?.kind === "copy").length;
  let [nextCopy, nextOther] = [firstId, firstId + copied];
  const ids = entries.map(({ data }) => (data?.kind === "copy" ? nextCopy++ : nextOther++));
  const dependencies = readPlainDependencies(entries);
  const data = new Map<DumpId, PlainData>();
  const written: TocFileEntry[] = [
    ["ENCODING", `SET client_encoding = '${encoding ?? "SQL_ASCII"}';\n`],
    ["STDSTRINGS", `SET standard_conforming_strings = '${hasEscapes ? "off" : "on"}';\n`],
    ["SEARCHPATH", "SELECT pg_catalog.set_config('search_path', '', false);\n"],
  ].map(([desc = "", definition = ""]) => ({ ...bare, dumpId: nextOther++, desc, tag: desc, definition }));
  for (const [index, entry] of entries.entries()) {
    const dumpId = ids[index] ?? 0;
    const kind = relationKind(entry);
    if (entry.data !== null) data.set(dumpId, entry.data);
    written.push({
      dumpId,
      desc: entry.desc,
      tag: entry.tag,
      section: sectionOf(entry.desc),
      definition: definitionOf(entry, version),
      dropStatement: dropOf(entry),
      copyStatement: entry.copyStatement,
      namespace: entry.namespace,
      tablespace: entry.tablespace,
      // Set for the table before; a partitioned table has none of its own.
      tableAccessMethod: kind === partitioned ? null : entry.tableAccessMethod,
      relationKind: kind,
      owner: entry.owner ?? "",
      dependencies: (dependencies[index] ?? []).map((other) => ids[other] ?? 0),
      member: entry.data === null ? null : `${dumpId}.dat`,
    });
  }
  return {
    toc: writeTocFile({ ...dump, version, createdAt: dump.startedAt ?? writtenAt }, written),
    data,
    nextId: nextOther,
  };
}

const bare = {
  section: sections.preData,
  dropStatement: "",
  copyStatement: null,
  namespace: null,
  tablespace: null,
  tableAccessMethod: null,
  relationKind: 0,
  owner: "",
  dependencies: [],
  member: null,
} as const;

/** The archive version that this pg_dump writes, as minor number (pg_backup_archiver.h of each release). */
function archiveVersion(dumpVersion: string | null): number {
  const major = Number.parseInt(dumpVersion ?? "", 10);
  if (major >= 17) return 16;
  return major === 16 ? 15 : 14;
}

function sectionOf(desc: string): number {
  if (annotations.has(desc)) return sections.none;
  if (inData.has(desc)) return sections.data;
  return postData.has(desc) ? sections.postData : sections.preData;
}

/** From archive version 1.16 on large objects are made by pg_restore, from their numbers, a line each. */
function definitionOf({ desc, definition }: PlainEntry, version: number): string | null {
  if (desc !== "BLOB METADATA" || version < 16) return definition === "" ? null : definition;
  return Array.from(definition.matchAll(/lo_create\('(\d+)'\)/g), ([, oid = ""]) => `${oid}\n`).join("");
}

/**
 * The statement that would drop an object. A script has it only where it was made with --clean, but pg_restore gives an
 * object to its owner only where there is one, and takes the arguments of functions from it (_printTocEntry and
 * _getObjectDescription in pg_backup_archiver.c).
 */
function dropOf(entry: PlainEntry): string {
  const { desc, tag, ownedObject } = entry;
  if (ownedObject === null) return dropOperator(entry);
  if (desc === "BLOB METADATA") return "-- dummy";
  if (desc === "BLOB") return `SELECT pg_catalog.lo_unlink('${tag.replaceAll(/\D/g, "")}');\n`;
  // As pg_dump has it: every new database has this schema already.
  if (desc === "SCHEMA" && tag === "public") return "-- *not* dropping schema, since initdb creates it\n";
  // Until version 16 views and sequences are given away as tables, which they cannot be dropped as.
  return `DROP ${likeTables.has(desc) ? ownedObject.replace(/^TABLE /, `${desc} `) : ownedObject};\n`;
}

const likeTables: ReadonlySet<string> = new Set(["VIEW", "MATERIALIZED VIEW", "SEQUENCE", "FOREIGN TABLE"]);

/** The statement that would drop an operator, the only place where an archive has its operands in one line. */
function dropOperator({ desc, definition }: PlainEntry): string {
  const [, name] = desc === "OPERATOR" ? (/^CREATE OPERATOR (.*) \(\n/.exec(definition) ?? []) : [];
  if (name === undefined) return "";
  const operand = (side: string) => new RegExp(`^ {4}${side} = (.*?),?$`, "m").exec(definition)?.[1] ?? "NONE";
  return `DROP OPERATOR ${name} (${operand("LEFTARG")}, ${operand("RIGHTARG")});\n`;
}

const partitioned = "p".charCodeAt(0);

/** pg_class.relkind, which tells pg_restore which tables have no storage of their own. */
function relationKind({ desc, definition }: PlainEntry): number {
  if (desc === "MATERIALIZED VIEW") return "m".charCodeAt(0);
  if (desc !== "TABLE") return 0;
  return /\nPARTITION BY /.test(definition) ? partitioned : "r".charCodeAt(0);
}
