import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { openArchive } from "../../electron/archives/open-archive.ts";
import { Secret } from "../../electron/secrets/secret.ts";
import { openSavedStorages, storageAccount } from "../../electron/storage/saved-storages.ts";
import type { Storage } from "../../electron/storage/storage.ts";
import type { BackupResult } from "../../shared/contract/job-results.ts";
import type { Job } from "../../shared/job/job.ts";
import { bucketSettings, makeBucket, openBucket, unfinishedUploads } from "../helpers/bucket.ts";
import { type FaultProxy, startFaultProxy } from "../helpers/fault-proxy.ts";
import { until } from "../helpers/job-home.ts";
import { requirement } from "../helpers/requirement.ts";
import { hasRgw, rgwRemedy, startRgw, type TestRgw } from "../helpers/rgw.ts";
import { runCli, startCli } from "../helpers/run-cli.ts";
import { availableMajors, serversRemedy, startServer, type TestServer } from "../helpers/servers.ts";
import { openServices, type Services } from "../helpers/services.ts";
import { pathsIn } from "../helpers/stored-backup.ts";

/** One dump to two buckets, each behind a line of its own that can be harmed, and to a folder. */

const MiB = 1024 * 1024;
const serverHere = requirement("PostgreSQL 15", availableMajors().includes(15), serversRemedy);
const rgwHere = requirement("Ceph's RADOS gateway", hasRgw(), rgwRemedy);
const need = serverHere === "run" ? rgwHere : serverHere;

/** About 60 MB that do not get smaller: four parts of an upload. */
const SEED = `
  create table small as select generate_series(1, 1000) id;
  create table noise as select n id, (select string_agg(md5(random()::text), '') from generate_series(1, 25) where n > 0) t
    from generate_series(1, 75000) n;
`;

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- written by run-backup
const resultOf = (job: Job) => job.result as BackupResult;

async function hashIn(storage: Storage, path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const piece of storage.readStream(path)) hash.update(piece);
  return hash.digest("hex");
}

