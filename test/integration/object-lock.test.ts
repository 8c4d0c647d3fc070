import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DeleteObjectCommand, ListObjectVersionsCommand, S3Client } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { piecesOf, type Storage } from "../../electron/storage/storage.ts";
import { bucketSettings, makeBucket, openBucket } from "../helpers/bucket.ts";
import { requirement } from "../helpers/requirement.ts";
import { hasRgw, rgwRemedy, startRgw, type TestRgw } from "../helpers/rgw.ts";
import { runCli } from "../helpers/run-cli.ts";
import { pathsIn, putBackup } from "../helpers/stored-backup.ts";

/** Object Lock and versions, in buckets of a real gateway. */

const need = requirement("Ceph's RADOS gateway", hasRgw(), rgwRemedy);
const lock = { days: 2, mode: "GOVERNANCE" } as const;

describe.skipIf(need !== "run")(`Object Lock and versions (${need})`, () => {
  const folder = mkdtempSync(join(tmpdir(), "lifeboat-lock-"));
  let rgw: TestRgw;
  let env: Record<string, string>;
  let locked: Storage;

  beforeAll(async () => {
    rgw = await startRgw();
    env = { ...rgw.env, LIFEBOAT_HOME: join(folder, "home") };
    await makeBucket(rgw, "vault", true);
    await makeBucket(rgw, "open");
    locked = await openBucket(rgw, "vault", "db", { lock });
    const add = ["storages", "add", "vault", "s3://vault/db", "--endpoint", rgw.endpoint, "--region", "us-east-1"];
    const added = await runCli([...add, "--lock-days", "2"], { env });
    if (added.code !== 0) throw new Error(added.stderr);
  }, 120_000);
  afterAll(async () => {
    await locked?.close();
    await rgw?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const run = async (...args: string[]) => {
    const end = await runCli([...args, "--json"], { env });
    return { code: end.code, ...JSON.parse(end.stdout) };
  };

  it("the test says what the bucket has, and fails where a lock is asked for that it cannot give", async () => {
    const { error, steps, ...vault } = await run("storages", "test", "vault");
    expect({ error, failed: steps.filter(({ state }: { state: string }) => state === "failed") }).toEqual({
      failed: [],
    });
    expect(vault).toMatchObject({
      code: 0,
      facts: { versioning: "on", objectLock: "on", defaultRetention: null, ownRetention: "GOVERNANCE, 2 days" },
    });
    expect((await run("storages", "test", "s3://open")).facts).toMatchObject({ versioning: "off", objectLock: "off" });
    const add = ["storages", "add", "wrong", "s3://open/db", "--endpoint", rgw.endpoint, "--region", "us-east-1"];
    expect((await runCli([...add, "--lock-days", "2"], { env })).code).toBe(0);
    const wrong = await run("storages", "test", "wrong");
    expect(wrong).toMatchObject({ code: 1, ok: false, error: { code: "storage.unsupported" } });
    expect(wrong.steps.find(({ state }: { state: string }) => state === "failed")).toMatchObject({ step: "lock" });
  });

  it("what is written is held, in one piece and in parts; pins and tests are not", async () => {
    const made = await putBackup(locked, "2026-11-20T02:00:00Z");
    const soon = Date.now() + 47 * 60 * 60 * 1000;
    for (const path of [made.path, ...made.files]) {
      const { hold } = await locked.stat(path);
      expect(hold?.mode, path).toBe("GOVERNANCE");
      expect(new Date(hold?.until ?? 0).getTime()).toBeGreaterThan(soon);
    }
    const large = "shop/shop_20261119T020000Z.dump";
    const piece = Buffer.alloc(1024 * 1024, 7);
    const pieces = Array.from({ length: 20 }, () => piece);
    await locked.write(large, piecesOf(...pieces), { expectedBytes: 20 * piece.length });
    const stored = await locked.stat(large);
    expect(stored).toMatchObject({ sizeBytes: 20 * piece.length, hold: { mode: "GOVERNANCE" } });
    await locked.write("shop/shop_20261119T020000Z.pin", piecesOf("{}"));
    expect((await locked.stat("shop/shop_20261119T020000Z.pin")).hold).toBeUndefined();
    await locked.delete("shop/shop_20261119T020000Z.pin");

    // A list says until when; of what is not held it says nothing.
    const [held] = JSON.parse((await runCli(["backups", "--in", "vault", "--json"], { env })).stdout);
    expect(held).toMatchObject({ id: made.id, lockedUntil: { mode: "GOVERNANCE" } });
    expect(new Date(held.lockedUntil.until).getTime()).toBeGreaterThan(soon);
    expect((await runCli(["backups", "--in", "vault"], { env })).stdout).toContain("Locked until");
    const open = await openBucket(rgw, "open", "db");
    await putBackup(open, "2026-11-20T02:00:00Z");
    await open.close();
    const listed = await runCli(["backups", "--in", "s3://open/db"], { env });
    expect(listed.stdout).toContain("shop");
    expect(listed.stdout).not.toContain("Locked until");
    const [free] = JSON.parse((await runCli(["backups", "--in", "s3://open/db", "--json"], { env })).stdout);
    expect(free.lockedUntil).toBeNull();

    // Really held: the version itself cannot be deleted.
    const client = new S3Client({ ...clientOf(rgw) });
    const { Versions = [] } = await client.send(
      new ListObjectVersionsCommand({ Bucket: "vault", Prefix: `db/${large}` }),
    );
    const [version] = Versions;
    await expect(
      client.send(new DeleteObjectCommand({ Bucket: "vault", Key: `db/${large}`, VersionId: version?.VersionId })),
    ).rejects.toMatchObject({ name: "AccessDenied" });
    client.destroy();
  });

  it("a clean-up keeps what is locked and says until when; what is not held goes", async () => {
    const held = await putBackup(locked, "2026-11-10T02:00:00Z", { database: "kept" });
    const free = await openBucket(rgw, "vault", "db");
    const loose = await putBackup(free, "2026-11-09T02:00:00Z", { database: "kept" });
    const newest = await putBackup(free, "2026-11-11T02:00:00Z", { database: "kept" });
    const plan = await run("prune", "--in", "vault", "--keep", "last 1", "--database", "kept", "--dry-run");
    expect(plan.keepsVersions).toBe(true);
    const verdicts = new Map(
      plan.backups.map(({ id, verdict, reasons }: { id: string; verdict: string; reasons: string[] }) => [
        id,
        `${verdict}: ${reasons.at(-1)}`,
      ]),
    );
    expect(verdicts.get(held.id)).toMatch(/^kept: it is locked until \d{4}-\d\d-\d\d .*Object Lock, GOVERNANCE/);
    expect(verdicts.get(loose.id)).toMatch(/^due/);
    const pruned = await run("prune", "--in", "vault", "--keep", "last 1", "--database", "kept", "--yes");
    expect(pruned).toMatchObject({
      code: 0,
      job: { state: "succeeded", backups: [{ id: loose.id, outcome: "deleted" }] },
    });
    const left = await pathsIn(free);
    expect(left).toContain(held.path);
    expect(left).toContain(newest.path);
    expect(left).not.toContain(loose.path);
    await free.close();
  });
});

function clientOf(rgw: TestRgw) {
  const { region } = bucketSettings(rgw, "vault");
  return {
    endpoint: rgw.endpoint,
    region: region ?? "us-east-1",
    forcePathStyle: true,
    credentials: { accessKeyId: rgw.accessKeyId, secretAccessKey: rgw.secretAccessKey },
  };
}
