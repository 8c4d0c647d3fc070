import { execFileSync } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Archive } from "../../electron/archives/archive.ts";
import { openArchive } from "../../electron/archives/open-archive.ts";
import { type ArchivePicture, pictureOf } from "../contract/archive-contract.ts";
import { allRows } from "../helpers/archive-oracle.ts";
import { clientsRemedy, clientTool } from "../helpers/clients.ts";
import { sortedContentsOf } from "../helpers/database-contents.ts";
import { requirement } from "../helpers/requirement.ts";
import { seedOddNames, seedTypesAndObjects } from "../helpers/seed.ts";
import { availableMajors, clientFolder, serversRemedy, startServer, type TestServer } from "../helpers/servers.ts";
import { openServices, restoreIn, type Services } from "../helpers/services.ts";

/** The rows of dumps made with --inserts and its sisters are those that a dump with COPY has. */
const serverMajor = 15;
const serverNeed = requirement(`PostgreSQL ${serverMajor}`, availableMajors().includes(serverMajor), serversRemedy);
const ways = [["--inserts"], ["--column-inserts", "--on-conflict-do-nothing"], ["--rows-per-insert=3"]];
const matrix = [15, 17, 18].flatMap((client) =>
  ["custom", "directory", "tar", "plain"].map((format) => ({ client, format })),
);

describe.skipIf(serverNeed !== "run")(`dumps of INSERT statements ${serverNeed}`, () => {
  let server: TestServer;
  let services: Services;
  let databases: string[];

  beforeAll(async () => {
    server = await startServer(serverMajor);
    services = await openServices();
    databases = [await seedOddNames(server), await seedTypesAndObjects(server)];
  });
  afterAll(async () => {
    services?.close();
    await server?.stop();
  });

  async function dump(client: number, database: string, options: readonly string[]): Promise<Archive> {
    const path = join(services.home.root, "dump");
    rmSync(path, { recursive: true, force: true });
    const program = clientTool(client, "pg_dump") ?? "pg_dump";
    execFileSync(program, [...options, `--file=${path}`, `--dbname=${server.url(database)}`], { stdio: "pipe" });
    return openArchive(path);
  }

  async function picture(client: number, database: string, options: readonly string[]): Promise<ArchivePicture> {
    const archive = await dump(client, database, options);
    try {
      expect(archive.damage).toBeNull();
      return await pictureOf(archive);
    } finally {
      await archive.close();
    }
  }

  for (const { client, format } of matrix) {
    const need = requirement(`pg_dump ${client}`, clientTool(client, "pg_dump") !== null, clientsRemedy);
    it.skipIf(need !== "run")(`pg_dump ${client} --format=${format} ${need}`, async () => {
      for (const database of databases) {
        const copied = await picture(client, database, [`--format=${format}`]);
        for (const way of format === "custom" || format === "plain" ? ways : ways.slice(2))
          expect(await picture(client, database, [`--format=${format}`, ...way])).toEqual(copied);
      }
    });
  }

  it.each(["custom", "plain"])(
    "reads a table of a dump of data alone, with triggers off around it: %s",
    async (format) => {
      const options = [`--format=${format}`, "--data-only", "--inserts", "--disable-triggers", "--table=data.parents"];
      const archive = await dump(18, "objects", options);
      const entry = [...archive.toc].find(({ desc }) => desc === "TABLE DATA");
      const rows = await allRows(archive, entry?.dumpId ?? -1);
      expect(await archive.columns(entry?.dumpId ?? -1)).toEqual(rows[0]?.map((_, place) => `column${place + 1}`));
      await archive.close();
      expect(rows.length).toBe(Number(await server.value("select count(*) from data.parents", "objects")));
    },
  );

  it("reads values with escapes as a server with standard_conforming_strings off has them written", async () => {
    await server.run("create database escapes");
    await server.run("alter database escapes set standard_conforming_strings = off");
    await server.run(
      String.raw`create table public.t (id int, note text, raw bytea); insert into public.t values (1, E'a\\b\'c\n', E'\\x00ff'), (2, '', null)`,
      "escapes",
    );
    for (const format of ["custom", "plain"])
      for (const way of ways)
        expect(await picture(15, "escapes", [`--format=${format}`, ...way])).toMatchObject({
          rows: (await picture(15, "escapes", [`--format=${format}`])).rows,
        });
  });

  it.each(["custom", "plain"])("restores a table of it, and counts its rows: %s", async (format) => {
    services.useTools([clientFolder(18) ?? ""]);
    const archive = await dump(18, "objects", [`--format=${format}`, "--rows-per-insert=7"]);
    await archive.close();
    const tables = [{ schema: "data", name: "parents" }];
    const newDatabaseName = `from inserts ${format}`;
    const choice = { kind: "objects" as const, tables, schemas: [], dumpIds: [] };
    const job = await services.restore(server, archive.path, { newDatabaseName, choice });
    expect(job).toMatchObject({ state: "succeeded", error: null });
    const [restored] = restoreIn(job).tables;
    expect(restored).toMatchObject({ name: "parents", rowsExpected: restored?.rowsRestored });
    const contents = await sortedContentsOf(server, newDatabaseName);
    expect(contents["data.parents"]).toBe((await sortedContentsOf(server, "objects"))["data.parents"]);
  });
});
