import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { prove } from "../../electron/demo/compare-pictures.ts";
import { prepareSample } from "../../electron/demo/prepare-sample.ts";
import { takePicture } from "../../electron/demo/take-picture.ts";
import { type Home, locateHome } from "../../electron/home.ts";
import { withSession } from "../../electron/postgres/connect.ts";
import { sampleStatus, startSample, stopSample } from "../../electron/postgres/sample/sample-server.ts";
import { runCli, saw, startCli } from "../helpers/run-cli.ts";
import { seedTypesAndObjects } from "../helpers/seed.ts";
import { availableMajors, requirement, serversRemedy, startServer } from "../helpers/servers.ts";

const server = requirement("a PostgreSQL server", availableMajors().length > 0, serversRemedy);
const isRootOnLinux = process.getuid?.() === 0 && process.platform === "linux";
const homes: Home[] = [];

/** mkdtemp makes it 0700 and ours: as root, closed to the server's user. */
function newHome(): Home {
  const home = locateHome({ LIFEBOAT_HOME: mkdtempSync(join(tmpdir(), "lifeboat-home-")) });
  homes.push(home);
  return home;
}

async function removeHomes(): Promise<void> {
  for (const home of homes.splice(0)) {
    await stopSample(home);
    rmSync(home.root, { recursive: true, force: true, maxRetries: 5 });
  }
}

const env = (home: Home) => ({ LIFEBOAT_HOME: home.root });

/** Processes whose command line names the home: servers and tools. */
function processesOf(home: Home): string[] {
  const list = execFileSync("ps", ["-eo", "pid=,args="], { encoding: "utf8" });
  return list.split("\n").filter((line) => line.includes(home.root));
}

async function runSql(home: Home, ...statements: string[]): Promise<unknown[]> {
  const sample = await startSample(home);
  return withSession(sample.target, sample.password, {}, async (session) => {
    let rows: unknown[] = [];
    for (const statement of statements) rows = await session.query(statement);
    return rows;
  });
}

