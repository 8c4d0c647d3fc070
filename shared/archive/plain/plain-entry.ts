import { unquote } from "../identifiers.ts";

/** Where an entry's data is in a plain script, in bytes: rows with COPY's end mark, INSERT statements, or large objects. */
export interface PlainData {
  readonly kind: "copy" | "inserts" | "largeObjects";
  readonly start: number;
  readonly end: number;
}

/**
 * What stands under one of pg_dump's header comments. Texts hold a byte of the script in each character, because only the
 * whole script tells its encoding.
 */
export interface PlainEntry {
  readonly desc: string;
  readonly tag: string;
  readonly namespace: string | null;
  readonly owner: string | null;
  /** What the statement gives to the owner, as it stands there: `TABLE public.orders`; null where none does. */
  readonly ownedObject: string | null;
  readonly tablespace: string | null;
  readonly tableAccessMethod: string | null;
  readonly definition: string;
  readonly copyStatement: string | null;
  readonly data: PlainData | null;
}

/** The name of an object as a header comment gives it. */
export interface PlainHeader {
  readonly desc: string;
  readonly tag: string;
  readonly namespace: string | null;
  readonly owner: string | null;
}

/** A name that could be read in more ways is made to be, and every one of them takes memory. */
const mostReadings = 1000;
const headerStart = /^-- (?:Data for )?Name: /;

/** True for the line of a header comment that names the object. */
export function isHeaderLine(line: string): boolean {
  return headerStart.test(line);
}

/**
 * Reads `-- Name: orders; Type: TABLE; Schema: public; Owner: postgres` (_printTocEntry in pg_backup_archiver.c). A name can
 * hold `; Type: TABLE; Schema: ` itself, so there may be several ways to read it; what stands below tells which is meant.
 */
export function parseHeaders(line: string): PlainHeader[] {
  const isData = line.startsWith("-- Data for ");
  const text = line.slice(line.indexOf(": ") + 2).replace(/; Tablespace: .*$/, "");
  const found: PlainHeader[] = [];
  for (const match of text.matchAll(/; Type: ([A-Z][A-Z ]*); Schema: /g)) {
    const [whole, desc = ""] = match;
    const schemaAt = match.index + whole.length;
    if (isData !== dataKinds.has(desc)) continue;
    for (let ownerAt = text.length; (ownerAt = text.lastIndexOf("; Owner: ", ownerAt - 1)) >= schemaAt; ) {
      const namespace = text.slice(schemaAt, ownerAt);
      const owner = text.slice(ownerAt + "; Owner: ".length);
      found.push({
        desc,
        tag: text.slice(0, match.index),
        namespace: namespace === "-" ? null : namespace,
        owner: owner === "-" ? "" : owner,
      });
      if (found.length === mostReadings) return found;
      if (ownerAt === 0) break;
    }
  }
  return found;
}

/** Kinds under the header `-- Data for Name`. */
export const dataKinds: ReadonlySet<string> = new Set(["TABLE DATA", "BLOBS"]);

/** The header that is meant and the names as the statement gives them, which hold line feeds where the header has spaces. */
export function chooseHeader(headers: readonly PlainHeader[], statement: string): PlainHeader | null {
  const [only, ...others] = headers;
  if (only === undefined) return null;
  const seen = inComment(statement);
  // pg_dump qualifies every name, so that the schema stands in the statement too.
  const fits = ({ namespace }: PlainHeader) => namespace === null || seen.includes(namespace.replaceAll('"', '""'));
  const open = others.length === 0 ? headers : headers.filter(fits);
  for (const header of open) {
    const names = parseNames(header.desc, statement);
    if (names !== null && inComment(names.tag) === header.tag)
      return { ...header, tag: names.tag, namespace: names.namespace ?? header.namespace };
  }
  return open.find(({ desc }) => !namings.has(desc) || desc === "TABLE DATA") ?? open[0] ?? only;
}

/** sanitize_line in pg_backup_archiver.c. */
function inComment(name: string): string {
  return name.replaceAll(/[\r\n]/g, " ");
}

const identifier = String.raw`(?:"(?:[^"]|"")*"|[^\s"().,;]+)`;
const qualified = String.raw`(?:(${identifier})\.)?(${identifier})`;

