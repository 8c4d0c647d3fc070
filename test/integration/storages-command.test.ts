import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { locateHome } from "../../electron/home.ts";
import { createMemoryStore } from "../../electron/secrets/memory.ts";
import { Secret } from "../../electron/secrets/secret.ts";
import { openStorage } from "../../electron/storage/open-storage.ts";
import { openSavedStorages, storageAccount } from "../../electron/storage/saved-storages.ts";
import { collectBytes, piecesOf } from "../../electron/storage/storage.ts";
import type { Manifest } from "../../shared/contract/manifest.ts";
import { bucketSettings, makeBucket, openBucket } from "../helpers/bucket.ts";
import { startFaultProxy } from "../helpers/fault-proxy.ts";
import { makeManifest } from "../helpers/manifests.ts";
import { requirement } from "../helpers/requirement.ts";
import { hasRgw, rgwRemedy, startRgw, type TestRgw } from "../helpers/rgw.ts";
import { runCli } from "../helpers/run-cli.ts";

const need = requirement("Ceph's RADOS gateway", hasRgw(), rgwRemedy);

describe.skipIf(need !== "run")(`storages as a command (${need})`, () => {
  const folder = mkdtempSync(join(tmpdir(), "lifeboat-storages-"));
  const home = join(folder, "home");
  let rgw: TestRgw;
  let env: Record<string, string>;
  beforeAll(async () => {
    rgw = await startRgw();
    await makeBucket(rgw, "offsite");
    env = { ...rgw.env, LIFEBOAT_HOME: home, HOME: folder };
  }, 180_000);
  afterAll(async () => {
    await rgw?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it("adds, lists, tests and removes a bucket; no secret is in any file", async () => {
    const args = [
      "storages",
      "add",
      "off",
      "s3://offsite/db",
      "--preset",
      "ceph",
      "--endpoint",
      rgw.endpoint,
      "--json",
    ];
    const added = await runCli(args, { env });
    expect(added).toMatchObject({ code: 0 });
    expect(JSON.parse(added.stdout)).toMatchObject({ name: "off", preset: "ceph", settings: { style: "path" } });
    expect((await runCli(args, { env })).stdout).toContain("storage.nameTaken");
    const file = join(home, "storages.json");
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readFileSync(file, "utf8")).not.toContain(rgw.secretAccessKey);
    const listed = await runCli(["storages", "--json"], { env });
    expect(JSON.parse(listed.stdout)).toHaveLength(1);

    const tested = await runCli(["storages", "test", "off", "--json"], { env });
    expect(tested.code).toBe(0);
    const states = Array.from(tested.stdout.matchAll(/"state":"(\w+)"/g), ([, state]) => state);
    expect(states).toEqual(Array.from({ length: 9 }, () => "ok"));

    const wrong = await runCli(["storages", "test", "off"], { env: { ...env, AWS_SECRET_ACCESS_KEY: "no" } });
    expect(wrong.code).toBe(1);
    expect(wrong.stdout).toMatch(/login\s+failed\s+The secret does not belong to the access key/);
    expect(wrong.stdout).toContain("Check the access key and its secret.");

    const gone = await runCli(["storages", "test", "s3://elsewhere"], { env });
    expect(gone.stdout).toMatch(/list\s+failed\s+There is no such bucket/);
    const dead = await runCli(["storages", "test", "s3://offsite"], {
      env: { ...env, LIFEBOAT_HOME: join(folder, "other"), AWS_ENDPOINT_URL_S3: "http://127.0.0.1:9" },
    });
    expect(dead.stdout).toMatch(/reach\s+failed\s+Nothing answers/);

    expect(await runCli(["storages", "remove", "off"], { env })).toMatchObject({ code: 0 });
    const forgotten = await runCli(["storages", "test", "off"], { env });
    expect(forgotten.stderr + forgotten.stdout).toContain("There is no storage off");
  });

  it("tests a folder and leaves nothing in it", async () => {
    const place = join(folder, "disk");
    expect(await runCli(["storages", "test", place], { env })).toMatchObject({ code: 0 });
    expect(readdirSync(place)).toEqual([]);
  });

  it("asks for what a preset needs, and says where there is no keychain", async () => {
    const region = await runCli(["storages", "add", "b", "s3://x", "--preset", "b2"], { env });
    expect(region).toMatchObject({ code: 2 });
    expect(region.stderr).toContain("--region");
    const add = ["storages", "add", "k", "s3://offsite", "--endpoint", rgw.endpoint];
    const key = await runCli([...add, "--access-key-id", rgw.accessKeyId], { env });
    expect(key).toMatchObject({ code: 1 });
    expect(key.stderr).toContain("the storage not saved");
    expect(key.stderr).not.toContain(rgw.secretAccessKey);
  });

  it("opens a bucket with the key that a saved storage keeps in the keychain, by its name and by its address", async () => {
    const context = {
      home: locateHome({ LIFEBOAT_HOME: join(folder, "keys") }),
      env: {},
      secrets: createMemoryStore(),
    };
    await openSavedStorages(context.home).add({ name: "kept", preset: null, settings: bucketSettings(rgw, "offsite") });
    await expect(openStorage("kept", context)).rejects.toMatchObject({ code: "storage.credentials" });
    await context.secrets.write(storageAccount("kept", context.home), new Secret(rgw.secretAccessKey));
    const named = await openStorage("kept", context);
    await named.write("inner/name", piecesOf("hello"));
    const addressed = await openStorage("s3://offsite/inner", context);
    expect(Buffer.from(await collectBytes(addressed.readStream("name"))).toString()).toBe("hello");
  });

  it("lists the backups in a bucket as those in a folder, and reads a manifest once", async () => {
    const proxy = await startFaultProxy(rgw.port);
    const place = join(folder, "backups");
    mkdirSync(join(place, "shop"), { recursive: true });
    const storage = await openBucket(rgw, "offsite", "listed");
    const names = Array.from(
      { length: 40 },
      (_, at) => `shop_202611${String((at % 20) + 10)}T0${at < 20 ? 2 : 3}0000Z`,
    );
    for (const [at, name] of names.entries()) {
      const manifest = JSON.stringify(minimalManifest(`${name}.dump`, at));
      for (const [file, text] of [
        [`shop/${name}.dump`, "x".repeat(at % 7)],
        [`shop/${name}.manifest.json`, manifest],
      ] as const) {
        writeFileSync(join(place, file), text);
        await storage.write(file, piecesOf(text));
      }
    }
    for (const file of ["shop/shop_20200101T000000Z.dump", "shop/broken.manifest.json", "notes.txt"]) {
      writeFileSync(join(place, file), "{");
      await storage.write(file, piecesOf("{"));
    }
    const list = async (location: string, ...more: string[]) => {
      const end = await runCli(["backups", "--in", location, ...more], {
        env: { ...env, AWS_ENDPOINT_URL_S3: `http://127.0.0.1:${proxy.port}` },
      });
      return {
        ...end,
        stdout: end.stdout.replaceAll(location, "HERE"),
        stderr: end.stderr.replaceAll(location, "HERE"),
      };
    };
    const here = await list(place, "--json");
    const there = await list("s3://offsite/listed", "--json");
    expect(there).toEqual({ ...here, stderr: expect.stringContaining("1 archive") });
    expect(there.stderr).toContain("broken.manifest.json");
    const first = proxy.receivedBytes;
    proxy.reset();
    expect((await list("s3://offsite/listed", "--json")).stdout).toBe(there.stdout);
    expect(proxy.receivedBytes).toBeLessThan(first / 2);

    const table = (await list(place)).stdout;
    expect(table).toContain("20261110020000-00000000");
    expect((await list("s3://offsite/listed")).stdout).toBe(table);
    proxy.reset();
    env["LIFEBOAT_HOME"] = join(folder, "another-machine");
    expect((await list("s3://offsite/listed")).stdout).toBe(table);
    expect(proxy.receivedBytes).toBeLessThan(first / 2);
    env["LIFEBOAT_HOME"] = home;
    await proxy.close();
  });
});

function minimalManifest(archive: string, hour: number): Manifest {
  const sha256 = "0".repeat(64);
  return makeManifest({
    id: `${archive.replaceAll(/\D/g, "").slice(0, 14)}-00000000`,
    startedAt: new Date(Date.UTC(2026, 10, 1, hour)).toISOString(),
    files: [{ path: archive, role: "archive", sizeBytes: hour % 7, sha256, chunkBytes: 4194304, chunks: [] }],
  });
}
