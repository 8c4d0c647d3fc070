import { execFileSync } from "node:child_process";
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type BackupRequest, defaultBackupOptions } from "../../electron/backup/backup-request.ts";
import { locateHome } from "../../electron/home.ts";
import { runBackup } from "../../electron/jobs/run-backup.ts";
import { formatStamp } from "../../electron/storage/backup-folder.ts";
import type { JobId } from "../../shared/job/job.ts";
import { runCli, startCli } from "../helpers/run-cli.ts";
import { requirement, startServer, type TestServer } from "../helpers/servers.ts";

let server: TestServer;
let root: string;
let location: string;
let env: Record<string, string>;
beforeAll(async () => {
  server = await startServer(15);
  await server.run("create database shop");
  await server.run("create table orders as select generate_series(1, 1000) id", "shop");
});
afterAll(() => server?.stop());
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "lifeboat-places-"));
  location = join(root, "backups");
  env = { LIFEBOAT_HOME: join(root, "home") };
  await mkdir(join(location, "shop"), { recursive: true });
});
afterEach(() => rm(root, { recursive: true, force: true }));

const backUp = (...args: string[]) =>
  runCli(
    ["backup", "--url", server.url("shop"), "--json", ...(args.includes("--to") ? [] : ["--to", location]), ...args],
    {
      env,
    },
  );

const errorIn = (stdout: string): unknown => JSON.parse(stdout).error.code;

/** Files of somebody else under every name that a backup made in the next seconds could take. */
async function occupy(folder: string, suffix: string): Promise<string[]> {
  await mkdir(folder, { recursive: true });
  const paths = Array.from({ length: 30 }, (_, second) =>
    join(folder, `shop_${formatStamp(new Date(Date.now() + second * 1000))}${suffix}`),
  );
  for (const path of paths) await writeFile(path, "another's");
  return paths;
}

async function expectUntouched(paths: readonly string[]): Promise<void> {
  for (const path of paths) expect(await readFile(path, "utf8"), path).toBe("another's");
}

describe("what others have in the folder stays as it is", () => {
  test.each([".dump", ".manifest.json", ".globals.sql"])("where %s is taken", async (suffix) => {
    const theirs = await occupy(join(location, "shop"), suffix);
    const run = await backUp();
    expect(errorIn(run.stdout)).toBe("backup.destinationExists");
    await expectUntouched(theirs);
    expect((await readdir(join(location, "shop"))).length).toBe(theirs.length);
  });

  test("where a directory archive is half-written", async () => {
    const theirs = await occupy(join(location, "shop"), ".dir.partial");
    expect(errorIn((await backUp("--format", "directory")).stdout)).toBe("backup.destinationExists");
    await expectUntouched(theirs);
  });

  test("where another home's backup of this second is half-written: both get names of their own", async () => {
    const folder = join(location, "shop");
    // As many as a backup that starts in this second and the next two could meet.
    const stamps = [0, 1, 2].map((second) => formatStamp(new Date(Date.now() + second * 1000)));
    const theirs = stamps.map((stamp) => join(folder, `shop_${stamp}.dump.${"a".repeat(16)}.partial`));
    for (const path of theirs) await writeFile(path, "another's");
    const run = await backUp();
    expect(run.code, run.stdout).toBe(0);
    await expectUntouched(theirs);
    expect(stamps).not.toContain(/shop_(\w+)\.dump$/.exec(JSON.parse(run.stdout).path)?.[1]);
  });

  test("after a whole backup, too: only this home's own dead jobs leave leftovers", async () => {
    const theirs = ["film.mkv.partial", "shop_20200101T000000Z.dump.partial"].map((name) =>
      join(location, "shop", name),
    );
    for (const path of theirs) await writeFile(path, "another's");
    expect((await backUp()).code).toBe(0);
    await expectUntouched(theirs);
  });

  test("where the copy should go: the backup is whole, the copy is told as missing", async () => {
    const second = join(root, "second");
    const theirs = await occupy(join(second, "shop"), ".dump");
    const run = await backUp("--to", location, "--to", second);
    expect(run.code).toBe(3);
    const { path, copies } = JSON.parse(run.stdout);
    expect((await stat(path)).isFile()).toBe(true);
    expect(copies).toEqual([
      { location: second, path: null, error: expect.stringContaining("is there already"), retry: expect.any(String) },
    ]);
    await expectUntouched(theirs);
  });
});

test("a location that is a file is called that", async () => {
  await writeFile(join(root, "file"), "");
  const run = await backUp("--to", join(root, "file"));
  expect(JSON.parse(run.stdout).error.message).toContain("is a file, not a folder");
});

