import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Archive } from "../../electron/archives/archive.ts";
import { openArchive } from "../../electron/archives/open-archive.ts";
import { locateHome } from "../../electron/home.ts";
import { startVerify } from "../../electron/jobs/run-verify.ts";
import type { RestoreRequest } from "../../electron/restore/restore-request.ts";
import { locateInstallations } from "../../electron/tools/locate-tools.ts";
import { supportedCompressions } from "../../shared/command/dump-command.ts";
import { formatName } from "../../shared/command/names.ts";
import { contentsIn, isComputed, listedLines, listLines } from "../helpers/archive-oracle.ts";
import { contentsOf, definitionOf, type Relation, sortedContentsOf } from "../helpers/database-contents.ts";
import { createDatabase, identifier, oddNames, seedOddNames, seedTypesAndObjects } from "../helpers/seed.ts";
import {
  availableMajors,
  clientFolder,
  clientsRemedy,
  clientTool,
  requirement,
  serversRemedy,
  startServer,
  type TestServer,
} from "../helpers/servers.ts";
import { backupIn, openServices, restoreIn, type Services } from "../helpers/services.ts";
import { dumpThroughPipe, runClient } from "../helpers/table-picture.ts";

/**
 * Servers, clients, compressions and ways of writing against each other, with every odd name and nearly every type and
 * object in each cell. Of all combinations these hold every pair of server and compression, of server and way, of
 * compression and way; the client is the server's own major where there is one here, else the next, and for what that one
 * cannot write a later one. Every archive is read whole; the whole, a choice of tables into a new database, and dropped
 * tables into the database they were dropped from are brought back once on each server, each from another cell.
 */
const matrix = [
  { server: 13, client: 15, compress: "none", way: "lifeboat", back: "chosen" },
  { server: 13, client: 15, compress: "gzip", way: "pipe", back: "whole" },
  { server: 13, client: 17, compress: "zstd", way: "lifeboat", back: "dropped" },
  { server: 13, client: 18, compress: "lz4", way: "pipe", back: null },
  { server: 14, client: 15, compress: "none", way: "pipe", back: null },
  { server: 14, client: 15, compress: "gzip", way: "lifeboat", back: "whole" },
  { server: 14, client: 18, compress: "zstd", way: "pipe", back: "dropped" },
  { server: 14, client: 17, compress: "lz4", way: "lifeboat", back: "chosen" },
  { server: 15, client: 15, compress: "none", way: "lifeboat", back: "dropped" },
  { server: 15, client: 15, compress: "gzip", way: "pipe", back: "chosen" },
  { server: 15, client: 18, compress: "zstd", way: "lifeboat", back: "whole" },
  { server: 15, client: 17, compress: "lz4", way: "pipe", back: null },
  { server: 16, client: 17, compress: "none", way: "pipe", back: "whole" },
  { server: 16, client: 17, compress: "gzip", way: "lifeboat", back: "chosen" },
  { server: 16, client: 17, compress: "zstd", way: "pipe", back: "dropped" },
  { server: 16, client: 18, compress: "lz4", way: "lifeboat", back: null },
  { server: 17, client: 17, compress: "none", way: "lifeboat", back: "dropped" },
  { server: 17, client: 17, compress: "gzip", way: "pipe", back: null },
  { server: 17, client: 17, compress: "zstd", way: "lifeboat", back: "chosen" },
  { server: 17, client: 17, compress: "lz4", way: "pipe", back: "whole" },
  { server: 18, client: 18, compress: "none", way: "pipe", back: "chosen" },
  { server: 18, client: 18, compress: "gzip", way: "lifeboat", back: null },
  { server: 18, client: 18, compress: "zstd", way: "pipe", back: "whole" },
  { server: 18, client: 18, compress: "lz4", way: "lifeboat", back: "dropped" },
] as const;
type Cell = (typeof matrix)[number];

it("the matrix holds what it says", () => {
  for (const { client, compress } of matrix)
    expect(supportedCompressions({ major: client, minor: 0, text: "" })).toContain(compress);
  expect([countPairs("server", "compress"), countPairs("server", "way"), countPairs("compress", "way")]).toEqual([
    24, 12, 8,
  ]);
});

