import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Archive } from "../../electron/archives/archive.ts";
import { openArchive } from "../../electron/archives/open-archive.ts";
import { exportRows } from "../../electron/rows/export-rows.ts";
import type { TocEntry } from "../../shared/archive/toc-entry.ts";
import { quoteIdentifier } from "../../shared/command/names.ts";
import { everyRow } from "../../shared/rows/row-filter.ts";
import type { ExportFormat } from "../../shared/rows/row-format.ts";
import { clientsRemedy, clientTool } from "../helpers/clients.ts";
import { requirement } from "../helpers/requirement.ts";
import { runCli } from "../helpers/run-cli.ts";
import { createDatabase, literal, seedOddNames, seedTypesAndObjects } from "../helpers/seed.ts";
import { availableMajors, serversRemedy, startServer, type TestServer } from "../helpers/servers.ts";

/** What is exported is read back by PostgreSQL itself: every table of databases with odd names and odd values. */
const serverMajor = 15;
const serverNeed = requirement(`PostgreSQL ${serverMajor}`, availableMajors().includes(serverMajor), serversRemedy);
const clientNeed = requirement("clients of 15", clientTool(15, "pg_dump") !== null, clientsRemedy);
const need = serverNeed === "run" ? clientNeed : serverNeed;
const formats = ["custom", "directory", "tar", "plain"] as const;

