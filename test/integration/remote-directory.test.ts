import { execFileSync } from "node:child_process";
import {
  cpSync,
  createReadStream,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { openArchive } from "../../electron/archives/open-archive.ts";
import { makeBucket, openBucket } from "../helpers/bucket.ts";
import { clientTool } from "../helpers/clients.ts";
import { type FaultProxy, startFaultProxy } from "../helpers/fault-proxy.ts";
import { requirement } from "../helpers/requirement.ts";
import { hasRgw, rgwRemedy, startRgw, type TestRgw } from "../helpers/rgw.ts";
import { runCli } from "../helpers/run-cli.ts";
import { createDatabase } from "../helpers/seed.ts";
import { availableMajors, serversRemedy, startServer, type TestServer } from "../helpers/servers.ts";
import { hasSshd, sshdRemedy, startSshd, type TestSshd } from "../helpers/sshd.ts";

/** A directory archive far away looks like the one here, and only the files that are asked for come. */

const MiB = 1024 * 1024;
const server = requirement("PostgreSQL 15", availableMajors().includes(15), serversRemedy);
const rgwHere = requirement("Ceph's RADOS gateway", hasRgw(), rgwRemedy);
const sshdHere = requirement("OpenSSH's server", hasSshd(), sshdRemedy);
const need = [server, rgwHere, sshdHere].find((each) => each !== "run") ?? "run";

describe.skipIf(need !== "run")(`directory archives far away (${need})`, () => {
  const folder = mkdtempSync(join(tmpdir(), "lifeboat-far-"));
  const here = join(folder, "shop");
  const remote = "s3://remote/by/shop";
  let postgres: TestServer;
  let rgw: TestRgw;
  let sshd: TestSshd;
  let proxy: FaultProxy;
  let env: Record<string, string>;
  let sftp: string;

  beforeAll(async () => {
    [rgw, postgres, sshd] = await Promise.all([startRgw(), startServer(15), startSshd()]);
    proxy = await startFaultProxy(rgw.port);
    await makeBucket(rgw, "remote");
    await createDatabase(postgres, "shop");
    await postgres.run(tables, "shop");
    execFileSync(clientTool(15, "pg_dump") ?? "pg_dump", ["-Fd", `--file=${here}`, postgres.url("shop")]);
    await upload(here, "by/shop");
    cpSync(here, join(sshd.folder, "dumps", "shop"), { recursive: true });
    mkdirSync(join(folder, "user"));
    env = {
      ...rgw.env,
      AWS_ENDPOINT_URL_S3: `http://127.0.0.1:${proxy.port}`,
      LIFEBOAT_HOME: join(folder, "home"),
      HOME: join(folder, "user"),
    };
    const place = `sftp://${sshd.user}@127.0.0.1:${sshd.port}${join(sshd.folder, "dumps")}`;
    sftp = `${place}/shop`;
    await runCli(["storages", "add", "nas", place, "--key-file", sshd.keyFile], { env });
    await runCli(["storages", "trust", "nas", "--fingerprint", sshd.fingerprint()], { env });
  }, 180_000);
  beforeEach(() => proxy.reset());
  afterAll(async () => {
    await proxy?.close();
    await rgw?.stop();
    await sshd?.stop();
    await postgres?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  async function upload(from: string, to: string): Promise<void> {
    const storage = await openBucket(rgw, "remote");
    for (const name of readdirSync(from))
      await storage.write(`${to}/${name}`, createReadStream(join(from, name)), {
        expectedBytes: statSync(join(from, name)).size,
      });
    await storage.close();
  }

  const places: readonly (readonly [string, () => string])[] = [
    ["a bucket", () => remote],
    ["a bucket, with a slash at its end", () => `${remote}/`],
    ["a bucket, by its toc.dat", () => `${remote}/toc.dat`],
    ["an SFTP server", () => sftp],
    ["an SFTP server, with a slash at its end", () => `${sftp}/`],
    ["an SFTP server, by its toc.dat", () => `${sftp}/toc.dat`],
  ];

  it.each(places)("in %s: contents, definitions and rows are those of the one here", async (_, where) => {
    const there = await runCli(["contents", where(), "--json"], { env });
    expect(there).toMatchObject({ code: 0, stderr: "" });
    const contents = JSON.parse(there.stdout);
    expect({ ...contents, archive: here }).toEqual(
      JSON.parse((await runCli(["contents", here, "--json"], { env })).stdout),
    );
    expect(contents.entries.length).toBeGreaterThan(10);
    for (const args of [
      ["definition", "public.small"],
      ["rows", "public.small", "--limit", "1000000", "--format", "csv"],
    ] as const) {
      const [command, ...rest] = args;
      const far = await runCli([command, where(), ...rest], { env });
      expect(far).toEqual(await runCli([command, here, ...rest], { env }));
      expect(far.code).toBe(0);
    }
  });

  it("one table's rows cost the table of contents, the index of large objects and that table's file", async () => {
    const size = await sizeOf("small");
    expect((await runCli(["contents", remote], { env })).code).toBe(0);
    expect(proxy.receivedBytes).toBeLessThan(0.2 * MiB);
    proxy.reset();
    const fresh = { ...env, LIFEBOAT_HOME: mkdtempSync(join(folder, "fresh-")) };
    const { code } = await runCli(["rows", remote, "public.small", "--limit", "1000000"], { env: fresh });
    expect(code).toBe(0);
    expect(proxy.receivedBytes).toBeLessThan(1.1 * size + 0.2 * MiB);
    proxy.reset();
    expect((await runCli(["rows", remote, "public.large", "--limit", "10"], { env: fresh })).code).toBe(0);
    expect(proxy.receivedBytes).toBeLessThan(0.4 * MiB);
  });

  async function sizeOf(table: string): Promise<number> {
    const archive = await openArchive(here);
    const entry = [...archive.toc].find(({ desc, tag }) => desc === "TABLE DATA" && tag === table);
    const { length } = await archive.dataRange(entry?.dumpId ?? 0);
    await archive.close();
    return length;
  }

  it.each([
    ["a bucket", () => remote],
    ["an SFTP server", () => sftp],
  ])("out of %s one table comes back, and all of it", async (name, where) => {
    const restore = async (as: string, ...choice: string[]) => {
      const into = ["--into", postgres.url("postgres"), "--as", as, "--yes", "--json"];
      const restored = await runCli(["restore", where(), ...choice, ...into], { env });
      expect(restored.code, restored.stdout + restored.stderr).toBe(0);
      return JSON.parse(restored.stdout);
    };
    expect(await restore(`one ${name}`, "--table", "public.small")).toMatchObject({
      tables: [{ name: "small", rowsRestored: 40_000 }],
    });
    // Once to compare it where there is a manifest, once to restore it; of an SFTP server nothing is counted.
    expect(proxy.receivedBytes).toBeLessThan(2.2 * (await sizeOf("small")) + 0.4 * MiB);
    const picture = "select md5(string_agg(s::text, '|' order by id)) from small s";
    expect(await postgres.run(picture, `one ${name}`)).toEqual(await postgres.run(picture, "shop"));
    await restore(`all ${name}`);
    for (const query of [
      picture,
      "select count(*), md5(string_agg(noise, '' order by id)) from large",
      "select loid, md5(string_agg(data, '' order by pageno)) from pg_largeobject group by 1 order by 1",
    ])
      expect(await postgres.run(query, `all ${name}`)).toEqual(await postgres.run(query, "shop"));
  });

  it("large objects are saved out of a bucket", async () => {
    const to = join(folder, "saved");
    const saved = await runCli(["large-objects", remote, "--save", "4713", "--output", to, "--json"], { env });
    expect(saved.code, saved.stdout + saved.stderr).toBe(0);
    expect(readFileSync(to).equals(Buffer.from("0a5c".repeat(90_000), "hex"))).toBe(true);
  });

  it("a copy of a backup of ours is known by its manifest, and refused where its table of contents is another's", async () => {
    const made = await runCli(
      ["backup", "--url", postgres.url("shop"), "--format", "directory", "--to", join(folder, "backups"), "--json"],
      { env },
    );
    const { path } = JSON.parse(made.stdout);
    const copied = await runCli(["copy", path, "--to", "s3://remote/ours", "--json"], { env });
    expect(copied.code, copied.stdout + copied.stderr).toBe(0);
    const there = `s3://remote/ours/shop/${path.split("/").at(-1)}`;
    const contents = await runCli(["contents", there, "--json"], { env });
    expect(contents.code, contents.stderr).toBe(0);
    const local = JSON.parse((await runCli(["contents", path, "--json"], { env })).stdout);
    expect({ ...JSON.parse(contents.stdout), archive: path }).toEqual(local);
    const into = ["--into", postgres.url("postgres"), "--as", "ours back", "--yes", "--json"];
    const restored = await runCli(["restore", there, "--table", "public.small", ...into], { env });
    expect(restored.code, restored.stdout + restored.stderr).toBe(0);

    const storage = await openBucket(rgw, "remote");
    const change = async (key: string, at: number): Promise<void> => {
      const bytes = Buffer.from(await storage.read(key));
      bytes[at] = (bytes[at] ?? 0) ^ 1;
      const changed = join(folder, "changed");
      writeFileSync(changed, bytes);
      await storage.write(key, createReadStream(changed));
    };
    const archive = await openArchive(path);
    const entry = [...archive.toc].find(({ desc, tag }) => desc === "TABLE DATA" && tag === "small");
    const { member } = await archive.dataRange(entry?.dumpId ?? 0);
    await archive.close();
    await change(`ours/shop/${path.split("/").at(-1)}/${member}`, 5000);
    const again = await runCli(
      ["restore", there, "--table", "public.small", ...into.slice(0, 2), "--as", "never", "--yes"],
      {
        env,
      },
    );
    expect(again.code).toBe(1);
    expect(again.stderr + again.stdout).toContain("was changed or damaged after it was written");

    const toc = `ours/shop/${path.split("/").at(-1)}/toc.dat`;
    await change(toc, 40);
    await storage.close();
    const refused = await runCli(["contents", there], { env });
    expect(refused).toMatchObject({ code: 1, stdout: "" });
    expect(refused.stderr).toContain("its table of contents differs");
  });

  it("is verified and copied, named with a slash at its end or without, as are the places it goes to", async () => {
    for (const where of [`${remote}/`, `${sftp}//`]) {
      const end = await runCli(["verify", where, "--json"], { env });
      expect(end, end.stderr).toMatchObject({ code: 0 });
      // One name, so that the window finds the verdict.
      expect(JSON.parse(end.stdout)).toMatchObject({ path: where.replace(/\/+$/, ""), checksum: "noManifest" });
    }
    const made = await runCli(
      ["backup", "--url", postgres.url("shop"), "--to", join(folder, "slash"), "--format", "directory", "--json"],
      { env },
    );
    const { path } = JSON.parse(made.stdout);
    const name = path.split("/").at(-1);
    const up = await runCli(["copy", `${path}/`, "--to", "s3://remote/slash/", "--json"], { env });
    expect(up, up.stderr).toMatchObject({ code: 0 });
    const there = `s3://remote/slash/shop/${name}`;
    expect(JSON.parse(up.stdout).copies).toMatchObject([{ location: "s3://remote/slash", path: there, error: null }]);
    const checked = await runCli(["verify", `${there}/`, "--json"], { env });
    expect(checked, checked.stderr).toMatchObject({ code: 0 });
    expect(JSON.parse(checked.stdout)).toMatchObject({ path: there, checksum: "matches", rowCounts: "match" });
    const onServer = `${sftp.slice(0, -"/shop".length)}/slash/`;
    const over = await runCli(["copy", `${there}/`, "--to", onServer, "--json"], { env });
    expect(over, over.stderr).toMatchObject({ code: 0 });
    const [{ path: far }] = JSON.parse(over.stdout).copies;
    expect(far).toBe(`${onServer}shop/${name}`);
    expect(await runCli(["verify", `${far}/`, "--level", "checksum"], { env })).toMatchObject({ code: 0 });
  });

  it("a file that is missing is named, and the others can be read", async () => {
    const archive = await openArchive(here);
    const entry = [...archive.toc].find(({ desc, tag }) => desc === "TABLE DATA" && tag === "large");
    const { member } = await archive.dataRange(entry?.dumpId ?? 0);
    await archive.close();
    const lacking = join(folder, "lacking");
    cpSync(here, lacking, { recursive: true });
    rmSync(join(lacking, member ?? ""));
    await upload(lacking, "by/lacking");
    const rows = await runCli(["rows", "s3://remote/by/lacking", "public.small", "--limit", "3"], { env });
    expect(rows.code).toBe(0);
    const lost = await runCli(["rows", "s3://remote/by/lacking", "public.large"], { env });
    expect(lost).toMatchObject({ code: 1 });
    expect(lost.stderr).toContain("lacks the data of TABLE DATA public.large");
  });

  it("a prefix that holds no archive is told from one that is not there", async () => {
    const place = await runCli(["contents", "s3://remote/by/"], { env });
    expect(place.stderr).toContain("This names a place for archives, not an archive in it.");
    const verified = await runCli(["verify", "s3://remote/by/"], { env });
    expect(verified).toMatchObject({ code: 2 });
    expect(verified.stderr).toContain("This names a place for archives, not an archive in it.");
    const gone = await runCli(["contents", "s3://remote/by/nothing"], { env });
    expect(gone.stderr).toContain("There is no s3://remote/by/nothing.");
  });
});

const tables = `
  create table large (id int primary key, noise text);
  create table small (id int primary key, name text);
  insert into large select n, (select string_agg(md5(random()::text), '') from generate_series(1, 25) where n > 0)
    from generate_series(1, 20000) n;
  insert into small select n, 'name ' || md5(n::text) from generate_series(1, 40000) n;
  select lo_from_bytea(4711, 'hello'), lo_from_bytea(4712, ''), lo_from_bytea(4713, decode(repeat('0a5c', 90000), 'hex'));
`;