function countPairs(one: keyof Cell, other: keyof Cell): number {
  return new Set(matrix.map((cell) => `${cell[one]} ${cell[other]}`)).size;
}

/** Names with each kind of oddness: their tables, and those that have columns, indexes, triggers… of that name. */
const chosenNames = [
  "plain",
  'double "quoted"',
  "it's",
  "back\\slash",
  "a=b",
  "--leading-dashes",
  "new\nline",
  "new\n\\! touch /tmp/owned\nline",
  "日本語の表",
  "🚣🏽‍♀️ boat",
  "שלום עליכם",
  "‮reversed‬",
  "x".repeat(63),
  "; Type: TABLE; Schema: public; Owner: x",
];
const chosenOdd: readonly Relation[] = chosenNames.flatMap((name) => [
  { schema: name, name },
  { schema: "odd parts", name: `t${oddNames.indexOf(name)}` },
]);

/**
 * Keys, indexes of every kind, defaults, identities, triggers, comments, grants, policies, generated columns,
 * inheritance, partitions of partitions, a row type, and large values.
 */
const chosenObjects: readonly Relation[] = [
  "all_types",
  "identities",
  "Mixed Case",
  "parents",
  "children",
  "typed",
  "base",
  "derived",
  "derived_twice",
  "measured",
  "measured_north",
  "measured_north_2024",
  "measured_north_later",
  "measured_south",
  "measured_rest",
  "measured_rest_0",
  "measured_rest_1",
  "texts",
  "scratch",
].map((name) => ({ schema: "data", name }));
const notChosen = ["data.wide", "data.empty_of_columns", "app.totals", '"UPPER"."UPPER"', '"odd parts".t2'];
const chosenSince: Readonly<Record<number, string>> = {
  14: "since_14",
  15: "since_15",
  16: "since_16",
  18: "since_18",
};

/** What can be dropped, views and all, without taking parts of other tables along. */
const droppedOdd: readonly Relation[] = [
  ...chosenOdd,
  ...chosenNames.map((name) => ({ schema: "odd functions", name })),
];
const droppedObjects: readonly Relation[] = ["identities", "Mixed Case", "wide", "scratch", "empty_of_columns"].map(
  (name) => ({ schema: "data", name }),
);

/** Extended statistics, which pg_dump leaves out of a choice of tables. */
const statistics = `select stxname, pg_get_statisticsobjdef(oid), obj_description(oid, 'pg_statistic_ext')
  from pg_statistic_ext order by 1`;

function chosenOf(database: string, server: number): readonly Relation[] {
  if (database !== "objects") return chosenOdd;
  const newer = Object.entries(chosenSince).filter(([since]) => server >= Number(since));
  return [...chosenObjects, ...newer.map(([, name]) => ({ schema: "data", name }))];
}

