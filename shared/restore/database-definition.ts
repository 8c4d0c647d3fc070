import { quoteIdentifier } from "../command/names.ts";

/** How a database keeps its text: what CREATE DATABASE has to repeat so that a copy sorts and compares as the source did. */
export interface DatabaseLocale {
  /** PostgreSQL's name, `UTF8`. Null where the archive does not say. */
  readonly encoding: string | null;
  readonly provider: "libc" | "icu" | "builtin" | null;
  readonly collate: string | null;
  readonly ctype: string | null;
  /** The locale of the icu or builtin provider. */
  readonly providerLocale: string | null;
  readonly icuRules: string | null;
}

/**
 * Reads the definition of an archive's DATABASE entry. Real lines:
 * `CREATE DATABASE shop WITH TEMPLATE = template0 ENCODING = 'UTF8' LOCALE_PROVIDER = libc LOCALE = 'C.UTF-8';` (pg_dump 15.18),
 * `… ENCODING = 'UTF8' LC_COLLATE = 'de_DE.UTF-8' LC_CTYPE = 'C';` (before 15),
 * `… LOCALE_PROVIDER = icu LOCALE = 'C' ICU_LOCALE = 'de-DE';`, `… LOCALE_PROVIDER = builtin LOCALE = 'C' BUILTIN_LOCALE = 'C.UTF-8';`
 * (dumpDatabase in src/bin/pg_dump/pg_dump.c). What is not understood is left out, never passed on as SQL.
 */
export function parseDatabaseDefinition(definition: string | null): DatabaseLocale {
  const options = new Map<string, string>();
  const option = /\b([A-Z_]+) = (?:'((?:[^']|'')*)'|([A-Za-z0-9_]+))/g;
  // The name comes first and may hold anything, so reading begins where pg_dump's own words do.
  const start = definition?.lastIndexOf(" WITH TEMPLATE = template0") ?? -1;
  if (definition !== null && start >= 0)
    for (const [, name = "", quoted, bare] of definition.slice(start).matchAll(option))
      options.set(name, quoted?.replaceAll("''", "'") ?? bare ?? "");
  const provider = options.get("LOCALE_PROVIDER");
  const locale = options.get("LOCALE") ?? null;
  return {
    encoding: options.get("ENCODING") ?? null,
    provider: provider === "libc" || provider === "icu" || provider === "builtin" ? provider : null,
    collate: options.get("LC_COLLATE") ?? locale,
    ctype: options.get("LC_CTYPE") ?? locale,
    providerLocale: options.get("ICU_LOCALE") ?? options.get("BUILTIN_LOCALE") ?? null,
    icuRules: options.get("ICU_RULES") ?? null,
  };
}

/**
 * CREATE DATABASE from template0, in the words that a server of this version knows: providers from 15 on (ICU) and 17
 * (builtin), rules from 16 on. A provider the server lacks is left out, which changes the sort order.
 */
export function buildCreateDatabase(name: string, locale: DatabaseLocale, serverMajor: number): string {
  const words = [`CREATE DATABASE ${quoteIdentifier(name)} TEMPLATE template0`];
  if (locale.encoding !== null) words.push(`ENCODING ${quoteLiteral(locale.encoding)}`);
  if (providerFits(locale, serverMajor)) {
    words.push(`LOCALE_PROVIDER ${locale.provider}`);
    const option = locale.provider === "builtin" ? "BUILTIN_LOCALE" : "ICU_LOCALE";
    if (locale.provider !== "libc" && locale.providerLocale !== null)
      words.push(`${option} ${quoteLiteral(locale.providerLocale)}`);
    if (locale.icuRules !== null && serverMajor >= 16) words.push(`ICU_RULES ${quoteLiteral(locale.icuRules)}`);
  }
  if (locale.collate !== null) words.push(`LC_COLLATE ${quoteLiteral(locale.collate)}`);
  if (locale.ctype !== null) words.push(`LC_CTYPE ${quoteLiteral(locale.ctype)}`);
  return words.join(" ");
}

/** False where the source's locale provider is unknown to a server of this version. */
export function providerFits({ provider }: DatabaseLocale, serverMajor: number): boolean {
  if (provider === null) return false;
  return serverMajor >= (provider === "builtin" ? 17 : 15);
}

/** The name for a restored copy: `shop_restored_20261122_143000`, in UTC. */
export function restoredName(database: string, at: Date): string {
  return timedName(database, "restored", at);
}

/** The same for several, no two alike: where cutting made them so, a number tells them apart. */
export function restoredNames(databases: readonly string[], at: Date): string[] {
  const taken = new Set<string>();
  return databases.map((database) => {
    let name = restoredName(database, at);
    while (taken.has(name)) name = nextName(name);
    taken.add(name);
    return name;
  });
}

/** `shop_restored_2` after `shop_restored`, `…_3` after that; never longer than PostgreSQL's 63 bytes. */
export function nextName(name: string): string {
  const match = /^(.*)_(\d{1,3})$/s.exec(name);
  const number = match === null ? 2 : Number(match[2]) + 1;
  let base = match?.[1] ?? name;
  const suffix = `_${number}`;
  while (utf8Length(base + suffix) > 63) base = Array.from(base).slice(0, -1).join("");
  return base + suffix;
}

/** `base_word_20261122_143000`, in UTC. Cut so that it fits PostgreSQL's 63 bytes (NAMEDATALEN), never inside a character. */
export function timedName(name: string, word: string, at: Date): string {
  const digits = at.toISOString().replaceAll(/\D/g, "");
  const suffix = `_${word}_${digits.slice(0, 8)}_${digits.slice(8, 14)}`;
  let base = name;
  while (utf8Length(base) > 63 - suffix.length) base = Array.from(base).slice(0, -1).join("");
  return base + suffix;
}

function utf8Length(text: string): number {
  let bytes = 0;
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  }
  return bytes;
}

/** A text as an SQL literal that no setting changes the meaning of: a backslash makes it an E'' string. */
export function quoteLiteral(text: string): string {
  const doubled = text.replaceAll("'", "''");
  return text.includes("\\") ? `E'${doubled.replaceAll("\\", "\\\\")}'` : `'${doubled}'`;
}