describe.skipIf(need !== "run")(`exports ${need}`, () => {
  let server: TestServer;
  let databases: string[] = [];
  const folder = mkdtempSync(join(tmpdir(), "lifeboat-export-"));
  const dumps = new Map<string, string>();

  beforeAll(async () => {
    server = await startServer(serverMajor);
    databases = [await seedOddNames(server), await seedTypesAndObjects(server)];
    await createDatabase(server, "identities");
    await server.run(
      `create table always (id bigint generated always as identity primary key, twice bigint generated always as (id * 2) stored, note text);
       insert into always (note) select case when g % 3 = 0 then null else 'it''s ' || g end from generate_series(1, 40000) g;
       create table parts (id int generated always as identity, region text) partition by list (region);
       create table parts_a partition of parts for values in ('a'); insert into parts (region) values ('a'), ('a')`,
      "identities",
    );
    databases.push("identities");
    chmodSync(folder, 0o755);
    for (const [at, database] of databases.entries())
      for (const format of formats) {
        const path = join(folder, `${at}.${format}`);
        execFileSync(clientTool(15, "pg_dump") ?? "", [`-F${format[0]}`, `--file=${path}`, server.url(database)]);
        dumps.set(`${at} ${format}`, path);
      }
  });
  afterAll(async () => {
    await server?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it.each([0, 1, 2])(
    "as CSV and SQL hold what the tables held, from every format of archive: database %i",
    async (at) => {
      const database = databases[at] ?? "";
      const [csv, sql] = [`csv_${at}`, `sql_${at}`];
      await Promise.all([copySchema(database, csv), copySchema(database, sql)]);
      const expected = await exportAll(dumps.get(`${at} custom`) ?? "");
      expect(expected.length).toBeGreaterThan(0);
      for (const format of formats.slice(1)) {
        // oxlint-disable-next-line no-await-in-loop -- each reads all of an archive
        expect(await exportAll(dumps.get(`${at} ${format}`) ?? ""), format).toEqual(expected);
      }
      for (const [place, { name, columns, texts }] of expected.entries()) {
        const file = join(folder, `${at}-${place}`);
        writeFileSync(`${file}.csv`, texts.csv, { mode: 0o644 });
        writeFileSync(`${file}.sql`, texts.sql, { mode: 0o644 });
        const list = columns.length === 0 ? "" : ` (${columns.map(quoteIdentifier).join(", ")})`;
        const copy = `copy ${name}${list} from ${literal(`${file}.csv`)} with (format csv, header, encoding 'UTF8')`;
        // oxlint-disable-next-line no-await-in-loop -- one table after the other
        if (columns.length > 0) await server.run(`set session_replication_role = replica; ${copy}`, csv);
        execFileSync(
          clientTool(15, "psql") ?? "",
          ["-qX", "-v", "ON_ERROR_STOP=1", "-f", `${file}.sql`, server.url(sql)],
          {
            env: {
              PATH: process.env["PATH"] ?? "",
              PGOPTIONS: "-c session_replication_role=replica -c bytea_output=escape",
            },
          },
        );
        const digest = `select count(*) || ' ' || coalesce(md5(string_agg(t::text, e'\\n' order by t::text collate "C")), '') from only ${name} t`;
        // oxlint-disable-next-line no-await-in-loop -- the same
        const [original, ...copies] = await Promise.all([database, csv, sql].map((each) => server.value(digest, each)));
        // CSV has no way to hold a row without a column.
        const isEmpty = columns.length === 0;
        expect(isEmpty ? copies.slice(1) : copies, name).toEqual(isEmpty ? [original] : [original, original]);
      }
    },
  );

  it("go into a file that has its name once it is whole, and replace nothing unasked", async () => {
    const path = dumps.get("2 directory") ?? "";
    const output = join(folder, "always.csv");
    const env = { LIFEBOAT_HOME: join(folder, "home") };
    const run = (...more: string[]) =>
      runCli(["rows", path, "always", "--output", output, "--quiet", ...more], { env });
    const first = await run("--where", "id > 39990", "--where", "note is not null");
    expect([first.code, first.stderr]).toEqual([0, ""]);
    expect(first.stdout).toMatch(/^Exported {2}7 rows to .*always\.csv \(\d+ B\)\n$/);
    const text = readFileSync(output, "utf8");
    expect(text.split("\r\n")).toHaveLength(9);
    const second = await run();
    expect(second).toMatchObject({ code: 1, stdout: "" });
    expect(second.stderr).toMatch(/is there already[^]*--overwrite/);
    expect(readFileSync(output, "utf8")).toBe(text);
    expect((await run("--overwrite")).code).toBe(0);
    expect(readFileSync(output, "utf8").split("\r\n")).toHaveLength(40_002);
    expect(readdirSync(folder).filter((name) => name.includes("partial"))).toEqual([]);
    const nowhere = await runCli(["rows", path, "always", "--output", join(folder, "no.txt")], { env });
    expect(nowhere).toMatchObject({ code: 2 });
    expect(existsSync(join(folder, "no.txt"))).toBe(false);
  });

  async function copySchema(from: string, to: string): Promise<void> {
    await createDatabase(server, to);
    const script = join(folder, `${to}.schema`);
    execFileSync(clientTool(15, "pg_dump") ?? "", [
      "-s",
      "--no-owner",
      "--no-privileges",
      `--file=${script}`,
      server.url(from),
    ]);
    execFileSync(clientTool(15, "psql") ?? "", ["-qX", "-v", "ON_ERROR_STOP=1", "-f", script, server.url(to)], {
      stdio: "pipe",
    });
  }
});

async function exportAll(path: string) {
  const archive = await openArchive(path);
  try {
    const tables: { name: string; columns: string[]; texts: { csv: string; sql: string } }[] = [];
    for (const entry of archive.toc) {
      if (entry.desc !== "TABLE DATA" || !entry.hasData) continue;
      const name = `${quoteIdentifier(entry.namespace ?? "")}.${quoteIdentifier(entry.tag)}`;
      const texts = {
        // oxlint-disable-next-line no-await-in-loop -- one table after the other
        csv: await textOf(archive, entry, "csv"),
        // oxlint-disable-next-line no-await-in-loop -- the same
        sql: await textOf(archive, entry, "sql"),
      };
      tables.push({ name, columns: await archive.columns(entry.dumpId), texts });
    }
    return tables.toSorted((one, other) => (one.name < other.name ? -1 : 1));
  } finally {
    await archive.close();
  }
}

async function textOf(archive: Archive, { dumpId }: TocEntry, format: ExportFormat): Promise<string> {
  const parts: Uint8Array[] = [];
  const request = { format, filter: everyRow, limit: null };
  for await (const { bytes } of await exportRows(archive, dumpId, request, AbortSignal.timeout(60_000)))
    parts.push(bytes);
  return Buffer.concat(parts).toString("utf8");
}