describe.each([13, 14, 15, 16, 17, 18])("PostgreSQL %i", (major) => {
  const serverNeed = requirement(`a PostgreSQL ${major} server`, availableMajors().includes(major), serversRemedy);
  const cells = matrix.filter(({ server }) => server === major);
  let server: TestServer;
  let services: Services;
  let databases: string[];
  /** Contents by database, asked once: nothing changes there. */
  const live = new Map<string, Map<string, string>>();

  beforeAll(async () => {
    if (serverNeed !== "run") return;
    server = await startServer(major);
    services = await openServices();
    databases = [await seedOddNames(server), await seedTypesAndObjects(server)];
    for (const database of databases) live.set(database, await contentsOf(server, database));
  });
  afterAll(async () => {
    services?.close();
    await server?.stop();
  });

  for (const cell of cells) {
    const { client, compress, way, back } = cell;
    const clientNeed = requirement(`PostgreSQL ${client}'s client`, clientFolder(client) !== null, clientsRemedy);
    const need = serverNeed === "run" ? clientNeed : serverNeed;
    const title = `pg_dump ${client} with ${compress}, ${way === "pipe" ? "through a pipe" : "with offsets"}, ${back ?? "nothing"} brought back`;
    it.skipIf(need !== "run")(`${title}: ${need}`, async () => {
      services.useTools(toolsFor(cell));
      for (const [index, database] of databases.entries()) {
        const path = way === "pipe" ? dumpToPipe(cell, database) : await backUp(cell, database);
        const archive = await openArchive(path);
        try {
          expect(archive.hasOffsets).toBe(cell.way === "lifeboat");
          const pgRestore = clientTool(cell.client, "pg_restore") ?? "";
          const listed = execFileSync(pgRestore, ["--list", path], { encoding: "utf8", maxBuffer: 1 << 26 });
          expect(listLines(archive)).toEqual(listedLines(listed));
          expect(await contentsIn(archive)).toEqual(tablesOf(database));
          await expectExcerpt(archive, pgRestore);
        } finally {
          await archive.close();
        }
        if (cell.back === "whole") await bringBackWhole(path, database, `whole ${index} host=nowhere.invalid 🛟`);
        if (cell.back === "dropped") await bringBackDropped(path, database, `dropped ${index}`);
        if (cell.back === "chosen") await bringBackChosen(path, database, `-chosen "${index}"; it's = ünïque\\`);
      }
    });
  }

  /** pg_restore makes the same SQL of an excerpt that comes through a pipe as of the file it was taken from. */
  async function expectExcerpt(archive: Archive, pgRestore: string): Promise<void> {
    const entries = [...archive.toc];
    const ids = entries.filter((entry, at) => !entry.hasData || at % 3 !== 0).map(({ dumpId }) => dumpId);
    expect(ids.length).toBeLessThan(entries.length);
    const list = join(services.home.root, "excerpt.list");
    writeFileSync(list, ids.map((id) => `${id};\n`).join(""));
    const { bytes, sizeBytes } = await archive.excerpt(ids);
    const parts: Uint8Array[] = [];
    for await (const part of bytes) parts.push(part);
    const excerpt = Buffer.concat(parts);
    expect(excerpt.length).toBe(sizeBytes);
    expect(excerpt.length).toBeLessThan(archive.sizeBytes);
    const sqlOf = (path: readonly string[], input: Buffer | undefined) =>
      execFileSync(pgRestore, [`--use-list=${list}`, "--file=-", ...path], {
        input,
        encoding: "latin1",
        maxBuffer: 1 << 28,
      }).replaceAll(/^\\(un)?restrict .*$/gm, "");
    expect(sqlOf([], excerpt)).toBe(sqlOf([archive.path], undefined));
  }

  /** By the backup service, which adds the offsets and a manifest. */
  async function backUp(cell: Cell, database: string): Promise<string> {
    const compression = { method: cell.compress, level: null };
    const job = await services.backUp(server, database, { compression });
    expect(job).toMatchObject({ state: "succeeded", error: null });
    const { result, manifest } = backupIn(job);
    expect(manifest.tool.version).toMatch(new RegExp(`^${cell.client}\\b`));
    expect(manifest.compression.method).toBe(cell.compress);
    const rows = manifest.data.filter((entry) => entry.rows !== null);
    const counted = rows.map((entry) => [formatName(entry.namespace, entry.tag), entry.rows]);
    expect(Object.fromEntries(counted)).toEqual(rowsIn(tablesOf(database)));
    return result.path;
  }

  /** By pg_dump alone. */
  function dumpToPipe(cell: Cell, database: string): string {
    const path = join(services.home.root, `${cell.compress}-${databases.indexOf(database)}.dump`);
    const compress = cell.client === 15 ? (cell.compress === "none" ? "0" : "6") : cell.compress;
    dumpThroughPipe(server, database, path, [`--compress=${compress}`], cell.client);
    return path;
  }

  /** What of a database's contents the archive holds as data: not the materialized views and sequences. */
  function tablesOf(database: string): Record<string, string> {
    return Object.fromEntries([...(live.get(database) ?? [])].filter(([name]) => !isComputed(name)));
  }

  async function bringBackWhole(path: string, database: string, newDatabaseName: string): Promise<void> {
    // A test that is tried again finds what it left.
    await server.run(`drop database if exists ${identifier(newDatabaseName)}`);
    const job = await services.restore(server, path, { newDatabaseName });
    expect(job).toMatchObject({ state: "succeeded", error: null });
    expect(definitionOf(server, newDatabaseName)).toBe(definitionOf(server, database));
    expect(await sortedContentsOf(server, newDatabaseName)).toEqual(await sortedContentsOf(server, database));
  }

  async function bringBackDropped(path: string, database: string, copy: string): Promise<void> {
    await server.run(`drop database if exists ${identifier(copy)}`);
    const dropped = database === "objects" ? droppedObjects : droppedOdd;
    const tables = dropped.filter(({ schema }) => schema !== "odd functions");
    const names = tables.map(({ schema, name }) => `${identifier(schema)}.${identifier(name)}`);
    await server.run(`create database ${identifier(copy)} template ${identifier(database)}`);
    await server.run(`set client_min_messages = error; drop table ${names.join(", ")} cascade`, copy);
    const choice: RestoreRequest["choice"] = { kind: "objects", tables: [...dropped], schemas: [], dumpIds: [] };
    const job = await services.restore(server, path, { mode: "as-is", target: server.target(copy), choice });
    expect(job).toMatchObject({ state: "succeeded", error: null });
    expect(definitionOf(server, copy)).toBe(definitionOf(server, database));
    expect(await sortedContentsOf(server, copy)).toEqual(await sortedContentsOf(server, database));
  }

  async function bringBackChosen(path: string, database: string, newDatabaseName: string): Promise<void> {
    // A test that is tried again finds what it left.
    await server.run(`drop database if exists ${identifier(newDatabaseName)}`);
    const only = chosenOf(database, major);
    const choice: RestoreRequest["choice"] = { kind: "objects", tables: [...only], schemas: [], dumpIds: [] };
    const job = await services.restore(server, path, { newDatabaseName, choice });
    const { failed, tables } = restoreIn(job);
    expect(failed).toEqual([]);
    expect(job).toMatchObject({ state: "succeeded", error: null });
    expect(tables.every(({ rowsExpected, rowsRestored }) => rowsExpected === rowsRestored)).toBe(true);
    expect(definitionOf(server, newDatabaseName, { only })).toBe(definitionOf(server, database, { only }));
    expect(await server.run(statistics, newDatabaseName)).toEqual(await server.run(statistics, database));
    const restored = await sortedContentsOf(server, newDatabaseName);
    const wanted = only
      .map(({ schema, name }) => formatName(schema, name))
      .filter((name) => live.get(database)?.has(name));
    expect(Object.keys(restored)).toEqual(expect.arrayContaining(wanted));
    expect(Object.keys(restored).filter((name) => notChosen.includes(name))).toEqual([]);
    // Whatever came, sequences and what the chosen needed included, came as it was; the large objects were not chosen.
    const { ["large objects"]: _, ...came } = restored;
    expect(await sortedContentsOf(server, database)).toMatchObject(came);
  }
});