/** Statements that say an object's names, which a header comment only hints at: there a line feed is a space. */
const namings: ReadonlyMap<string, RegExp> = new Map(
  [
    ["TABLE", `^CREATE (?:UNLOGGED )?TABLE ${qualified} `],
    ["VIEW", `^CREATE (?:RECURSIVE )?VIEW ${qualified}[ \\n]`],
    ["MATERIALIZED VIEW", `^CREATE MATERIALIZED VIEW ${qualified}[ \\n]`],
    ["FOREIGN TABLE", `^CREATE FOREIGN TABLE ${qualified} `],
    ["SEQUENCE", `^CREATE (?:UNLOGGED )?SEQUENCE ${qualified}\\n`],
    ["TYPE", `^CREATE TYPE ${qualified}[ ;]`],
    ["DOMAIN", `^CREATE DOMAIN ${qualified} `],
    ["SCHEMA", `^CREATE SCHEMA ()(${identifier});`],
    ["DATABASE", `^CREATE DATABASE ()(${identifier}) `],
    ["TABLE DATA", `^(?:COPY|INSERT INTO) ${qualified} `],
  ].map(([desc = "", pattern = ""]) => [desc, new RegExp(pattern)]),
);

/** The names that a statement itself gives, where it is of a kind that does. */
function parseNames(desc: string, statement: string): { namespace: string | null; tag: string } | null {
  const match = namings.get(desc)?.exec(statement);
  if (match === undefined || match === null) return null;
  const [, namespace, tag = ""] = match;
  return { namespace: namespace ? unquote(namespace) : null, tag: unquote(tag) };
}

/** A doubled quote is read as the end of one name and the beginning of the next: there must be one way to read it, not 2^n. */
const ownerStatement = new RegExp(
  String.raw`\n\nALTER ((?:[A-Z]+ )+(?:[^;"'\n]|"[^"]*")*) OWNER TO ("(?:[^"]|"")*"|[^\s"();]+);\s*$`,
);

/**
 * The definition as an archive holds it: without the owner, who is a field of his own there, and without the empty lines
 * behind it. The owner, and what is given to him, where a statement names them.
 */
export function splitOwner(text: string): Pick<PlainEntry, "definition" | "owner" | "ownedObject"> {
  const trimmed = text.replace(/^\n+/, "").trimEnd();
  const match = ownerStatement.exec(trimmed);
  const definition = (match === null ? trimmed : trimmed.slice(0, match.index)).trimEnd();
  const [, ownedObject = null, owner = null] = match ?? [];
  return {
    definition: definition === "" ? "" : `${definition}\n`,
    owner: owner === null ? null : unquote(owner),
    ownedObject,
  };
}

const quotedName = /"((?:[^"]|"")+)"/g;

/**
 * Entries with the line feeds that names have and header comments do not: where a statement holds such a name, its header
 * means it.
 */
export function restoreLineFeeds(entries: readonly PlainEntry[]): PlainEntry[] {
  const names = new Map<string, string>();
  for (const { definition, copyStatement } of entries)
    for (const [, quoted = ""] of `${definition}${copyStatement ?? ""}`.matchAll(quotedName))
      if (/[\r\n]/.test(quoted)) names.set(inComment(quoted), quoted);
  if (names.size === 0) return [...entries];
  const owners = new Map(
    entries.flatMap(({ owner }) => (/[\r\n]/.test(owner ?? "") ? [[inComment(owner ?? ""), owner] as const] : [])),
  );
  const byLength = [...names].toSorted(([one], [other]) => other.length - one.length);
  return entries.map((entry) => {
    const statement = `${entry.definition}${entry.copyStatement ?? ""}`;
    const restore = (text: string) => {
      let whole = text;
      for (const [plain, quoted] of byLength) {
        const name = quoted.replaceAll('""', '"');
        if (whole.includes(plain) && statement.includes(`"${quoted}"`)) whole = whole.replaceAll(plain, name);
      }
      return whole;
    };
    const { tag, namespace, owner } = entry;
    return {
      ...entry,
      tag: restore(tag),
      namespace: namespace === null ? null : restore(namespace),
      owner: owners.get(owner ?? "") ?? owner,
    };
  });
}
