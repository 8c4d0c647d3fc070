import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createLocalStorage } from "../../electron/storage/local-storage.ts";
import { type ColdBucket, startColdBucket } from "../helpers/glacier.ts";
import { runCli } from "../helpers/run-cli.ts";
import { putBackup } from "../helpers/stored-backup.ts";

/** Archive classes, against a stand-in: Ceph's gateway has none, and the real ones take hours. */
describe("lifeboat thaw", () => {
  const folder = mkdtempSync(join(tmpdir(), "lifeboat-thaw-"));
  let cold: ColdBucket;
  let env: Record<string, string>;
  let archive: string;

  beforeAll(async () => {
    const made = await putBackup(createLocalStorage(join(folder, "made")), "2026-11-21T02:00:00Z");
    const files = readdirSync(join(folder, "made"), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => `${entry.parentPath.slice(join(folder, "made").length + 1)}/${entry.name}`);
    cold = await startColdBucket(
      new Map(files.map((name) => [name, readFileSync(join(folder, "made", name))])),
      (key) => key.endsWith(".manifest.json"),
    );
    archive = `s3://cold/${made.files[0]}`;
    env = {
      AWS_ACCESS_KEY_ID: "KEY",
      AWS_SECRET_ACCESS_KEY: "SECRET",
      AWS_REGION: "us-east-1",
      AWS_ENDPOINT_URL_S3: cold.endpoint,
      LIFEBOAT_HOME: join(folder, "home"),
    };
  });
  afterAll(async () => {
    await cold?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const run = async (...args: string[]) => {
    const end = await runCli([...args, "--json"], { env });
    return { code: end.code, ...JSON.parse(end.stdout) };
  };
  const states = () => [...cold.objects.values()].map(({ state }) => state).toSorted();

  it("opening one says that it has to be thawed, and how", async () => {
    const { code, error } = await run("contents", archive);
    expect(code).toBe(1);
    expect(error).toMatchObject({ code: "storage.archived", hint: expect.stringContaining("lifeboat thaw") });
    expect(await run("thaw", archive, "--look")).toMatchObject({ code: 4, files: 2, frozen: 2, ongoing: 0 });
    expect(states()).toEqual(["frozen", "frozen", "warm"]);
  });

  it("asks for all files of the backup, for so many days and at such a speed", async () => {
    const asked = await run("thaw", archive, "--days", "3", "--tier", "Bulk");
    expect(asked).toMatchObject({ code: 4, files: 2, frozen: 0, ongoing: 2, readyUntil: null });
    const requests = [...cold.objects.values()].flatMap((object) => object.asked ?? []);
    expect(requests).toEqual(Array.from({ length: 2 }, () => ({ days: 3, tier: "Bulk" })));
    // Asked again meanwhile: no failure.
    expect(await run("thaw", archive)).toMatchObject({ code: 4, ongoing: 2 });
    expect((await run("contents", archive)).error.message).toContain("is being thawed");
  });

  it("says until when it can be read once it is ready, and reads it", async () => {
    for (const object of cold.objects.values()) if (object.state === "ongoing") object.state = "ready";
    const ready = await run("thaw", archive, "--look");
    expect(ready).toMatchObject({ code: 0, frozen: 0, ongoing: 0 });
    expect(new Date(ready.readyUntil).getTime()).toBeGreaterThan(Date.now());
    expect(await run("verify", archive, "--level", "checksum")).toMatchObject({ code: 0 });
    // Longer: asked for anew.
    expect((await run("thaw", archive, "--days", "30")).code).toBe(0);
    expect([...cold.objects.values()].flatMap(({ asked }) => asked?.days ?? [])).toEqual([30, 30]);
  });
});
