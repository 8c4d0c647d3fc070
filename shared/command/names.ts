import { AppError } from "../error/app-error.ts";
import { needsQuotes } from "./keywords.ts";

/** An identifier as SQL takes it whatever it holds, always quoted: `"Odd""name"`. */
export function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A value inside a conninfo string, always quoted, so that a database name such as `host=evil` stays a name. */
export function quoteConninfoValue(value: string): string {
  return `'${value.replaceAll(/[\\']/g, "\\$&")}'`;
}

/**
 * A name as people and the command line write it: quoted only where PostgreSQL's quote_ident would
 * (src/backend/utils/adt/ruleutils.c, quote_identifier): `public."Odd; name"`, `public.orders`, `"order"`.
 */
export function formatName(schema: string | null, name: string): string {
  return schema === null ? formatPart(name) : `${formatPart(schema)}.${formatPart(name)}`;
}

function formatPart(name: string): string {
  return needsQuotes(name) ? quoteIdentifier(name) : name;
}

/** The pg_dump pattern (psql's rules) that matches exactly one name: inside quotes nothing is a wildcard. */
export function exactPattern(schema: string | null, name: string): string {
  return schema === null ? quoteIdentifier(name) : `${quoteIdentifier(schema)}.${quoteIdentifier(name)}`;
}

/**
 * Reads `schema.name` or `name` by the rules of `::regclass` (src/backend/utils/adt/varlena.c, SplitIdentifierString):
 * quoted parts are taken as they are, unquoted ones fold A-Z to lower case and may hold anything but a dot, blanks and
 * quotes. Key words need no quotes here.
 * @throws usage.invalid where a quote is not closed or stands in the middle, where a part is empty, and for more than two parts
 */
export function parseName(text: string): { schema: string | null; name: string } {
  const parts: string[] = [];
  let rest = text.trim();
  for (;;) {
    const quoted = /^"((?:[^"]|"")*)"\s*/.exec(rest);
    const match = quoted ?? /^([^\s."]+)\s*/.exec(rest);
    if (!match) throw badName(text, rest.startsWith('"') ? "a quote is not closed" : "a part of the name is empty");
    const part = match[1] ?? "";
    if (part === "") throw badName(text, "a part of the name is empty");
    parts.push(quoted ? part.replaceAll('""', '"') : foldCase(part));
    rest = rest.slice(match[0].length);
    if (rest === "") break;
    if (!rest.startsWith(".")) throw badName(text, "a name with blanks or quotes in it has to be quoted as a whole");
    rest = rest.slice(1).trimStart();
  }
  const [first = "", second] = parts;
  if (parts.length > 2) throw badName(text, "there are more than two parts");
  return second === undefined ? { schema: null, name: first } : { schema: first, name: second };
}

/** PostgreSQL folds ASCII alone where the encoding has more than one byte a character (downcase_identifier). */
function foldCase(text: string): string {
  return text.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase());
}

function badName(text: string, reason: string): AppError {
  return new AppError("usage.invalid", `${JSON.stringify(text)} is not a name: ${reason}.`, {
    hint: 'Write it as PostgreSQL does: name, schema.name or schema."Odd; name".',
  });
}
