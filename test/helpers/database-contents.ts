import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { exactPattern, formatName, quoteIdentifier } from "../../shared/command/names.ts";
import { dumpSettings } from "./archive-oracle.ts";
import { clientTool } from "./clients.ts";
import type { TestServer } from "./servers.ts";
import { clientFor, runClient } from "./table-picture.ts";

/** A relation by its two names. */
export interface Relation {
  readonly schema: string;
  readonly name: string;
}

/**
 * Everything in a database that is not a definition, by name (`public.orders`): COPY text of tables and filled
 * materialized views, `last_value is_called` of sequences, large objects in hex.
 */
export async function contentsOf(server: TestServer, database: string): Promise<Map<string, string>> {
  const found = await server.run(
    `select n.nspname as schema, c.relname as name, c.relkind as kind,
       (select json_agg(a.attname order by a.attnum) from pg_attribute a
        where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = '') as columns
     from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
       and (c.relkind in ('r', 'S') or c.relkind = 'm' and c.relispopulated) order by 1, 2`,
    database,
  );
  const names: string[] = [];
  const queries: string[] = [];
  for (const { schema, name, kind, columns } of found) {
    const table = `${quoteIdentifier(schema ?? "")}.${quoteIdentifier(name ?? "")}`;
    const list: string[] = JSON.parse(columns ?? "[]");
    const chosen = list.length === 0 ? "" : ` (${list.map(quoteIdentifier).join(", ")})`;
    names.push(formatName(schema ?? "", name ?? ""));
    if (kind === "r") queries.push(`copy ${table}${chosen} to stdout`);
    else if (kind === "m") queries.push(`copy (select * from ${table}) to stdout`);
    else queries.push(`copy (select last_value, is_called from ${table}) to stdout`);
  }
  names.push("large objects");
  queries.push(
    "copy (select oid || ' ' || encode(lo_get(oid), 'hex') as object from pg_largeobject_metadata order by oid::text collate \"C\") to stdout",
  );
  const texts = runQueries(server, database, queries);
  return new Map(names.map((name, index) => [name, texts[index] ?? ""]));
}

/** The same with each table's rows in one order, whatever way they came in. */
export async function sortedContentsOf(server: TestServer, database: string): Promise<Record<string, string>> {
  const contents = await contentsOf(server, database);
  return Object.fromEntries([...contents].map(([name, text]) => [name, text.split("\n").toSorted().join("\n")]));
}

/** One psql for all, since starting one takes longer than most tables. */
function runQueries(server: TestServer, database: string, queries: readonly string[]): string[] {
  const mark = `next ${randomBytes(12).toString("hex")}`;
  const script = queries.map((query) => `${query};\nselect '${mark}';\n`).join("");
  const psql = clientTool(clientFor(server.major), "psql") ?? "psql";
  const output = execFileSync(psql, ["-X", "-qAt", "-v", "ON_ERROR_STOP=1", server.url(database)], {
    input: script,
    env: { PATH: process.env["PATH"], PGOPTIONS: dumpSettings, PGCLIENTENCODING: "UTF8" },
    encoding: "utf8",
    maxBuffer: 1 << 28,
  });
  return output.split(`${mark}\n`).slice(0, -1);
}

/**
 * A database's definition as pg_dump writes it, or that of some relations with all that belongs to them. pg_dump orders
 * by what it leaves out too, so that one comes with its statements sorted, without the settings between them.
 */
export function definitionOf(
  server: TestServer,
  database: string,
  options: { readonly only?: readonly Relation[]; readonly client?: number } = {},
): string {
  const tables = (options.only ?? []).map(({ schema, name }) => `--table=${exactPattern(schema, name)}`);
  const quoted = database.replaceAll(/[\\']/g, "\\$&");
  const text = runClient(
    server,
    "pg_dump",
    ["--schema-only", ...tables, `--dbname=dbname='${quoted}'`],
    options.client ?? clientFor(server.major),
  );
  const lines = text.split("\n").filter((line) => !/^\\(un)?restrict /.test(line) && !line.startsWith("-- Dumped "));
  if (options.only === undefined) return lines.join("\n");
  const statements = lines
    .filter((line) => !/^SET default_\w+ = /.test(line))
    .join("\n")
    .split(/^--\n(?=-- Name: )/m);
  return statements
    .map((statement) => statement.trimEnd())
    .toSorted()
    .join("\n\n");
}
