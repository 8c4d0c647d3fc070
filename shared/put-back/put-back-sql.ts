import { quoteIdentifier } from "../command/names.ts";
import { textOfValue, valueOfText } from "../compare/value-text.ts";

/** A column whose values are put back. */
export interface PutBackColumn {
  readonly name: string;
  /** As format_type writes it with an empty search_path. */
  readonly type: string;
  readonly isGenerated: boolean;
  /** GENERATED ALWAYS AS IDENTITY: an INSERT may give it a value, an UPDATE never. */
  readonly isFixedIdentity: boolean;
}

/** The live table as the script sees it. */
export interface PutBackTable {
  readonly schema: string;
  readonly name: string;
  /** Its rows lie in partitions. */
  readonly isPartitioned: boolean;
  readonly columns: readonly PutBackColumn[];
  /** Places of the key among the columns. */
  readonly keyPlaces: readonly number[];
}

/** A statement, or a COPY … FROM stdin whose rows follow it in the script. */
export type ScriptPart = { readonly sql: string } | { readonly copy: string };

/** Where rows wait inside the transaction: those to insert as texts n0…, those to change with what is there now as o0…. */
export const missingRows = "lifeboat_missing";
export const changedRows = "lifeboat_changed";
export type HeldRows = typeof missingRows | typeof changedRows;

/** What every script begins with: values are read as pg_dump wrote them, names are whole, triggers fire or do not. */
export function buildOpening(bypassTriggers: boolean): ScriptPart[] {
  const settings = [
    "client_encoding = 'UTF8'",
    "datestyle = iso",
    "intervalstyle = postgres",
    "extra_float_digits = 3",
    "bytea_output = hex",
    "xmloption = content",
    "row_security = off",
    "search_path = ''",
    ...(bypassTriggers ? ["session_replication_role = replica"] : []),
  ];
  return [{ sql: "BEGIN" }, ...settings.map((setting) => ({ sql: `SET LOCAL ${setting}` }))];
}

/** Inserts rows whose texts the COPY brings, in the columns' order; generated columns compute themselves. */
export function buildInsert(table: PutBackTable): ScriptPart[] {
  const written = table.columns.flatMap((column, place) => (column.isGenerated ? [] : [{ column, place }]));
  const names = written.map(({ column }) => quoteIdentifier(column.name)).join(", ");
  const values = written.map(({ column, place }) => valueOfText(`n${place}`, column.type)).join(", ");
  return [
    ...buildRows(missingRows, table, ["n"]),
    {
      sql: `INSERT INTO ${quoteTable(table)} (${names}) OVERRIDING SYSTEM VALUE\n  SELECT ${values} FROM pg_temp.${missingRows}`,
    },
  ];
}

/**
 * Gives rows the values of n…, after making sure that they still are as o… says. The COPY brings all of o…, then all of n….
 * @param places of the columns that are set
 */
export function buildUpdate(table: PutBackTable, places: readonly number[]): ScriptPart[] {
  const set = places.flatMap((place) => {
    const column = table.columns[place];
    if (column === undefined || column.isGenerated || column.isFixedIdentity) return [];
    return [`${quoteIdentifier(column.name)} = ${valueOfText(`b.n${place}`, column.type)}`];
  });
  return [
    ...buildRows(changedRows, table, ["o", "n"]),
    buildGuard(table, changedRows),
    {
      sql: `UPDATE ${target(table)} AS t SET ${set.join(", ")}\n  FROM pg_temp.${changedRows} b WHERE ${onKey(table, "o")}`,
    },
  ];
}

/** Deletes rows after making sure that they still are as the COPY says, in o…: an insert taken back. */
export function buildDelete(table: PutBackTable): ScriptPart[] {
  return [
    ...buildRows(missingRows, table, ["o"]),
    buildGuard(table, missingRows),
    { sql: `DELETE FROM ${target(table)} AS t USING pg_temp.${missingRows} b WHERE ${onKey(table, "o")}` },
  ];
}

/** How many of the rows that were put back are not as the archive has them: a trigger or a rule changed them. */
export function buildCheck(table: PutBackTable, rows: HeldRows): string {
  const differs = table.columns.flatMap(({ name, type, isGenerated }, place) =>
    isGenerated
      ? []
      : [`${textOf(name, type)} IS DISTINCT FROM ${textOfValue(`(${valueOfText(`b.n${place}`, type)})`, type)}`],
  );
  return `SELECT count(*) AS rows FROM pg_temp.${rows} b LEFT JOIN ${target(table)} t ON ${onKey(table, "n")}
    WHERE t.ctid IS NULL OR ${differs.join(" OR ")}`;
}

