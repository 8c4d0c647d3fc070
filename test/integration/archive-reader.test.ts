import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findTableData } from "../../electron/archives/find-object.ts";
import { openArchive } from "../../electron/archives/open-archive.ts";
import type { TocEntry } from "../../shared/archive/toc-entry.ts";
import { formatName, quoteIdentifier } from "../../shared/command/names.ts";
import { allRows, copyText, dumpSettings, largeObjects, listedLines, listLines } from "../helpers/archive-oracle.ts";
import { clientsRemedy, clientTool } from "../helpers/clients.ts";
import { requirement } from "../helpers/requirement.ts";
import { seedOddNames, seedTypesAndObjects } from "../helpers/seed.ts";
import { availableMajors, serversRemedy, startServer, type TestServer } from "../helpers/servers.ts";

/** The reader against PostgreSQL's own: the list against pg_restore -l, rows against COPY from the live database. */

const serverMajor = 15;
const matrix = [
  { client: 15, compress: [["--compress=6"], ["--compress=0"]] },
  ...[17, 18].map((client) => ({
    client,
    compress: ["gzip", "none", "lz4", "zstd:3"].map((method) => [`--compress=${method}`]),
  })),
].flatMap(({ client, compress }) => compress.map((options) => ({ client, options })));

const serverNeed = requirement(`PostgreSQL ${serverMajor}`, availableMajors().includes(serverMajor), serversRemedy);

describe.skipIf(serverNeed !== "run")(`archives of real pg_dumps ${serverNeed}`, () => {
  const folder = mkdtempSync(join(tmpdir(), "lifeboat-reader-"));
  let server: TestServer;
  let databases: string[];
  /** What COPY says about a table, as text; asked once. */
  const live = new Map<string, string>();

  beforeAll(async () => {
    server = await startServer(serverMajor);
    databases = [await seedOddNames(server), await seedTypesAndObjects(server)];
    await server.run("create database shapes");
    await server.run(shapes, "shapes");
    databases.push("shapes");
  });
  afterAll(async () => {
    await server?.stop();
    rmSync(folder, { recursive: true });
  });

  function psql(database: string, sql: string): string {
    const program = clientTool(15, "psql") ?? "psql";
    return execFileSync(program, ["-X", "-qAt", "-v", "ON_ERROR_STOP=1", "-c", sql, server.url(database)], {
      env: { PATH: process.env["PATH"], PGOPTIONS: dumpSettings, PGCLIENTENCODING: "UTF8" },
      encoding: "utf8",
      maxBuffer: 1 << 28,
    });
  }

  function dump(client: number, database: string, options: readonly string[], toPipe: boolean, from = server): string {
    const program = clientTool(client, "pg_dump") ?? "pg_dump";
    const path = join(folder, "a.dump");
    const args = ["--format=custom", ...options, `--dbname=${from.url(database)}`];
    const { status, stdout, stderr } = spawnSync(program, toPipe ? args : [...args, `--file=${path}`], {
      maxBuffer: 1 << 28,
    });
    if (status !== 0) throw new Error(stderr.toString());
    if (toPipe) writeFileSync(path, stdout);
    return path;
  }

  function copyOut(database: string, entry: TocEntry, columns: readonly string[]): string {
    const list = columns.length === 0 ? "" : ` (${columns.map(quoteIdentifier).join(", ")})`;
    const table = `${quoteIdentifier(entry.namespace ?? "")}.${quoteIdentifier(entry.tag)}`;
    const key = `${database} ${table}`;
    const known = live.get(key);
    if (known !== undefined) return known;
    const text = psql(database, `COPY ${table}${list} TO STDOUT`);
    live.set(key, text);
    return text;
  }

  for (const { client, options } of matrix) {
    const need = requirement(`pg_dump ${client}`, clientTool(client, "pg_dump") !== null, clientsRemedy);
    for (const toPipe of [false, true]) {
      const way = toPipe ? "through a pipe" : "to a file";
      it.skipIf(need !== "run")(`pg_dump ${client} ${options.join(" ")} ${way} ${need}`, async () => {
        for (const database of databases) {
          const path = dump(client, database, options, toPipe);
          const archive = await openArchive(path);
          try {
            expect(archive.hasOffsets).toBe(!toPipe);
            expect(archive.header.database).toBe(database);
            const program = clientTool(client, "pg_restore") ?? "pg_restore";
            const listed = execFileSync(program, ["--list", path], { encoding: "utf8", maxBuffer: 1 << 26 });
            expect(listLines(archive)).toEqual(listedLines(listed));

            const tables = [...archive.toc].filter((entry) => entry.desc === "TABLE DATA");
            expect(tables.length).toBeGreaterThan(3);
            // From the last to the first: a search may not depend on the order of reading.
            for (const entry of tables.toReversed()) {
              const columns = await archive.columns(entry.dumpId);
              const text = copyText(await allRows(archive, entry.dumpId));
              expect([entry.tag, text]).toEqual([entry.tag, copyOut(database, entry, columns)]);
              const found = findTableData(archive.toc, formatName(entry.namespace, entry.tag));
              expect(found.dumpId).toBe(entry.dumpId);
            }
            expect(await largeObjects(archive)).toEqual(liveLargeObjects(psql, database));
          } finally {
            await archive.close();
          }
        }
      });
    }
  }

  it("reads a dump in an encoding whose characters hold ASCII bytes", async () => {
    // Of its own, because pg_dump reads the names of all roles and not every odd name exists in SJIS.
    const japanese = await startServer(serverMajor);
    try {
      await japanese.run(
        `create table japanese("表" text); insert into japanese values (E'表\\tソ\\\\'), (E'能\\nー')`,
      );
      const archive = await openArchive(dump(15, "postgres", ["--encoding=SJIS"], false, japanese));
      try {
        expect(archive.toc.encoding).toBe("SJIS");
        const data = findTableData(archive.toc, "public.japanese");
        expect(await archive.columns(data.dumpId)).toEqual(["表"]);
        expect(await allRows(archive, data.dumpId)).toEqual([["表\tソ\\"], ["能\nー"]]);
      } finally {
        await archive.close();
      }
    } finally {
      await japanese.stop();
    }
  });
});

