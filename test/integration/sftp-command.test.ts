import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { requirement } from "../helpers/requirement.ts";
import { runCli } from "../helpers/run-cli.ts";
import { availableMajors, serversRemedy, startServer, type TestServer } from "../helpers/servers.ts";
import { hasSshd, sshdRemedy, startSshd, type TestSshd } from "../helpers/sshd.ts";

const server = requirement("PostgreSQL 15", availableMajors().includes(15), serversRemedy);
const sshdHere = requirement("OpenSSH's server", hasSshd(), sshdRemedy);
const need = [server, sshdHere].find((each) => each !== "run") ?? "run";

describe.skipIf(need !== "run")(`backups on an SFTP server (${need})`, () => {
  const folder = mkdtempSync(join(tmpdir(), "lifeboat-sftp-"));
  let sshd: TestSshd;
  let postgres: TestServer;
  let env: Record<string, string>;
  let files: string;
  let location: string;

  beforeAll(async () => {
    sshd = await startSshd();
    postgres = await startServer(15);
    await postgres.run("create database shop");
    await postgres.run(
      "create table orders (id int primary key, what text); insert into orders select n, 'thing ' || n from generate_series(1, 1000) n",
      "shop",
    );
    files = join(sshd.folder, "backups");
    location = `sftp://${sshd.user}@127.0.0.1:${sshd.port}${files}`;
    mkdirSync(join(folder, "user"));
    env = { LIFEBOAT_HOME: join(folder, "home"), HOME: join(folder, "user") };
  }, 120_000);
  afterAll(async () => {
    await postgres?.stop();
    await sshd?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it("is saved, trusted by its fingerprint, and tested step by step", async () => {
    const added = await runCli(["storages", "add", "nas", location, "--key-file", sshd.keyFile], { env });
    expect(added).toMatchObject({ code: 0 });
    expect((await runCli(["storages"], { env })).stdout).toContain(location);
    const unknown = await runCli(["storages", "test", "nas"], { env });
    expect(unknown.stdout).toMatch(/reach\s+failed\s+.*is not known yet/);
    expect(unknown.stdout).toContain("lifeboat storages trust");
    const other = await runCli(["storages", "trust", "nas", "--fingerprint", "SHA256:other"], { env });
    expect(other).toMatchObject({ code: 1 });
    const trusted = await runCli(["storages", "trust", "nas", "--fingerprint", sshd.fingerprint()], { env });
    expect(trusted).toMatchObject({ code: 0 });
    const tested = await runCli(["storages", "test", "nas", "--json"], { env });
    expect(tested).toMatchObject({ code: 0 });
    expect(tested.stdout.match(/"state":"ok"/g)).toHaveLength(9);
    expect(existsSync(files) ? readdirSync(files) : []).toEqual([]);
  });

  it("takes copies of backups, lists them, looks into them, restores out of them and prunes them", async () => {
    const url = postgres.url("shop");
    const made = await runCli(["backup", "--url", url, "--to", join(folder, "disk"), "--to", "nas", "--json"], { env });
    expect(made).toMatchObject({ code: 0 });
    const listed = await runCli(["backups", "--in", "nas", "--json"], { env });
    const [backup] = JSON.parse(listed.stdout);
    expect(backup).toMatchObject({ database: "shop", archive: "present" });
    expect(backup.path.startsWith(`${location}/shop/shop_`)).toBe(true);
    expect((await runCli(["backups", "--in", location], { env })).stdout).toContain(backup.id);

    const local = join(folder, "disk", "shop", backup.path.split("/").at(-1));
    expect(readFileSync(join(files, "shop", backup.path.split("/").at(-1)))).toEqual(readFileSync(local));
    const there = await runCli(["contents", backup.path, "--json"], { env });
    expect(entries(there.stdout)).toEqual(entries((await runCli(["contents", local, "--json"], { env })).stdout));
    const rows = await runCli(["rows", backup.path, "public.orders", "--limit", "2", "--format", "csv"], { env });
    expect(rows.stdout).toContain("thing 2");

    await postgres.run("drop table orders", "shop");
    const restored = await runCli(
      ["restore", backup.path, "--into", url, "--table", "public.orders", "--mode", "as-is", "--yes"],
      { env },
    );
    expect({ ...restored, stdout: "" }).toMatchObject({ code: 0 });
    expect(await postgres.run("select count(*) from orders", "shop")).toEqual([{ count: "1000" }]);

    const pruned = await runCli(["prune", "--in", "nas", "--keep", "last 1", "--dry-run"], { env });
    expect(pruned).toMatchObject({ code: 0 });
    expect(pruned.stdout).toContain("shop");
    const pinned = await runCli(["backups", "pin", backup.id, "--in", "nas"], { env });
    expect(pinned).toMatchObject({ code: 0 });
    expect(readdirSync(join(files, "shop")).some((name) => name.endsWith(".pin"))).toBe(true);
  });

  it("refuses a password in an address", async () => {
    const end = await runCli(["backups", "--in", `sftp://me:hunter2@127.0.0.1:${sshd.port}/x`], { env });
    expect(end).toMatchObject({ code: 2 });
    expect(end.stdout + end.stderr).not.toContain("hunter2");
  });
});

function entries(text: string): unknown {
  return JSON.parse(text).entries;
}
