import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createLocalStorage } from "../../electron/storage/local-storage.ts";
import { piecesOf, type Storage } from "../../electron/storage/storage.ts";
import { allowWriting, denyWriting, makeBucket, openBucket } from "../helpers/bucket.ts";
import { type FaultProxy, startFaultProxy } from "../helpers/fault-proxy.ts";
import { until } from "../helpers/job-home.ts";
import { requirement } from "../helpers/requirement.ts";
import { hasRgw, rgwRemedy, startRgw, type TestRgw } from "../helpers/rgw.ts";
import { runCli, startCli } from "../helpers/run-cli.ts";
import { pathsIn, putBackup } from "../helpers/stored-backup.ts";

/** `lifeboat mirror` between folders and buckets of a real gateway. */

const need = requirement("Ceph's RADOS gateway", hasRgw(), rgwRemedy);

describe.skipIf(need !== "run")(`lifeboat mirror (${need})`, () => {
  const folder = mkdtempSync(join(tmpdir(), "lifeboat-mirror-"));
  const here = join(folder, "here");
  const local = createLocalStorage(here);
  const days = Array.from({ length: 6 }, (_, day) => `2026-11-2${day}T02:00:00Z`);
  let rgw: TestRgw;
  let proxy: FaultProxy;
  let bucket: Storage;
  let env: Record<string, string>;

  beforeAll(async () => {
    rgw = await startRgw();
    proxy = await startFaultProxy(rgw.port);
    await makeBucket(rgw, "mirrored");
    await makeBucket(rgw, "second");
    bucket = await openBucket(rgw, "mirrored", "db");
    env = { ...rgw.env, AWS_ENDPOINT_URL_S3: `http://127.0.0.1:${proxy.port}`, LIFEBOAT_HOME: join(folder, "home") };
    for (const day of days) await putBackup(local, day);
    await putBackup(local, "2026-11-20T02:00:00Z", { database: "billing", format: "directory" });
  }, 120_000);
  afterAll(async () => {
    await bucket?.close();
    await proxy?.close();
    await rgw?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const mirror = async (...args: string[]) => {
    const end = await runCli(["mirror", ...args, "--json"], { env });
    return { code: end.code, ...JSON.parse(end.stdout) };
  };

  it("copies one database's, then the rest, byte for byte, and sends nothing twice", async () => {
    const one = await mirror(here, "--to", "s3://mirrored/db", "--database", "billing");
    expect(one).toMatchObject({ code: 0, copied: [{ database: "billing" }], there: 0, failed: [], notTried: 0 });
    const rest = await mirror(here, "--to", "s3://mirrored/db");
    expect(rest.code).toBe(0);
    expect(rest.there).toBe(1);
    // The newest first.
    expect(rest.copied.map(({ path }: { path: string }) => path.slice(-21))).toEqual(
      days.map((day) => `${day.replaceAll(/[-:]/g, "")}.dump`).toReversed(),
    );
    expect(await pathsIn(bucket)).toEqual(await pathsIn(local));
    for (const path of await pathsIn(local))
      expect(Buffer.from(await bucket.read(path)).equals(readFileSync(join(here, path))), path).toBe(true);
    proxy.reset();
    expect(await mirror(here, "--to", "s3://mirrored/db")).toMatchObject({ code: 0, copied: [], there: 7 });
    expect(proxy.sentBytes).toBeLessThan(30_000);
  });

  it("goes on where it was killed, from bucket to bucket", async () => {
    const there = await openBucket(rgw, "second", "");
    const manifests = async () => (await pathsIn(there)).filter((path) => path.endsWith(".manifest.json"));
    proxy.reset({ delayMs: 60 });
    const run = startCli(["mirror", "s3://mirrored/db", "--to", "s3://second"], { env });
    let found: string[] = [];
    const look = setInterval(() => void manifests().then((paths) => (found = paths)), 50);
    await until(() => found.length >= 2, 60_000);
    run.child.kill("SIGKILL");
    await run.end;
    clearInterval(look);
    proxy.reset();
    const before = await manifests();
    expect(before.length).toBeLessThan(7);
    const again = await mirror("s3://mirrored/db", "--to", "s3://second");
    expect(again).toMatchObject({ code: 0, there: before.length, failed: [] });
    expect(again.copied).toHaveLength(7 - before.length);
    expect(await pathsIn(there)).toEqual((await pathsIn(bucket)).filter((path) => !path.startsWith(".lifeboat/")));
    await there.close();
  });

  it("brings what later checks of backups in both places found, once, into buckets and back into folders", async () => {
    const check = async (storage: Storage, archive: string) => {
      const before = await pathsIn(storage);
      expect(await runCli(["verify", archive, "--level", "checksum", "--quiet"], { env })).toMatchObject({ code: 0 });
      const made = (await pathsIn(storage)).filter((path) => !before.includes(path));
      expect(made).toEqual([expect.stringContaining(".proof.")]);
      return made;
    };
    const name = "shop/shop_20261121T020000Z.dump";
    const [first = ""] = await check(local, join(here, name));
    const up = await mirror(here, "--to", "s3://mirrored/db");
    expect(up).toMatchObject({ code: 0, copied: [], there: 7, checks: { copied: 1, failed: [] } });
    expect(Buffer.from(await bucket.read(first))).toEqual(readFileSync(join(here, first)));
    expect(await mirror(here, "--to", "s3://mirrored/db")).not.toHaveProperty("checks");
    const listed = await runCli(["backups", "--in", "s3://mirrored/db", "--json"], { env });
    const checks = JSON.parse(listed.stdout).flatMap((backup: { path: string; checks: unknown[] }) =>
      backup.checks.map(() => backup.path),
    );
    expect(checks).toEqual([`s3://mirrored/db/${name}`]);

    // One that was made there, and one of a backup that is only there now.
    const [second = ""] = await check(bucket, `s3://mirrored/db/${name}`);
    const text = await runCli(["mirror", "s3://mirrored/db", "--to", here], { env });
    expect(text).toMatchObject({ code: 0, stdout: expect.stringContaining("1 later check of those brought along.") });
    expect(readFileSync(join(here, second))).toEqual(Buffer.from(await bucket.read(second)));

    // A copy of one that is there already brings them, too.
    const [third = ""] = await check(local, join(here, name));
    expect(await runCli(["copy", join(here, name), "--to", "s3://mirrored/db"], { env })).toMatchObject({ code: 0 });
    expect(await pathsIn(bucket)).toContain(third);

    // Of another manifest they are none of the copy's.
    const [fourth = ""] = await check(local, join(here, name));
    const manifest = name.replace(/\.dump$/, ".manifest.json");
    const whole = await bucket.read(manifest);
    await bucket.write(manifest, piecesOf(whole, "\n"));
    expect(await mirror(here, "--to", "s3://mirrored/db")).not.toHaveProperty("checks");
    expect(await pathsIn(bucket)).not.toContain(fourth);
    await bucket.write(manifest, piecesOf(whole));

    // What could not be written there is told, and tried again.
    await denyWriting(rgw, "mirrored", "db/shop/*.proof.*");
    const refused = await mirror(here, "--to", "s3://mirrored/db");
    expect(refused).toMatchObject({ code: 3, checks: { copied: 0, failed: [{ path: join(here, name) }] } });
    await allowWriting(rgw, "mirrored");
    expect(await mirror(here, "--to", "s3://mirrored/db")).toMatchObject({ code: 0, checks: { copied: 1 } });
  });

  it("brings a pin that was set later, so that what is to stay here is not pruned there", async () => {
    const name = "shop/shop_20261121T020000Z.dump";
    const listed = await runCli(["backups", "--in", here, "--json"], { env });
    const all: { id: string; path: string }[] = JSON.parse(listed.stdout);
    const id = all.find(({ path }) => path === join(here, name))?.id ?? "";
    expect(await runCli(["backups", "pin", id, "--in", here], { env })).toMatchObject({ code: 0 });
    const text = await runCli(["mirror", here, "--to", "s3://mirrored/db"], { env });
    expect(text).toMatchObject({ code: 0, stdout: expect.stringContaining("1 later pin of those brought along.") });
    expect(await pathsIn(bucket)).toContain(name.replace(/\.dump$/, ".pin"));
    expect(await mirror(here, "--to", "s3://mirrored/db")).not.toHaveProperty("pins");
    // Unpinning is no deletion of the mirror's either.
    expect(await runCli(["backups", "unpin", id, "--in", here], { env })).toMatchObject({ code: 0 });
    expect(await mirror(here, "--to", "s3://mirrored/db")).not.toHaveProperty("pins");
    expect(await pathsIn(bucket)).toContain(name.replace(/\.dump$/, ".pin"));
  });

  it("deletes nothing in the target that is gone from the source", async () => {
    const made = await putBackup(local, "2026-11-28T02:00:00Z", { database: "gone" });
    expect(await mirror(here, "--to", "s3://mirrored/db")).toMatchObject({ code: 0, copied: [{ id: made.id }] });
    for (const path of [made.path, ...made.files]) await local.delete(path);
    expect(await mirror(here, "--to", "s3://mirrored/db")).toMatchObject({ code: 0, copied: [], failed: [] });
    expect(await pathsIn(bucket)).toContain(made.path);
  });

  it("finishes with errors where one is damaged or cannot be read, and copies the others", async () => {
    const made = await putBackup(local, "2026-11-27T02:00:00Z");
    const good = await putBackup(local, "2026-11-26T02:00:00Z");
    const broken = await putBackup(local, "2026-11-25T12:00:00Z");
    const file = join(here, made.files[0] ?? "");
    writeFileSync(file, readFileSync(file, "utf8").toUpperCase());
    rmSync(join(here, broken.files[0] ?? ""));
    writeFileSync(join(here, "shop/shop_20261124T120000Z.manifest.json"), "{");
    const end = await mirror(here, "--to", "s3://mirrored/db");
    expect(end).toMatchObject({ code: 3, state: "finishedWithErrors", copied: [{ id: good.id }] });
    const codes = end.failed.map(({ id, error }: { id: string; error: { code: string } }) => [id, error.code]);
    expect(new Map(codes)).toEqual(
      new Map([
        [made.id, "verify.checksumMismatch"],
        [broken.id, "backup.notFound"],
        [null, "backup.manifestInvalid"],
      ]),
    );
    expect(await pathsIn(bucket)).not.toContain(made.path);
    const text = await runCli(["mirror", here, "--to", "s3://mirrored/db"], { env });
    // Nothing could be copied this time: the damage itself is the failure.
    expect(text.code).toBe(1);
  });

  it("stops at a target that is not there, and refuses what is no place", async () => {
    expect(await mirror(here, "--to", "s3://no-such-bucket/x")).toMatchObject({
      code: 1,
      error: { code: "storage.bucketMissing" },
    });
    expect(await mirror(join(folder, "nowhere"), "--to", "s3://mirrored/db")).toMatchObject({
      code: 1,
      error: { code: "storage.notFound" },
    });
    expect(await mirror("nowhere", "--to", "s3://mirrored/db")).toMatchObject({ error: { code: "storage.notSaved" } });
    expect(await mirror(here, "--to", here)).toMatchObject({ code: 2, error: { code: "usage.invalid" } });
    expect(existsSync(join(folder, "nowhere"))).toBe(false);
  });
});
