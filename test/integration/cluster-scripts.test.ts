import { execFileSync } from "node:child_process";
import { readFileSync, statSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Archive } from "../../electron/archives/archive.ts";
import { findObject, findTableData } from "../../electron/archives/find-object.ts";
import { openArchive } from "../../electron/archives/open-archive.ts";
import { surveyArchive, writeSalvage } from "../../electron/archives/salvage.ts";
import { startRestore } from "../../electron/jobs/run-restore.ts";
import { pictureOf } from "../contract/archive-contract.ts";
import { allRows } from "../helpers/archive-oracle.ts";
import { clientsRemedy, clientTool } from "../helpers/clients.ts";
import { sortedContentsOf } from "../helpers/database-contents.ts";
import { requirement } from "../helpers/requirement.ts";
import { runCli } from "../helpers/run-cli.ts";
import { seedTypesAndObjects } from "../helpers/seed.ts";
import { availableMajors, clientFolder, serversRemedy, startServer, type TestServer } from "../helpers/servers.ts";
import { openServices, restoreIn, type Services } from "../helpers/services.ts";
import { pictureOf as tableIn } from "../helpers/table-picture.ts";

/** Scripts of pg_dumpall: every database in one is what pg_dump writes of it, and what is of the whole server stands beside. */
const serverMajor = 15;
const serverNeed = requirement(`PostgreSQL ${serverMajor}`, availableMajors().includes(serverMajor), serversRemedy);

