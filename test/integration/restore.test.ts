import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { locateHome } from "../../electron/home.ts";
import { type JobManager, openJobManager } from "../../electron/jobs/job-manager.ts";
import { startRestore } from "../../electron/jobs/run-restore.ts";
import { planRestore } from "../../electron/restore/plan-restore.ts";
import type { RestorePlan } from "../../electron/restore/restore-plan.ts";
import { defaultRestoreOptions, type RestoreRequest } from "../../electron/restore/restore-request.ts";
import type { RelationName } from "../../shared/archive/selection.ts";
import type { RestoreResult } from "../../shared/contract/job-results.ts";
import type { Job } from "../../shared/job/job.ts";
import { runCli, startCli } from "../helpers/run-cli.ts";
import { seedOddNames, seedTypesAndObjects } from "../helpers/seed.ts";
import {
  availableMajors,
  clientFolder,
  requirement,
  serversRemedy,
  startServer,
  type TestServer,
} from "../helpers/servers.ts";
import { dumpThroughPipe, pictureOf, runClient } from "../helpers/table-picture.ts";

const seed = readFileSync(join(import.meta.dirname, "../fixtures/sql/restore-shop.sql"), "utf8");
const folder = mkdtempSync(join(tmpdir(), "lifeboat-restore-"));
const home = locateHome({ LIFEBOAT_HOME: join(folder, "home") });
const odd = 'Tab"le\n1; x';
let jobs: JobManager;

beforeAll(async () => {
  process.env["LIFEBOAT_TOOLS"] = [17, 18].flatMap((major) => clientFolder(major) ?? []).join(":");
  jobs = await openJobManager(home);
});
afterAll(() => {
  jobs.close();
  rmSync(folder, { recursive: true, force: true });
});

async function seedShop(server: TestServer): Promise<string> {
  await server.run("create role shop_app; create role reader");
  await server.run("create database shop");
  await server.run(seed, "shop");
  return dump(server, "shop");
}

