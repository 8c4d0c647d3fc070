import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openArchive } from "../../electron/archives/open-archive.ts";
import { writeIdentityText } from "../../electron/encryption/identity-text.ts";
import { openKeyStore } from "../../electron/encryption/key-store.ts";
import { startVerify } from "../../electron/jobs/run-verify.ts";
import { readWholeArchive } from "../../electron/verify/read-archive.ts";
import { AppError } from "../../shared/error/app-error.ts";
import { ageCommand, runAge } from "../helpers/age.ts";
import { allRows } from "../helpers/archive-oracle.ts";
import { contentsOf } from "../helpers/database-contents.ts";
import { runCli } from "../helpers/run-cli.ts";
import { seedTypesAndObjects } from "../helpers/seed.ts";
import {
  clientFolder,
  clientsRemedy,
  clientTool,
  requirement,
  startServer,
  type TestServer,
} from "../helpers/servers.ts";
import { backupIn, openServices, restoreIn, type Services } from "../helpers/services.ts";

/** Backups that are encrypted on their way: everything that works on a plain one works on them. */
const need = requirement("the client of 17", clientFolder(17) !== null, clientsRemedy);

describe.skipIf(need !== "run")(`encrypted backups (${need})`, () => {
  let server: TestServer;
  let services: Services;
  let database: string;
  let recipient: string;
  let identityFile: string;
  beforeAll(async () => {
    server = await startServer(15);
    services = await openServices();
    services.useTools([clientFolder(17) ?? ""]);
    database = await seedTypesAndObjects(server);
    await server.run("create table lines as select n, md5(n::text) as text from generate_series(1, 60000) n", database);
    const store = openKeyStore(services.home, services.secrets);
    const key = await store.create("shop");
    const identity = await store.identityOf(key);
    if (identity === null) throw new Error("no identity");
    recipient = key.recipient;
    identityFile = join(services.home.root, "key.txt");
    writeFileSync(identityFile, (await writeIdentityText(identity, key.createdAt)).reveal(), { mode: 0o600 });
  });
  afterAll(async () => {
    services?.close();
    await server?.stop();
  });

  async function backUp(changes: Parameters<Services["backUp"]>[2] = {}) {
    const job = await services.backUp(server, database, { recipients: [recipient], ...changes });
    expect(job).toMatchObject({ state: "succeeded", error: null });
    return backupIn(job);
  }

  it("are age files in whole, with the globals; sizes and hashes are of what is stored", async () => {
    const { result, manifest } = await backUp({ globals: true });
    expect(result.path).toMatch(/\.dump\.age$/);
    expect(manifest.encryption).toEqual({ method: "age", recipients: [recipient] });
    expect(manifest.files.map(({ path }) => path.replace(/^.*Z/, ""))).toEqual([".dump.age", ".globals.sql.age"]);
    for (const file of manifest.files) {
      const bytes = readFileSync(join(dirname(result.path), file.path));
      expect(bytes.toString("latin1", 0, 22)).toBe("age-encryption.org/v1\n");
      expect(bytes.includes("CREATE")).toBe(false);
      expect(file).toMatchObject({
        sizeBytes: bytes.length,
        sha256: createHash("sha256").update(bytes).digest("hex"),
      });
    }
    expect(readdirSync(dirname(result.path)).filter((name) => name.includes("partial"))).toEqual([]);
  });

  it.skipIf(ageCommand !== "run")(`are read by the stock tools: ${ageCommand}`, async () => {
    const { result, manifest } = await backUp({ globals: true });
    const plain = runAge(["-d", "-i", identityFile], readFileSync(result.path));
    const pgRestore = clientTool(17, "pg_restore") ?? "";
    // By its file: pg_restore closes its stdin once it has seen the table of contents.
    const plainFile = join(services.home.root, "plain.dump");
    writeFileSync(plainFile, plain);
    const listing = execFileSync(pgRestore, ["--list", plainFile], { encoding: "utf8" });
    expect(listing.match(/^; +TOC Entries: (\d+)/m)?.[1]).toBe(String(manifest.tocEntries));
    execFileSync(pgRestore, ["--file=/dev/null", plainFile]);
    const globals = readFileSync(`${result.path.replace(/\.dump\.age$/, "")}.globals.sql.age`);
    expect(runAge(["-d", "-i", identityFile], globals).toString()).toContain(
      "PostgreSQL database cluster dump complete",
    );
  });

  it.each(["none", "gzip", "zstd"] as const)("give the rows of a plain one: %s", async (method) => {
    const compression = { method, level: null };
    const [encrypted, plain] = [await backUp({ compression }), await backUp({ compression, recipients: [] })];
    const archive = await openArchive(encrypted.result.path, { keys: services.keys });
    const other = await openArchive(plain.result.path);
    expect(archive).toMatchObject({ isEncrypted: true, hasOffsets: false, sizeBytes: other.sizeBytes });
    for (const { dumpId, offset, length } of encrypted.manifest.data)
      expect(await archive.dataRange(dumpId)).toMatchObject({ offset, length });
    let tables = 0;
    for (const entry of archive.toc) {
      if (entry.copyStatement === null) continue;
      tables += 1;
      expect([entry.tag, await allRows(archive, entry.dumpId)]).toEqual([
        entry.tag,
        await allRows(other, entry.dumpId),
      ]);
    }
    expect(tables).toBeGreaterThan(5);
    await Promise.all([archive.close(), other.close()]);
  });

  it("come back whole into a new database, and one table into the old one", async () => {
    const { result } = await backUp();
    const job = await services.restore(server, result.path, { newDatabaseName: "again", jobs: 2 });
    expect(job).toMatchObject({ state: "succeeded", error: null });
    expect(restoreIn(job).warnings.join()).toContain("in one job");
    expect(restoreIn(job).command).not.toContain(result.path);
    expect(await contentsOf(server, "again")).toEqual(await contentsOf(server, database));
    expect(readdirSync(services.home.runFolder)).toEqual([]);

    await server.run("drop table lines", "again");
    const choice = {
      kind: "objects",
      tables: [{ schema: "public", name: "lines" }],
      schemas: [],
      dumpIds: [],
    } as const;
    const back = await services.restore(server, result.path, {
      mode: "as-is",
      choice: { ...choice, tables: [...choice.tables], schemas: [], dumpIds: [] },
      target: server.target("again"),
    });
    expect(back).toMatchObject({ state: "succeeded", error: null });
    expect(await contentsOf(server, "again")).toEqual(await contentsOf(server, database));
  });

  it("that were damaged bring nothing: told by the manifest's hashes before, and without one the new database is gone again", async () => {
    const { result } = await backUp({ compression: { method: "none", level: null } });
    const bytes = readFileSync(result.path);
    const at = Math.floor(bytes.length * 0.7);
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    writeFileSync(result.path, bytes);
    const restore = () => services.restore(server, result.path, { newDatabaseName: "damaged" });
    expect(await restore()).toMatchObject({ state: "failed", error: { code: "verify.checksumMismatch" } });
    rmSync(result.manifestPath);
    expect(await restore()).toMatchObject({ state: "failed", error: { code: "archive.damaged" } });
    expect(await server.value("select count(*) from pg_database where datname = 'damaged'")).toBe("0");
  });

  it("cut or changed anywhere, 300 times each: told by the reader alone, without a manifest", async () => {
    const { result } = await backUp({ tables: ["lines"] });
    const whole = readFileSync(result.path);
    const copy = join(services.home.root, "damaged.age");
    const read = async (bytes: Uint8Array): Promise<string> => {
      writeFileSync(copy, bytes);
      const options = {
        signal: new AbortController().signal,
        onBytes() {},
        access: { home: services.home, env: {}, keys: services.keys },
      };
      return readWholeArchive(copy, null, options).then(
        () => "whole",
        (error: unknown) => (error instanceof AppError ? error.code : String(error)),
      );
    };
    expect(await read(whole)).toBe("whole");
    for (let run = 0; run < 300; run++) {
      const at = Math.floor(Math.random() * (run < 100 ? 400 : whole.length));
      const cut = await read(whole.subarray(0, at));
      expect(`${at}: ${cut}`).toMatch(/: archive\.(truncated|damaged|unsupportedFormat|notAnArchive)$/);
      const flipped = Buffer.from(whole);
      flipped[at] = (flipped[at] ?? 0) ^ (1 << (run % 8));
      const changed = await read(flipped);
      // Within its first line it is no age file any more; a changed stanza is nobody's.
      expect(`${at}: ${changed}`).toMatch(/: archive\.(damaged|truncated|keyMissing|notAnArchive|unsupportedFormat)$/);
    }
  });

  it.each([
    { format: "custom" },
    { format: "tar", compression: { method: "none", level: null } },
    { format: "plain", compression: { method: "gzip", level: null } },
  ] as const)("are verified to the last row: $format", async (changes) => {
    const { result } = await backUp(changes);
    expect(result.path).toMatch(/\.age$/);
    const verify = (keys: Services["keys"] | undefined) =>
      startVerify({ path: result.path, level: "read" }, { home: services.home, env: {}, keys }, services.jobs, {});
    const job = await verify(services.keys);
    expect(job).toMatchObject({ state: "succeeded", error: null });
    expect(job.result).toMatchObject({ checksum: "matches", rowCounts: "match" });
    expect(await verify(undefined)).toMatchObject({ state: "failed", error: { code: "archive.keyMissing" } });
  });

  it("cannot be directories, which pg_dump writes itself", async () => {
    const job = await services.backUp(server, database, { recipients: [recipient], format: "directory" });
    expect(job).toMatchObject({ state: "failed", error: { code: "backup.optionConflict" } });
    const odd = await services.backUp(server, database, { recipients: ["age1nonsense"] });
    expect(odd).toMatchObject({ state: "failed", error: { code: "encryption.badRecipient" } });
  });

  it("are made and opened by the commands", async () => {
    const env = { LIFEBOAT_HOME: services.home.root };
    const to = join(services.home.root, "by-command");
    const url = ["--url", server.url(database)];
    const made = await runCli(["backup", ...url, "--to", to, "--recipient", "shop", "--json"], { env });
    expect(made.code, made.stdout).toBe(0);
    expect(made.stderr).toContain("recovery kit of shop was never tried");
    const { path } = JSON.parse(made.stdout);
    const key = ["--identity", identityFile];
    const contents = await runCli(["contents", path, ...key, "--json"], { env });
    expect(JSON.parse(contents.stdout)).toMatchObject({ isEncrypted: true, database });
    const rows = await runCli(["rows", path, "public.lines", ...key, "--limit", "2", "--format", "csv"], { env });
    expect(rows.stdout.trim().split(/\r?\n/)).toHaveLength(3);
    expect((await runCli(["definition", path, "public.lines", ...key], { env })).stdout).toContain("CREATE TABLE");
    expect((await runCli(["verify", path, ...key], { env })).code).toBe(0);
    const into = ["--into", server.url("postgres"), "--as", "by_command"];
    const restored = await runCli(["restore", path, ...into, ...key, "--json"], { env });
    expect(restored.code, restored.stdout).toBe(0);
    const { jobId } = JSON.parse(restored.stdout);
    await server.run("drop database by_command");
    const again = await runCli(["jobs", "retry", jobId, "--json"], { env });
    expect(again.code, again.stdout).toBe(0);
    expect(basename(path)).toMatch(/\.dump\.age$/);

    const without = await runCli(["contents", path, "--json"], { env: { LIFEBOAT_HOME: join(to, "new") } });
    expect(without.code).toBe(1);
    expect(JSON.parse(without.stdout)).toMatchObject({ error: { code: "archive.keyMissing" } });
    const unknown = await runCli(["backup", ...url, "--recipient", "nobody", "--json"], { env });
    expect(JSON.parse(unknown.stdout)).toMatchObject({ error: { code: "encryption.badRecipient" } });
  });
});
