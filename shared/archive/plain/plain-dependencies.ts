import { unquote } from "../identifiers.ts";
import type { PlainEntry } from "./plain-entry.ts";

/**
 * What each entry of a plain script needs, by its index: an archive has this from the server's catalogue, a script only in its
 * statements. pg_dump qualifies every name, so that names in a statement are found among those the script makes. Bodies of
 * functions are left out: what they name is looked for only when they run.
 */
export function readPlainDependencies(entries: readonly PlainEntry[]): number[][] {
  const names = new Map<string, number[]>();
  const kinds = new Map<string, number>();
  for (const [index, entry] of entries.entries()) {
    kinds.set(kindKey(entry.desc, entry.namespace, entry.tag), index);
    const name = objectName(entry);
    if (name === null) continue;
    const key = nameKey(entry.namespace ?? "", name);
    const others = names.get(key);
    if (others === undefined) names.set(key, [index]);
    else others.push(index);
  }
  const found = entries.map((entry, index) => {
    const needed = new Set<number>(directOf(entry, kinds));
    if (entry.data === null) for (const other of namedIn(entry, names)) needed.add(other);
    needed.delete(index);
    return [...needed];
  });
  // An owned sequence comes with its table; only a statement of its own says so.
  for (const [index, { desc }] of entries.entries()) {
    if (desc !== "SEQUENCE OWNED BY") continue;
    const [sequence, table] = ["SEQUENCE", "TABLE"].map((kind) =>
      found[index]?.find((other) => entries[other]?.desc === kind),
    );
    if (sequence !== undefined && table !== undefined) found[sequence]?.push(table);
  }
  return found;
}

/** Kinds that other statements name, by `schema.name`. */
const namedKinds: ReadonlySet<string> = new Set([
  "TABLE",
  "VIEW",
  "MATERIALIZED VIEW",
  "FOREIGN TABLE",
  "SEQUENCE",
  "TYPE",
  "DOMAIN",
  "INDEX",
  "COLLATION",
  "STATISTICS",
  "OPERATOR CLASS",
  "OPERATOR FAMILY",
  "TEXT SEARCH CONFIGURATION",
  "TEXT SEARCH DICTIONARY",
  "TEXT SEARCH PARSER",
  "TEXT SEARCH TEMPLATE",
]);
const functionKinds: ReadonlySet<string> = new Set(["FUNCTION", "PROCEDURE", "AGGREGATE"]);

/** Begins where a word does and has an end, else a long text without a dot would be looked through from each of its letters. */
const identifier = String.raw`"(?:[^"]|""){1,255}"|(?<![a-z0-9_$\u0080-\u00ff])[a-z_\u0080-\u00ff][a-z0-9_$\u0080-\u00ff]{0,254}`;
const qualifiedName = new RegExp(`(${identifier})\\.(${identifier})`, "g");
const constraintName = new RegExp(`ADD CONSTRAINT (${identifier}) (?:PRIMARY KEY|UNIQUE|EXCLUDE)`);
const functionBody = /\n {4}AS (?:\$|')/;
const unqualified = new RegExp(`\\b(FOREIGN DATA WRAPPER|SERVER|PUBLICATION|SCHEMA) (${identifier})`, "g");

function objectName({ desc, tag, definition }: PlainEntry): string | null {
  if (namedKinds.has(desc)) return tag;
  if (functionKinds.has(desc)) return tag.slice(0, tag.lastIndexOf("(") === -1 ? tag.length : tag.indexOf("("));
  const index = desc === "CONSTRAINT" ? constraintName.exec(definition)?.[1] : undefined;
  return index === undefined ? null : unquote(index);
}

function namedIn(entry: PlainEntry, names: ReadonlyMap<string, readonly number[]>): Set<number> {
  const found = new Set<number>();
  for (const [, schema = "", name = ""] of statementOf(entry).matchAll(qualifiedName))
    for (const index of names.get(nameKey(unquote(schema), unquote(name))) ?? []) found.add(index);
  return found;
}

/** The part of a definition whose names must exist when it runs. */
function statementOf({ desc, definition }: PlainEntry): string {
  if (functionKinds.has(desc)) return definition.slice(0, functionBody.exec(definition)?.index);
  if (desc === "COMMENT" || desc === "SECURITY LABEL") return definition.split(" IS ")[0] ?? "";
  return definition;
}

/** What an entry says by its kind and tag, or by names without a schema. */
function directOf(entry: PlainEntry, kinds: ReadonlyMap<string, number>): number[] {
  const { desc, tag, namespace, definition } = entry;
  const find = (kind: string, name = tag, schema = namespace) => kinds.get(kindKey(kind, schema, name));
  const found: (number | undefined)[] = [];
  switch (desc) {
    case "TABLE DATA":
      found.push(find("TABLE") ?? find("FOREIGN TABLE"));
      break;
    case "SEQUENCE SET":
    case "SEQUENCE OWNED BY":
      found.push(find("SEQUENCE"));
      break;
    case "MATERIALIZED VIEW DATA":
      found.push(find("MATERIALIZED VIEW"));
      break;
    case "BLOBS":
      found.push(find("BLOB METADATA"));
      break;
    case "COMMENT":
    case "ACL":
    case "SECURITY LABEL": {
      const kind = annotated.find((each) => tag.startsWith(`${each} `));
      if (kind !== undefined)
        found.push(find(kind === "LARGE OBJECT" ? "BLOB METADATA" : kind, tag.slice(kind.length + 1)));
      if (kind === "LARGE OBJECT") found.push(find("BLOB", tag.slice(kind.length + 1)));
      break;
    }
    default:
      if (!functionKinds.has(desc) && !desc.includes("TABLE"))
        for (const [, kind = "", name = ""] of definition.matchAll(unqualified))
          found.push(find(kind, unquote(name), null));
      if (desc === "FOREIGN TABLE" || desc.startsWith("PUBLICATION TABLE"))
        for (const [, kind = "", name = ""] of definition.matchAll(unqualified))
          found.push(find(kind, unquote(name), null));
  }
  return found.filter((index) => index !== undefined);
}

/** Kinds whose comments and grants name them by kind and tag, longer ones first. */
const annotated = [
  "MATERIALIZED VIEW",
  "FOREIGN DATA WRAPPER",
  "FOREIGN TABLE",
  "LARGE OBJECT",
  "TABLE",
  "VIEW",
  "SEQUENCE",
  "FUNCTION",
  "PROCEDURE",
  "AGGREGATE",
  "TYPE",
  "DOMAIN",
  "SCHEMA",
  "EXTENSION",
  "COLLATION",
  "SERVER",
  "PUBLICATION",
  "INDEX",
];

function nameKey(schema: string, name: string): string {
  return `${schema}\0${name}`;
}

function kindKey(desc: string, namespace: string | null, tag: string): string {
  return `${desc}\0${namespace ?? ""}\0${tag}`;
}
