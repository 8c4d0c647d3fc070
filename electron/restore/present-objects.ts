import type { DependencyGraph } from "../../shared/archive/dependency-graph.ts";
import type { DumpId, TocEntry } from "../../shared/archive/toc-entry.ts";
import type { Session } from "../postgres/connect.ts";
import { objectQueries } from "./object-queries.ts";

/**
 * Which entries of an archive have their object in a database already, told by kind and name. Rows, comments, privileges
 * and the values of sequences are no objects of their own and never named.
 * @throws postgres.*, connection.lost
 */
export async function findPresentObjects(session: Session, graph: DependencyGraph): Promise<Set<DumpId>> {
  const keys = new Set<string>();
  // Types in signatures are written as pg_dump writes them only where nothing is on the search path.
  await session.query("set search_path = ''");
  try {
    for (const query of objectQueries(session.serverVersionNum)) {
      // One session, one statement after another.
      // oxlint-disable-next-line no-await-in-loop
      const rows = await session.query<{ kind: string; schema: string | null; name: string }>(query);
      for (const { kind, schema, name } of rows) keys.add(keyOf(kind, schema, name));
    }
  } finally {
    await session.query("reset search_path");
  }
  const present = new Set<DumpId>();
  for (const entry of graph.all) if (isPresent(entry, keys)) present.add(entry.dumpId);
  return present;
}

/** True for entries whose object findPresentObjects can tell: what it does not name is absent then. */
export function isToldByName(entry: TocEntry): boolean {
  return entry.desc === "BLOB METADATA" || kinds[entry.desc] !== undefined;
}

function isPresent(entry: TocEntry, keys: ReadonlySet<string>): boolean {
  const kind = kinds[entry.desc];
  if (entry.desc === "BLOB METADATA")
    return (entry.definition ?? "").split("\n").some((oid) => keys.has(keyOf("large object", null, oid)));
  if (kind === undefined) return false;
  const schema = entry.namespace === "" ? null : entry.namespace;
  return keys.has(keyOf(kind, schema, entry.desc === "OPERATOR" ? operatorOf(entry) : entry.tag));
}

/** `=== (integer, integer)` of `DROP OPERATOR public.=== (integer, integer);`; the tag has the symbol alone. */
function operatorOf(entry: TocEntry): string {
  const match = /^DROP OPERATOR (?:"(?:[^"]|"")+"|[^\s.]+)\.(\S+ \(.*\));/.exec(entry.dropStatement ?? "");
  return match?.[1] ?? entry.tag;
}

function keyOf(kind: string, schema: string | null, name: string): string {
  return JSON.stringify([kind, schema, name]);
}

/** Kinds of TOC entries → the kind that the queries below give. Several share a space of names in PostgreSQL. */
const kinds: Record<string, string> = {
  TABLE: "relation",
  VIEW: "relation",
  "MATERIALIZED VIEW": "relation",
  "FOREIGN TABLE": "relation",
  SEQUENCE: "relation",
  INDEX: "relation",
  TYPE: "type",
  "SHELL TYPE": "type",
  DOMAIN: "type",
  FUNCTION: "routine",
  PROCEDURE: "routine",
  AGGREGATE: "routine",
  OPERATOR: "operator",
  "OPERATOR CLASS": "operator class",
  "OPERATOR FAMILY": "operator family",
  COLLATION: "collation",
  CONVERSION: "conversion",
  CAST: "cast",
  STATISTICS: "statistics",
  "TEXT SEARCH PARSER": "text search parser",
  "TEXT SEARCH DICTIONARY": "text search dictionary",
  "TEXT SEARCH TEMPLATE": "text search template",
  "TEXT SEARCH CONFIGURATION": "text search configuration",
  CONSTRAINT: "constraint",
  "CHECK CONSTRAINT": "constraint",
  "FK CONSTRAINT": "constraint",
  TRIGGER: "trigger",
  RULE: "rule",
  POLICY: "policy",
  DEFAULT: "default",
  "TABLE ATTACH": "attached",
  "INDEX ATTACH": "attached",
  "PUBLICATION TABLE": "publication table",
  SCHEMA: "schema",
  EXTENSION: "extension",
  "PROCEDURAL LANGUAGE": "language",
  "ACCESS METHOD": "access method",
  "FOREIGN DATA WRAPPER": "foreign data wrapper",
  SERVER: "server",
  PUBLICATION: "publication",
  SUBSCRIPTION: "subscription",
  "EVENT TRIGGER": "event trigger",
  BLOB: "large object",
};
