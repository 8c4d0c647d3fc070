import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createLocalStorage } from "../../electron/storage/local-storage.ts";
import type { Storage } from "../../electron/storage/storage.ts";
import { makeBucket, openBucket, unfinishedUploads } from "../helpers/bucket.ts";
import { type FaultProxy, startFaultProxy } from "../helpers/fault-proxy.ts";
import { until } from "../helpers/job-home.ts";
import { requirement } from "../helpers/requirement.ts";
import { hasRgw, rgwRemedy, startRgw, type TestRgw } from "../helpers/rgw.ts";
import { runCli, startCli } from "../helpers/run-cli.ts";
import { createDatabase } from "../helpers/seed.ts";
import { availableMajors, serversRemedy, startServer, type TestServer } from "../helpers/servers.ts";
import { pathsIn, putBackup } from "../helpers/stored-backup.ts";

/** `lifeboat copy` between folders and buckets of a real gateway. */

const serverHere = requirement("PostgreSQL 15", availableMajors().includes(15), serversRemedy);
const rgwHere = requirement("Ceph's RADOS gateway", hasRgw(), rgwRemedy);
const need = serverHere === "run" ? rgwHere : serverHere;

const namesIn = (root: string) =>
  readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => `${entry.parentPath.slice(root.length + 1)}/${entry.name}`)
    .toSorted();

