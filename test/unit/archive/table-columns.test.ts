import { describe, expect, it } from "vitest";
import { tableColumns } from "../../../shared/archive/table-columns.ts";
import type { TocEntry } from "../../../shared/archive/toc-entry.ts";
import { tocEntry } from "../../helpers/toc-fixtures.ts";

function made(desc: "TABLE" | "TYPE", tag: string, definition: string): TocEntry {
  return tocEntry({ dumpId: 1, desc, tag, definition });
}

/** Names of the columns of public.t, a computed one in brackets; definitions as pg_dump 15 to 18 write them. */
function columnsOf(...entries: readonly TocEntry[]): string | null {
  const data = tocEntry({ dumpId: 2, desc: "TABLE DATA", tag: "t" });
  const found = tableColumns(entries, data);
  return found === null ? null : found.map(({ name, isGenerated }) => (isGenerated ? `[${name}]` : name)).join("|");
}

describe("tableColumns", () => {
  it("reads names whatever they, defaults and constraints hold", () => {
    const definition = String.raw`CREATE TABLE public.t (
    id integer NOT NULL,
    "Odd, (name" numeric(10,2) DEFAULT 0 NOT NULL,
    "say ""hi""" text DEFAULT 'a,
    ghost integer)'::text,
    "two
lines" text[] DEFAULT ARRAY['x'::text, 'y)'::text],
    "check" text DEFAULT E'it\'s, \\'::text,
    twice integer GENERATED ALWAYS AS ((id * 2)) STORED,
    lazy text GENERATED ALWAYS AS (lower(("check" || ' DEFAULT '::text))),
    ident bigint GENERATED ALWAYS AS IDENTITY,
    not_generated text DEFAULT ' GENERATED ALWAYS AS ('::text,
    CONSTRAINT positive CHECK (((id > 0) AND ("check" <> ','::text))),
    CONSTRAINT a_given NOT NULL id
)
PARTITION BY RANGE (id);
`;
    expect(columnsOf(made("TABLE", "t", definition))).toBe(
      'id|Odd, (name|say "hi"|two\nlines|check|[twice]|[lazy]|ident|not_generated',
    );
    expect(columnsOf(made("TABLE", "t", "CREATE UNLOGGED TABLE public.t (\n);\n"))).toBe("");
  });

  it("puts inherited columns first, each once", () => {
    const top = made("TABLE", "top", "CREATE TABLE public.top (\n    id integer,\n    note text\n);\n");
    const middle = made(
      "TABLE",
      "middle",
      "CREATE TABLE public.middle (\n    extra text,\n    note text DEFAULT 'm'::text\n)\nINHERITS (public.top);\n",
    );
    const other = made("TABLE", "other", "CREATE TABLE public.other (\n    id integer,\n    x integer\n);\n");
    const table = made(
      "TABLE",
      "t",
      "CREATE TABLE public.t (\n    own text\n)\nINHERITS (public.middle, public.other);\n",
    );
    expect(columnsOf(table, top, middle, other)).toBe("id|note|extra|x|own");
    expect(columnsOf(table, middle, other)).toBeNull();
    const itself = made("TABLE", "t", "CREATE TABLE public.t (\n)\nINHERITS (public.t);\n");
    expect(columnsOf(itself)).toBeNull();
  });

  it("takes a typed table's columns from its type, a partition's from its parent where it has none", () => {
    const type = made("TYPE", "pair", "CREATE TYPE public.pair AS (\n\tx integer,\n\ty text\n);\n");
    const typed = made(
      "TABLE",
      "t",
      "CREATE TABLE public.t OF public.pair (\n    y WITH OPTIONS DEFAULT 'q'::text\n);\n",
    );
    expect(columnsOf(typed, type)).toBe("x|y");
    expect(columnsOf(typed)).toBeNull();
    const parent = made("TABLE", "p", "CREATE TABLE public.p (\n    a integer\n)\nPARTITION BY LIST (a);\n");
    const partition = made("TABLE", "t", "CREATE TABLE public.t PARTITION OF public.p\nFOR VALUES IN (1);\n");
    expect(columnsOf(partition, parent)).toBe("a");
  });

  it("is null without a definition that it can read", () => {
    expect(columnsOf()).toBeNull();
    expect(columnsOf(made("TABLE", "t", "CREATE TABLE …"))).toBeNull();
  });
});