describe.skipIf(need !== "run")(`a backup to several places at once (${need})`, () => {
  let rgw: TestRgw;
  let server: TestServer;
  let proxies: Record<"one" | "two", FaultProxy>;
  let services: Services;
  let folder: string;
  let buckets: Record<"one" | "two", Storage>;

  beforeAll(async () => {
    [rgw, server] = await Promise.all([startRgw(), startServer(15)]);
    await server.run("create database shop");
    await server.run(SEED, "shop");
    proxies = { one: await startFaultProxy(rgw.port), two: await startFaultProxy(rgw.port) };
  }, 180_000);
  afterAll(async () => {
    await proxies?.one.close();
    await proxies?.two.close();
    await server?.stop();
    await rgw?.stop();
  });

  let round = 0;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "lifeboat-places-"));
    services = await openServices();
    round += 1;
    const names = { one: `one-${round}`, two: `two-${round}` };
    for (const key of ["one", "two"] as const) {
      proxies[key].reset();
      await makeBucket(rgw, names[key]);
      const settings = bucketSettings(rgw, names[key], "db", { endpoint: `http://127.0.0.1:${proxies[key].port}` });
      await openSavedStorages(services.home).add({ name: key, preset: null, settings });
      await services.secrets.write(storageAccount(key, services.home), new Secret(rgw.secretAccessKey));
    }
    buckets = { one: await openBucket(rgw, names.one, "db"), two: await openBucket(rgw, names.two, "db") };
  });
  afterEach(async () => {
    await buckets.one.close();
    await buckets.two.close();
    services.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const places = { storages: ["one", "two"], compression: { method: "none", level: null } } as const;
  const backUp = (changes: Parameters<Services["backUp"]>[2] = {}): Promise<Job> =>
    services.backUp(server, "shop", { ...places, storages: [...places.storages], locations: [folder], ...changes });
  const filesInFolder = () =>
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ name }) => `shop/${name}`)
      .toSorted();
  const uploadsLeft = async () => [
    ...(await unfinishedUploads(rgw, `one-${round}`)),
    ...(await unfinishedUploads(rgw, `two-${round}`)),
  ];

  /** Every file of the folder is in the bucket, byte for byte. */
  async function expectSame(storage: Storage): Promise<void> {
    expect(await pathsIn(storage)).toEqual(filesInFolder());
    for (const path of filesInFolder()) {
      const here = createHash("sha256")
        .update(readFileSync(join(folder, path)))
        .digest("hex");
      expect(await hashIn(storage, path), path).toBe(here);
    }
  }

  it("is the same in all of them, with its data offsets in place and one manifest", async () => {
    const job = await backUp({ globals: true });
    expect(job, job.error?.message).toMatchObject({ state: "succeeded" });
    await expectSame(buckets.one);
    await expectSame(buckets.two);
    const archive = await openArchive(resultOf(job).path);
    expect(archive.hasOffsets).toBe(true);
    await archive.close();
    expect(resultOf(job).copies.map(({ location, error }) => [location, error])).toEqual([
      ["one", null],
      ["two", null],
    ]);
  });

  it("to buckets alone touches no disk, and has its offsets there too", async () => {
    const job = await backUp({ locations: [] });
    expect(job, job.error?.message).toMatchObject({ state: "succeeded" });
    expect(readdirSync(services.home.root).some((name) => name === "backups")).toBe(false);
    const paths = await pathsIn(buckets.one);
    expect(await pathsIn(buckets.two)).toEqual(paths);
    const [archive = "", manifestPath = ""] = paths;
    expect(await hashIn(buckets.two, archive)).toBe(await hashIn(buckets.one, archive));
    const local = join(folder, basename(archive));
    execFileSync("/bin/sh", ["-c", `cat > "$1"`, "sh", local], { input: await buckets.one.read(archive) });
    const opened = await openArchive(local);
    expect(opened.hasOffsets).toBe(true);
    await opened.close();
    const manifest = JSON.parse(Buffer.from(await buckets.one.read(manifestPath)).toString());
    const bytes = readFileSync(local);
    const chunks = manifest.files[0].chunks.map((_: string, at: number) =>
      createHash("sha256")
        .update(bytes.subarray(at * 4 * MiB, (at + 1) * 4 * MiB))
        .digest("hex"),
    );
    expect(manifest.files[0]).toMatchObject({ sizeBytes: bytes.length, chunks });
  });

  it("goes on where one line is cut for good; nothing there poses as a backup", async () => {
    proxies.one.reset({ cutAfterSent: 20 * MiB, staysCut: true });
    const job = await backUp();
    expect(job.state).toBe("finishedWithErrors");
    expect(resultOf(job).copies).toEqual([
      { location: "one", path: null, error: expect.any(String), retry: expect.stringContaining("lifeboat copy ") },
      { location: "two", path: expect.stringContaining(`s3://two-${round}/db/shop/`), error: null, retry: null },
    ]);
    await expectSame(buckets.two);
    expect(await pathsIn(buckets.one)).toEqual([]);
  });

  it("waits for a line that stalls, and takes it up anew", async () => {
    proxies.two.reset({ stallAfterReceived: 3000 });
    const job = await backUp();
    expect(job, job.error?.message).toMatchObject({ state: "succeeded" });
    expect(proxies.two.faults.stallAfterReceived).toBeNull();
    await expectSame(buckets.two);
  });

  it("goes on where a secret is wrong; with all of them wrong it fails before pg_dump starts", async () => {
    await services.secrets.write(storageAccount("one", services.home), new Secret("wrong-secret"));
    const job = await backUp();
    expect(job.state).toBe("finishedWithErrors");
    expect(resultOf(job).copies[0]).toMatchObject({ error: "The secret does not belong to the access key." });
    await expectSame(buckets.two);
    const failed = await backUp({ locations: [], storages: ["one"] });
    expect(failed).toMatchObject({ state: "failed", error: { code: "storage.credentials" } });
    expect(failed.steps.map(({ name }) => name)).toEqual(["Checking the database"]);
    expect(JSON.stringify([job, failed])).not.toContain("wrong-secret");
  });

  it("leaves a slow bucket behind, and brings its copy when the folder has all", async () => {
    const job = await backUp({ storages: ["one"], maxBytesPerSecond: 4 * MiB });
    expect(job, job.error?.message).toMatchObject({ state: "succeeded" });
    expect(job.steps.map(({ name }) => name)).toContain("Copying to one");
    await expectSame(buckets.one);
    expect(await uploadsLeft()).toEqual([]);
  });

  it("leaves nothing anywhere when pg_dump is killed, or the job cancelled", async () => {
    const run = backUp({ maxBytesPerSecond: 4 * MiB, locations: [] });
    await until(() => proxies.one.sentBytes > 100_000 || proxies.two.sentBytes > 100_000, 60_000);
    const dumps = execFileSync("pgrep", ["-P", String(process.pid), "pg_dump"], { encoding: "utf8" });
    for (const pid of dumps.split("\n").filter(Boolean)) process.kill(Number(pid), "SIGKILL");
    expect(await run).toMatchObject({ state: "failed", error: { code: "tool.killed" } });
    const cancelled = backUp({ maxBytesPerSecond: 4 * MiB });
    await until(() => services.jobs.list({ states: ["running"] }).some(({ steps }) => steps.length > 1), 60_000);
    for (const { id } of services.jobs.list({ states: ["running"] })) services.jobs.requestCancel(id);
    expect((await cancelled).state).toBe("cancelled");
    expect([...(await pathsIn(buckets.one)), ...(await pathsIn(buckets.two)), ...filesInFolder()]).toEqual([]);
    expect(await uploadsLeft()).toEqual([]);
  });

  const tmpfs = process.platform === "linux" && process.getuid?.() === 0;
  it.skipIf(requirement("root, to mount a small tmpfs", tmpfs) !== "run")(
    "goes on to the bucket where the disk is full",
    async () => {
      execFileSync("mount", ["-t", "tmpfs", "-o", "size=8m", "lifeboat-test", folder]);
      try {
        const job = await backUp();
        expect(job, job.error?.message).toMatchObject({ state: "finishedWithErrors" });
        expect(resultOf(job).path).toContain(`s3://one-${round}/db/shop/`);
        expect(resultOf(job).copies[0]).toMatchObject({ location: folder, error: expect.stringContaining("no space") });
        expect(filesInFolder()).toEqual([]);
        const [archive = ""] = await pathsIn(buckets.one);
        expect(await hashIn(buckets.two, archive)).toBe(await hashIn(buckets.one, archive));
      } finally {
        execFileSync("umount", [folder]);
      }
    },
  );

  it.each(["Dumping", "Finishing the uploads", "Writing the manifest"])(
    "killed at %s is no backup anywhere, and the next one is whole",
    async (step) => {
      mkdirSync(join(folder, "home"));
      const env = {
        ...rgw.env,
        AWS_ENDPOINT_URL_S3: `http://127.0.0.1:${proxies.one.port}`,
        LIFEBOAT_HOME: join(folder, "home"),
      };
      const place = `s3://one-${round}/db`;
      const local = join(folder, "backups");
      const args = [
        "backup",
        "--url",
        server.url("shop"),
        "--to",
        place,
        "--to",
        local,
        "--compress",
        "none",
        "--json",
      ];
      proxies.one.faults = { delayMs: 300 };
      const run = startCli([...args, "--progress", "json"], { env });
      let seen = "";
      run.child.stderr?.on("data", (chunk) => (seen += String(chunk)));
      await until(
        () => seen.includes(`"step":"${step}`) && (step !== "Dumping" || proxies.one.sentBytes > MiB),
        90_000,
      );
      run.child.kill("SIGKILL");
      await run.end;
      proxies.one.reset();
      const codes: (number | null)[] = [];
      for (const at of [place, local]) {
        const listed = JSON.parse((await runCli(["backups", "--in", at, "--json"], { env })).stdout);
        // The disk may have been faster with its manifest: then it is a backup, and a good one.
        const mayBeWhole = step === "Writing the manifest" && at === local;
        expect(listed.length, at).toBeLessThanOrEqual(mayBeWhole ? 1 : 0);
        for (const { path } of listed)
          codes.push((await runCli(["verify", path, "--level", "checksum"], { env })).code);
      }
      expect(codes.every((code) => code === 0)).toBe(true);
      const again = await runCli(args, { env });
      expect(again.code, again.stdout + again.stderr).toBe(0);
      expect(JSON.parse((await runCli(["backups", "--in", place, "--json"], { env })).stdout)).toHaveLength(1);
    },
  );
});