function toolsFor({ client }: Cell): string[] {
  const folder = clientFolder(client);
  return folder === null ? [] : [folder];
}

/** Rows of each table in COPY text. */
function rowsIn(tables: Readonly<Record<string, string>>): Record<string, number> {
  const { ["large objects"]: _, ...others } = tables;
  return Object.fromEntries(Object.entries(others).map(([name, text]) => [name, text.split("\n").length - 1]));
}

/** Besides those of the tests. */
const newestClient = await newestInstalled();

describe("between servers", () => {
  const pairs = [
    { from: 13, to: 18 },
    { from: 15, to: 17 },
  ];
  for (const { from, to } of pairs) {
    const serversNeed = requirement(
      `PostgreSQL ${from} and ${to} servers`,
      [from, to].every((major) => availableMajors().includes(major)),
      serversRemedy,
    );
    const clientNeed = requirement(`PostgreSQL ${to}'s client`, clientFolder(to) !== null, clientsRemedy);
    const need = serversNeed === "run" ? clientNeed : serversNeed;

    it.skipIf(need !== "run")(`an archive of ${from} comes whole into ${to}: ${need}`, async () => {
      const [older, newer, services] = await Promise.all([startServer(from), startServer(to), openServices()]);
      try {
        services.useTools([clientFolder(to) ?? ""]);
        const databases = [await seedOddNames(older), await seedTypesAndObjects(older)];
        await newer.run(rolesOf(await older.run(roles)));
        for (const database of databases) {
          const { result } = backupIn(await services.backUp(older, database));
          expect(result.tool).toMatch(/^pg_dump 15\b/);
          const job = await services.restore(newer, result.path, { newDatabaseName: database });
          expect(job).toMatchObject({ state: "succeeded", error: null });
          expect(restoreIn(job).failed).toEqual([]);
          // Servers print views and more in ways of their own, so what a bare pg_restore makes there is the measure.
          const stock = `stock ${databases.indexOf(database)}`;
          await createDatabase(newer, stock);
          runClient(newer, "pg_restore", [`--dbname=${stock}`, result.path], to);
          expect(definitionOf(newer, database)).toBe(definitionOf(newer, stock));
          expect(await sortedContentsOf(newer, database)).toEqual(await sortedContentsOf(older, database));
        }
      } finally {
        services.close();
        await Promise.all([older.stop(), newer.stop()]);
      }
    });
  }

  const mismatchNeed = requirement(
    "a PostgreSQL 18 server and client, and no client newer than 15 but those of the tests",
    availableMajors().includes(18) && clientFolder(18) !== null && newestClient === 15,
    serversRemedy,
  );

  it.skipIf(mismatchNeed !== "run")(
    `what only newer clients can do is refused before anything starts: ${mismatchNeed}`,
    async () => {
      const [server, services] = await Promise.all([
        startServer(18, { settings: { log_connections: "on" } }),
        openServices(),
      ]);
      try {
        await server.run("create table t (id int); insert into t values (1)");
        const refused = await services.backUp(server, "postgres");
        expect(refused).toMatchObject({ state: "failed", error: { code: "tool.tooOld" } });
        expect(refused.error?.message).toContain("18");
        expect(refused.error?.hint).toMatch(/postgresql-client-18/);
        expect(existsSync(services.home.backupsFolder)).toBe(false);
        const log = readFileSync(server.logFile, "utf8");
        expect(log).toMatch(/application_name=lifeboat$/m);
        expect(log).not.toContain("application_name=lifeboat:");

        services.useTools([clientFolder(18) ?? ""]);
        const { result } = backupIn(await services.backUp(server, "postgres"));
        services.useTools([]);
        await expect(services.restore(server, result.path, { newDatabaseName: "never" })).rejects.toMatchObject({
          code: "tool.tooOld",
          message: expect.stringContaining("1.16"),
          hint: expect.stringMatching(/postgresql-client-1[78]/),
        });
        const verified = await startVerify(
          { path: result.path, level: "read" },
          { home: services.home, env: {} },
          services.jobs,
          {},
        );
        expect(verified).toMatchObject({ state: "finishedWithErrors", result: { rows: 1, pgRestore: "missing" } });

        // A version that no PostgreSQL has written yet: its third byte after the magic, then the revision.
        const bytes = readFileSync(result.path);
        bytes[6] = 99;
        const later = join(services.home.root, "later.dump");
        writeFileSync(later, bytes);
        await expect(services.restore(server, later)).rejects.toMatchObject({ code: "archive.unsupportedVersion" });
        const databases = "select count(*) from pg_database where not datistemplate";
        expect(await server.value(databases)).toBe("1");
      } finally {
        services.close();
        await server.stop();
      }
    },
  );
});

async function newestInstalled(): Promise<number | undefined> {
  const [newest] = await locateInstallations(locateHome({ LIFEBOAT_HOME: "/nowhere" }), { PATH: process.env["PATH"] });
  return newest?.version.major;
}

const roles = "select rolname as name from pg_roles where rolname !~ '^pg_' and rolname <> 'postgres'";

function rolesOf(rows: readonly { name?: string | null }[]): string {
  return rows.map(({ name }) => `create role ${identifier(name ?? "")};`).join("\n");
}
