/** What an object of the tree is; groups of a schema and of the whole database bear its name. */
export type ObjectKind =
  | "database"
  | "role"
  | "tablespace"
  | "schema"
  | "table"
  | "foreignTable"
  | "view"
  | "materializedView"
  | "sequence"
  | "function"
  | "procedure"
  | "aggregate"
  | "type"
  | "domain"
  | "collation"
  | "operator"
  | "textSearch"
  | "statistics"
  | "otherInSchema"
  | "extension"
  | "largeObjects"
  | "publication"
  | "subscription"
  | "eventTrigger"
  | "foreignServer"
  | "language"
  | "cast"
  | "defaultPrivileges"
  | "other";

/** Groups inside a schema, in the order they are shown. */
export const schemaGroups: readonly ObjectKind[] = [
  "table",
  "foreignTable",
  "view",
  "materializedView",
  "sequence",
  "function",
  "procedure",
  "aggregate",
  "type",
  "domain",
  "collation",
  "operator",
  "textSearch",
  "statistics",
  "defaultPrivileges",
  "otherInSchema",
];

/** Groups beside the schemas, in the order they are shown. */
export const databaseGroups: readonly ObjectKind[] = [
  "role",
  "tablespace",
  "extension",
  "largeObjects",
  "foreignServer",
  "publication",
  "subscription",
  "eventTrigger",
  "language",
  "cast",
  "defaultPrivileges",
  "other",
];

/** By pg_dump's own word for an entry (dumpDumpableObject and what it calls in src/bin/pg_dump/pg_dump.c). */
const kinds: Readonly<Record<string, ObjectKind>> = {
  ROLE: "role",
  "ROLE MEMBERSHIPS": "role",
  TABLESPACE: "tablespace",
  SCHEMA: "schema",
  TABLE: "table",
  "TABLE DATA": "table",
  "FOREIGN TABLE": "foreignTable",
  VIEW: "view",
  "MATERIALIZED VIEW": "materializedView",
  "MATERIALIZED VIEW DATA": "materializedView",
  SEQUENCE: "sequence",
  "SEQUENCE SET": "sequence",
  FUNCTION: "function",
  PROCEDURE: "procedure",
  AGGREGATE: "aggregate",
  TYPE: "type",
  "SHELL TYPE": "type",
  DOMAIN: "domain",
  COLLATION: "collation",
  CONVERSION: "collation",
  OPERATOR: "operator",
  "OPERATOR CLASS": "operator",
  "OPERATOR FAMILY": "operator",
  "TEXT SEARCH PARSER": "textSearch",
  "TEXT SEARCH TEMPLATE": "textSearch",
  "TEXT SEARCH DICTIONARY": "textSearch",
  "TEXT SEARCH CONFIGURATION": "textSearch",
  STATISTICS: "statistics",
  EXTENSION: "extension",
  BLOB: "largeObjects",
  BLOBS: "largeObjects",
  "BLOB METADATA": "largeObjects",
  PUBLICATION: "publication",
  "PUBLICATION TABLE": "publication",
  "PUBLICATION TABLES IN SCHEMA": "publication",
  SUBSCRIPTION: "subscription",
  "EVENT TRIGGER": "eventTrigger",
  "FOREIGN DATA WRAPPER": "foreignServer",
  SERVER: "foreignServer",
  "USER MAPPING": "foreignServer",
  "PROCEDURAL LANGUAGE": "language",
  CAST: "cast",
  TRANSFORM: "cast",
  "DEFAULT ACL": "defaultPrivileges",
};

/** What pg_restore never takes from a list, or what says something about another object that is not in the archive. */
const hidden = new Set([
  "ENCODING",
  "STDSTRINGS",
  "SEARCHPATH",
  "DATABASE",
  "DATABASE PROPERTIES",
  "ACL",
  "COMMENT",
  "SECURITY LABEL",
  "STATISTICS DATA",
]);

/** The kind of an entry that stands for itself; null for one that the tree does not show. */
export function kindOf(desc: string, hasSchema: boolean): ObjectKind | null {
  if (hidden.has(desc)) return null;
  return kinds[desc] ?? (hasSchema ? "otherInSchema" : "other");
}
