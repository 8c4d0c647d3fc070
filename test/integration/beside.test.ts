import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { locateHome } from "../../electron/home.ts";
import { type JobManager, openJobManager } from "../../electron/jobs/job-manager.ts";
import { startUndo, undoRequestOf } from "../../electron/jobs/run-put-back.ts";
import { startRestore } from "../../electron/jobs/run-restore.ts";
import type { ResolvedConnection } from "../../electron/profiles/resolve-connection.ts";
import { planByMode } from "../../electron/restore/plan-by-mode.ts";
import type { RestorePlan } from "../../electron/restore/restore-plan.ts";
import { defaultRestoreOptions, type RestoreRequest } from "../../electron/restore/restore-request.ts";
import type { RelationName } from "../../shared/archive/selection.ts";
import type { RestoreResult } from "../../shared/contract/job-results.ts";
import type { Job } from "../../shared/job/job.ts";
import { runCli } from "../helpers/run-cli.ts";
import {
  availableMajors,
  clientFolder,
  requirement,
  serversRemedy,
  startServer,
  type TestServer,
} from "../helpers/servers.ts";
import { dumpInto, oddTable, seedShop } from "../helpers/shop-archive.ts";
import { pictureOf } from "../helpers/table-picture.ts";

const folder = mkdtempSync(join(tmpdir(), "lifeboat-beside-"));
const home = locateHome({ LIFEBOAT_HOME: join(folder, "home") });
let jobs: JobManager;
beforeAll(async () => {
  process.env["LIFEBOAT_TOOLS"] = [17, 18].flatMap((major) => clientFolder(major) ?? []).join(":");
  jobs = await openJobManager(home);
});
afterAll(() => {
  jobs.close();
  rmSync(folder, { recursive: true, force: true });
});

function tables(...names: readonly RelationName[]): RestoreRequest["choice"] {
  return { kind: "objects", tables: [...names], schemas: [], dumpIds: [] };
}

function connectionTo(server: TestServer, database: string): ResolvedConnection {
  return { target: server.target(database), password: null, passwordFrom: "none", warnings: [] };
}

const ofPublic = (name: string): RelationName => ({ schema: "public", name });

async function beside(
  server: TestServer,
  archive: string,
  changes: Partial<RestoreRequest>,
  database = "shop",
): Promise<{ job: Job; plan: RestorePlan; result: RestoreResult }> {
  const target = server.target(database);
  const request: RestoreRequest = { archive, target, ...defaultRestoreOptions, mode: "beside", ...changes };
  const services = { home, env: process.env, connection: connectionTo(server, database) };
  const plan = await planByMode(request, services);
  const job = await startRestore(plan, services, jobs, {});
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the record's type is any kind's
  return { job, plan, result: job.result as RestoreResult };
}

/** The picture of a table beside, in the words of the original: only what the move itself changes is put back. */
function asOriginal(picture: string, from: string, to: string): string {
  return picture
    .replaceAll(`Schema: ${from}`, `Schema: ${to}`)
    .replaceAll(`${from}.`, `${to}.`)
    .replaceAll(`SCHEMA ${from}`, `SCHEMA ${to}`);
}

async function scratchDatabases(server: TestServer): Promise<string | null> {
  return server.value("select count(*) from pg_database where datname like 'lifeboat%'");
}

