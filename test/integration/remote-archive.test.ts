import { execFileSync } from "node:child_process";
import { createReadStream, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { openArchive } from "../../electron/archives/open-archive.ts";
import { ageCommand } from "../helpers/age.ts";
import { makeBucket, openBucket } from "../helpers/bucket.ts";
import { clientTool } from "../helpers/clients.ts";
import { type FaultProxy, startFaultProxy } from "../helpers/fault-proxy.ts";
import { requirement } from "../helpers/requirement.ts";
import { hasRgw, rgwRemedy, startRgw, type TestRgw } from "../helpers/rgw.ts";
import { runCli } from "../helpers/run-cli.ts";
import { availableMajors, serversRemedy, startServer, type TestServer } from "../helpers/servers.ts";

/** Looking into an archive in a bucket reads what it needs, counted at a proxy, and shows what a local one shows. */

const MiB = 1024 * 1024;
const server = requirement("PostgreSQL 15", availableMajors().includes(15), serversRemedy);
const rgwHere = requirement("Ceph's RADOS gateway", hasRgw(), rgwRemedy);
const need = [server, rgwHere, ageCommand].find((each) => each !== "run") ?? "run";

describe.skipIf(need !== "run")(`archives in a bucket (${need})`, () => {
  const folder = mkdtempSync(join(tmpdir(), "lifeboat-remote-"));
  const path = join(folder, "shop.dump");
  const remote = "s3://remote/by/shop.dump";
  const encrypted = join(folder, "shop.dump.age");
  const identity = join(folder, "identity.txt");
  let postgres: TestServer;
  let rgw: TestRgw;
  let proxy: FaultProxy;
  let env: Record<string, string>;

  beforeAll(async () => {
    rgw = await startRgw();
    postgres = await startServer(15);
    await postgres.run("create database shop");
    await postgres.run(tables, "shop");
    execFileSync(clientTool(15, "pg_dump") ?? "pg_dump", ["-Fc", `--file=${path}`, postgres.url("shop")]);
    execFileSync("age-keygen", ["--output", identity], { stdio: "ignore" });
    execFileSync("age", ["--encrypt", "--identity", identity, "--output", encrypted, path]);
    proxy = await startFaultProxy(rgw.port);
    await makeBucket(rgw, "remote");
    const storage = await openBucket(rgw, "remote");
    await storage.write("by/shop.dump", createReadStream(path), { expectedBytes: statSync(path).size });
    await storage.write("by/shop.dump.age", createReadStream(encrypted), { expectedBytes: statSync(encrypted).size });
    await storage.close();
    env = { ...rgw.env, AWS_ENDPOINT_URL_S3: `http://127.0.0.1:${proxy.port}`, LIFEBOAT_HOME: join(folder, "home") };
  }, 180_000);
  beforeEach(() => proxy.reset());
  afterAll(async () => {
    await proxy?.close();
    await rgw?.stop();
    await postgres?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it("contents are the local ones, from a hundredth of the bytes", async () => {
    const there = await runCli(["contents", remote, "--json"], { env });
    const received = proxy.receivedBytes;
    const here = await runCli(["contents", path, "--json"], { env });
    expect(there).toMatchObject({ code: 0, stderr: "" });
    expect({ ...JSON.parse(there.stdout), archive: path }).toEqual(JSON.parse(here.stdout));
    expect(statSync(path).size).toBeGreaterThan(30 * MiB);
    expect(received).toBeLessThan(statSync(path).size / 100);
  });

  it("a definition is the local one", async () => {
    const there = await runCli(["definition", remote, "public.small"], { env });
    expect(there).toEqual(await runCli(["definition", path, "public.small"], { env }));
    expect(there.stdout).toContain("CREATE TABLE public.small");
    expect(proxy.receivedBytes).toBeLessThan(0.2 * MiB);
  });

  it("one table's rows are read, and no other's", async () => {
    const archive = await openArchive(path);
    const entry = [...archive.toc].find(({ desc, tag }) => desc === "TABLE DATA" && tag === "small");
    const { length } = await archive.dataRange(entry?.dumpId ?? 0);
    const { tocBytes } = archive;
    await archive.close();
    const there = await runCli(["rows", remote, "public.small", "--limit", "1000000", "--format", "csv"], { env });
    expect(there.code).toBe(0);
    const { receivedBytes } = proxy;
    expect(there.stdout).toBe(
      (await runCli(["rows", path, "public.small", "--limit", "1000000", "--format", "csv"], { env })).stdout,
    );
    expect(there.stdout.split("\n").length).toBeGreaterThan(30_000);
    // Whole blocks of 64 KiB at both ends of the table, the first one of the file, and the answers' headers.
    expect(receivedBytes).toBeLessThan(1.1 * (tocBytes + length + 2 * 64 * 1024) + 64 * 1024);
  });

  it("a glance at a large table costs little", async () => {
    const { code } = await runCli(["rows", remote, "public.large", "--limit", "10"], { env });
    expect(code).toBe(0);
    expect(proxy.receivedBytes).toBeLessThan(0.3 * MiB);
  });

  it.each([
    ["plain", "s3://remote/by/shop.dump", []],
    ["encrypted", "s3://remote/by/shop.dump.age", ["--identity", identity]],
  ])("one table of a %s archive comes back, and only its bytes are read", async (name, location, options) => {
    const archive = await openArchive(path);
    const entry = [...archive.toc].find(({ desc, tag }) => desc === "TABLE DATA" && tag === "small");
    const { length } = await archive.dataRange(entry?.dumpId ?? 0);
    const { tocBytes } = archive;
    await archive.close();
    const into = ["--into", postgres.url("postgres"), "--as", `back_${name}`, "--yes", "--json"];
    const restored = await runCli(["restore", location, "--table", "public.small", ...into, ...options], { env });
    expect(restored.code, restored.stdout + restored.stderr).toBe(0);
    expect(JSON.parse(restored.stdout)).toMatchObject({ tables: [{ name: "small", rowsRestored: 40_000 }] });
    const picture = "select md5(string_agg(s::text, '|' order by id)) from small s";
    expect(await postgres.run(picture, `back_${name}`)).toEqual(await postgres.run(picture, "shop"));
    // The first block, the head, the table in whole blocks; of an encrypted one also the last chunk, which proves it whole.
    expect(proxy.receivedBytes).toBeLessThan(1.1 * (tocBytes + length + 2 * 64 * 1024) + 3 * 64 * 1024);
  });

  it("another look, from another process, fetches nothing of the archive again", async () => {
    const place = mkdtempSync(join(folder, "looks-"));
    const fresh = { ...env, LIFEBOAT_HOME: place };
    proxy.reset();
    const look = () => runCli(["rows", remote, "public.small", "--format", "csv", "--limit", "1000"], { env: fresh });
    const first = await look();
    expect(first).toMatchObject({ code: 0, stderr: "" });
    const fetched = proxy.receivedBytes;
    // What was being read ahead when the first look ended was not kept; the second one fetches that alone.
    proxy.reset();
    expect(await look()).toEqual(first);
    expect(proxy.receivedBytes).toBeLessThan(fetched);
    proxy.reset();
    expect(await look()).toEqual(first);
    // Whether it is still the same is asked each time.
    expect(proxy.receivedBytes).toBeLessThan(5000);
    expect(fetched).toBeGreaterThan(100_000);
    const size = JSON.parse((await runCli(["cache", "--json"], { env: fresh })).stdout);
    expect(size.bytes).toBeGreaterThan(100_000);

    // Changed on the disk: not believed.
    const blocks = join(place, "cache", "blocks");
    expect(statSync(blocks).mode & 0o777).toBe(0o700);
    for (const entry of readdirSync(blocks, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const file = join(entry.parentPath, entry.name);
      expect(statSync(file).mode & 0o777).toBe(0o600);
      const bytes = readFileSync(file);
      bytes[100] = (bytes[100] ?? 0) ^ 1;
      writeFileSync(file, bytes);
    }
    expect(await look()).toEqual(first);
    expect(proxy.receivedBytes).toBeGreaterThan(fetched / 2);

    // An encrypted archive is as encrypted on this disk.
    const enc = { ...env, LIFEBOAT_HOME: join(folder, "encrypted-look") };
    const args = ["definition", "s3://remote/by/shop.dump.age", "public.small", "--identity", identity];
    expect((await runCli(args, { env: enc })).code).toBe(0);
    const kept = readdirSync(join(folder, "encrypted-look", "cache", "blocks"), {
      recursive: true,
      withFileTypes: true,
    })
      .filter((entry) => entry.isFile())
      .map((entry) => readFileSync(join(entry.parentPath, entry.name)));
    expect(kept.length).toBeGreaterThan(0);
    expect(kept.some((bytes) => bytes.includes("PGDMP") || bytes.includes("CREATE TABLE"))).toBe(false);
    expect((await runCli(["cache", "clear"], { env: enc })).code).toBe(0);
    expect(JSON.parse((await runCli(["cache", "--json"], { env: enc })).stdout)).toMatchObject({ files: 0, bytes: 0 });
  });

  it("what is not there, and what may not be seen, are told plainly", async () => {
    const gone = await runCli(["contents", "s3://remote/by/other.dump"], { env });
    expect(gone).toMatchObject({ code: 1, stdout: "" });
    expect(gone.stderr).toContain("There is no s3://remote/by/other.dump.");
    const wrong = await runCli(["contents", remote], { env: { ...env, AWS_SECRET_ACCESS_KEY: "wrong-secret" } });
    expect(wrong).toMatchObject({ code: 1, stdout: "" });
    expect(wrong.stderr).toContain("The secret does not belong to the access key.");
    expect(wrong.stderr).not.toContain("wrong-secret");
    const noBucket = await runCli(["contents", "s3://nowhere/shop.dump"], { env });
    expect(noBucket.stderr).toContain("There is no such bucket");
  });
});

/** Texts that compress badly, so that the archive is large; the small table lies between large ones. */
const tables = `
  create table large (id int primary key, noise text);
  create table small (id int primary key, name text);
  create table zlarge (id int primary key, noise text);
  insert into large select n, (select string_agg(md5(random()::text), '') from generate_series(1, 25) where n > 0)
    from generate_series(1, 45000) n;
  insert into small select n, 'name ' || md5(n::text) from generate_series(1, 40000) n;
  insert into zlarge select id, noise from large limit 25000;
`;
