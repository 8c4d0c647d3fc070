import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { locateHome } from "../../electron/home.ts";
import { type JobManager, openJobManager } from "../../electron/jobs/job-manager.ts";
import { connect } from "../../electron/postgres/connect.ts";
import { sortedContentsOf } from "../helpers/database-contents.ts";
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
import { dumpInto, seedShop } from "../helpers/shop-archive.ts";

const folder = mkdtempSync(join(tmpdir(), "lifeboat-swap-"));
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

/** What belongs to a database itself. */
async function propertiesOf(server: TestServer, name: string) {
  const [row] = await server.run(
    `select pg_get_userbyid(datdba) as owner, datconnlimit as connections, datallowconn as open,
       (select string_agg(x::text, ' ' order by x::text) from unnest(datacl) x) as acl, shobj_description(oid, 'pg_database') as comment,
       (select string_agg(coalesce(setrole::regrole::text, '') || s, ' ' order by setrole, s) from pg_db_role_setting, unnest(setconfig) s
         where setdatabase = d.oid) as settings
     from pg_database d where datname = '${name}'`,
    "postgres",
  );
  return row;
}

/** A client that connects again and again, and never lets go by itself. */
function restlessClient(server: TestServer, database: string) {
  const stop = new AbortController();
  let connections = 0;
  const done = (async () => {
    while (!stop.signal.aborted) {
      try {
        const session = await connect(server.target(database), null, {
          signal: stop.signal,
          applicationName: "restless",
        });
        connections += 1;
        await session.query("select pg_sleep(60)").catch(() => {});
        await session.close();
      } catch {
        await sleep(5);
      }
    }
  })();
  return {
    get connections() {
      return connections;
    },
    async stop() {
      stop.abort();
      await done;
    },
  };
}

describe.each([13, 15, 18])("a whole database is swapped, PostgreSQL %i", (major) => {
  const state = requirement(`a PostgreSQL ${major} server`, availableMajors().includes(major), serversRemedy);

  it.skipIf(state !== "run")(
    "while a client reconnects in a loop; what belongs to the database goes along; undone",
    async () => {
      const server = await startServer(major);
      try {
        await seedShop(server, folder);
        // Rows of a table partitioned by the hash of an enum lie elsewhere in every database.
        await server.run("drop table hashed", "shop");
        await server.run(
          `alter database shop owner to shop_app; alter database shop connection limit 50; comment on database shop is 'it''s the shop';
         revoke all on database shop from public; grant connect, temporary on database shop to reader with grant option;
         alter database shop set search_path = "$user", public, sales; alter database shop set work_mem = '8MB';
         alter role reader in database shop set statement_timeout = '5s'`,
        );
        const archive = dumpInto(server, "shop", folder);
        const whole = await sortedContentsOf(server, "shop");
        const properties = await propertiesOf(server, "shop");
        await server.run("truncate order_lines; update customers set name = 'spoilt'", "shop");
        const spoilt = await sortedContentsOf(server, "shop");
        const bench = restoreBench(server, archive, home, jobs);
        const client = restlessClient(server, "shop");
        const elsewhere = await connect(server.target("template1"), null);
        const { job, plan, result } = await bench.restore({ mode: "swap" });
        await sleep(300);
        expect(job).toMatchObject({ state: "succeeded", error: null });
        expect(client.connections).toBeGreaterThan(1);
        await client.stop();
        // Who uses another database does not notice.
        expect(await elsewhere.query("select 1 as one")).toEqual([{ one: 1 }]);
        await elsewhere.close();
        expect(plan.touches.join("\n")).toContain("The whole database shop");
        expect(await sortedContentsOf(server, "shop")).toEqual(whole);
        expect(await propertiesOf(server, "shop")).toEqual(properties);
        const old = result.swapped?.old ?? "";
        expect(old).toMatch(/^shop_old_\d{8}_\d{6}$/);
        expect(await sortedContentsOf(server, old)).toEqual(spoilt);
        expect(readdirSync(home.unfinishedFolder)).toEqual([]);

        expect(await bench.undo(job)).toMatchObject({ state: "succeeded", error: null });
        expect(await sortedContentsOf(server, "shop")).toEqual(spoilt);
        expect(await propertiesOf(server, "shop")).toEqual(properties);
      } finally {
        await server.stop();
      }
    },
  );
});