/** Shapes that a reader can trip over: no columns, one column, long rows, many chunks, large objects of many sizes. */
const shapes = `
  create table no_columns(); insert into no_columns default values; insert into no_columns default values;
  create table one_column(t text); insert into one_column values (''), (null), ('\\N'), ('\\.'), (E'\\\\\\\\.');
  create table controls(t text); insert into controls select 'a' || chr(i) || 'b' from generate_series(1, 300) i;
  create table long_rows(t text); insert into long_rows select repeat(md5(i::text), 40000) from generate_series(1, 4) i;
  create table many_rows(id int, t text, x text);
  insert into many_rows select i, md5(i::text), case i % 3 when 0 then null when 1 then '' else 'ä\\' end from generate_series(1, 60000) i;
  create table generated(a int, b int generated always as (a * 2) stored, c text); insert into generated(a, c) values (1, 'x');
  alter table generated add d int; alter table generated drop column d;
  create table empty_table(a int);
  create table hashed(a int) partition by hash (a);
  create table hashed_0 partition of hashed for values with (modulus 2, remainder 0);
  create table hashed_1 partition of hashed for values with (modulus 2, remainder 1);
  insert into hashed select generate_series(1, 100);
  select lo_from_bytea(4000000000, 'hello'), lo_from_bytea(5, ''), lo_from_bytea(77, decode(repeat('00ff', 300000), 'hex')),
    lo_from_bytea(78, (select string_agg(decode(md5(i::text), 'hex'), '') from generate_series(1, 9000) i));
`;

function liveLargeObjects(psql: (database: string, sql: string) => string, database: string): string[] {
  const text = psql(database, "select oid || ' ' || encode(lo_get(oid), 'hex') from pg_largeobject_metadata");
  return text
    .split("\n")
    .filter((line) => line !== "")
    .toSorted();
}