describe.skipIf(need !== "run")(`lifeboat copy (${need})`, () => {
  const folder = mkdtempSync(join(tmpdir(), "lifeboat-copy-"));
  const here = join(folder, "here");
  let rgw: TestRgw;
  let server: TestServer;
  let proxy: FaultProxy;
  let bucket: Storage;
  let env: Record<string, string>;
  let archive: string;

  beforeAll(async () => {
    [rgw, server] = await Promise.all([startRgw(), startServer(15)]);
    proxy = await startFaultProxy(rgw.port);
    for (const name of ["copies", "others"]) await makeBucket(rgw, name);
    bucket = await openBucket(rgw, "copies", "db");
    env = { ...rgw.env, AWS_ENDPOINT_URL_S3: `http://127.0.0.1:${proxy.port}`, LIFEBOAT_HOME: join(folder, "home") };
    await createDatabase(server, "shop");
    await server.run(
      `create table noise as select n, (select string_agg(md5(random()::text), '') from generate_series(1, 25) where n > 0) t
       from generate_series(1, 50000) n`,
      "shop",
    );
    const made = await runCli(
      ["backup", "--url", server.url("shop"), "--to", here, "--compress", "none", "--globals", "--json"],
      { env },
    );
    archive = JSON.parse(made.stdout).path;
  }, 180_000);
  afterAll(async () => {
    await bucket?.close();
    await proxy?.close();
    await server?.stop();
    await rgw?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const copy = (...args: string[]) => runCli(["copy", ...args, "--json"], { env });
  it("takes a backup from folder to bucket, on to another bucket, and home again, byte for byte", async () => {
    const up = await copy(archive, "--to", "s3://copies/db");
    expect(up.code, up.stdout + up.stderr).toBe(0);
    const { copies } = JSON.parse(up.stdout);
    expect(copies).toMatchObject([{ location: "s3://copies/db", sentFiles: 2, foundFiles: 0, error: null }]);
    const over = await copy(copies[0].path, "--to", "s3://others/x", "--to", join(folder, "back"));
    expect(over.code, over.stdout + over.stderr).toBe(0);
    const back = join(folder, "back");
    expect(namesIn(back)).toEqual(namesIn(here));
    for (const name of namesIn(here))
      expect(readFileSync(join(back, name)).equals(readFileSync(join(here, name)))).toBe(true);
    const others = await openBucket(rgw, "others", "x");
    expect(await pathsIn(others)).toEqual(namesIn(here));
    await others.close();
  });

  it("sends nothing again that is there", async () => {
    proxy.reset();
    const again = await copy(archive, "--to", "s3://copies/db");
    expect(JSON.parse(again.stdout).copies).toMatchObject([{ sentFiles: 0, foundFiles: 2 }]);
    expect(proxy.sentBytes).toBeLessThan(1_000_000);
  });

  it("goes on after it was killed, and nothing poses as a backup meanwhile", async () => {
    const source = createLocalStorage(join(folder, "members"));
    const made = await putBackup(source, "2026-11-20T02:00:00Z", { format: "directory" });
    const place = "s3://copies/killed";
    proxy.reset({ delayMs: 400 });
    const path = join(folder, "members", made.files[0]?.split("/toc.dat")[0] ?? "");
    const run = startCli(["copy", path, "--to", place], { env });
    const there = await openBucket(rgw, "copies", "killed");
    let seen = 0;
    const look = setInterval(() => void pathsIn(there).then((found) => (seen = found.length)), 100);
    await until(() => seen > 0, 60_000);
    run.child.kill("SIGKILL");
    await run.end;
    clearInterval(look);
    proxy.reset();
    expect((await pathsIn(there)).filter((name) => name.endsWith(".manifest.json"))).toEqual([]);
    const again = await copy(path, "--to", place);
    expect(again.code, again.stdout + again.stderr).toBe(0);
    expect(JSON.parse(again.stdout).copies[0].foundFiles).toBeGreaterThan(0);
    expect(await pathsIn(there)).toEqual(await pathsIn(source));
    await there.close();
  });

  it("leaves nothing when it is cancelled, and keeps to a rate", async () => {
    const started = performance.now();
    const run = startCli(["copy", archive, "--to", "s3://copies/slow", "--limit-rate", "4MB/s"], { env });
    proxy.reset();
    await until(() => proxy.sentBytes > 5_000_000, 60_000);
    // A part is 16 MiB, and has to be full before any of it is sent.
    expect(performance.now() - started).toBeGreaterThan(3000);
    run.child.kill("SIGINT");
    expect((await run.end).code).toBe(130);
    const there = await openBucket(rgw, "copies", "slow");
    expect(await pathsIn(there)).toEqual([]);
    await there.close();
    expect(await unfinishedUploads(rgw, "copies")).toEqual([]);
  });

  it("tells of each place what became of it there, and can be run again", async () => {
    const one = await copy(archive, "--to", "s3://no-such-bucket/x", "--to", join(folder, "good"));
    expect(one.code).toBe(3);
    expect(JSON.parse(one.stdout).copies).toMatchObject([
      { location: join(folder, "good"), error: null },
      { location: "s3://no-such-bucket/x", path: null, error: { code: "storage.bucketMissing" } },
    ]);
    await makeBucket(rgw, "no-such-bucket");
    const retried = await runCli(["jobs", "retry", JSON.parse(one.stdout).jobId, "--json"], { env });
    expect(retried.code, retried.stdout + retried.stderr).toBe(0);
  });

  it("copies nothing that is not what its manifest says, or has none", async () => {
    const bad = createLocalStorage(join(folder, "bad"));
    const made = await putBackup(bad, "2026-11-21T02:00:00Z");
    const file = join(folder, "bad", made.files[0] ?? "");
    writeFileSync(file, readFileSync(file, "utf8").toUpperCase());
    const refused = await copy(file, "--to", "s3://copies/bad");
    expect(JSON.parse(refused.stdout).error).toMatchObject({ code: "verify.checksumMismatch" });
    const there = await openBucket(rgw, "copies", "bad");
    expect(await pathsIn(there)).toEqual([]);
    await there.close();
    rmSync(file.replace(/\.dump$/, ".manifest.json"));
    expect(JSON.parse((await copy(file, "--to", "s3://copies/bad")).stdout).error.code).toBe("backup.notFound");
    expect((await runCli(["copy", file, "--to", "x", "--limit-rate", "fast"], { env })).code).toBe(2);
  });
});