test.skipIf(requirement("root, to run as somebody else", process.getuid?.() === 0) !== "run")(
  "a folder of somebody else in the location, such as lost+found, and a reader who may not write",
  async () => {
    await mkdir(join(location, "lost+found"), { mode: 0o700 });
    await mkdir(env["LIFEBOAT_HOME"] ?? "");
    await chmod(root, 0o755);
    for (const path of [location, join(location, "shop"), env["LIFEBOAT_HOME"] ?? ""])
      execFileSync("chown", ["postgres", path]);
    const asPostgres = (...args: string[]) =>
      execFileSync(
        "runuser",
        ["-u", "postgres", "--", "env", `LIFEBOAT_HOME=${env["LIFEBOAT_HOME"]}`, process.execPath, CLI, ...args],
        { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] },
      );
    const made = asPostgres("backup", "--url", server.url("shop"), "--to", location, "--json");
    expect(JSON.parse(made)).toMatchObject({ state: "succeeded" });
    expect(JSON.parse(asPostgres("backups", "--in", location, "--json"))).toHaveLength(1);

    const { path } = JSON.parse((await backUp("--format", "directory")).stdout);
    execFileSync("chmod", ["-R", "a+rX", dirname(path)]);
    expect(JSON.parse(asPostgres("verify", path, "--json"))).toMatchObject({ state: "succeeded", rowCounts: "match" });
  },
);

const CLI = join(import.meta.dirname, "../../electron/cli.ts");

test("one busy database does not keep the others from being backed up", async () => {
  await server.run("create database aaa");
  const lock = `backup:${location}:postgres`;
  const other = startCli([lock], { env, script: "test/fixtures/jobs/run-job.ts" });
  await new Promise((resolve) => other.child.stdout?.once("data", resolve));
  try {
    const run = await backUp("--all-databases");
    expect(run.code).toBe(3);
    const { backups } = JSON.parse(run.stdout);
    expect(backups.map((backup: { state: string }) => backup.state).toSorted()).toEqual([
      "failed",
      "succeeded",
      "succeeded",
    ]);
    expect(backups).toContainEqual(
      expect.objectContaining({ jobId: null, error: expect.objectContaining({ code: "job.conflict" }) }),
    );
  } finally {
    other.child.kill("SIGKILL");
  }
});

/** Runs a backup that is cancelled when the step begins; gives what it throws. */
async function cancelAt(step: string, changes: Partial<BackupRequest> = {}): Promise<unknown> {
  const cancel = new AbortController();
  const target = server.target();
  const request: BackupRequest = {
    target: { ...target, hosts: target.hosts.map((host) => ({ ...host })) },
    database: "shop",
    locations: [location],
    ...defaultBackupOptions,
    ...changes,
  };
  const context = {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- any text will do
    jobId: "test" as JobId,
    signal: cancel.signal,
    log() {},
    step(name: string) {
      if (name.startsWith(step)) cancel.abort();
    },
    progress() {},
    recordChild() {},
    recordPartial() {},
    leftovers: () => [],
    forgetLeftover() {},
  };
  const connection = { target, password: null, passwordFrom: "none", warnings: [] };
  return runBackup(context, request, connection, { home: locateHome(env), env }).then(
    () => expect.fail("it was not cancelled"),
    (error: unknown) => error,
  );
}

const filesLeft = async () =>
  (await readdir(root, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile() && entry.parentPath.includes("backups"))
    .map((entry) => entry.name);

describe("a cancel", () => {
  test.each([
    ["Dumping", "custom"],
    ["Dumping", "directory"],
    ["Dumping", "plain"],
    ["Saving roles", "custom"],
  ] as const)("at %s (%s) is told as one and leaves nothing", async (step, format) => {
    expect(await cancelAt(step, { format, globals: true })).toMatchObject({ code: "job.cancelled" });
    expect(await filesLeft()).toEqual([]);
  });

  test("while copying keeps the backup that is whole, and says so", async () => {
    const error = await cancelAt("Copying", { locations: [location, join(root, "backups-2")], format: "directory" });
    expect(error).toMatchObject({ code: "job.cancelled", detail: expect.stringContaining("whole and stays") });
    expect((await filesLeft()).map((name) => name.replace(/^.*Z\./, "")).toSorted()).toEqual(
      expect.arrayContaining(["manifest.json", "toc.dat"]),
    );
    expect((await filesLeft()).filter((name) => name.endsWith(".manifest.json"))).toHaveLength(1);
  });
});