describe.each([13, 15, 18])("a table comes beside the live one, PostgreSQL %i", (major) => {
  const state = requirement(`a PostgreSQL ${major} server`, availableMajors().includes(major), serversRemedy);

  it.skipIf(state !== "run")("as it was; the live one is untouched; the drops take it away", async () => {
    const server = await startServer(major);
    try {
      const archive = await seedShop(server, folder);
      await server.run("delete from orders where id > 100; alter table orders drop column total cascade", "shop");
      const before = pictureOf(server, "shop", "public", "orders", "order_lines");
      await server.run("create database source template template0");
      const original = await shopCopy(server, archive);
      const choice = tables(ofPublic("orders"), ofPublic("order_lines"));
      const { job, plan, result } = await beside(server, archive, {
        choice,
        place: { schema: "yesterday", name: null },
      });
      expect(job).toMatchObject({ state: "succeeded", error: null });
      expect(result.tables).toEqual([
        { schema: "yesterday", name: "order_lines", rowsExpected: 9000, rowsRestored: 9000 },
        { schema: "yesterday", name: "orders", rowsExpected: 3000, rowsRestored: 3000 },
      ]);
      expect(plan.warnings.join("\n")).toContain("orders_customer_id_fkey");
      expect(plan.touches[0]).toBe("New: yesterday.order_lines, yesterday.orders, in the new schema yesterday.");
      expect(pictureOf(server, "shop", "public", "orders", "order_lines")).toBe(before);

      // Foreign keys to tables that were not chosen are all that may differ.
      await server.run(
        `alter table orders drop constraint orders_customer_id_fkey;
         alter table order_lines drop constraint order_lines_product_id_fkey; drop publication pub`,
        original,
      );
      await server.run("drop publication pub", "shop");
      const came = asOriginal(pictureOf(server, "shop", "yesterday", "orders", "order_lines"), "yesterday", "public");
      const wanted = pictureOf(server, original, "public", "orders", "order_lines");
      // What stays in public: types and functions that both share.
      expect(came.split("\n").toSorted()).toEqual(wanted.split("\n").toSorted());
      expect(await server.value("select nextval('yesterday.orders_id_seq')", "shop")).toBe("3001");
      expect(await scratchDatabases(server)).toBe("0");
      expect(readdirSync(home.runFolder)).toEqual([]);

      const undone = await startUndo(undoRequestOf(job), connectionTo(server, "shop"), jobs, {});
      expect(undone).toMatchObject({ state: "succeeded", title: "Drop yesterday.order_lines, yesterday.orders again" });
      expect(await server.value("select to_regnamespace('yesterday') is null", "shop")).toBe("t");
    } finally {
      await server.stop();
    }
  });
});

/** The archive in a database of its own, by pg_restore. */
async function shopCopy(server: TestServer, archive: string): Promise<string> {
  const { runClient } = await import("../helpers/table-picture.ts");
  runClient(server, "pg_restore", ["--dbname=source", archive]);
  return "source";
}

