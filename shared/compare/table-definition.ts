import { unquote } from "../archive/identifiers.ts";

/** A key as a definition in an archive names it. */
export interface ArchivedKey {
  readonly columns: readonly string[];
  readonly isPrimary: boolean;
}

const name = String.raw`(?:"(?:[^"]|"")+"|[^\s"(),]+)`;
const typeEnd = / (?:COLLATE|DEFAULT|NOT NULL|GENERATED|CONSTRAINT|STORAGE|COMPRESSION|OPTIONS) /;

/**
 * The type of each column by its name, as a CREATE TABLE of pg_dump writes it. Real lines (pg_dump 15.18):
 * `    total numeric(10,2) DEFAULT 0 NOT NULL,` and `    "Odd; name" integer`. A column that is not found is left out.
 */
export function parseColumnTypes(definition: string | null): Map<string, string> {
  const types = new Map<string, string>();
  for (const [column, line] of parseColumnLines(definition)) {
    const [, rest = ""] = columnLine.exec(line)?.slice(1) ?? [];
    types.set(column, (`${rest} `.split(typeEnd, 1)[0] ?? "").trimEnd());
  }
  return types;
}

const columnLine = new RegExp(`^(${name}) (.+)$`, "s");

/** What stands in a CREATE TABLE by the column it makes; by `CONSTRAINT name` what is a constraint. */
export function parseColumnLines(definition: string | null): Map<string, string> {
  const lines = new Map<string, string>();
  const constraint = new RegExp(`^CONSTRAINT ${name}`);
  const body = (definition ?? "").split(/^\)/m, 1)[0] ?? "";
  for (const part of splitLines(body)) {
    const [, text = ""] = /^ {4}(.+?),?$/s.exec(part) ?? [];
    const [, column] = columnLine.exec(text) ?? [];
    if (column === undefined) continue;
    lines.set(constraint.exec(text)?.[0] ?? unquote(column), text);
  }
  return lines;
}

/** Lines of a definition; a line end inside a quoted name does not end one. */
function splitLines(text: string): string[] {
  return text.match(/(?:"(?:[^"]|"")*"|'(?:[^']|'')*'|[^\n"'])+/g) ?? [];
}

/**
 * The key that an entry's SQL makes; null where it makes none, or one over expressions or a part of the rows. Real
 * definitions (pg_dump 15.18):
 *
 *     ALTER TABLE ONLY public.orders
 *         ADD CONSTRAINT orders_pkey PRIMARY KEY (id);
 *     CREATE UNIQUE INDEX orders_code ON public.orders USING btree (code, "Odd; name");
 */
export function parseKey(definition: string | null): ArchivedKey | null {
  const text = definition ?? "";
  const constraint = new RegExp(`\\bADD CONSTRAINT ${name} (PRIMARY KEY|UNIQUE) (\\(.*?\\))[^()]*;\\s*$`, "s");
  const index = new RegExp(
    `^CREATE UNIQUE INDEX ${name} ON (?:ONLY )?(?:${name}\\.)?${name} USING btree (\\(.*\\));\\s*$`,
    "s",
  );
  const added = constraint.exec(text);
  if (added !== null) {
    const columns = parseNames(added[2] ?? "");
    return columns === null ? null : { columns, isPrimary: added[1] === "PRIMARY KEY" };
  }
  const columns = parseNames(index.exec(text)?.[1] ?? "");
  return columns === null ? null : { columns, isPrimary: false };
}

/** `(id, "Odd; name")`; null where it is more than names. */
function parseNames(list: string): string[] | null {
  if (!new RegExp(`^\\(${name}(?:, ${name})*\\)$`).test(list)) return null;
  return (list.slice(1, -1).match(new RegExp(name, "g")) ?? []).map(unquote);
}