function dump(server: TestServer, database: string, ...args: readonly string[]): string {
  const path = join(folder, `${server.major}-${Math.random().toString(36).slice(2)}.dump`);
  const quoted = database.replaceAll(/[\\']/g, "\\$&");
  runClient(server, "pg_dump", ["-Fc", `--file=${path}`, ...args, `--dbname=dbname='${quoted}'`]);
  return path;
}

function named(...names: readonly string[]): RestoreRequest["choice"] {
  const tables = names.map((text): RelationName => {
    const [schema = "", name] = text.split(".");
    return name === undefined ? { schema: null, name: text } : { schema, name };
  });
  return { kind: "objects", tables, schemas: [], dumpIds: [] };
}

async function plan(server: TestServer, archive: string, changes: Partial<RestoreRequest>, database = "postgres") {
  const target = server.target(database);
  const request: RestoreRequest = {
    archive,
    target,
    ...defaultRestoreOptions,
    ...changes,
  };
  const services = {
    home,
    env: process.env,
    connection: { target, password: null, passwordFrom: "none", warnings: [] },
  };
  return { plan: await planRestore(request, services), services };
}

async function restore(
  server: TestServer,
  archive: string,
  changes: Partial<RestoreRequest>,
  database?: string,
  options: Parameters<typeof startRestore>[3] = {},
): Promise<{ job: Job; plan: RestorePlan; result: RestoreResult }> {
  const planned = await plan(server, archive, changes, database);
  const job = await startRestore(planned.plan, planned.services, jobs, options);
  return { job, plan: planned.plan, result: resultIn(job) };
}

/** What the job's own run function wrote. */
function resultIn(job: Job): RestoreResult {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the record's type is any kind's
  return job.result as RestoreResult;
}

/** A database with the shop in it, without one of its tables. */
async function shopWithout(server: TestServer, name: string, ...tables: readonly string[]): Promise<void> {
  await server.run(`create database ${name} template shop`);
  await server.run(`drop table ${tables.join(", ")} cascade`, name);
}

describe.each([13, 14, 15, 16, 17, 18])("a dropped table comes back, PostgreSQL %i", (major) => {
  const state = requirement(`a PostgreSQL ${major} server`, availableMajors().includes(major), serversRemedy);

  it.skipIf(state !== "run")("into its own database as it was, keys of other tables included", async () => {
    const server = await startServer(major);
    try {
      const archive = await seedShop(server);
      await shopWithout(server, "live", "orders");
      const { job, result } = await restore(server, archive, { mode: "as-is", choice: named("orders") }, "live");
      expect(job).toMatchObject({ state: "succeeded", error: null });
      expect(result).toMatchObject({
        tables: [{ schema: "public", name: "orders", rowsExpected: 3000, rowsRestored: 3000 }],
        failed: [],
        entriesRestored: result.entriesChosen,
      });
      expect(pictureOf(server, "live", "public", "orders", "order_lines")).toBe(
        pictureOf(server, "shop", "public", "orders", "order_lines"),
      );
      const next = "select nextval('orders_id_seq')";
      expect(await server.value(next, "live")).toBe(await server.value(next, "shop"));
      // Analyzed, or the planner would think it empty.
      expect(await server.value("select reltuples from pg_class where relname = 'orders'", "live")).toBe("3000");
      expect(readdirSync(home.runFolder)).toEqual([]);
    } finally {
      await server.stop();
    }
  });
});

describe("restore", () => {
  let server: TestServer;
  let archive: string;
  beforeAll(async () => {
    server = await startServer(15);
    archive = await seedShop(server);
  });
  afterAll(() => server.stop());

  it("brings everything into a new database, four at a time", async () => {
    const { job, result } = await restore(server, archive, { newDatabaseName: "all_back", jobs: 4 });
    expect(job).toMatchObject({ state: "succeeded", error: null });
    expect(result.target).toMatchObject({ database: "all_back", created: true });
    expect(result.tables.every((table) => table.rowsExpected === table.rowsRestored)).toBe(true);
    expect(result.tables.find(({ name }) => name === "hashed")).toMatchObject({ rowsExpected: 100, rowsRestored: 100 });
    const dumpOf = (database: string) =>
      runClient(server, "pg_dump", ["--schema-only", database]).replaceAll(/^\\(un)?restrict .*$/gm, "");
    expect(dumpOf("all_back")).toBe(dumpOf("shop"));
    expect(await server.value("select length(lo_get(70002))", "all_back")).toBe("5000");
  });

  it.each([
    ["serial, domain, array, trigram index", "public", ["products"], {}],
    ["identity, composite type, collation", "public", ["customers"], {}],
    ["several tables with their foreign keys", "public", ["customers", "products", "orders", "order_lines"], {}],
    ["a partitioned table with its partitions", "public", ["events", "events_2025", "events_2026", "customers"], {}],
    ["partitions loaded through their root", "public", ["hashed", "hashed_0", "hashed_1"], {}],
    ["inheritance", "public", ["parent_t", "child_t"], {}],
    ["a sequence of its own and a generated column", "public", ["uses_lone", "lone"], {}],
    ["odd names", "Odd; schema", [odd], { tables: [{ schema: "Odd; schema", name: odd }] }],
    ["views and a materialized view", "public", ["order_summary", "order_totals"], {}],
    ["in a single transaction", "public", ["products"], { singleTransaction: true }],
  ])("brings the chosen into a new database: %s", async (title, schema, names, changes) => {
    const name = `new_${title.replaceAll(/\W/g, "_")}`.slice(0, 60);
    const { tables, ...others } = changes as { tables?: RelationName[] } & Partial<RestoreRequest>;
    const choice = named(...names.map((table) => `${schema}.${table}`));
    const { job } = await restore(server, archive, {
      choice: tables === undefined ? choice : { kind: "objects", tables, schemas: [], dumpIds: [] },
      newDatabaseName: name,
      ...others,
    });
    expect(job).toMatchObject({ state: "succeeded", error: null });
    expect(pictureOf(server, name, schema, ...names)).toBe(pictureOf(server, "shop", schema, ...names));
  });

  it("restores a partition alone as a plain table, and says so", async () => {
    const { job, plan: planned } = await restore(server, archive, {
      choice: named("events_2025"),
      newDatabaseName: "one_partition",
    });
    expect(job.state).toBe("succeeded");
    expect(planned.warnings.join()).toContain("a table of its own");
    expect(await server.value("select count(*) from events_2025", "one_partition")).toBe(
      await server.value("select count(*) from events_2025", "shop"),
    );
  });

  it("puts a dropped partition back into its table, under the indexes that are there", async () => {
    await shopWithout(server, "no_partition", "events_2025");
    const { job } = await restore(server, archive, { mode: "as-is", choice: named("events_2025") }, "no_partition");
    expect(job).toMatchObject({ state: "succeeded", error: null });
    expect(pictureOf(server, "no_partition", "public", "events", "events_2025")).toBe(
      pictureOf(server, "shop", "public", "events", "events_2025"),
    );
    const count = "select count(*) from events";
    expect(await server.value(count, "no_partition")).toBe(await server.value(count, "shop"));
  });

  it("brings dropped views back over the tables that are there", async () => {
    await shopWithout(server, "no_views", "orders");
    await restore(server, archive, { mode: "as-is", choice: named("orders") }, "no_views");
    const { job, result } = await restore(
      server,
      archive,
      { mode: "as-is", choice: named("order_summary", "busy_orders") },
      "no_views",
    );
    expect(job).toMatchObject({ state: "succeeded", error: null });
    expect(result.tables).toEqual([]);
    const views = ["order_totals", "busy_orders", "order_summary"];
    expect(pictureOf(server, "no_views", "public", ...views)).toBe(pictureOf(server, "shop", "public", ...views));
    const count = "select count(*) from order_summary";
    expect(await server.value(count, "no_views")).toBe(await server.value(count, "shop"));
  });

  it.each(["orders", "customers", "products", "events", "hashed", "parent_t", "uses_lone"])(
    "with all that is offered, the database is whole again after a cascade: %s",
    async (table) => {
      const database = `whole_${table}`;
      await shopWithout(server, database, table);
      const offer = await plan(server, archive, { mode: "as-is", choice: named(table) }, database);
      const dumpIds = [...offer.plan.chosen, ...offer.plan.offered.map(({ dumpId }) => dumpId)];
      const choice: RestoreRequest["choice"] = { kind: "objects", tables: [], schemas: [], dumpIds };
      const { job } = await restore(server, archive, { mode: "as-is", choice }, database);
      expect(job).toMatchObject({ state: "succeeded", error: null });
      // In no order: what was made anew has other OIDs, by which pg_dump breaks ties.
      const linesOf = (name: string) => {
        const lines = runClient(server, "pg_dump", [name]).split("\n");
        return lines.filter((line) => !/^\\(un)?restrict |^$|^--/.test(line)).toSorted();
      };
      expect(linesOf(database)).toEqual(linesOf("shop"));
    },
  );

  it("reads archives without offsets, and those of one table whose schema is not in them", async () => {
    const piped = join(folder, "piped.dump");
    dumpThroughPipe(server, "shop", piped, ["--table=sales.papers"]);
    const { job, plan: planned } = await restore(server, piped, { newDatabaseName: "papers" });
    expect(job).toMatchObject({ state: "succeeded", error: null });
    expect(planned.createSchemas).toEqual(['CREATE SCHEMA "sales"']);
    expect(await server.value("select count(*) from sales.papers", "papers")).toBe("2");
  });

  it("does not stumble over the schema public", async () => {
    const only = dump(server, "shop", "--schema=public", "--table=public.parent_t");
    const whole = dump(server, "shop", "--schema=public", "--exclude-table=*");
    expect((await restore(server, only, { newDatabaseName: "public_1" })).job.state).toBe("succeeded");
    const { plan: planned } = await plan(server, whole, { newDatabaseName: "public_2" });
    expect(planned.kept.map(({ because }) => because)).toEqual(["every new database has it"]);
  });

  it("restores rows alone into an empty table, and refuses a filled one", async () => {
    const rows = dump(server, "shop", "--data-only", "--table=public.parent_t");
    await server.run("create database rows_only");
    await server.run("create table parent_t (a int primary key, b text)", "rows_only");
    const request = { mode: "as-is", choice: named("parent_t") } as const;
    expect((await restore(server, rows, request, "rows_only")).job.state).toBe("succeeded");
    expect(await server.value("select count(*) from parent_t", "rows_only")).toBe("10");
    await expect(plan(server, rows, request, "rows_only")).rejects.toMatchObject({ code: "restore.objectsExist" });
    await expect(plan(server, rows, request, "postgres")).rejects.toMatchObject({ code: "restore.missingRequirement" });
    await expect(plan(server, rows, {})).rejects.toMatchObject({ code: "restore.missingRequirement" });
  });

  it("stops before it changes anything where pg_restore does not take the list", async () => {
    const planned = await plan(server, archive, { choice: named("lone"), newDatabaseName: "ignored" });
    for (const wrong of [0, 99_999]) {
      const entries = [...planned.plan.entries, wrong];
      // oxlint-disable-next-line no-await-in-loop
      const job = await startRestore({ ...planned.plan, entries }, planned.services, jobs, {});
      expect(job.state).toBe("failed");
      expect(job.error?.code).toBe("restore.lineIgnored");
    }
    expect(await server.value("select count(*) from pg_database where datname = 'ignored'")).toBe("0");
  });

  it("refuses what is there already, and names it", async () => {
    await expect(plan(server, archive, { newDatabaseName: "shop" })).rejects.toMatchObject({
      code: "restore.targetExists",
    });
    const request = { mode: "as-is", choice: named("orders", "customers") } as const;
    await expect(plan(server, archive, request, "shop")).rejects.toMatchObject({
      code: "restore.objectsExist",
      detail: "table customers, table orders",
    });
  });

  it("asks for confirmation where a mistake is dear", async () => {
    const request = { choice: named("lone"), newDatabaseName: "careful" };
    expect((await plan(server, archive, request)).plan.confirmation).toBeNull();
    const target = { ...server.target("postgres"), environment: "production" } as const;
    const connection = { target, password: null, passwordFrom: "none", warnings: [] };
    const planned = await plan(server, archive, request);
    const again = await planRestore({ ...planned.plan.request, target }, { ...planned.services, connection });
    expect(again.confirmation).toContain("production");
  });

  it("keeps what is needed and there, and offers what leans on it", async () => {
    await shopWithout(server, "kept", "orders");
    const { plan: planned } = await plan(server, archive, { mode: "as-is", choice: named("orders") }, "kept");
    const described = (list: RestorePlan["kept"]) =>
      list.map(({ dumpId, because }) => `${planned.graph.entries.get(dumpId)?.tag}: ${because}`);
    expect(described(planned.kept)).toEqual([
      "order_status: orders.status uses it",
      "touch(): the trigger orders_touch of orders calls it",
      "order_lines: its foreign key order_lines_order_id_fkey comes back",
      "customers: orders refers to it",
    ]);
    expect(described(planned.offered)).toEqual([
      "order_totals: it reads orders",
      "busy_orders: it reads order_totals",
      "order_summary: it reads order_totals",
      "pub orders: orders was a member of the publication",
    ]);
    expect(planned.confirmation).toContain("kept");
  });
});

describe.each([13, 15, 18])("everything there is, PostgreSQL %i", (major) => {
  const state = requirement(`a PostgreSQL ${major} server`, availableMajors().includes(major), serversRemedy);

  it.skipIf(state !== "run")("comes into a new database, odd names included", async () => {
    const server = await startServer(major);
    try {
      const names = await seedOddNames(server);
      const objects = await seedTypesAndObjects(server);
      for (const database of [names, objects]) {
        const archive = dump(server, database);
        // oxlint-disable-next-line no-await-in-loop -- one server
        const { job, result } = await restore(server, archive, { newDatabaseName: `back ${database}`.slice(0, 30) });
        expect({ database, state: job.state, error: job.error, failed: result?.failed }).toEqual({
          database,
          state: "succeeded",
          error: null,
          failed: [],
        });
      }
    } finally {
      await server.stop();
    }
  });
});

describe("a target that lacks something", () => {
  let source: TestServer;
  let target: TestServer;
  let archive: string;
  beforeAll(async () => {
    source = await startServer(15);
    target = await startServer(15);
    archive = await seedShop(source);
  });
  afterAll(async () => {
    await source.stop();
    await target.stop();
  });

  it("missing roles: finished with errors that name the entries, and the plan said so", async () => {
    const {
      job,
      plan: planned,
      result,
    } = await restore(target, archive, {
      choice: named("orders"),
      newDatabaseName: "roleless",
    });
    expect(planned.warnings.join("\n")).toMatch(/no role (shop_app, reader|reader, shop_app)\b/);
    expect(job.state).toBe("finishedWithErrors");
    expect(result.failed.map(({ desc }) => desc)).toContain("ACL");
    expect(result.failed.every(({ reason }) => /role "(shop_app|reader)" does not exist/.test(reason))).toBe(true);
    expect(result.failed[0]?.remedy).not.toBeNull();
    expect(result.entriesRestored).toBe(result.entriesChosen - result.failed.length);
    expect(await target.value("select count(*) from orders", "roleless")).toBe("3000");
  });

  it("without owners and privileges it succeeds", async () => {
    const choice: RestoreRequest["choice"] = {
      kind: "objects",
      tables: [{ schema: null, name: "customers" }],
      schemas: ["sales"],
      dumpIds: [],
    };
    const bare = { choice, noOwner: true, noPrivileges: true };
    expect((await restore(target, archive, { ...bare, newDatabaseName: "bare" })).job.state).toBe("succeeded");
  });

  it("mapped roles own and hold what the archive's roles did", async () => {
    await target.run("create role new_app; create role new_reader");
    const { job, result } = await restore(target, archive, {
      choice: named("orders"),
      newDatabaseName: "mapped",
      roleMap: { shop_app: "new_app", reader: "new_reader", postgres: "postgres" },
    });
    expect(result.failed).toEqual([]);
    expect(job.state).toBe("succeeded");
    expect(await target.value("select polroles::regrole[]::text from pg_policy", "mapped")).toBe("{new_reader}");
    const owner = "select relowner::regrole::text from pg_class where relname = $$orders$$";
    expect(await target.value(owner, "mapped")).toBe("new_app");
    expect(
      await target.value("select relowner::regrole::text from pg_class where relname = 'orders_id_seq'", "mapped"),
    ).toBe("new_app");
    const acl = "select relacl::text from pg_class where relname = 'orders'";
    expect(await target.value(acl, "mapped")).toBe(
      (await source.value(acl, "shop"))?.replaceAll("shop_app", "new_app").replaceAll("reader", "new_reader"),
    );
  });

  it("a kept type without the value of a row: the rows are missing, and it is said", async () => {
    await target.run("create database narrow");
    await target.run("create type order_status as enum ('new')", "narrow");
    const request = { mode: "as-is", choice: named("orders"), noOwner: true, noPrivileges: true } as const;
    const { job, result } = await restore(target, archive, request, "narrow");
    expect(job.state).toBe("finishedWithErrors");
    expect(result.tables).toMatchObject([{ name: "orders", rowsExpected: 3000, rowsRestored: 0 }]);
    const rows = result.failed.filter(({ desc }) => desc === "TABLE DATA");
    expect(rows).toHaveLength(1);
    expect(rows[0]?.reason).toContain('invalid input value for enum public.order_status: "paid"');
  });

  it("in a single transaction the same leaves nothing behind", async () => {
    await target.run("create database narrow_too");
    await target.run("create type order_status as enum ('new')", "narrow_too");
    const { job } = await restore(
      target,
      archive,
      { mode: "as-is", choice: named("orders"), noOwner: true, noPrivileges: true, singleTransaction: true },
      "narrow_too",
    );
    expect(job.state).toBe("failed");
    expect(job.error?.message).toContain("invalid input value for enum");
    expect(await target.value("select count(*) from pg_class where relname like 'orders%'", "narrow_too")).toBe("0");
  });

  it("a foreign key that the rows do not fit is named, and the rest stays", async () => {
    await target.run("create database unfit");
    await target.run(
      "create table customers (id int primary key); create type order_status as enum ('new', 'paid', 'shipped')",
      "unfit",
    );
    const request = { mode: "as-is", choice: named("orders"), noOwner: true, noPrivileges: true } as const;
    const { job, plan: planned, result } = await restore(target, archive, request, "unfit");
    expect(planned.kept.map(({ dumpId }) => planned.graph.entries.get(dumpId)?.tag)).toContain("customers");
    expect(job.state).toBe("finishedWithErrors");
    const foreignKey = result.failed.find(({ desc }) => desc === "FK CONSTRAINT");
    expect(foreignKey?.reason).toContain("violates foreign key constraint");
    expect(await target.value("select count(*) from orders", "unfit")).toBe("3000");
  });
});

describe("between versions", () => {
  const majors = requirement(
    "servers 15 and 18",
    [15, 18].every((major) => availableMajors().includes(major)),
    serversRemedy,
  );

  it.skipIf(majors !== "run")(
    "an archive of 18 into 15 succeeds with one harmless error, and refuses a transaction",
    async () => {
      const [newer, older] = await Promise.all([startServer(18), startServer(15)]);
      try {
        const archive = await seedShop(newer);
        await older.run("create role shop_app; create role reader");
        const {
          job,
          plan: planned,
          result,
        } = await restore(older, archive, { choice: named("products"), newDatabaseName: "down" });
        expect(job).toMatchObject({ state: "succeeded", error: null });
        expect(result.notes.join()).toContain("transaction_timeout");
        expect(planned.warnings.join()).toContain("best effort");
        await expect(plan(older, archive, { singleTransaction: true })).rejects.toMatchObject({
          code: "restore.optionConflict",
        });
      } finally {
        await Promise.all([newer.stop(), older.stop()]);
      }
    },
  );

  it.skipIf(majors !== "run")("an archive of 15 into 18 with a transaction size", async () => {
    const [older, newer] = await Promise.all([startServer(15), startServer(18)]);
    try {
      const archive = await seedShop(older);
      await newer.run("create role shop_app; create role reader");
      const { job } = await restore(newer, archive, { newDatabaseName: "up", transactionSize: 10 });
      expect(job).toMatchObject({ state: "succeeded", error: null });
      expect(await newer.value("select count(*) from orders", "up")).toBe("3000");
    } finally {
      await Promise.all([older.stop(), newer.stop()]);
    }
  });
});

describe("cancelled in the middle", () => {
  let server: TestServer;
  let archive: string;
  beforeAll(async () => {
    server = await startServer(15);
    await server.run("create database big");
    await server.run(
      "create table t as select g as id, md5(g::text) || md5((g + 1)::text) as text from generate_series(1, 400000) g; alter table t add primary key (id); create index on t (text)",
      "big",
    );
    archive = dump(server, "big");
  });
  afterAll(() => server.stop());

  async function cancelWhile(step: string, changes: Partial<RestoreRequest>, database?: string): Promise<Job> {
    const abort = new AbortController();
    const { job } = await restore(server, archive, changes, database, {
      signal: abort.signal,
      onChange: (now) => {
        if (now.steps.at(-1)?.name === step) abort.abort();
      },
    });
    return job;
  }

  const sessions = "select count(*) from pg_stat_activity where application_name like 'lifeboat%'";

  it.each(["Restoring", "Loading rows", "Checking"])("a new database is gone again: %s", async (step) => {
    const job = await cancelWhile(step, { newDatabaseName: "half" });
    expect(job.state).toBe("cancelled");
    expect(job.error?.detail).toContain("removed");
    expect(await server.value("select count(*) from pg_database where datname = 'half'")).toBe("0");
    await expect.poll(() => server.value(sessions)).toBe("0");
    expect(readdirSync(home.runFolder)).toEqual([]);
  });

  it("an existing database is as it was", async () => {
    await server.run("create database existing");
    await server.run("create table other (id int)", "existing");
    const job = await cancelWhile("Loading rows", { mode: "as-is", choice: named("t") }, "existing");
    expect(job.state).toBe("cancelled");
    const tables = "select string_agg(relname, ',') from pg_class where relnamespace = 'public'::regnamespace";
    expect(await server.value(tables, "existing")).toBe("other");
    await expect.poll(() => server.value(sessions)).toBe("0");
  });

  it("by Ctrl-C on the command line: exit code 130, nothing left", async () => {
    const env = { LIFEBOAT_HOME: home.root };
    const args = ["restore", archive, "--into", server.url(), "--as", "half", "--progress=json"];
    const { child, end } = startCli(args, { env });
    let interrupted = false;
    child.stderr?.on("data", (chunk) => {
      // Once: a second Ctrl-C ends the program without cleaning up.
      if (String(chunk).includes('"step":"Loading rows"') && !interrupted) interrupted = child.kill("SIGINT");
    });
    expect(await end).toMatchObject({ code: 130 });
    expect(await server.value("select count(*) from pg_database where datname = 'half'")).toBe("0");
    await expect.poll(() => server.value(sessions)).toBe("0");
  });
});

describe("lifeboat restore", () => {
  let server: TestServer;
  let archive: string;
  const env = { LIFEBOAT_HOME: home.root };
  beforeAll(async () => {
    server = await startServer(15);
    archive = await seedShop(server);
    await shopWithout(server, "live", "orders");
  });
  afterAll(() => server.stop());

  it("--dry-run --json is the contract, and changes nothing", async () => {
    const args = ["restore", archive, "--into", server.url("live"), "--table", "orders", "--mode", "as-is"];
    const { code, stdout, stderr } = await runCli([...args, "--dry-run", "--json"], { env });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const planned = JSON.parse(stdout);
    expect(planned).toMatchObject({
      target: { database: "live", mode: "as-is", port: server.port },
      entries: expect.arrayContaining([expect.any(Number)]),
      added: expect.arrayContaining([{ dumpId: expect.any(Number), because: "index of orders" }]),
      warnings: expect.any(Array),
      bytesToRead: expect.any(Number),
    });
    expect(planned.commands).toHaveLength(1);
    expect(planned.commands[0][0]).toMatch(/pg_restore$/);
    expect(planned.commands[0]).toContainEqual(expect.stringMatching(/^--dbname=dbname='live' /));
    // The very list restores the very entries.
    const listed = planned.useList.split("\n").flatMap((line: string) => line.split(";")[0] || []);
    expect(listed.map(Number)).toEqual(planned.entries);
    expect(await server.value("select to_regclass('orders')", "live")).toBeNull();
  });

  it("as-is asks to be confirmed, then says what came", async () => {
    const args = ["restore", archive, "--into", server.url("live"), "--table", "public.orders", "--mode", "as-is"];
    const refused = await runCli([...args, "--json"], { env });
    expect(refused.code).toBe(1);
    expect(JSON.parse(refused.stdout)).toMatchObject({ error: { code: "restore.confirmationNeeded" } });
    const { code, stdout } = await runCli([...args, "--yes"], { env });
    expect(code).toBe(0);
    expect(stdout).toMatch(/public\.orders +3,000 +3,000/);
    expect(stdout).toContain("Restored into live");
    const again = await runCli([...args, "--yes", "--json"], { env });
    expect(JSON.parse(again.stdout)).toMatchObject({ error: { code: "restore.objectsExist" } });
  });

  it("ends with 3 where something is missing, and 2 where the usage is wrong", async () => {
    const other = await startServer(15);
    try {
      const args = ["restore", archive, "--into", other.url(), "--table", "orders", "--json"];
      const { code, stdout } = await runCli(args, { env });
      expect(code).toBe(3);
      expect(JSON.parse(stdout)).toMatchObject({
        state: "finishedWithErrors",
        target: { created: true, database: expect.stringMatching(/^shop_restored_\d{8}_\d{6}$/) },
        failed: expect.arrayContaining([expect.objectContaining({ desc: "ACL" })]),
      });
      const bare = [...args, "--no-owner", "--no-privileges", "--as", "bare", "--only", "1"];
      expect((await runCli(bare, { env })).code).toBe(1);
      expect((await runCli(["restore", archive], { env })).code).toBe(2);
      expect((await runCli([...args, "--only", "x"], { env })).code).toBe(2);
    } finally {
      await other.stop();
    }
  });

  it("takes a backup by its id, with the rows its manifest counted, and needs no database in the URL", async () => {
    await server.run("create role nobase login superuser");
    const to = join(folder, "backups");
    const made = await runCli(["backup", "--url", server.url("shop"), "--to", to, "--json"], { env });
    const { id } = JSON.parse(made.stdout);
    const into = `postgresql://nobase@${server.host}:${server.port}`;
    const args = ["restore", id, "--into", into, "--table", "customers", "--as", "by_id", "--json", "--progress=json"];
    const { code, stdout, stderr } = await runCli(args, { env });
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      state: "succeeded",
      tables: [{ name: "customers", rowsExpected: 200, rowsRestored: 200 }],
    });
    expect(stderr).toContain('"unit":"bytes"');
  });

  it("is run again by a retry", async () => {
    await server.run("drop table orders cascade", "live");
    const args = [
      "restore",
      archive,
      "--into",
      server.url("live"),
      "--table",
      "orders",
      "--mode",
      "as-is",
      "--yes",
      "--json",
    ];
    const { jobId } = JSON.parse((await runCli(args, { env })).stdout);
    await server.run("drop table orders cascade", "live");
    expect((await runCli(["jobs", "retry", jobId], { env })).code).toBe(0);
    expect(await server.value("select count(*) from orders", "live")).toBe("3000");
  });
});
