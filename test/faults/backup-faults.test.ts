import { execFileSync, spawnSync } from "node:child_process";
import { mkdir, mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type CliRun, runCli, startCli } from "../helpers/run-cli.ts";
import { requirement, startServer, type TestServer } from "../helpers/servers.ts";

/** Enough text that gzip 9 takes some seconds over it. */
const SEED = `
  create table small (id int);
  insert into small select generate_series(1, 1000);
  create table zz_large as select n id, md5(n::text) || md5((n * 2)::text) || n note from generate_series(1, 2400000) n;
`;
let server: TestServer;
let home: string;
let location: string;
/** What the whole archive comes to. */
let archiveBytes: number;
beforeAll(async () => {
  server = await startServer(15);
  await server.run("create database shop");
  await server.run(SEED, "shop");
  // Of one of ours, not of pg_dump's, which is longer: near its end pg_dump would be gone already.
  const folder = await mkdtemp(join(tmpdir(), "lifeboat-whole-"));
  const { stdout } = await runCli(
    ["backup", "--url", server.url("shop"), "--to", folder, "--json", "--compress", "gzip:9"],
    { env: { LIFEBOAT_HOME: folder } },
  );
  archiveBytes = JSON.parse(stdout).sizeBytes;
  await rm(folder, { recursive: true });
});
afterAll(() => server?.stop());
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "lifeboat-fault-"));
  location = join(home, "backups");
});
afterEach(() => rm(home, { recursive: true, force: true }));

function startBackup(...args: string[]): CliRun {
  const compress = args.includes("--compress") ? [] : ["--compress", "gzip:9"];
  return startCli(["backup", "--url", server.url("shop"), "--to", location, "--json", ...compress, ...args], {
    env: { LIFEBOAT_HOME: home },
  });
}

async function filesLeft(folder = location): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

/** Waits until so much is half-written. Fails when the backup ends before. */
async function whenWritten(run: CliRun, bytes: number): Promise<void> {
  for (;;) {
    const partials = (await filesLeft()).filter((path) => path.includes(".partial"));
    const sizes = await Promise.all(
      partials.map((path) =>
        stat(path).then(
          (found) => found.size,
          () => 0,
        ),
      ),
    );
    if (sizes.reduce((sum, size) => sum + size, 0) >= bytes) return;
    if (run.child.exitCode !== null) throw new Error(`the backup ended before it had written ${bytes} bytes`);
    await sleep(10);
  }
}

function dumpProcesses(): number[] {
  const found = spawnSync("pgrep", ["-f", `pg_dump.*dbname='shop'`], { encoding: "utf8" }).stdout;
  return found.split("\n").filter(Boolean).map(Number);
}

async function expectNoDump(): Promise<void> {
  for (let tries = 0; tries < 100 && dumpProcesses().length > 0; tries++) await sleep(100);
  expect(dumpProcesses()).toEqual([]);
  const backends = await server.value(
    "select count(*) from pg_stat_activity where application_name like 'lifeboat%' and pid <> pg_backend_pid()",
  );
  expect(backends).toBe("0");
}

async function expectFailure(run: CliRun, code: string | RegExp): Promise<void> {
  const end = await run.end;
  expect(end.code, end.stderr).toBe(1);
  expect(JSON.parse(end.stdout).error.code).toMatch(code);
  expect(await filesLeft()).toEqual([]);
  await expectNoDump();
}

describe("a backup that is cut leaves nothing that poses as one", () => {
  test.each([0.02, 0.5, 0.9])("pg_dump killed at %d of the archive", async (part) => {
    const run = startBackup();
    await whenWritten(run, part * archiveBytes);
    for (const pid of dumpProcesses()) process.kill(pid, "SIGKILL");
    await expectFailure(run, "tool.killed");
  });

  test("the server stopped in the middle", async () => {
    const run = startBackup();
    await whenWritten(run, 1e6);
    server.halt("immediate");
    const end = await run.end;
    server.resume();
    expect(end.code).toBe(1);
    expect(JSON.parse(end.stdout).error.code).toBe("connection.lost");
    expect(await filesLeft()).toEqual([]);
    await expectNoDump();
  });

  test("Ctrl-C: exit code 130, no file, no process", async () => {
    const run = startBackup();
    await whenWritten(run, 1e6);
    run.child.kill("SIGINT");
    const end = await run.end;
    expect(end.code).toBe(130);
    expect(await filesLeft()).toEqual([]);
    await expectNoDump();
  });

  test("Ctrl-C in a parallel directory dump", async () => {
    const run = startBackup("--format", "directory", "--jobs", "2");
    await whenWritten(run, 100_000);
    run.child.kill("SIGINT");
    expect((await run.end).code).toBe(130);
    expect(await filesLeft()).toEqual([]);
    await expectNoDump();
  });
});

const tmpfs = process.platform === "linux" && process.getuid?.() === 0;
test.skipIf(requirement("root, to mount a small tmpfs", tmpfs) !== "run")(
  "a full disk is told as such, and freed again",
  async () => {
    await mkdir(location, { recursive: true });
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=4m", "lifeboat-test", location]);
    try {
      await expectFailure(startBackup(), "storage.full");
      expect((await stat(location)).isDirectory()).toBe(true);
    } finally {
      execFileSync("umount", [location]);
    }
  },
);

describe("Lifeboat itself killed in the middle", () => {
  test.each([[[]], [["--format", "directory", "--jobs", "2"]]])("with options %j", async (options) => {
    const run = startBackup(...options);
    await whenWritten(run, 100_000);
    run.child.kill("SIGKILL");
    await run.end;
    await expectNoDump();

    // Shown, never adopted.
    expect((await filesLeft()).length).toBeGreaterThan(0);
    expect((await filesLeft()).every((path) => path.includes(".partial"))).toBe(true);
    const listed = await runCli(["backups", "--in", location], { env: { LIFEBOAT_HOME: home } });
    expect(listed.stdout).toContain("no backups");
    expect(listed.stderr).toContain(".partial");
    const jobs = await runCli(["jobs", "--json"], { env: { LIFEBOAT_HOME: home } });
    expect(jobs.stdout).toContain('"interrupted"');

    // The next whole backup of this database takes its place.
    const again = await startBackup("--compress", "gzip:1").end;
    expect(again.code, again.stdout).toBe(0);
    expect((await filesLeft()).filter((path) => path.includes(".partial"))).toEqual([]);
  });
});
