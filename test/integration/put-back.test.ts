import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { locateHome } from "../../electron/home.ts";
import { type JobManager, openJobManager } from "../../electron/jobs/job-manager.ts";
import { startPutBack, startUndo } from "../../electron/jobs/run-put-back.ts";
import { planPutBack } from "../../electron/put-back/plan-put-back.ts";
import type { PutBackRequest } from "../../electron/put-back/put-back-request.ts";
import type { PutBackResult } from "../../shared/contract/job-results.ts";
import type { Job } from "../../shared/job/job.ts";
import { oddNames } from "../helpers/odd-names.ts";
import { runCli } from "../helpers/run-cli.ts";
import { identifier, literal } from "../helpers/seed.ts";
import { availableMajors, requirement, serversRemedy, startServer, type TestServer } from "../helpers/servers.ts";
import { runClient } from "../helpers/table-picture.ts";

const folder = mkdtempSync(join(tmpdir(), "lifeboat-put-back-"));
const home = locateHome({ LIFEBOAT_HOME: join(folder, "home") });
const signal = AbortSignal.timeout(600_000);
let jobs: JobManager;
beforeAll(async () => {
  jobs = await openJobManager(home);
});
afterAll(() => {
  jobs.close();
  rmSync(folder, { recursive: true, force: true });
});

function dump(server: TestServer, database: string): string {
  const path = join(folder, `${server.major}-${Math.random().toString(36).slice(2)}.dump`);
  runClient(server, "pg_dump", ["-Fc", `--file=${path}`, `--dbname=${database}`]);
  return path;
}

function requestFor(
  server: TestServer,
  database: string,
  archive: string,
  changes: Partial<PutBackRequest>,
  user = "postgres",
) {
  const target = { ...server.target(database), user };
  const request: PutBackRequest = {
    kind: "rows",
    archive,
    target: { ...target, hosts: target.hosts.map((host) => ({ ...host })) },
    table: "orders",
    liveTable: null,
    key: null,
    renames: {},
    missing: null,
    changed: [],
    bypassTriggers: false,
    ...changes,
  };
  const connection = { target, password: null, passwordFrom: "none", warnings: [] };
  return { request, services: { home, env: process.env, connection } };
}

type Asked = Parameters<typeof requestFor>;

async function plan(...asked: Asked) {
  const { request, services } = requestFor(...asked);
  return { plan: await planPutBack(request, services, signal), services };
}

async function putBack(...asked: Asked): Promise<{ job: Job; result: Extract<PutBackResult, { kind: "rows" }> }> {
  const planned = await plan(...asked);
  const job = await startPutBack(planned.plan, planned.services, jobs, {});
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the record's type is any kind's
  return { job, result: job.result as Extract<PutBackResult, { kind: "rows" }> };
}

/** Every row of the table as text, in one order. */
async function picture(server: TestServer, database: string, table = "orders"): Promise<string[]> {
  const rows = await server.run(`select t.*::text as row from ${table} t`, database);
  return rows.map(({ row }) => row ?? "").toSorted();
}

const shop = `create table customers (id integer primary key, email text unique);
  insert into customers select g, 'c' || g || '@example.com' from generate_series(1, 100) g;
  create table orders (id integer generated always as identity primary key, customer_id integer references customers, code text unique, total numeric(10,2), note text, at timestamptz, info jsonb, double numeric generated always as (total * 2) stored);
  insert into orders (customer_id, code, total, note, at, info) select 1 + g % 100, 'c' || g, g * 1.5, case when g % 3 = 0 then E'tab\\tline\\nback\\\\slash ''quote''' end, '2024-01-01 12:00+00'::timestamptz + g * interval '1 hour', '{"a": 1}' from generate_series(1, 2000) g`;
const mishap = `delete from orders where id % 100 = 50 or id > 1990; update orders set total = total + 1, note = 'new' where id % 250 = 7`;

async function shopAfter(server: TestServer, database: string, sql = mishap): Promise<string> {
  await server.run(`create database ${database}`);
  await server.run(shop, database);
  const archive = dump(server, database);
  await server.run(`create table as_it_was as table orders`, database);
  await server.run(sql, database);
  return archive;
}