/** The inserted rows as they are now, for buildDelete. */
export function copyInserted(table: PutBackTable): string {
  const now = table.columns.map(({ name, type }) => textOf(name, type));
  return copyOut(
    `SELECT ${now.join(", ")} FROM ${target(table)} t JOIN pg_temp.${missingRows} b ON ${onKey(table, "n")}`,
  );
}

/** The changed rows as they are now and as they were, for buildUpdate. */
export function copyUpdated(table: PutBackTable): string {
  const now = table.columns.map(({ name, type }) => textOf(name, type));
  const before = table.columns.map((_, place) => `b.o${place}`);
  return copyOut(
    `SELECT ${[...now, ...before].join(", ")} FROM ${target(table)} t JOIN pg_temp.${changedRows} b ON ${onKey(table, "n")}`,
  );
}

/** Moves a sequence behind the largest value of its column, never back. @param sequence as SQL takes it */
export function buildSequence(table: PutBackTable, column: string, sequence: string): ScriptPart {
  return {
    sql: `SELECT pg_catalog.setval('${sequence.replaceAll("'", "''")}', m.most)
  FROM (SELECT max(${quoteIdentifier(column)}) AS most FROM ${quoteTable(table)}) m, ${sequence} s WHERE m.most > s.last_value`,
  };
}

function buildRows(name: string, table: PutBackTable, prefixes: readonly string[]): ScriptPart[] {
  const columns = prefixes.flatMap((prefix) => table.columns.map((_, place) => `${prefix}${place}`));
  return [
    {
      sql: `CREATE TEMPORARY TABLE ${name} (${columns.map((column) => `${column} pg_catalog.text COLLATE pg_catalog."C"`).join(", ")}) ON COMMIT DROP`,
    },
    { copy: `COPY pg_temp.${name} (${columns.join(", ")}) FROM stdin` },
    { sql: `ANALYZE pg_temp.${name}` },
  ];
}

/** Stops everything where a row is not as o… says; until the end nobody else changes these rows. */
function buildGuard(table: PutBackTable, rows: string): ScriptPart {
  const same = table.columns.map(({ name, type }, place) => `${textOf(name, type)} IS NOT DISTINCT FROM b.o${place}`);
  return {
    sql: doBlock(`  PERFORM 1 FROM ${target(table)} t JOIN pg_temp.${rows} b ON ${onKey(table, "o")} FOR UPDATE OF t;
  IF (SELECT count(*) FROM ${target(table)} t JOIN pg_temp.${rows} b ON ${onKey(table, "o")}
      WHERE ${same.join(" AND ")}) <> (SELECT count(*) FROM pg_temp.${rows}) THEN
    RAISE EXCEPTION 'rows have changed since they were looked at; nothing was done' USING ERRCODE = 'LB001';
  END IF;`),
  };
}

/** A quote that the body does not hold. */
function doBlock(body: string): string {
  let tag = "$lifeboat$";
  for (let n = 1; body.includes(tag); n++) tag = `$lifeboat${n}$`;
  return `DO ${tag}\nBEGIN\n${body}\nEND ${tag}`;
}

function copyOut(query: string): string {
  return `COPY (${query}) TO STDOUT`;
}

function onKey(table: PutBackTable, prefix: "o" | "n"): string {
  return table.keyPlaces
    .map((place) => {
      const { name = "", type = "" } = table.columns[place] ?? {};
      return `t.${quoteIdentifier(name)} = ${valueOfText(`b.${prefix}${place}`, type)}`;
    })
    .join(" AND ");
}

function textOf(name: string, type: string): string {
  return textOfValue(`t.${quoteIdentifier(name)}`, type);
}

/** The table's own rows, not those of tables that inherit from it. */
function target(table: PutBackTable): string {
  return `${table.isPartitioned ? "" : "ONLY "}${quoteTable(table)}`;
}

export function quoteTable({ schema, name }: { readonly schema: string; readonly name: string }): string {
  return `${quoteIdentifier(schema)}.${quoteIdentifier(name)}`;
}
