import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { locateHome } from "../../electron/home.ts";
import { type JobManager, openJobManager } from "../../electron/jobs/job-manager.ts";
import { restoreBench, tables } from "../helpers/restores.ts";
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

const folder = mkdtempSync(join(tmpdir(), "lifeboat-replace-"));
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

/** Whatever is of ours on a server. */
async function leftOn(server: TestServer, database: string): Promise<string | null> {
  return server.value(
    `select (select count(*) from pg_database where datname like 'lifeboat%') + (select count(*) from pg_namespace where nspname like 'lifeboat%')`,
    database,
  );
}

describe.each([13, 15, 18])("a table is replaced, PostgreSQL %i", (major) => {
  const state = requirement(`a PostgreSQL ${major} server`, availableMajors().includes(major), serversRemedy);

  it.skipIf(state !== "run")(
    "equals the source; what hangs on it stays; the undo brings the other one back",
    async () => {
      const server = await startServer(major);
      try {
        const archive = await seedShop(server, folder);
        await server.run("create database source template shop");
        await server.run("create database live template shop");
        await server.run(
          `drop publication pub; create view order_notes with (security_barrier = true) as select id, note from orders;
         grant select on order_notes to reader; comment on view order_notes is 'notes';
         create function order_count() returns bigint language sql return (select count(*) from public.orders)`.replace(
            major >= 14 ? "" : /;[^;]*$/s,
            "",
          ),
          "live",
        );
        await server.run("drop publication pub", "source");
        await server.run(
          "update orders set note = 'spoilt'; delete from order_lines where order_id > 2000; delete from orders where id > 2500; alter table orders add column later int",
          "live",
        );
        const spoilt = pictureOf(server, "live", "public", "orders");
        const hanging = pictureOf(
          server,
          "live",
          "public",
          "order_lines",
          "order_notes",
          "order_totals",
          "order_summary",
        );
        const bench = restoreBench(server, archive, home, jobs);

        const { job, plan, result } = await bench.restore({ mode: "replace", choice: tables("orders") }, "live");
        expect(job).toMatchObject({ state: "succeeded", error: null });
        expect(plan.confirmation).toContain("live");
        expect(plan.touches.join("\n")).toContain("Foreign key order_lines_order_id_fkey of public.order_lines");
        expect(plan.touches.join("\n")).toContain("View public.order_notes: defined again");
        expect(result.tables).toEqual([{ schema: "public", name: "orders", rowsExpected: 3000, rowsRestored: 3000 }]);
        expect(pictureOf(server, "live", "public", "orders")).toBe(pictureOf(server, "source", "public", "orders"));
        expect(pictureOf(server, "live", "public", "order_lines", "order_notes", "order_totals", "order_summary")).toBe(
          hanging,
        );
        expect(await server.value("select count(*) from order_notes where note = 'spoilt'", "live")).toBe("0");
        const counting = major >= 14 ? "select order_count()" : "select count(*) from orders";
        expect(await server.value(counting, "live")).toBe("3000");
        expect(await server.value("select nextval('orders_id_seq')", "live")).toBe("3001");
        expect(await leftOn(server, "live")).toBe("0");
        expect(readdirSync(home.runFolder)).toEqual([]);
        expect(readdirSync(home.unfinishedFolder)).toEqual([]);

        const safety = result.replaced?.safetyBackup.path ?? "";
        expect(existsSync(safety)).toBe(true);
        expect(readdirSync(home.backupsFolder, { recursive: true }).join("\n")).toMatch(/pin/);
        await server.run("select setval('orders_id_seq', 3000)", "live");
        expect(await bench.undo(job, "live")).toMatchObject({ state: "succeeded", error: null });
        expect(pictureOf(server, "live", "public", "orders")).toBe(spoilt);
        expect(pictureOf(server, "live", "public", "order_lines", "order_notes", "order_totals", "order_summary")).toBe(
          hanging,
        );
      } finally {
        await server.stop();
      }
    },
  );
});

