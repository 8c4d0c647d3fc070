import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type CliEnd, runCli, startCli } from "../helpers/run-cli.ts";
import { availableMajors, requirement, serversRemedy, startServer, type TestServer } from "../helpers/servers.ts";

/** Jobs on a real server: what is tried again, what gets in each other's way, what is refused before anything starts. */
const need = requirement("a PostgreSQL 15 server", availableMajors().includes(15), serversRemedy);

describe.skipIf(need !== "run")(`jobs on a real server (${need})`, () => {
  const folder = mkdtempSync(join(tmpdir(), "lifeboat-jobs-"));
  let server: TestServer;
  /** A home and a location of its own for each test. */
  let env: { LIFEBOAT_HOME: string };
  let location: string;
  beforeAll(async () => {
    server = await startServer(15, { settings: { log_connections: "on" } });
    await server.run("create role limited login; create role reader login");
    await server.run("create database shop");
    await server.run(
      `create table orders as select n as id from generate_series(1, 1000) n; grant select on orders to reader;
       create table guarded (id int); grant select on guarded to reader;
       create schema other; grant usage on schema other to reader; create table other.things (id int); grant select on other.things to reader`,
      "shop",
    );
  });
  beforeEach(() => {
    const root = mkdtempSync(join(folder, "test-"));
    env = { LIFEBOAT_HOME: join(root, "home") };
    location = join(root, "backups");
  });
  afterAll(async () => {
    await server?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const urlOf = (user: string, database = "shop"): string =>
    `postgresql://${user}@${server.host}:${server.port}/${database}`;

  function backUp(...args: string[]): Promise<CliEnd> {
    return runCli(["backup", "--url", urlOf("postgres"), "--to", location, "--json", ...args], { env });
  }

  async function newestJob(): Promise<{ id: string; state: string; retryOf: string | null }> {
    const [job] = JSON.parse((await runCli(["jobs", "--json"], { env })).stdout);
    return job;
  }

  describe("jobs retry", () => {
    it("runs a failed backup again as it was asked for, once what it lacked is there", async () => {
      const first = await backUp("--table", "public.late", "--compress", "gzip:9");
      expect(first.code).toBe(1);
      const failed = await newestJob();
      expect(failed.state).toBe("failed");
      const still = await runCli(["jobs", "retry", failed.id, "--json"], { env });
      expect(still.code).toBe(1);
      expect(JSON.parse(still.stdout)).toEqual(JSON.parse(first.stdout));

      await server.run("create table late (id int); insert into late values (1), (2)", "shop");
      const again = await runCli(["jobs", "retry", failed.id, "--json"], { env });
      await server.run("drop table late", "shop");
      expect(again.code, again.stdout).toBe(0);
      const job = JSON.parse(again.stdout);
      expect(job).toMatchObject({ kind: "backup", state: "succeeded", retryOf: failed.id, result: { rows: 2 } });
      const manifest = JSON.parse(readFileSync(job.result.manifestPath, "utf8"));
      expect(manifest.compression).toEqual({ method: "gzip", level: 9 });
      expect(manifest.data.map(({ tag }: { tag: string }) => tag)).toEqual(["late"]);
    });

    it("runs a failed restore again, into the same new database", async () => {
      const { path } = JSON.parse((await backUp("--table", "public.orders")).stdout);
      const args = ["restore", path, "--into", urlOf("limited"), "--as", "again", "--no-owner", "--no-privileges"];
      const first = await runCli([...args, "--json"], { env });
      expect(first.code).toBe(1);
      expect(JSON.parse(first.stdout)).toMatchObject({ error: { code: "postgres.permissionDenied" } });
      const failed = await newestJob();
      expect(failed).toMatchObject({ kind: "restore", state: "failed" });

      await server.run("alter role limited createdb");
      const again = await runCli(["jobs", "retry", failed.id, "--json"], { env });
      expect(again.code, again.stdout).toBe(0);
      expect(JSON.parse(again.stdout)).toMatchObject({ kind: "restore", state: "succeeded", retryOf: failed.id });
      expect(await server.value("select count(*) from orders", "again")).toBe("1000");
      // What has succeeded once finds its own work in the way, and leaves it as it is.
      const third = await runCli(["jobs", "retry", failed.id, "--json"], { env });
      expect(JSON.parse(third.stdout)).toMatchObject({ error: { code: "restore.targetExists" } });
      expect(await server.value("select count(*) from orders", "again")).toBe("1000");
    });
  });

  describe("two terminals", () => {
    it.each([
      ["the same words", () => location],
      ["a slash at the end", () => `${location}/`],
      ["a detour", () => `${location}/../backups/.`],
    ])("back the same database up to the same place, in %s: the second is refused", async (_way, place) => {
      const locked = server.run("begin; lock table orders; select pg_sleep(4); commit", "shop");
      const first = startCli(["backup", "--url", urlOf("postgres"), "--to", location, "--json"], { env });
      await expect
        .poll(() => server.value("select count(*) from pg_stat_activity where application_name like 'lifeboat:%'"), {
          timeout: 10_000,
        })
        .not.toBe("0");
      const second = await runCli(["backup", "--url", urlOf("postgres"), "--to", place(), "--json"], { env });
      expect(second.code).toBe(1);
      const { error } = JSON.parse(second.stdout);
      expect(error.code).toBe("job.conflict");
      expect(error.detail).toContain(String(first.child.pid));
      const elsewhere = await runCli(
        ["backup", "--url", urlOf("postgres"), "--to", join(location, "else"), "--schema", "other", "--json"],
        { env },
      );
      expect(elsewhere.code, elsewhere.stdout).toBe(0);
      await locked;
      const end = await first.end;
      expect(end.code, end.stdout).toBe(0);
      expect(filesIn(join(location, "shop"))).toHaveLength(2);
    });

    it("restore into the same new database: one does, the other is told", async () => {
      const { path } = JSON.parse((await backUp("--table", "public.orders")).stdout);
      const args = ["restore", path, "--into", urlOf("postgres"), "--as", "contested", "--json"];
      const ends = await Promise.all([runCli(args, { env }), runCli(args, { env })]);
      expect(ends.filter(({ code }) => code === 0)).toHaveLength(1);
      const refused = ends.find(({ code }) => code !== 0)?.stdout ?? "{}";
      expect(JSON.parse(refused).error.code).toMatch(/^(job\.conflict|restore\.targetExists)$/);
      expect(await server.value("select count(*) from orders", "contested")).toBe("1000");
    });
  });

  it("two homes back the same database up to the same place: neither takes the other's half-written file", async () => {
    const locked = server.run("begin; lock table orders; select pg_sleep(4); commit", "shop");
    const first = startCli(["backup", "--url", urlOf("postgres"), "--to", location, "--json"], { env });
    await expect.poll(() => filesIn(folder).some((name) => name.endsWith(".partial")), { timeout: 10_000 }).toBe(true);
    const alias = `${location}-alias`;
    symlinkSync(location, alias);
    for (const [home, place] of [
      [`${env.LIFEBOAT_HOME}-2`, location],
      [env.LIFEBOAT_HOME, alias],
    ] as const) {
      const args = ["backup", "--url", urlOf("postgres"), "--to", place, "--schema", "other", "--json"];
      // oxlint-disable-next-line no-await-in-loop -- while the first waits
      const other = await runCli(args, { env: { LIFEBOAT_HOME: home } });
      expect(JSON.parse(other.stdout).error?.code ?? "done").toMatch(/^(done|job\.conflict)$/);
    }
    await locked;
    const end = await first.end;
    expect(end.code, end.stdout).toBe(0);
    const verified = await runCli(["verify", JSON.parse(end.stdout).path, "--json"], { env });
    expect(verified.code, verified.stdout).toBe(0);
  });

  describe("what a role may not read", () => {
    beforeAll(async () => {
      await server.run("create database closed");
      await server.run("create database shut");
      await server.run(
        "create table secret (id int); create table open (id int); grant select on open to reader",
        "closed",
      );
      await server.run("revoke connect on database shut from public");
    });

    it("one of all databases: exit code 3, and it is named", async () => {
      const args = ["backup", "--url", urlOf("reader", "postgres"), "--to", location, "--all-databases"];
      const told = await runCli(args, { env });
      expect(told.code).toBe(3);
      expect(told.stdout).toMatch(/Back up closed.*secret|Back up closed: .*/);
      expect(told.stdout).toMatch(/Back up shut: /);
      expect(told.stdout).toMatch(/ of \d+ databases backed up/);
      const { code, stdout } = await runCli([...args, "--json"], { env });
      expect(code).toBe(3);
      const { backups } = JSON.parse(stdout);
      const ends = backups.map((one: { title?: string; database?: string; error?: { code: string } }) => [
        one.title ?? one.database,
        one.error?.code ?? "done",
      ]);
      expect(Object.fromEntries(ends)).toMatchObject({
        "Back up closed": "backup.preflightFailed",
        "Back up shut": expect.stringMatching(/^(connection|postgres)\./),
        postgres: "done",
        shop: "done",
      });
      const closed = backups.find((one: { title?: string }) => one.title === "Back up closed");
      expect(closed.error.detail).toContain("public.secret");
      expect(filesIn(location).filter((name) => /^(closed|shut)/.test(name))).toEqual([]);
    });

    it.each([
      ["a table without SELECT", "closed", /public\.secret/, /may not read/i],
      ["a table with row security", "shop", /public\.guarded/, /row/i],
    ])("%s is told before pg_dump starts", async (_what, database, object, words) => {
      await server.run("alter table guarded enable row level security", "shop");
      try {
        const before = readFileSync(server.logFile, "utf8").length;
        const args = ["backup", "--url", urlOf("reader", database), "--to", location, "--json"];
        const { code, stdout } = await runCli(args, { env });
        expect(code).toBe(1);
        const { error } = JSON.parse(stdout);
        expect(error.code).toBe("backup.preflightFailed");
        expect(error.message).toMatch(words);
        expect(error.detail).toMatch(object);
        expect(error.hint).toEqual(expect.any(String));
        const log = readFileSync(server.logFile, "utf8").slice(before);
        expect(log).toMatch(/application_name=lifeboat$/m);
        expect(log).not.toContain("application_name=lifeboat:");
        expect((await runCli(["log", (await newestJob()).id], { env })).stdout).not.toContain("--format");
        const looked = await runCli(["preflight", "--url", urlOf("reader", database), "--json"], { env });
        expect(looked.stdout).toMatch(object);
      } finally {
        await server.run("alter table guarded disable row level security", "shop");
      }
    });
  });
});

/** Names of the files in a folder and below. */
function filesIn(place: string): string[] {
  return readdirSync(place, { recursive: true, withFileTypes: true }).flatMap((entry) =>
    entry.isFile() ? [entry.name] : [],
  );
}