describe("beside", () => {
  let server: TestServer;
  let archive: string;
  beforeAll(async () => {
    server = await startServer(15);
    archive = await seedShop(server, folder);
  });
  afterAll(() => server.stop());

  it("under another name in the same schema: keys, indexes and sequences get names that are free", async () => {
    const place = { schema: "public", name: "orders_of_monday" };
    const { job, result } = await beside(server, archive, { choice: tables(ofPublic("orders")), place });
    expect(job).toMatchObject({ state: "succeeded", error: null });
    expect(result.beside?.tables).toEqual([{ from: "public.orders", to: "public.orders_of_monday" }]);
    const indexes = await server.run(
      "select indexrelid::regclass::text as name from pg_index where indrelid = 'orders_of_monday'::regclass order by 1",
      "shop",
    );
    expect(indexes.map(({ name }) => name)).toEqual([
      "orders_of_monday_orders_at",
      "orders_of_monday_orders_code_key",
      "orders_of_monday_orders_note",
      "orders_of_monday_orders_pkey",
    ]);
    const sequence = "select pg_get_serial_sequence('orders_of_monday', 'id')";
    expect(await server.value(sequence, "shop")).toBe("public.orders_of_monday_orders_id_seq");
    await expect(beside(server, archive, { choice: tables(ofPublic("orders")), place })).rejects.toMatchObject({
      code: "restore.objectsExist",
    });
  });

  it("odd names, identity, a partitioned table with its partitions, a child without its parent, a view", async () => {
    const choice = tables(
      oddTable,
      ofPublic("customers"),
      ofPublic("events"),
      ofPublic("child_t"),
      ofPublic("order_totals"),
    );
    const place = { schema: 'Re"stored; \n1', name: null };
    const { job, result } = await beside(server, archive, { choice, place });
    expect(job).toMatchObject({ state: "succeeded", error: null });
    const quoted = '"Re""stored; \n1"';
    const rows = async (name: string) => server.value(`select count(*) from ${quoted}.${name}`, "shop");
    expect(await rows('"Tab""le\n1; x"')).toBe("3");
    expect(await rows("customers")).toBe("200");
    expect(await rows("events")).toBe("500");
    expect(await rows("events_2025")).toBe(await server.value("select count(*) from events_2025", "shop"));
    expect(await rows("child_t")).toBe("6");
    // A table of its own: its rows are not doubled in the live parent.
    expect(await server.value("select count(*) from parent_t", "shop")).toBe("16");
    expect(await rows("order_totals")).toBe(await server.value("select count(*) from order_totals", "shop"));
    expect(
      await server.value(
        `select attidentity from pg_attribute where attrelid = '${quoted}.customers'::regclass and attname = 'id'`,
        "shop",
      ),
    ).toBe("a");
    // The key between two chosen tables came, and to the one beside.
    expect(
      await server.value(
        `select confrelid::regclass::text from pg_constraint where conrelid = '${quoted}.events'::regclass and contype = 'f' and conparentid = 0`,
        "shop",
      ),
    ).toBe(`${quoted}.customers`);
    expect(result.tables.map(({ name }) => name)).toContain("events_2026");
  });

  it("types that the live database lost come along; what it has is kept", async () => {
    await server.run("create database bare");
    await server.run("create schema sales; create domain sales.money_amount as numeric(12, 2)", "bare");
    const { job, plan } = await beside(server, archive, { choice: tables(ofPublic("products")) }, "bare");
    expect(job).toMatchObject({ state: "succeeded", error: null });
    const named = (list: RestorePlan["added"]) => list.map(({ dumpId }) => plan.graph.entries.get(dumpId)?.tag);
    expect(named(plan.kept)).toEqual(["money_amount"]);
    expect(named(plan.added)).toEqual(["pg_trgm", "next_code()"]);
    const schema = plan.beside?.schema ?? "";
    expect(schema).toMatch(/^restored_\d{8}$/);
    expect(await server.value(`select count(*) from ${schema}.products`, "bare")).toBe("50");
  });

  it("nothing is left where a row does not fit, at the last of them", async () => {
    await server.run("create database strict");
    await server.run(
      "create table t (id int primary key, a int); insert into t select g, g from generate_series(1, 5000) g",
      "strict",
    );
    await server.run(
      "create function check_a(int) returns boolean language sql immutable as 'select $1 > 0'",
      "strict",
    );
    await server.run("alter table t add constraint positive check (check_a(a))", "strict");
    const made = dumpInto(server, "strict", folder);
    // The live function is another one by now.
    await server.run(
      "create or replace function check_a(int) returns boolean language sql immutable as 'select $1 < 4990'; ",
      "strict",
    );
    const { job } = await beside(server, made, { choice: tables(ofPublic("t")) }, "strict");
    expect(job).toMatchObject({ state: "failed" });
    expect(job.error?.message).toBe("Nothing was changed: table data t could not be made.");
    expect(await server.value("select count(*) from pg_namespace where nspname like 'restored%'", "strict")).toBe("0");
    expect(await scratchDatabases(server)).toBe("0");
  });

  it("a missing role stops it before anything live is made, one that only a policy names too", async () => {
    const other = await startServer(15);
    try {
      await other.run("create database shop");
      await other.run("create schema sales; create type order_status as enum ('new', 'paid', 'shipped')", "shop");
      const choice = tables(ofPublic("orders"));
      const { job } = await beside(other, archive, { choice });
      expect(job).toMatchObject({ state: "failed", error: { code: "restore.missingRequirement" } });
      expect(await scratchDatabases(other)).toBe("0");
      const again = await beside(other, archive, { choice, noOwner: true, noPrivileges: true });
      expect(again.job.state).toBe("failed");
      expect(again.job.error?.message).toContain("reader");
    } finally {
      await other.stop();
    }
  });

  it("by the command line, with its review; refuses everything, and a role without CREATEDB", async () => {
    const env = {
      env: { LIFEBOAT_HOME: join(folder, "cli-home"), LIFEBOAT_TOOLS: process.env["LIFEBOAT_TOOLS"] ?? "" },
    };
    const base = ["restore", archive, "--into", server.url("shop"), "--mode", "beside"];
    const dry = await runCli([...base, "--table", "customers", "--as", "copy_of", "--dry-run"], env);
    expect(dry.stdout).toContain("New: copy_of.customers, in the new schema copy_of.");
    expect(dry.stdout).toContain('ALTER TABLE "public"."customers" SET SCHEMA "copy_of"');
    const done = await runCli([...base, "--table", "customers", "--as", "copy_of", "--yes"], env);
    expect(done).toMatchObject({ code: 0 });
    expect(done.stdout).toContain("copy_of.customers");
    expect(await runCli([...base, "--yes"], env)).toMatchObject({ code: 2 });
    const [, jobId = ""] = /Undo with: lifeboat jobs undo (\w+)/.exec(done.stdout) ?? [];
    expect(await runCli(["jobs", "undo", jobId, "--yes"], env)).toMatchObject({ code: 0, stderr: "" });
    expect(await server.value("select to_regclass('copy_of.customers') is null", "shop")).toBe("t");
    await server.run("create role plain login");
    const url = server.url("shop").replace("postgres@", "plain@");
    const refused = await runCli(
      ["restore", archive, "--into", url, "--mode", "beside", "--table", "customers", "--yes"],
      env,
    );
    expect(refused.stderr).toContain("may not create a database");
  });
});