describe.each([13, 14, 15, 16, 17, 18])("rows are put back, PostgreSQL %i", (major) => {
  const state = requirement(`a PostgreSQL ${major} server`, availableMajors().includes(major), serversRemedy);

  it.skipIf(state !== "run")("the table equals the original; the undo brings the other state back", async () => {
    const server = await startServer(major);
    try {
      const archive = await shopAfter(server, "shop");
      await server.run("select setval('orders_id_seq', 1500)", "shop");
      const before = await picture(server, "shop");
      const { job, result } = await putBack(server, "shop", archive, { changed: null });
      expect(job).toMatchObject({ state: "succeeded", error: null });
      expect(result).toMatchObject({ inserted: 30, updated: 8, differing: 0, table: "public.orders" });
      expect(await picture(server, "shop")).toEqual(await picture(server, "shop", "as_it_was"));
      expect(await server.value("select nextval('orders_id_seq')", "shop")).toBe("2001");
      expect(readdirSync(home.runFolder)).toEqual([]);

      // By psql, as anybody could.
      runClient(server, "psql", ["-X", "-v", "ON_ERROR_STOP=1", `--file=${result.undo}`, "--dbname=shop"]);
      expect(await picture(server, "shop")).toEqual(before);

      // And by a job, after the rows were put back again.
      const again = await putBack(server, "shop", archive, { changed: null });
      expect(await picture(server, "shop")).toEqual(await picture(server, "shop", "as_it_was"));
      const { request, services } = requestFor(server, "shop", archive, {});
      const undo = { kind: "undo", target: request.target, table: "public.orders", script: again.result.undo } as const;
      expect(await startUndo(undo, services.connection, jobs, {})).toMatchObject({ state: "succeeded" });
      expect(await picture(server, "shop")).toEqual(before);
    } finally {
      await server.stop();
    }
  });
});