describe("swap", () => {
  let server: TestServer;
  let archive: string;
  beforeAll(async () => {
    server = await startServer(15, { settings: { wal_level: "logical", max_prepared_transactions: "5" } });
    archive = await seedShop(server, folder);
  });
  afterAll(() => server.stop());

  it("is refused with a subscription, whether it runs or not", async () => {
    await server.run("create database follower");
    await server.run(
      `create subscription "of; shop" connection 'host=nowhere.invalid dbname=x' publication pub
         with (connect = false, slot_name = none, enabled = false)`,
      "follower",
    );
    const bench = restoreBench(server, archive, home, jobs);
    await expect(bench.plan({ mode: "swap" }, "follower")).rejects.toMatchObject({
      code: "restore.swapBlocked",
      message: "follower cannot be swapped while it has: subscription of; shop.",
    });
    // Of another database of the server, it is no matter.
    await server.run("create database alone template template0");
    expect((await bench.plan({ mode: "swap" }, "alone")).swap).toMatchObject({ live: "alone" });
    await server.run('drop subscription "of; shop"', "follower");
    expect((await bench.plan({ mode: "swap" }, "follower")).swap).toMatchObject({ live: "follower" });
  });

  it("is refused, by name, with a replication slot, a prepared transaction; of a choice; of postgres", async () => {
    await server.run("create database bound");
    await server.run("select pg_create_logical_replication_slot('out', 'pgoutput')", "bound");
    const bench = restoreBench(server, archive, home, jobs);
    await expect(bench.plan({ mode: "swap" }, "bound")).rejects.toMatchObject({
      code: "restore.swapBlocked",
      message: "bound cannot be swapped while it has: replication slot out.",
    });
    await server.run("select pg_drop_replication_slot('out'); ", "bound");
    await server.run("create table t (a int)", "bound");
    const session = await connect(server.target("bound"), null);
    await session.query("begin");
    await session.query("insert into t values (1)");
    await session.query("prepare transaction 'half'");
    await session.close();
    await expect(bench.plan({ mode: "swap" }, "bound")).rejects.toThrow("prepared transaction half");
    await expect(bench.plan({ mode: "swap", choice: tables("orders") })).rejects.toMatchObject({
      code: "restore.optionConflict",
    });
    await expect(bench.plan({ mode: "swap" }, "postgres")).rejects.toMatchObject({ code: "restore.optionConflict" });
  });

  it("where something is missing nothing is swapped, and what came is kept for a look", async () => {
    const other = await startServer(15);
    try {
      await other.run("create database shop");
      await other.run("create table mine (a int)", "shop");
      const { job, plan, result } = await restoreBench(other, archive, home, jobs).restore({ mode: "swap" });
      expect(job.state).toBe("finishedWithErrors");
      expect(plan.warnings).toContain("The backup does not have this table of shop: public.mine.");
      expect(result.swapped).toBeUndefined();
      expect(result.notes.at(-1)).toBe(`Nothing was swapped. What came is in the database ${result.target.database}.`);
      expect(await other.value("select to_regclass('mine') is not null", "shop")).toBe("t");
      expect(await other.value("select count(*) from customers", result.target.database ?? "")).toBe("200");
    } finally {
      await other.stop();
    }
  });

  it("by the command line: named, confirmed, done, undone", async () => {
    await server.run("create database desk");
    await server.run("create table mine (a int)", "desk");
    const env = {
      env: { LIFEBOAT_HOME: join(folder, "cli-home"), LIFEBOAT_TOOLS: process.env["LIFEBOAT_TOOLS"] ?? "" },
    };
    const base = ["restore", archive, "--into", server.url("desk"), "--mode", "swap"];
    const dry = await runCli([...base, "--dry-run"], env);
    expect(dry.stdout).toContain('ALTER DATABASE "desk" RENAME TO "desk_old_');
    expect(await runCli(base, env)).toMatchObject({ code: 1 });
    const done = await runCli([...base, "--yes"], env);
    expect(done).toMatchObject({ code: 0, stderr: "" });
    expect(await server.value("select count(*) from orders", "desk")).toBe("3000");
    const [, jobId = ""] = /Undo with: lifeboat jobs undo (\w+)/.exec(done.stdout) ?? [];
    expect(await runCli(["jobs", "undo", jobId, "--yes"], env)).toMatchObject({ code: 0 });
    expect(await server.value("select to_regclass('mine') is not null", "desk")).toBe("t");
  });
});
