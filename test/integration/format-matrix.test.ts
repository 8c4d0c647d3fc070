import { execFileSync } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openArchive } from "../../electron/archives/open-archive.ts";
import type { RestoreRequest } from "../../electron/restore/restore-request.ts";
import { supportedCompressions } from "../../shared/command/dump-command.ts";
import { formatName } from "../../shared/command/names.ts";
import { type ArchivePicture, pictureOf } from "../contract/archive-contract.ts";
import { contentsIn, isComputed, listedLines, listLines } from "../helpers/archive-oracle.ts";
import { contentsOf, definitionOf, sortedContentsOf } from "../helpers/database-contents.ts";
import { identifier, seedOddNames, seedTypesAndObjects } from "../helpers/seed.ts";
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
import { openServices, type Services } from "../helpers/services.ts";

/**
 * Every server's database in every format besides the custom one, which matrix.test.ts has: each cell shows what a custom
 * archive of the same client shows, what pg_restore lists and what the live tables hold, and gives a table back that equals
 * the live one. Of all combinations these hold every pair of server and format, and of format and compression.
 */
const matrix = [
  { server: 13, client: 15, format: "directory", compress: "gzip" },
  { server: 13, client: 15, format: "tar", compress: "none" },
  { server: 13, client: 17, format: "plain", compress: "zstd" },
  { server: 13, client: 18, format: "inserts", compress: "lz4" },
  { server: 14, client: 17, format: "directory", compress: "lz4" },
  { server: 14, client: 17, format: "tar", compress: "none" },
  { server: 14, client: 15, format: "plain", compress: "none" },
  { server: 14, client: 15, format: "inserts", compress: "gzip" },
  { server: 15, client: 18, format: "directory", compress: "zstd" },
  { server: 15, client: 18, format: "tar", compress: "none" },
  { server: 15, client: 15, format: "plain", compress: "gzip" },
  { server: 15, client: 15, format: "inserts", compress: "none" },
  { server: 16, client: 17, format: "directory", compress: "none" },
  { server: 16, client: 18, format: "tar", compress: "none" },
  { server: 16, client: 17, format: "plain", compress: "lz4" },
  { server: 16, client: 17, format: "inserts", compress: "zstd" },
  { server: 17, client: 17, format: "directory", compress: "gzip" },
  { server: 17, client: 17, format: "tar", compress: "none" },
  { server: 17, client: 18, format: "plain", compress: "none" },
  { server: 17, client: 17, format: "inserts", compress: "lz4" },
  { server: 18, client: 18, format: "directory", compress: "zstd" },
  { server: 18, client: 18, format: "tar", compress: "none" },
  { server: 18, client: 18, format: "plain", compress: "gzip" },
  { server: 18, client: 18, format: "inserts", compress: "none" },
] as const;
type Cell = (typeof matrix)[number];

it("the matrix holds what it says", () => {
  for (const { client, compress } of matrix)
    expect(supportedCompressions({ major: client, minor: 0, text: "" })).toContain(compress);
  // pg_dump compresses no tar.
  expect([countPairs("server", "format"), countPairs("format", "compress")]).toEqual([24, 13]);
});

function countPairs(one: keyof Cell, other: keyof Cell): number {
  return new Set(matrix.map((cell) => `${cell[one]} ${cell[other]}`)).size;
}

/** Tables that refer to each other, with keys, defaults, indexes, triggers, comments, grants and an owner. */
const broughtBack = ["parents", "children"].map((name) => ({ schema: "data", name }));