describe.skipIf(server !== "run")(`lifeboat demo: ${server}`, () => {
  afterEach(removeHomes);

  it("proves that a lost table is back as it was, and leaves no server running", async () => {
    const home = newHome();
    expect(statSync(home.root).mode & 0o777).toBe(0o700);
    const { code, stdout, stderr } = await runCli(["demo", "--json"], { env: env(home) });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const document = JSON.parse(stdout);
    expect(document).toMatchObject({
      proved: true,
      sample: { wasRunning: false, madeAnewFor: [] },
      backup: { database: "shop", tables: 16 },
      lost: { rows: 50_000 },
      restored: { failed: [] },
      proof: { same: true, differences: [] },
    });
    const steps = document.steps.map((step: { id: string }) => step.id);
    expect(steps).toEqual(["tools", "sample", "backup", "look", "drop", "restore", "proof"]);
    expect(document.contents.rows.first).toHaveLength(5);
    expect(document.contents.tables).toContainEqual(
      expect.objectContaining({ schema: "public", name: "orders", rows: 50_000 }),
    );
    const gone = document.lost.gone.map(({ kind, name }: { kind: string; name: string }) => `${kind} ${name}`);
    expect(gone).toEqual(
      expect.arrayContaining([
        "rows public.orders",
        "table public.orders",
        "view public.order_overview",
        "materialized view analytics.monthly_sales",
        "foreign key order_lines_order_id_fkey",
        "foreign key order_notes_order_id_fkey",
        "trigger orders_record_event",
        "extended statistics orders_status_stats",
      ]),
    );
    expect(document.proof.rows).toContainEqual({
      table: "public.orders",
      before: { count: 50_000, md5: expect.stringMatching(/^[0-9a-f]{32}$/) },
      after: { count: 50_000, md5: expect.stringMatching(/^[0-9a-f]{32}$/) },
      same: true,
      wasLost: true,
    });
    expect(await sampleStatus(home)).toMatchObject({ state: "stopped" });
    expect(processesOf(home)).toEqual([]);
  });

  it("runs again, on a sample that somebody works in and keeps running, and tells it in plain text", async () => {
    const home = newHome();
    await runSql(
      home,
      "create table public.mine as select 1 as one",
      "update public.orders set note = 'mine' where order_id = 100001",
      "grant insert on public.orders to shop_reader",
    );
    const { code, stdout, stderr } = await runCli(["demo"], { env: env(home) });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    // oxlint-disable-next-line no-control-regex -- none of them is what is to be seen
    expect(stdout).not.toMatch(/[\u001b\r!]/);
    for (const part of ["was running already", "public.orders is gone", "Everything is as it was.", "All of it"])
      expect(stdout).toContain(part);
    // The commands it teaches are real.
    const id = /lifeboat verify (\S+)/.exec(stdout)?.[1] ?? "";
    expect((await runCli(["verify", id], { env: env(home) })).code).toBe(0);
    expect(await sampleStatus(home)).toMatchObject({ state: "running" });
    expect(
      await runSql(home, "select note, (select one from mine) as one from orders where order_id = 100001"),
    ).toEqual([{ note: "mine", one: 1 }]);
    const jobs = JSON.parse((await runCli(["jobs", "--json"], { env: env(home) })).stdout);
    expect(JSON.stringify(jobs)).toMatch(/"kind":"restore".*"kind":"backup"/);
  });

  it("makes a sample anew that lacks the table, and says so", async () => {
    const home = newHome();
    await runSql(home, "drop table public.orders cascade");
    const { code, stdout } = await runCli(["demo"], { env: env(home) });
    expect(code).toBe(0);
    expect(stdout).toContain("lacks public.orders, public.order_overview, analytics.monthly_sales.");
    expect(stdout).toContain("made anew");
    await runSql(home, "alter table public.order_notes drop constraint order_notes_order_id_fkey");
    const again = JSON.parse((await runCli(["demo", "--json"], { env: env(home) })).stdout);
    expect(again).toMatchObject({ proved: true, sample: { madeAnewFor: ["order_notes_order_id_fkey"] } });
  });

  it("ends with 1 and names what differs when the table does not come back as it was", async () => {
    const home = newHome();
    await runSql(
      home,
      `create function public.meddle() returns event_trigger language plpgsql as
       $$ begin comment on table public.orders is 'meddled with'; end $$`,
      "create event trigger meddler on ddl_command_end when tag in ('CREATE TRIGGER') execute function public.meddle()",
    );
    const { code, stdout } = await runCli(["demo"], { env: env(home) });
    expect(code).toBe(1);
    expect(stdout).toMatch(
      /comment public\.orders\n {2}before {2}One row for each order; .*\n {2}now {5}meddled with\n/,
    );
    expect(stdout).toContain("Not everything is as it was");
    expect(stdout).not.toContain("Everything is as it was.");
    // What it compares with is what was there before, so a second run finds nothing new.
    const again = await runCli(["demo", "--json"], { env: env(home) });
    expect(JSON.parse(again.stdout)).toMatchObject({ proved: true, proof: { same: true } });
  });

  it.each([
    ["while the sample is made", "Filling the shop"],
    ["in the backup", '"step":"Dumping shop"'],
    ["while the table is gone", '"kind":"restore"'],
  ])("stopped %s, it ends with 130 and leaves the sample whole and nothing running", async (_when, sign) => {
    const home = newHome();
    const { child, end } = startCli(["demo", "--progress=json"], { env: env(home) });
    await Promise.race([saw(child, sign), end]);
    child.kill("SIGINT");
    const { code, stderr } = await end;
    expect(code).toBe(130);
    expect(stderr).toContain("The demo was stopped.");
    expect(processesOf(home)).toEqual([]);
    const files = readdirSync(home.root, { recursive: true, encoding: "utf8" });
    expect(files.filter((path) => path.endsWith(".partial") || path.startsWith("run/"))).toEqual([]);
    expect(await runSql(home, "select count(*) as orders from public.orders")).toEqual([{ orders: 50_000 }]);
    const again = JSON.parse((await runCli(["demo", "--json"], { env: env(home) })).stdout);
    expect(again).toMatchObject({ proved: true, sample: { madeAnewFor: [] } });
  });

  it("goes on to its end when nobody reads any more", async () => {
    const home = newHome();
    const { child, end } = startCli(["demo"], { env: env(home) });
    child.stdout?.once("data", () => child.stdout?.destroy());
    expect((await end).code).toBe(0);
    expect(processesOf(home)).toEqual([]);
    expect(await runSql(home, "select count(*) as orders from public.orders")).toEqual([{ orders: 50_000 }]);
  });

  const hidden = requirement(
    "root on Linux and unshare",
    isRootOnLinux && spawnSync("unshare", ["--mount", "true"]).status === 0,
    "run as root, with CAP_SYS_ADMIN",
  );
  it.skipIf(hidden !== "run")(`without pg_dump gives the install command and starts nothing ${hidden}`, () => {
    const home = newHome();
    const cli = resolve(import.meta.dirname, "../../electron/cli.ts");
    // Only in this mount namespace: the folders where packages put PostgreSQL are empty.
    const script = `for folder in /usr/lib/postgresql /usr/pgsql-*; do [ ! -d "$folder" ] || mount -t tmpfs none "$folder"; done
      exec "$0" "$@"`;
    const run = spawnSync("unshare", ["--mount", "sh", "-c", script, process.execPath, cli, "demo", "--json"], {
      env: { ...env(home), PATH: "/usr/bin:/bin:/usr/sbin:/sbin" },
      encoding: "utf8",
    });
    expect(run.status).toBe(1);
    const { error } = JSON.parse(run.stdout);
    expect(error.code).toBe("tool.missing");
    expect(error.message).toBe("pg_dump is not installed here.");
    expect(error.hint).toContain(installWord());
    expect(processesOf(home)).toEqual([]);
    expect(readdirSync(home.root)).not.toContain("sample");
  });
});

/** The package manager of the system that the tests run on. */
function installWord(): string {
  const release = readFileSync("/etc/os-release", "utf8");
  if (/debian|ubuntu/.test(release)) return "apt-get install";
  return /fedora|rhel/.test(release) ? "dnf install" : "Install";
}