describe("put back", () => {
  const state = requirement("a PostgreSQL server", availableMajors().length > 0, serversRemedy);
  let server: TestServer;
  beforeAll(async () => {
    if (state === "run")
      server = await startServer(availableMajors().includes(15) ? 15 : (availableMajors().at(-1) ?? 15));
  });
  afterAll(async () => {
    await server?.stop();
  });

  it.skipIf(state !== "run")("only what is missing, only the ticked rows; the script is psql's too", async () => {
    const archive = await shopAfter(server, "ticked");
    const ticked = { missing: [["50"], ["150"], ["7"]], changed: [] };
    const { plan: planned } = await plan(server, "ticked", archive, ticked);
    expect(planned).toMatchObject({ missing: 2, changed: 0, conflicts: [] });
    expect(planned.counts).toEqual({ missing: 30, changed: 8, added: 0, same: 1962 });
    expect(planned.warnings).toContain("8 changed rows stay as they are; --changed puts those back, too.");
    const sql = readFileSync(planned.script, "utf8");
    expect(sql).toContain('INSERT INTO "public"."orders"');
    expect(sql).toContain("tab\\tline\\nback\\\\slash 'quote'");
    runClient(server, "psql", ["-X", "-v", "ON_ERROR_STOP=1", `--file=${planned.script}`, "--dbname=ticked"]);
    expect(await server.value("select count(*) from orders where id in (50, 150)", "ticked")).toBe("2");
    rmSync(planned.script);
  });

  it.skipIf(state !== "run")("what the server would refuse is said before, and refused whole", async () => {
    const archive = await shopAfter(
      server,
      "conflict",
      `${mishap}; update orders set code = 'c50' where id = 51; update orders set customer_id = 1 where customer_id = 100; delete from customers where id = 100`,
    );
    const { plan: planned, services } = await plan(server, "conflict", archive, {});
    expect(planned.conflicts).toEqual([
      "1 row cannot come back: another row has the same code, which is unique.",
      expect.stringMatching(/^1 row refer to rows of public.customers that are not there/),
    ]);
    const before = await picture(server, "conflict");
    const job = await startPutBack(planned, services, jobs, {});
    expect(job).toMatchObject({ state: "failed", error: { code: "restore.dataRejected" } });
    expect(await picture(server, "conflict")).toEqual(before);
    expect(existsSync(join(home.undoFolder, `${job.id}.sql`))).toBe(false);
    // With changed rows put back first, the unique value is free again; without triggers nobody asks for the customer.
    const all = await putBack(server, "conflict", archive, { changed: null, bypassTriggers: true });
    expect(all.job.state).toBe("succeeded");
    expect(await picture(server, "conflict")).toEqual(await picture(server, "conflict", "as_it_was"));
  });

  it.skipIf(state !== "run")(
    "a row that changed since the comparison stops it all; so does one that changed since, an undo",
    async () => {
      const archive = await shopAfter(server, "raced");
      const planned = await plan(server, "raced", archive, { changed: null });
      await server.run("update orders set note = 'somebody was faster' where id = 7", "raced");
      const before = await picture(server, "raced");
      const job = await startPutBack(planned.plan, planned.services, jobs, {});
      expect(job).toMatchObject({ state: "failed", error: { code: "restore.planOutdated" } });
      expect(await picture(server, "raced")).toEqual(before);
      const { result } = await putBack(server, "raced", archive, {});
      await server.run("update orders set note = 'in use again' where id = 50", "raced");
      const after = await picture(server, "raced");
      const { request, services } = requestFor(server, "raced", archive, {});
      const undo = { kind: "undo", target: request.target, table: "public.orders", script: result.undo } as const;
      expect(await startUndo(undo, services.connection, jobs, {})).toMatchObject({
        state: "failed",
        error: { code: "restore.planOutdated" },
      });
      expect(await picture(server, "raced")).toEqual(after);
    },
  );

  it.skipIf(state !== "run")(
    "a trigger that changes rows is named before, and its doing is told after; bypassed, it does nothing",
    async () => {
      const trigger = `create function stamp() returns trigger language plpgsql as 'begin new.note := ''stamped''; return new; end'; create trigger stamp before insert on orders for each row execute function stamp()`;
      const archive = await shopAfter(server, "triggered", `${mishap}; ${trigger}`);
      const { plan: planned, services } = await plan(server, "triggered", archive, {});
      expect(planned.warnings).toContain("These triggers fire: stamp. They may change the rows, or do more.");
      const before = await picture(server, "triggered");
      const job = await startPutBack(planned, services, jobs, {});
      expect(job).toMatchObject({ state: "finishedWithErrors", result: { inserted: 30, differing: 30 } });
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- as above
      const { undo } = job.result as { undo: string };
      const { request } = requestFor(server, "triggered", archive, {});
      await startUndo(
        { kind: "undo", target: request.target, table: "orders", script: undo },
        services.connection,
        jobs,
        {},
      );
      expect(await picture(server, "triggered")).toEqual(before);
      const bypassed = await putBack(server, "triggered", archive, { bypassTriggers: true });
      expect(bypassed.job.state).toBe("succeeded");
    },
  );

  it.skipIf(state !== "run")("names of every kind, types without =, columns that moved on since", async () => {
    await server.run("create database odd");
    const columns = oddNames.slice(0, 40).map((name) => `${identifier(name)} text default ${literal(name)}`);
    await server.run(
      `create schema "S; "";\n--"; create table "S; "";\n--"."T $lifeboat$;\n" ("k;\n" integer primary key, x xml, j json, p point, old integer, ${columns.join(", ")});
      insert into "S; "";\n--"."T $lifeboat$;\n" ("k;\n", x, j, p, old) select g, '<a/>', '{"a":  1}', point(g, g), g from generate_series(1, 50) g`,
      "odd",
    );
    const archive = dump(server, "odd");
    const table = '"S; "";\n--"."T $lifeboat$;\n"';
    await server.run(
      `alter table ${table} rename old to fresh; alter table ${table} alter fresh type bigint; alter table ${table} add more integer not null default 5, drop plain`,
      "odd",
    );
    await server.run(
      `create table as_it_was as table ${table}; delete from ${table} where "k;\n" % 2 = 0; update ${table} set j = '[]', p = null, "select" = null where "k;\n" = 7`,
      "odd",
    );
    const before = await picture(server, "odd", table);
    const { job, result } = await putBack(server, "odd", archive, { table, changed: null, renames: { old: "fresh" } });
    expect(job).toMatchObject({ state: "succeeded", error: null });
    expect(await picture(server, "odd", table)).toEqual(await picture(server, "odd", "as_it_was"));
    runClient(server, "psql", ["-X", "-v", "ON_ERROR_STOP=1", `--file=${result.undo}`, "--dbname=odd"]);
    expect(await picture(server, "odd", table)).toEqual(before);
  });

  it.skipIf(state !== "run")("as commands: shown, saved, confirmed, run, taken back", async () => {
    const archive = await shopAfter(server, "command");
    const before = await picture(server, "command");
    const env = { LIFEBOAT_HOME: home.root };
    const saved = join(folder, "saved.sql");
    const args = ["restore", archive, "--into", server.url("command"), "--mode", "missing-rows", "--table", "orders"];
    const shown = await runCli([...args, "--changed", "--save-sql", saved, "--dry-run", "--json"], { env });
    expect(shown).toMatchObject({ code: 0 });
    expect(JSON.parse(shown.stdout)).toMatchObject({
      table: "public.orders",
      toInsert: 30,
      toChange: 8,
      conflicts: [],
    });
    expect(readFileSync(saved, "utf8")).toMatch(/^-- Lifeboat puts rows back.*COMMIT;\n$/s);
    expect(readdirSync(home.runFolder)).toEqual([]);
    const unconfirmed = await runCli([...args, "--json"], { env });
    expect(JSON.parse(unconfirmed.stdout)).toMatchObject({ error: { code: "restore.confirmationNeeded" } });
    expect(await picture(server, "command")).toEqual(before);
    const done = await runCli([...args, "--changed", "--yes", "--json"], { env });
    expect(done).toMatchObject({ code: 0 });
    const { jobId } = JSON.parse(done.stdout);
    expect(await picture(server, "command")).toEqual(await picture(server, "command", "as_it_was"));
    const undone = await runCli(["jobs", "undo", jobId, "--yes"], { env });
    expect(undone).toMatchObject({ code: 0 });
    expect(undone.stdout).toContain("Taken back in public.orders");
    expect(await picture(server, "command")).toEqual(before);
    const wrong = await runCli([...args.slice(0, -4), "--mode", "as-is", "--changed"], { env });
    expect(wrong.code).toBe(2);
  });
});