describe("replace", () => {
  let server: TestServer;
  let archive: string;
  beforeAll(async () => {
    server = await startServer(15);
    archive = await seedShop(server, folder);
  });
  afterAll(() => server.stop());

  async function fresh(name: string, sql = ""): Promise<string> {
    await server.run(`create database ${name} template shop`);
    await server.run(`drop publication pub; ${sql}`, name);
    return name;
  }

  it("odd names; a partitioned table that has other partitions by now; two tables that refer to each other", async () => {
    const live = await fresh(
      "odd",
      `delete from "Odd; schema"."Tab""le\n1; x"; drop table events_2025; create table events_2027 partition of events for values from ('2027-01-01') to ('2028-01-01');
       delete from order_lines; delete from orders`,
    );
    const bench = restoreBench(server, archive, home, jobs);
    const choice = tables(oddTable, "events", "orders", "order_lines");
    const { job } = await bench.restore({ mode: "replace", choice }, live);
    expect(job).toMatchObject({ state: "succeeded", error: null });
    const names = ["orders", "order_lines", "events", "events_2025", "events_2026"];
    await server.run("create database compare template shop");
    await server.run("drop publication pub", "compare");
    expect(pictureOf(server, live, "public", ...names)).toBe(pictureOf(server, "compare", "public", ...names));
    expect(pictureOf(server, live, oddTable.schema, oddTable.name)).toBe(
      pictureOf(server, "compare", oddTable.schema, oddTable.name),
    );
    expect(await server.value("select to_regclass('events_2027') is null", live)).toBe("t");
    expect(await leftOn(server, live)).toBe("0");
  });

  it("is refused, by name, where what hangs on it cannot be carried over", async () => {
    const live = await fresh(
      "hung",
      "create materialized view kept as select count(*) from orders; create publication other for table orders",
    );
    const bench = restoreBench(server, archive, home, jobs);
    const refused = await bench
      .plan({ mode: "replace", choice: tables("orders") }, live)
      .catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: "restore.dependants" });
    expect(String(refused)).toContain("materialized view");
    expect(String(refused)).toContain("publication other publishes");
    const partition = bench.plan({ mode: "replace", choice: tables("events_2025") }, live);
    await expect(partition).rejects.toMatchObject({ code: "restore.dependants" });
    const view = bench.plan({ mode: "replace", choice: tables("order_totals") }, live);
    await expect(view).rejects.toMatchObject({ code: "restore.optionConflict" });
    await server.run("drop table sales.papers", live);
    const gone = bench.plan({ mode: "replace", choice: tables({ schema: "sales", name: "papers" }) }, live);
    await expect(gone).rejects.toMatchObject({ code: "restore.missingRequirement" });
  });

  it("row security comes with the table, and the policies of others that look at it go on", async () => {
    await server.run("create role clerk; grant pg_read_all_data to clerk");
    await server.run("create database guarded template shop");
    await server.run(
      `drop publication pub;
       alter table orders enable row level security; alter table orders force row level security;
       create policy own on orders for select to clerk using (customer_id <= 50);
       create policy no_late on orders as restrictive using (id < 1000) with check (customer_id > 0);
       create table watch (order_id int); insert into watch select id from orders;
       alter table watch enable row level security;
       create policy seen on watch to clerk using (exists (select from orders o where o.id = watch.order_id and o.note is not null))
         with check (order_id in (select id from orders));
       update orders set note = case when id % 2 = 0 then 'even' end`,
      "guarded",
    );
    const backup = dumpInto(server, "guarded", folder);
    const names = ["orders", "watch"];
    const source = pictureOf(server, "guarded", "public", ...names);
    const visible = () =>
      server.run(
        "set role clerk; select (select count(*) from orders) as orders, (select count(*) from watch) as watch",
        "guarded",
      );
    const seen = await visible();
    expect(Number(seen[0]?.["orders"])).toBeGreaterThan(0);
    await server.run(
      "drop policy own on orders; alter table orders disable row level security; update orders set note = 'spoilt'",
      "guarded",
    );
    const spoilt = pictureOf(server, "guarded", "public", ...names);
    expect(await visible()).not.toEqual(seen);

    const bench = restoreBench(server, backup, home, jobs);
    const { job } = await bench.restore({ mode: "replace", choice: tables("orders") }, "guarded");
    expect(job).toMatchObject({ state: "succeeded", error: null });
    expect(pictureOf(server, "guarded", "public", ...names)).toBe(source);
    expect(await visible()).toEqual(seen);
    expect(await bench.undo(job, "guarded")).toMatchObject({ state: "succeeded", error: null });
    expect(pictureOf(server, "guarded", "public", ...names)).toBe(spoilt);
    expect(await leftOn(server, "guarded")).toBe("0");
  });

  it("nothing changes where rows that refer to it would be left hanging, the last of them", async () => {
    const live = await fresh(
      "dangling",
      "insert into orders (id, customer_id) values (900000, 1); insert into order_lines values (900000, 1, 1, 1)",
    );
    const before = pictureOf(server, live, "public", "orders", "order_lines", "order_totals");
    const bench = restoreBench(server, archive, home, jobs);
    const { job } = await bench.restore({ mode: "replace", choice: tables("orders") }, live);
    expect(job).toMatchObject({ state: "failed", error: { code: "restore.dataRejected" } });
    expect(job.error?.message).toContain("order_lines");
    expect(pictureOf(server, live, "public", "orders", "order_lines", "order_totals")).toBe(before);
    expect(await leftOn(server, live)).toBe("0");
  });

  it("nothing changes where a view needs a column that the backup has not, or something came in between", async () => {
    const live = await fresh(
      "moved",
      "alter table orders add column later int; create view later_orders as select id, later from orders",
    );
    const before = pictureOf(server, live, "public", "orders", "later_orders");
    const bench = restoreBench(server, archive, home, jobs);
    const { job } = await bench.restore({ mode: "replace", choice: tables("orders") }, live);
    expect(job.state).toBe("failed");
    expect(job.error?.detail).toContain("later");
    expect(pictureOf(server, live, "public", "orders", "later_orders")).toBe(before);
    await server.run("drop view later_orders", live);
    const plan = await bench.plan({ mode: "replace", choice: tables("orders") }, live);
    await server.run("create view new_view as select id from orders", live);
    const late = await bench.run(plan, live);
    expect(late.job).toMatchObject({ state: "failed", error: { code: "restore.planOutdated" } });
  });

  it("by the command line: named, confirmed, done, undone", async () => {
    const live = await fresh("commanded", "delete from order_lines; delete from orders");
    const env = {
      env: { LIFEBOAT_HOME: join(folder, "cli-home"), LIFEBOAT_TOOLS: process.env["LIFEBOAT_TOOLS"] ?? "" },
    };
    const base = ["restore", archive, "--into", server.url(live), "--mode", "replace", "--table", "orders"];
    const dry = await runCli([...base, "--dry-run"], env);
    expect(dry.stdout).toContain("Replaced: public.orders in commanded");
    expect(await runCli(base, env)).toMatchObject({ code: 1 });
    const done = await runCli([...base, "--yes"], env);
    expect(done).toMatchObject({ code: 0 });
    const [, jobId = ""] = /Undo with: lifeboat jobs undo (\w+)/.exec(done.stdout) ?? [];
    expect(await server.value("select count(*) from orders", live)).toBe("3000");
    expect(await runCli(["jobs", "undo", jobId, "--yes"], env)).toMatchObject({ code: 0, stderr: "" });
    expect(await server.value("select count(*) from orders", live)).toBe("0");
    expect(await runCli(["jobs", "retry", jobId], env)).toMatchObject({ code: 1 });
  });

  it("the rows of an archive made with INSERT go in just the same", async () => {
    const live = await fresh("inserted");
    const inserted = dumpInto(server, live, folder, "--inserts");
    const whole = pictureOf(server, live, "public", "customers", "orders");
    await server.run("delete from order_lines; delete from orders; delete from customers", live);
    const bench = restoreBench(server, inserted, home, jobs);
    const { job } = await bench.restore({ mode: "replace", choice: tables("customers", "orders") }, live);
    expect(job).toMatchObject({ state: "succeeded", error: null });
    expect(pictureOf(server, live, "public", "customers", "orders")).toBe(whole);
    expect(await leftOn(server, live)).toBe("0");
  });
});
