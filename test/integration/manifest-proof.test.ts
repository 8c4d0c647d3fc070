import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Manifest } from "../../shared/contract/manifest.ts";
import { keyring, withKeyring } from "../helpers/keyring.ts";
import { requirement } from "../helpers/requirement.ts";
import { runCli } from "../helpers/run-cli.ts";
import { availableMajors, serversRemedy, startServer, type TestServer } from "../helpers/servers.ts";

const server = requirement("PostgreSQL 15", availableMajors().includes(15), serversRemedy);
const need = [server, keyring].find((each) => each !== "run") ?? "run";

/** Every harm that somebody can do who can write where the backups lie, and has no key. */
describe.skipIf(need !== "run")(`backups that prove who made them (${need})`, () => {
  const folder = mkdtempSync(join(tmpdir(), "lifeboat-proof-"));
  const place = join(folder, "backups");
  const shop = join(place, "shop");
  let postgres: TestServer;
  /** Archives, oldest first. */
  let archives: string[];

  beforeAll(async () => {
    postgres = await startServer(15);
    await postgres.run("create database shop");
    await postgres.run("create table orders as select n as id from generate_series(1, 100) n", "shop");
    const back = `L backup --url '${postgres.url("shop")}' --to '${place}' --recipient shop --quiet >/dev/null`;
    const made = withKeyring(folder, `L key new --name shop >/dev/null && ${back} && ${back} && ${back}`);
    if (made.status !== 0) throw new Error(made.stderr);
    archives = readdirSync(shop)
      .filter((name) => name.endsWith(".dump.age"))
      .toSorted((a, b) => (a < b ? -1 : 1))
      .map((name) => join(shop, name));
  }, 120_000);
  afterAll(async () => {
    await postgres?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const list = () => withKeyring(folder, `L backups --in '${place}'`);
  const archiveAt = (at: number): string => archives[at] ?? "";
  const restore = (archive: string) =>
    withKeyring(folder, `L restore '${archive}' --into '${postgres.url("postgres")}' --as again --dry-run --yes`);

  it("are listed as proved; each names the one before, and the digest of its table of contents", async () => {
    expect(archives).toHaveLength(3);
    const ids = archives.map((archive) => manifestOf(archive).id);
    expect(archives.map((archive) => manifestOf(archive).previousId)).toEqual([null, ids[0], ids[1]]);
    expect(manifestOf(archiveAt(0)).tocDigest).toMatch(/^[0-9a-f]{64}$/);
    expect(list().stdout.match(/ proved/g)).toHaveLength(3);
    expect(list().stderr).not.toContain("missing");
    expect(restore(archiveAt(2))).toMatchObject({ status: 0 });
    expect(withKeyring(folder, `L verify '${archiveAt(2)}'`)).toMatchObject({ status: 0 });
    // A machine without the key sees the backups, and does not call them proved.
    const stranger = await runCli(["backups", "--in", place, "--json"], {
      env: { LIFEBOAT_HOME: join(folder, "new") },
    });
    expect(JSON.parse(stranger.stdout).map(({ standing }: { standing: string }) => standing)).toEqual([
      "unchecked",
      "unchecked",
      "unchecked",
    ]);
  });

  it("are refused where the manifest was changed, by restore, verify and a look inside", () => {
    const path = manifestPath(archiveAt(1));
    const text = readFileSync(path, "utf8");
    writeFileSync(path, text.replace('"rows": 100', '"rows": 99').replace('"rows":100', '"rows":99'));
    expect(list().stdout).toContain("its manifest was changed");
    for (const command of ["contents", "verify"]) {
      const end = withKeyring(folder, `L ${command} '${archiveAt(1)}'`);
      expect(end).toMatchObject({ status: 1, stderr: expect.stringContaining("its proof does not match") });
    }
    expect(restore(archiveAt(1))).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("not as it was written"),
    });
    writeFileSync(path, text);
  });

  it("are neither copied nor counted for the pruning where the newest one's manifest was changed", () => {
    const path = manifestPath(archiveAt(2));
    const text = readFileSync(path, "utf8");
    writeFileSync(path, text.replace('"rows": 100', '"rows": 99').replace('"rows":100', '"rows":99'));
    const copies = join(folder, "copies");
    expect(withKeyring(folder, `L copy '${archiveAt(2)}' --to '${copies}'`)).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("its proof does not match"),
    });
    expect(existsSync(copies)).toBe(false);
    const pruned = withKeyring(folder, `L prune --in '${place}' --keep 'last 1' --yes`);
    expect(pruned.status).not.toBe(0);
    expect(pruned.stdout + pruned.stderr).toContain("its manifest was changed");
    expect(archives.map((archive) => existsSync(archive))).toEqual([true, true, true]);
    writeFileSync(path, text);
  });

  it("are refused where another backup's manifest, or archive, was put in the place", () => {
    const path = manifestPath(archiveAt(1));
    const text = readFileSync(path, "utf8");
    copyFileSync(manifestPath(archiveAt(0)), path);
    expect(list().stdout).toContain("its manifest was changed");
    expect(restore(archiveAt(1))).toMatchObject({ status: 1, stderr: expect.stringContaining("of another backup") });
    writeFileSync(path, text);
    renameSync(archiveAt(1), `${archiveAt(1)}.kept`);
    copyFileSync(archiveAt(0), archiveAt(1));
    expect(withKeyring(folder, `L verify '${archiveAt(1)}'`)).toMatchObject({ status: 1 });
    renameSync(`${archiveAt(1)}.kept`, archiveAt(1));
    expect(withKeyring(folder, `L verify '${archiveAt(1)}'`)).toMatchObject({ status: 0 });
  });

  it("are missed when they are gone, and foreign files are shown as that", () => {
    const id = manifestOf(archiveAt(1)).id;
    const hidden = [archiveAt(1), manifestPath(archiveAt(1))];
    for (const file of hidden) renameSync(file, `${file}.away`);
    copyFileSync(archiveAt(0), join(shop, "shop_20200101T000000Z.dump.age"));
    const { stderr } = list();
    const next = manifestOf(archiveAt(2)).id;
    expect(stderr).toContain("no clean-up of Lifeboat deleted it");
    expect(stderr).toContain(`${next}: the backup before this one is missing: ${id}, of `);
    const listed: { id: string; missingBefore: unknown }[] = JSON.parse(
      withKeyring(folder, `L backups --in '${place}' --json`).stdout,
    );
    expect(listed.map((backup) => [backup.id, backup.missingBefore])).toEqual([
      [next, { id, madeAt: expect.stringMatching(/^20.*Z$/) }],
      [manifestOf(archiveAt(0)).id, null],
    ]);
    expect(stderr).toContain("without a manifest");
    rmSync(join(shop, "shop_20200101T000000Z.dump.age"));
    for (const file of hidden) renameSync(`${file}.away`, file);
  });

  it("are not missed when a pruning deleted them", () => {
    const [first, second] = archives.map((archive) => manifestOf(archive).id);
    // What was proved last stays, so that is to be the newest.
    const pruned = withKeyring(
      folder,
      `L verify '${archiveAt(2)}' >/dev/null && L backups pin ${first} --in '${place}' && L prune --in '${place}' --keep 'last 1' --yes`,
    );
    expect(pruned).toMatchObject({ status: 0 });
    const { stdout, stderr } = list();
    expect(stdout).toContain(first);
    expect(stdout).not.toContain(second);
    expect(stderr).not.toContain("missing");
  });

  it("carry no proof where only the recipient was there, and that is told", async () => {
    const end = withKeyring(folder, "L key show --json");
    const { recipient } = JSON.parse(end.stdout);
    const env = { LIFEBOAT_HOME: join(folder, "public-only") };
    const away = join(folder, "away");
    const made = await runCli(
      ["backup", "--url", postgres.url("shop"), "--to", away, "--recipient", recipient, "--quiet"],
      { env },
    );
    expect(made).toMatchObject({ code: 0 });
    expect((await runCli(["backups", "--in", away], { env })).stdout).toContain("not proved");
    expect(withKeyring(folder, `L backups --in '${away}'`).stdout).toContain("not proved");
  });
});

function manifestPath(archive: string): string {
  return archive.replace(".dump.age", ".manifest.json");
}

function manifestOf(archive: string): Manifest {
  return JSON.parse(readFileSync(manifestPath(archive), "utf8"));
}