describe.each([13, 14, 15, 16, 17, 18])("PostgreSQL %i in every format", (major) => {
  const serverNeed = requirement(`a PostgreSQL ${major} server`, availableMajors().includes(major), serversRemedy);
  let server: TestServer;
  let services: Services;
  let databases: string[];
  const live = new Map<string, Record<string, string>>();
  const pictures = new Map<string, ArchivePicture>();

  beforeAll(async () => {
    if (serverNeed !== "run") return;
    server = await startServer(major);
    services = await openServices();
    databases = [await seedOddNames(server), await seedTypesAndObjects(server)];
    for (const database of databases) {
      const contents = [...(await contentsOf(server, database))].filter(([name]) => !isComputed(name));
      live.set(database, Object.fromEntries(contents));
    }
  });
  afterAll(async () => {
    services?.close();
    await server?.stop();
  });

  for (const cell of matrix.filter((each) => each.server === major)) {
    const clientNeed = requirement(
      `PostgreSQL ${cell.client}'s client`,
      clientFolder(cell.client) !== null,
      clientsRemedy,
    );
    const need = serverNeed === "run" ? clientNeed : serverNeed;
    it.skipIf(need !== "run")(`pg_dump ${cell.client} ${cell.format} with ${cell.compress}: ${need}`, async () => {
      for (const database of databases) await expectSame(cell, database);
      await expectBack(cell);
    });
  }

  function dump(client: number, database: string, options: readonly string[], name: string): string {
    const path = join(services.home.root, name);
    rmSync(path, { recursive: true, force: true });
    const program = clientTool(client, "pg_dump") ?? "pg_dump";
    execFileSync(program, [...options, `--file=${path}`, `--dbname=${server.url(database)}`], { stdio: "pipe" });
    return path;
  }

  async function customPicture(client: number, database: string): Promise<ArchivePicture> {
    const key = `${client} ${database}`;
    const known = pictures.get(key);
    if (known !== undefined) return known;
    const archive = await openArchive(dump(client, database, ["--format=custom"], "custom"));
    const picture = await pictureOf(archive);
    await archive.close();
    pictures.set(key, picture);
    return picture;
  }

  async function expectSame(cell: Cell, database: string): Promise<void> {
    const path = dump(cell.client, database, optionsOf(cell), "dump");
    const archive = await openArchive(path);
    try {
      expect(archive.damage).toBeNull();
      const picture = await customPicture(cell.client, database);
      const isScript = archive.header.format === "plain";
      // Of the database itself a script says nothing, unless it was made with --create.
      const definitions = picture.definitions.filter((each) => !isScript || !/^(DATABASE|\w+ "?DATABASE) /.test(each));
      expect(await pictureOf(archive)).toEqual({ ...picture, definitions });
      expect(await contentsIn(archive)).toEqual(live.get(database));
      if (isScript) return;
      const pgRestore = clientTool(cell.client, "pg_restore") ?? "";
      const listed = execFileSync(pgRestore, ["--list", path], { encoding: "utf8", maxBuffer: 1 << 26 });
      expect(listLines(archive)).toEqual(listedLines(listed));
    } finally {
      await archive.close();
    }
  }

  async function expectBack(cell: Cell): Promise<void> {
    services.useTools([clientFolder(cell.client) ?? ""]);
    const path = dump(cell.client, "objects", optionsOf(cell), "dump");
    const newDatabaseName = `one of ${cell.format}`;
    // A test that is tried again finds what it left.
    await server.run(`drop database if exists ${identifier(newDatabaseName)}`);
    const choice: RestoreRequest["choice"] = { kind: "objects", tables: broughtBack, schemas: [], dumpIds: [] };
    const job = await services.restore(server, path, { newDatabaseName, choice });
    expect(job).toMatchObject({ state: "succeeded", error: null });
    const only = { only: broughtBack };
    expect(definitionOf(server, newDatabaseName, only)).toBe(definitionOf(server, "objects", only));
    const restored = await sortedContentsOf(server, newDatabaseName);
    const whole = await sortedContentsOf(server, "objects");
    for (const { schema, name } of broughtBack)
      expect(restored[formatName(schema, name)]).toBe(whole[formatName(schema, name)]);
  }
});

function optionsOf({ client, format, compress }: Cell): string[] {
  if (format === "tar") return ["--format=tar"];
  const level = client >= 16 ? compress : compress === "none" ? "0" : "6";
  const statements = format === "inserts" ? ["--inserts"] : [];
  return [`--format=${format === "inserts" ? "plain" : format}`, `--compress=${level}`, ...statements];
}
