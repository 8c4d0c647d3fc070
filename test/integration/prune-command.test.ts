import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createLocalStorage } from "../../electron/storage/local-storage.ts";
import { piecesOf, type Storage } from "../../electron/storage/storage.ts";
import { makeBucket, openBucket } from "../helpers/bucket.ts";
import { requirement } from "../helpers/requirement.ts";
import { hasRgw, rgwRemedy, startRgw, type TestRgw } from "../helpers/rgw.ts";
import { type CliEnd, runCli } from "../helpers/run-cli.ts";
import { type MadeBackup, pathsIn, putBackup } from "../helpers/stored-backup.ts";

const root = mkdtempSync(join(tmpdir(), "lifeboat-prune-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const days = ["22", "21", "20", "19", "18"].map((day) => `2026-11-${day}T02:00:00Z`);

let home: string;
let folder: string;
let storage: Storage;
let backups: MadeBackup[];

beforeEach(async () => {
  home = mkdtempSync(join(root, "home-"));
  folder = mkdtempSync(join(root, "place-"));
  storage = createLocalStorage(folder);
  backups = [];
  for (const day of days) backups.push(await putBackup(storage, day));
});

function prune(args: readonly string[], place = folder, env: Record<string, string> = {}): Promise<CliEnd> {
  return runCli(["prune", "--in", place, ...args], { env: { LIFEBOAT_HOME: home, ...env } });
}

const verdictsOf = (end: CliEnd) =>
  JSON.parse(end.stdout).backups.map(({ id, verdict }: { id: string; verdict: string }) => [id, verdict]);

describe("lifeboat prune on a folder", () => {
  it("shows what would go and why, and deletes nothing", async () => {
    const before = await pathsIn(storage);
    const shown = await prune(["--keep", "2 daily", "--dry-run"]);
    expect(shown.code).toBe(0);
    expect(shown.stdout).toContain("newest of 2026-11-22; last good backup");
    expect(shown.stdout).toContain("no rule keeps one of 2026-11-20");
    expect(shown.stdout).toMatch(/2 backups kept, 3 backups due: \d/);
    expect(await pathsIn(storage)).toEqual(before);
    const json = await prune(["--keep", "2 daily", "--dry-run", "--json"]);
    expect(verdictsOf(json)).toEqual(backups.map(({ id }, at) => [id, at < 2 ? "kept" : "due"]));
  });

  it("deletes what is due with all its files, and nobody else's; writes down what and why", async () => {
    const directory = await putBackup(storage, "2026-11-10T02:00:00Z", { format: "directory" });
    const foreign = ["other.dump", "shop/notes.txt", "shop/shop_20261110T020000Z.txt", "cron/shop.sql.gz"];
    for (const path of foreign) await storage.write(path, piecesOf("another tool's"));
    const end = await prune(["--keep", "2 daily", "--yes", "--json"]);
    expect(end).toMatchObject({ code: 0, stderr: "" });
    const { job } = JSON.parse(end.stdout);
    expect(job.backups.map(({ outcome }: { outcome: string }) => outcome)).toEqual(Array(4).fill("deleted"));
    const left = await pathsIn(storage);
    const kept = backups.slice(0, 2).flatMap(({ path, files }) => [path, ...files]);
    const record = `.lifeboat/deletions/${job.id}.json`;
    expect(left).toEqual([...kept, ...foreign, record].toSorted());
    expect(existsSync(join(folder, directory.files[0] ?? "", ".."))).toBe(false);
    for (const file of [job.recordFile, join(folder, record)])
      expect(JSON.parse(readFileSync(file, "utf8"))).toMatchObject({
        endedAt: expect.any(String),
        backups: [{ id: backups[2]?.id, reasons: ["no rule keeps one of 2026-11-20"] }, {}, {}, {}],
        outcomes: [{ outcome: "deleted" }, {}, {}, {}],
      });
    const again = await prune(["--keep", "2 daily", "--yes", "--json"]);
    expect(JSON.parse(again.stdout)).toMatchObject({ dueBytes: 0, job: null });
    expect(await pathsIn(storage)).toEqual(left);
  });

  it("does nothing unasked, and says what is wrong with a policy", async () => {
    const before = await pathsIn(storage);
    const unconfirmed = await prune(["--keep", "last 1", "--json"]);
    expect(unconfirmed.code).toBe(1);
    expect(JSON.parse(unconfirmed.stdout).error.code).toBe("retention.confirmationNeeded");
    const wrong = await prune(["--keep", "7 dayly", "--yes"]);
    expect(wrong).toMatchObject({ code: 2, stderr: expect.stringContaining('not understood: "7 dayly"') });
    expect((await prune(["--keep", "last 1", "--time-zone", "Mars/Olympus", "--yes"])).code).toBe(2);
    expect(await pathsIn(storage)).toEqual(before);
  });

  it("keeps a pinned one until it is unpinned", async () => {
    const id = backups[4]?.id ?? "";
    const env = { LIFEBOAT_HOME: home };
    expect((await runCli(["backups", "pin", id, "--in", folder], { env })).code).toBe(0);
    const end = await prune(["--keep", "last 1", "--yes", "--json"]);
    expect(JSON.parse(end.stdout).backups.at(-1)).toMatchObject({ id, verdict: "kept", reasons: ["pinned"] });
    expect((await runCli(["backups", "unpin", id, "--in", folder], { env })).code).toBe(0);
    expect(verdictsOf(await prune(["--keep", "last 1", "--yes", "--json"])).at(-1)).toEqual([id, "due"]);
    expect((await runCli(["backups", "pin", "20991231", "--in", folder], { env })).code).toBe(1);
  });

  it("deletes nothing of a database whose newest is not good, and ends with 3; others are pruned", async () => {
    await putBackup(storage, days[0] ?? "", { database: "other" });
    await putBackup(storage, days[1] ?? "", { database: "other" });
    rmSync(join(folder, backups[0]?.files[0] ?? ""));
    const end = await prune(["--keep", "last 1", "--yes", "--json"]);
    expect(end.code).toBe(3);
    expect(end.stderr).toContain("Nothing goes of shop: the newest backup");
    const { job } = JSON.parse(end.stdout);
    expect(job.backups).toMatchObject([{ database: "other", outcome: "deleted" }]);
  });

  it("deletes nothing while a backup is being made, or where a manifest was edited to name another's file", async () => {
    writeFileSync(join(folder, "shop", "shop_20261122T110000Z.dump.partial"), "half");
    expect((await prune(["--keep", "last 1", "--yes"])).code).toBe(3);
    rmSync(join(folder, "shop", "shop_20261122T110000Z.dump.partial"));
    const path = join(folder, backups[4]?.path ?? "");
    const manifest = JSON.parse(readFileSync(path, "utf8"));
    writeFileSync(join(folder, "shop", "precious.dump"), "x");
    manifest.files[0] = { ...manifest.files[0], path: "precious.dump", sizeBytes: 1 };
    writeFileSync(path, JSON.stringify(manifest));
    expect((await prune(["--keep", "last 1", "--yes"])).code).toBe(0);
    expect(existsSync(join(folder, "shop", "precious.dump"))).toBe(true);
    expect(existsSync(path)).toBe(true);
  });

  it("deletes nothing where the clock is wrong", async () => {
    await putBackup(storage, new Date(Date.now() + 86_400_000).toISOString());
    const end = await prune(["--keep", "last 1", "--yes"]);
    expect(end).toMatchObject({ code: 3, stderr: expect.stringContaining("Nothing goes: the clock went back") });
    expect(readdirSync(join(folder, "shop"))).toHaveLength(18);
  });

  it("keeps what it cannot read for a person to look at", async () => {
    const file = join(folder, backups[3]?.files[0] ?? "");
    rmSync(file);
    mkdirSync(file);
    const end = await prune(["--keep", "last 1", "--yes", "--json"]);
    expect(end.code).toBe(0);
    expect(JSON.parse(end.stdout).backups[3].reasons).toEqual(["not good, for you to look at: files are missing"]);
  });
});

const rgwHere = requirement("Ceph's RADOS gateway", hasRgw(), rgwRemedy);

describe.skipIf(rgwHere !== "run")(`lifeboat prune on a bucket (${rgwHere})`, () => {
  let rgw: TestRgw;
  beforeAll(async () => {
    rgw = await startRgw();
    await makeBucket(rgw, "vault");
  }, 180_000);
  afterAll(() => rgw?.stop());

  it("deletes what is due and keeps the rest, with its record beside it", async () => {
    const bucket = await openBucket(rgw, "vault", "backups");
    const made: MadeBackup[] = [];
    for (const day of days) made.push(await putBackup(bucket, day, { format: "directory" }));
    await bucket.write("shop/foreign.dump", piecesOf("another tool's"));
    const env = { ...rgw.env };
    const dry = await prune(["--keep", "2 daily", "--dry-run", "--json"], "s3://vault/backups", env);
    expect(verdictsOf(dry)).toEqual(made.map(({ id }, at) => [id, at < 2 ? "kept" : "due"]));
    const pin = ["backups", "pin", made[4]?.id ?? "", "--in", "s3://vault/backups"];
    expect((await runCli(pin, { env: { LIFEBOAT_HOME: home, ...env } })).code).toBe(0);
    const end = await prune(["--keep", "2 daily", "--yes", "--json"], "s3://vault/backups", env);
    expect(end).toMatchObject({ code: 0, stderr: "" });
    const { job } = JSON.parse(end.stdout);
    const kept = [0, 1, 4].flatMap((at) => [made[at]?.path ?? "", ...(made[at]?.files ?? [])]);
    const pinFile = (made[4]?.path ?? "").replace(".manifest.json", ".pin");
    expect(await pathsIn(bucket)).toEqual(
      [...kept, pinFile, "shop/foreign.dump", `.lifeboat/deletions/${job.id}.json`].toSorted(),
    );
    await bucket.close();
  });
});