/** Small changes of every kind, each with the difference that gives it away. */
const changes: readonly (readonly [difference: string, sql: string])[] = [
  ["rows public.orders", "update public.orders set note = 'x' where order_id = 100001"],
  ["rows public.order_lines", "delete from public.order_lines where order_id = 100001 and line_number = 1"],
  ["rows analytics.monthly_sales", "refresh materialized view analytics.monthly_sales"],
  ["table public.categories", "alter table public.categories owner to postgres"],
  ["table public.stock", "alter table public.stock enable row level security"],
  ["table public.orders", "alter table public.orders set (fillfactor = 70)"],
  ["view public.order_overview", "alter view public.order_overview set (security_barrier = true)"],
  ["sequence public.orders_order_id_seq", "select nextval('public.orders_order_id_seq')"],
  ["sequence public.products_product_id_seq", "alter sequence public.products_product_id_seq owned by none"],
  ["column placed_at of public.orders", "alter table public.orders alter placed_at drop not null"],
  ["column sku of public.products", "alter table public.products alter sku type varchar(40)"],
  ["default status of public.orders", "alter table public.orders alter status drop default"],
  ["default order_id of public.orders", "alter table public.orders alter order_id set generated always"],
  ["key products_sku_key of public.products", "alter table public.products drop constraint products_sku_key"],
  [
    "foreign key order_notes_order_id_fkey of public.order_notes",
    "alter table public.order_notes drop constraint order_notes_order_id_fkey",
  ],
  [
    "check orders_shipped_after_placed of public.orders",
    "alter table public.orders drop constraint orders_shipped_after_placed",
  ],
  ["index public.orders_placed_at_idx of public.orders", "drop index public.orders_placed_at_idx"],
  ["extended statistics orders_status_stats of public.orders", "drop statistics public.orders_status_stats"],
  ["trigger orders_record_event of public.orders", "alter table public.orders disable trigger orders_record_event"],
  ["rule order_notes_keep of public.order_notes", "drop rule order_notes_keep on public.order_notes"],
  [
    "policy order_notes_public of public.order_notes",
    "alter policy order_notes_public on public.order_notes using (true)",
  ],
  ["comment public.orders.total", "comment on column public.orders.total is 'x'"],
  ["comment public.orders_open_idx", "comment on index public.orders_open_idx is null"],
  [
    "comment orders_record_event on public.orders",
    "comment on trigger orders_record_event on public.orders is 'another'",
  ],
  ["privilege shop_reader of public.orders", "revoke select on public.orders from shop_reader"],
  ["privilege shop_reader of public.customers.email", "grant select (email) on public.customers to shop_reader"],
];

describe.skipIf(server !== "run")(`the proof ${server}`, () => {
  afterEach(removeHomes);

  it("sees a change of every kind, and none where there is none", async () => {
    const { signal } = new AbortController();
    const sample = await prepareSample(newHome(), signal, { samplePhase() {}, sampleIncomplete() {} });
    const before = await takePicture(sample, signal);
    const { connection } = sample;
    await withSession(connection.target, null, { database: "postgres" }, (session) =>
      session.query("create database changed template shop"),
    );
    const copy = {
      ...sample,
      connection: { ...connection, target: { ...connection.target, database: "changed" } },
    };
    expect(prove(before, [], await takePicture(copy, signal))).toMatchObject({ same: true, differences: [] });

    await withSession(copy.connection.target, null, {}, async (session) => {
      for (const [, sql] of changes) await session.query(sql);
    });
    const { same, differences } = prove(before, [], await takePicture(copy, signal));
    expect(same).toBe(false);
    const told = differences.map(({ kind, name, on }) => `${kind} ${name}${on === null ? "" : ` of ${on}`}`);
    expect(told).toEqual(expect.arrayContaining(changes.map(([difference]) => difference)));
    // The new owner of a table gets its privileges and its sequence, which is more than one difference.
    const others = told.filter((line) => !line.includes("public.categories"));
    expect(others.filter((line) => changes.every(([difference]) => difference !== line))).toEqual([]);
  });
});

describe.each([13, 14, 15, 16, 17, 18])("PostgreSQL %i", (major) => {
  const state = requirement(`a PostgreSQL ${major} server`, availableMajors().includes(major), serversRemedy);

  it.skipIf(state !== "run")(`lets everything on its tables be seen ${state}`, async () => {
    const testServer = await startServer(major);
    try {
      await seedTypesAndObjects(testServer, "seen");
      const target = testServer.target("seen");
      const connection = { target, password: null, passwordFrom: "none", warnings: [] };
      const { facts, rows } = await takePicture({ connection }, new AbortController().signal);
      const kinds = new Set(facts.map(({ kind }) => kind));
      const common = ["table", "view", "sequence", "column", "default", "key", "foreign key", "index", "comment"];
      expect([...kinds]).toEqual(expect.arrayContaining(common));
      expect(rows.size).toBeGreaterThan(3);
    } finally {
      await testServer.stop();
    }
  });
});