describe.skipIf(serverNeed !== "run")(`scripts of pg_dumpall ${serverNeed}`, () => {
  let server: TestServer;
  let services: Services;

  beforeAll(async () => {
    server = await startServer(serverMajor);
    services = await openServices();
    await seedTypesAndObjects(server);
    await server.run(String.raw`create role "Odd; role"; create role staff; grant staff to "Odd; role"`);
    await server.run("comment on role staff is E'two\\n\\\\connect lines'");
    await server.run(`create database "My ""Shop""" encoding 'LATIN1' template template0`);
    await server.run("create database twin");
    const own = "create table public.orders (id int primary key, note text)";
    await server.run(`${own}; insert into orders values (1, 'übrig'), (2, null)`, 'My "Shop"');
    await server.run(`${own}; create schema extra; insert into orders values (7, 'twin')`, "twin");
    await server.run("create table extra.lonely (a int); insert into extra.lonely values (3)", "twin");
  });
  afterAll(async () => {
    services?.close();
    await server?.stop();
  });

  async function dumpAll(client: number, ...options: readonly string[]): Promise<Archive> {
    const path = join(services.home.root, "all");
    const program = clientTool(client, "pg_dumpall") ?? "pg_dumpall";
    execFileSync(program, [...options, `--file=${path}`, `--dbname=${server.url()}`], { stdio: "pipe" });
    return openArchive(path);
  }

  async function databasesLike(pattern: string): Promise<(string | null)[]> {
    const rows = await server.run(
      `select datname from pg_database where datname like '${pattern.replaceAll("'", "''")}' order by 1`,
    );
    return rows.map((row) => row["datname"] ?? null);
  }

  for (const client of [15, 17, 18]) {
    const need = requirement(`pg_dumpall ${client}`, clientTool(client, "pg_dumpall") !== null, clientsRemedy);
    for (const options of [[], ["--inserts"], ["--clean", "--if-exists"]])
      it.skipIf(need !== "run")(`pg_dumpall ${client} ${options.join(" ")} ${need}`, async () => {
        const whole = await dumpAll(client, ...options);
        try {
          expect(whole.damage).toBeNull();
          expect(whole.databases.toSorted()).toEqual(['My "Shop"', "objects", "postgres", "template1", "twin"]);
          const shared = [...whole.toc].filter(({ dumpId }) => whole.databaseOf(dumpId) === null);
          const roles = shared.filter(({ desc }) => desc === "ROLE").map(({ tag }) => tag);
          expect(roles).toEqual(expect.arrayContaining(["Odd; role", "postgres", "staff"]));
          expect(findObject(whole.toc, "staff").definition).toContain("two\n\\\\connect lines");
          for (const database of ["objects", "twin", 'My "Shop"']) {
            const path = join(services.home.root, "one");
            const only = options.filter((option) => option === "--inserts");
            const program = clientTool(client, "pg_dump") ?? "pg_dump";
            execFileSync(program, [...only, "--create", `--file=${path}`, `--dbname=${server.url(database)}`]);
            const alone = await openArchive(path);
            expect(await pictureOf(whole.database(database))).toEqual(await pictureOf(alone));
            await alone.close();
          }
        } finally {
          await whole.close();
        }
      });
  }

  it("says which database a name is in, and asks where it is in several", async () => {
    const whole = await dumpAll(15);
    expect(await allRows(whole, findTableData(whole.toc, "extra.lonely").dumpId)).toEqual([["3"]]);
    expect(() => findTableData(whole.toc, "public.orders")).toThrow(
      expect.objectContaining({
        code: "archive.objectAmbiguous",
        detail: expect.stringMatching(/in "My ""Shop""" .*in twin /s),
      }),
    );
    const shop = whole.database('My "Shop"');
    const { dumpId } = findTableData(shop.toc, "orders");
    expect(await allRows(whole, dumpId)).toEqual([
      ["1", "übrig"],
      ["2", null],
    ]);
    expect(findTableData(whole.toc, String(dumpId)).dumpId).toBe(dumpId);
    expect(() => whole.database("nope")).toThrow(/no database nope/);
    await whole.close();
    const env = { LIFEBOAT_HOME: services.home.root };
    const rows = await runCli(["rows", whole.path, "orders", "--database", "twin", "--format", "csv"], { env });
    expect(rows).toMatchObject({ code: 0, stdout: "id,note\r\n7,twin\r\n" });
    const output = join(services.home.root, "twin.csv");
    const exported = await runCli(["rows", whole.path, "orders", "--database", "twin", "--output", output], { env });
    expect(exported).toMatchObject({ code: 0 });
    expect(readFileSync(output, "utf8")).toBe("id,note\r\n7,twin\r\n");
    const diffs = await runCli(["diff", whole.path, "--database", "twin", "--with", server.url("twin")], { env });
    expect(diffs).toMatchObject({ code: 0, stdout: expect.stringContaining("The same") });
    const blurred = await runCli(["diff", whole.path, "--with", server.url("twin")], { env });
    expect(blurred).toMatchObject({ code: 1, stderr: expect.stringContaining("several databases") });
    const between = ["diff", whole.path, "--database", "twin", "--with", whole.path];
    expect(await runCli(between, { env })).toMatchObject({ code: 0, stdout: expect.stringContaining("The same") });
    const shopThere = await runCli([...between, "--with-database", 'My "Shop"'], { env });
    expect(shopThere).toMatchObject({ code: 0, stdout: expect.stringMatching(/removed +SCHEMA +extra/) });
    const live = await runCli(
      ["diff", whole.path, "--database", "twin", "--with", server.url("twin"), "--with-database", "x"],
      {
        env,
      },
    );
    expect(live).toMatchObject({ code: 2, stderr: expect.stringContaining("--with itself") });
    const same = await runCli(["compare", whole.path, "orders", "--database", "twin", "--with", whole.path], { env });
    expect(same).toMatchObject({ code: 0, stdout: expect.stringMatching(/same +1 /) });
    const unclear = await runCli(["rows", whole.path, "orders"], { env });
    expect(unclear).toMatchObject({ code: 1, stderr: expect.stringContaining("--database") });
    const listed = JSON.parse((await runCli(["contents", whole.path, "--json"], { env })).stdout);
    expect(listed.entries).toContainEqual(expect.objectContaining({ database: "twin", tag: "lonely", desc: "TABLE" }));
  });

  it("restores one database of it, and one table of one", async () => {
    services.useTools([clientFolder(18) ?? ""]);
    const dumped = await dumpAll(18);
    await dumped.close();
    const { path } = dumped;
    await expect(services.restore(server, path, { newDatabaseName: "unclear" })).rejects.toMatchObject({
      code: "archive.databaseUnclear",
    });
    const job = await services.restore(server, path, { newDatabaseName: "back", database: "objects" });
    expect({ ...restoreIn(job), state: job.state }).toMatchObject({ failed: [], state: "succeeded" });
    expect(await sortedContentsOf(server, "back")).toEqual(await sortedContentsOf(server, "objects"));
    const choice = { kind: "objects" as const, tables: [{ schema: null, name: "orders" }], schemas: [], dumpIds: [] };
    for (const database of ['My "Shop"', "twin"]) {
      const newDatabaseName = `orders of ${database}`;
      const one = await services.restore(server, path, { newDatabaseName, database, choice });
      expect(one).toMatchObject({ state: "succeeded", error: null });
      expect(tableIn(server, newDatabaseName, "public", "orders")).toBe(tableIn(server, database, "public", "orders"));
    }
  });

  it("counts what holds definitions alone as a database where everything is wanted", async () => {
    const others = ["o*", "t*", "b*", "d*"].map((name) => `--exclude-database=${name}`);
    const bare = await dumpAll(18, "--schema-only", ...others);
    await bare.close();
    const only = await services.restore(server, bare.path, { newDatabaseName: "definitions" });
    expect(only).toMatchObject({ state: "succeeded", error: null });
    await server.run("create database views");
    await server.run("create view public.one as select 1", "views");
    try {
      const two = await dumpAll(18, ...others);
      await two.close();
      await expect(services.restore(server, two.path, { newDatabaseName: "copy" })).rejects.toMatchObject({
        code: "archive.databaseUnclear",
      });
      const choice = { kind: "objects" as const, tables: [{ schema: null, name: "orders" }], schemas: [], dumpIds: [] };
      const table = await services.restore(server, two.path, { newDatabaseName: "copy", choice });
      expect(table).toMatchObject({ state: "succeeded", error: null });
    } finally {
      for (const name of ["views", "definitions", "copy"]) await server.run(`drop database if exists ${name}`);
    }
  });

  it("restores every database of it, each into a new one, as one job", async () => {
    services.useTools([clientFolder(18) ?? ""]);
    const others = await databasesLike("%");
    for (const name of others.filter((each) => each === "back" || each?.startsWith("orders of ")))
      await server.run(`drop database "${name?.replaceAll('"', '""')}"`);
    const dumped = await dumpAll(18);
    await dumped.close();
    const job = await services.restore(server, dumped.path);
    const result = restoreIn(job);
    expect({ ...result, state: job.state, error: job.error }).toMatchObject({
      failed: [],
      state: "succeeded",
      target: { database: null },
      entriesRestored: result.entriesChosen,
    });
    const steps = job.steps.map(({ name }) => name);
    expect(steps).toEqual(['Restoring "My ""Shop"""', "Restoring objects", "Restoring twin"]);
    for (const { name, restoredAs, state } of result.databases ?? []) {
      expect({ state, restoredAs }).toEqual({
        state: "succeeded",
        restoredAs: expect.stringContaining(`${name}_restored_`),
      });
      expect(await sortedContentsOf(server, restoredAs ?? "")).toEqual(await sortedContentsOf(server, name));
    }
    expect(result.tables.filter(({ name }) => name === "orders").map(({ database }) => database)).toEqual([
      result.databases?.[0]?.restoredAs,
      result.databases?.[2]?.restoredAs,
    ]);
    expect(result.globals).toContain(`lifeboat definition ${dumped.path} --globals`);
    for (const { restoredAs } of result.databases ?? [])
      await server.run(`drop database "${restoredAs?.replaceAll('"', '""')}"`);
  });

  it("goes on where one database fails, and names it", async () => {
    const [plan, access] = await services.plan(server, join(services.home.root, "all"));
    const [shop, objects, twin] = plan.cluster?.parts.map((part) => part.plan.database) ?? [];
    await server.run(`create database "${objects}"`);
    const job = await startRestore(plan, access, services.jobs, {});
    const result = restoreIn(job);
    expect({ ...result, state: job.state }).toMatchObject({
      state: "finishedWithErrors",
      databases: [
        { name: 'My "Shop"', restoredAs: shop, state: "succeeded" },
        { name: "objects", restoredAs: null, state: "failed" },
        { name: "twin", restoredAs: twin, state: "succeeded" },
      ],
      failed: [{ desc: "DATABASE", name: "objects", objectIsThere: false }],
    });
    expect(result.failed[0]?.reason).toMatch(/already exists/);
    expect(await sortedContentsOf(server, twin ?? "")).toEqual(await sortedContentsOf(server, "twin"));
    // Somebody else's database of that name is not what came, and stays.
    expect(await databasesLike(`${objects}`)).toEqual([objects]);
    // The next restore may begin within the same second, and its names end with that.
    for (const name of [shop, objects, twin]) await server.run(`drop database "${name?.replaceAll('"', '""')}"`);
  });

  it("leaves none of them behind when it is cancelled", async () => {
    const before = await databasesLike("%_restored_%");
    const [plan, access] = await services.plan(server, join(services.home.root, "all"));
    const stop = new AbortController();
    const job = await startRestore(plan, access, services.jobs, {
      signal: stop.signal,
      onChange: ({ steps }) => (steps.length === 3 ? stop.abort() : undefined),
    });
    expect(job).toMatchObject({ state: "cancelled", error: { code: "job.cancelled" } });
    expect(job.error?.detail).toContain(plan.cluster?.parts[0]?.plan.database);
    expect(await databasesLike("%_restored_%")).toEqual(before);
  });

  it("shows the whole plan, and the roles that are not in it", async () => {
    const env = { LIFEBOAT_HOME: services.home.root };
    const path = join(services.home.root, "all");
    const before = await databasesLike("%");
    const shown = await runCli(["restore", path, "--into", server.url(), "--dry-run"], { env });
    expect(shown.code, shown.stderr).toBe(0);
    for (const text of [
      "3 new databases",
      "twin comes as twin_restored_",
      "are not run",
      "Nothing is in template1, postgres",
    ])
      expect(shown.stdout).toContain(text);
    expect(shown.stdout.match(/CREATE DATABASE/g)).toHaveLength(3);
    const plan = JSON.parse(
      (await runCli(["restore", path, "--into", server.url(), "--dry-run", "--json"], { env })).stdout,
    );
    expect(plan.target).toMatchObject({ database: null, mode: "new-database" });
    expect(plan.commands).toHaveLength(3);
    expect(plan.databases.map(({ name }: { name: string }) => name)).toEqual(['My "Shop"', "objects", "twin"]);
    expect(await databasesLike("%")).toEqual(before);
    const globals = await runCli(["definition", path, "--globals"], { env });
    expect(globals).toMatchObject({ code: 0, stdout: expect.stringContaining('CREATE ROLE "Odd; role";') });
    expect(globals.stdout).not.toContain("CREATE TABLE");
    const both = await runCli(["definition", path, "staff", "--globals"], { env });
    expect(both).toMatchObject({ code: 2, stderr: expect.stringContaining("--globals") });
    const swap = ["restore", path, "--into", server.url("twin"), "--mode", "swap", "--dry-run"];
    expect(await runCli(swap, { env })).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("several databases"),
    });
  });

  it("opens a script of roles alone", async () => {
    const globals = await dumpAll(18, "--globals-only");
    expect(globals.damage).toBeNull();
    expect(findObject(globals.toc, '"Odd; role"').definition).toContain('CREATE ROLE "Odd; role"');
    await globals.close();
  });

  it("salvages a database of a cut script", async () => {
    const dumped = await dumpAll(18);
    await dumped.close();
    const { path } = dumped;
    truncateSync(path, statSync(path).size - 700);
    const whole = await openArchive(path);
    expect(whole.damage).toMatchObject({ code: "archive.truncated" });
    const objects = whole.database("objects");
    const survey = await surveyArchive(objects, undefined);
    expect(survey.filter(({ broken }) => broken !== null)).toEqual([]);
    const to = join(services.home.root, "salvaged");
    await writeSalvage(objects, survey, to, undefined);
    const salvaged = await openArchive(to);
    expect((await pictureOf(salvaged)).rows).toEqual((await pictureOf(objects)).rows);
    await Promise.all([salvaged.close(), whole.close()]);
  });
});
