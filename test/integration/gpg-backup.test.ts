import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { manifestSchema } from "../../shared/contract/manifest.ts";
import { clientTool } from "../helpers/clients.ts";
import { gpgCommand, openKeyring, type TestKeyring } from "../helpers/gpg.ts";
import { requirement } from "../helpers/requirement.ts";
import { runCli } from "../helpers/run-cli.ts";
import { createDatabase } from "../helpers/seed.ts";
import { availableMajors, serversRemedy, startServer, type TestServer } from "../helpers/servers.ts";
import { hasSshd, startSshd } from "../helpers/sshd.ts";

/** Backups through the user's own gpg, by the command line: what it writes gpg opens, what gpg wrote it opens. */

const need = requirement("PostgreSQL 15", availableMajors().includes(15), serversRemedy);
const passphrase = "four words nobody guesses";

const manifestOf = (made: { manifestPath: string }) =>
  manifestSchema.parse(JSON.parse(readFileSync(made.manifestPath, "utf8")));
const listing = (dump: string) =>
  execFileSync(clientTool(15, "pg_restore") ?? "", ["--list", dump], { encoding: "utf8" });

/** What was decrypted to be read is gone, whatever became of it. */
function insistOnNothingLeft(folder: string): void {
  if (readdirSync(folder).length > 0) throw new Error(`left in ${folder}: ${readdirSync(folder).join(", ")}`);
}

describe.skipIf(need !== "run" || gpgCommand !== "run")(`backups with gpg (${need}, ${gpgCommand})`, () => {
  const folder = mkdtempSync(join(tmpdir(), "lb-gpg-backup-"));
  const unpacked = join(folder, "tmp");
  const file = (name: string) => join(folder, name);
  let server: TestServer;
  let keyring: TestKeyring;
  let fingerprints: string[];
  let path: string;

  beforeAll(async () => {
    mkdirSync(unpacked);
    server = await startServer(15);
    await createDatabase(server, "shop");
    await server.run("create table t as select g as id, 'row ' || g as text from generate_series(1, 30000) g", "shop");
    await server.run("alter table t add primary key (id)", "shop");
    keyring = openKeyring();
    fingerprints = [keyring.makeKey("open", null), keyring.makeKey("locked", passphrase)];
  }, 60_000);
  afterEach(() => insistOnNothingLeft(unpacked));
  afterAll(async () => {
    keyring?.stop();
    await server?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const env = (more: Record<string, string> = {}) => ({
    LIFEBOAT_HOME: file("home"),
    GNUPGHOME: keyring.home,
    TMPDIR: unpacked,
    ...more,
  });
  const run = async (args: string[], more: Record<string, string> = {}) => {
    const end = await runCli([...args, "--json"], { env: env(more) });
    return { code: end.code, ...JSON.parse(end.stdout) };
  };

  const seal = (bytes: Uint8Array, ...args: string[]) =>
    keyring.run(["--trust-model", "always", "--passphrase", passphrase, ...args], bytes);

  it("are whole gpg files for each key, hashed as they are stored; pg_restore reads what gpg makes of them", async () => {
    const made = await run([
      "backup",
      "--url",
      server.url("shop"),
      "--to",
      file("there"),
      "--globals",
      "--gpg",
      "open@example.org",
      "--gpg",
      fingerprints[1] ?? "",
    ]);
    expect(made).toMatchObject({ code: 0, state: "succeeded", path: expect.stringMatching(/\.dump\.gpg$/) });
    path = made.path;
    const manifest = manifestOf(made);
    expect(manifest.encryption).toEqual({ method: "gpg", recipients: fingerprints });
    expect(manifest.proof).toBeUndefined();
    expect(manifest.files.map(({ path: name }) => name.replace(/^.*Z/, ""))).toEqual([".dump.gpg", ".globals.sql.gpg"]);
    for (const stored of manifest.files) {
      const bytes = readFileSync(join(dirname(path), stored.path));
      expect(stored.sizeBytes).toBe(bytes.length);
      expect(stored.sha256).toBe(createHash("sha256").update(bytes).digest("hex"));
    }
    expect(readdirSync(dirname(path)).filter((name) => name.includes("partial"))).toEqual([]);
    keyring.run(["--output", file("plain.dump"), "--decrypt", path]);
    expect(listing(file("plain.dump"))).toContain("TABLE DATA public t");
    const globals = readFileSync(path.replace(/\.dump\.gpg$/, ".globals.sql.gpg"));
    expect(keyring.run(["--decrypt"], globals).toString()).toContain("PostgreSQL database cluster dump complete");
  });

  it("are opened: contents, rows, verify, restore", async () => {
    expect(await run(["contents", path])).toMatchObject({ code: 0, isEncrypted: true });
    const rows = await runCli(["rows", path, "public.t", "--format", "csv", "--limit", "1"], { env: env() });
    expect(rows).toMatchObject({ code: 0, stdout: "id,text\r\n1,row 1\r\n" });
    expect(await run(["verify", path])).toMatchObject({ code: 0, rows: 30_000 });
    const listed = await runCli(["backups", "--in", file("there"), "--json"], { env: env() });
    expect(JSON.parse(listed.stdout)).toMatchObject([
      { checks: [{ outcome: "good", rows: 30_000 }], refusedChecks: [] },
    ]);
    expect(await run(["restore", path, "--into", server.url(), "--as", "again"])).toMatchObject({ code: 0 });
    expect(await server.run("select count(*) from t", "again")).toEqual([{ count: "30000" }]);
    const table = ["restore", path, "--into", server.url(), "--as", "one", "--table", "public.t"];
    expect(await run(table)).toMatchObject({ code: 0 });
    expect(await server.run("select max(id) from t", "one")).toEqual([{ max: "30000" }]);
  });

  it("open that others wrote with gpg: armoured, gzipped before, a script, a tar", async () => {
    const pgDump = clientTool(15, "pg_dump") ?? "";
    const dump = (...args: string[]) =>
      execFileSync(pgDump, [...args, server.url("shop")], { maxBuffer: 1 << 30, stdio: ["ignore", "pipe", "ignore"] });
    const forOpen = ["-r", fingerprints[0] ?? "", "-e"];
    for (const [name, bytes] of Object.entries({
      "a.asc": seal(dump("-Fc"), "--armor", ...forOpen),
      "b.sql.gz.gpg": seal(gzipSync(dump("-Fp")), ...forOpen),
      "c-without-a-name": seal(dump("-Ft"), ...forOpen),
      "d.dump": seal(dump("-Fc"), "-c"),
    })) {
      writeFileSync(file(name), bytes);
      const rows = await runCli(["rows", file(name), "public.t", "--format", "csv", "--limit", "1"], {
        env: env({ LIFEBOAT_PASSPHRASE: passphrase }),
      });
      expect([name, rows]).toMatchObject([name, { code: 0, stdout: "id,text\r\n1,row 1\r\n" }]);
    }
    expect(await run(["verify", file("c-without-a-name")])).toMatchObject({ code: 0 });
  });

  it("say what is wrong: nobody's key, a changed byte, an unknown recipient, no gpg, two ways at once", async () => {
    const other = openKeyring();
    try {
      expect(await run(["contents", path], { GNUPGHOME: other.home })).toMatchObject({
        code: 1,
        error: { code: "archive.keyMissing" },
      });
    } finally {
      other.stop();
    }
    const bytes = readFileSync(path);
    const at = bytes.length - 1000;
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    writeFileSync(file("changed.dump.gpg"), bytes);
    expect(await run(["contents", file("changed.dump.gpg")])).toMatchObject({
      code: 1,
      error: { code: "archive.damaged" },
    });
    const backUp = ["backup", "--url", server.url("shop"), "--to", file("refused"), "--gpg"];
    expect(await run([...backUp, "nobody@example.org"])).toMatchObject({
      code: 1,
      error: { code: "encryption.badRecipient" },
    });
    expect(await run([...backUp, "open@example.org"], { PATH: file("home") })).toMatchObject({
      code: 1,
      error: { code: "tool.missing", hint: expect.stringMatching(/gnupg|GnuPG/) },
    });
    expect(await run([...backUp, "open@example.org", "--format", "directory"])).toMatchObject({
      code: 2,
      error: { code: "backup.optionConflict" },
    });
    expect((await runCli([...backUp, "open@example.org", "--passphrase"], { env: env() })).code).toBe(2);
    expect(readdirSync(folder)).not.toContain("refused");
  });

  it("are nothing at all where gpg fails half-way", async () => {
    const real = execFileSync("sh", ["-c", "command -v gpg"], { encoding: "utf8" }).trim();
    mkdirSync(file("bin"));
    // Lists keys as ever, and dies of the first bytes that it is to encrypt.
    const script = `#!/bin/sh\ncase "$*" in *--encrypt*) head -c 1000; kill -9 $$;; *) exec '${real}' "$@";; esac\n`;
    writeFileSync(file("bin/gpg"), script, { mode: 0o755 });
    const failed = await run(
      ["backup", "--url", server.url("shop"), "--to", file("none"), "--gpg", "open@example.org"],
      {
        PATH: `${file("bin")}:${process.env["PATH"]}`,
      },
    );
    expect(failed).toMatchObject({ code: 1 });
    expect(failed.error.code).toMatch(/^tool\./);
    const left = readdirSync(file("none"), { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    expect(left.map(({ name }) => name)).toEqual([]);
  });

  it.skipIf(!hasSshd())("go straight to an SFTP server, and are opened there", async () => {
    const sshd = await startSshd();
    try {
      const place = `sftp://${sshd.user}@127.0.0.1:${sshd.port}${join(sshd.folder, "backups")}`;
      const user = { HOME: folder };
      expect(
        await runCli(["storages", "add", "nas", place, "--key-file", sshd.keyFile], { env: env(user) }),
      ).toMatchObject({ code: 0 });
      const trust = ["storages", "trust", "nas", "--fingerprint", sshd.fingerprint()];
      expect(await runCli(trust, { env: env(user) })).toMatchObject({ code: 0 });
      const made = await run(["backup", "--url", server.url("shop"), "--to", "nas", "--gpg", "open@example.org"], user);
      expect(made).toMatchObject({ code: 0, path: expect.stringMatching(/^sftp:.*\.dump\.gpg$/) });
      expect(await run(["verify", made.path], user)).toMatchObject({ code: 0, rows: 30_000 });
      expect(await run(["contents", made.path], user)).toMatchObject({ code: 0, isEncrypted: true });
    } finally {
      await sshd.stop();
    }
  });

  it("are copied whole, and a backup put in another's place is told", async () => {
    const copied = await run(["copy", path, "--to", file("copy")]);
    expect(copied).toMatchObject({ code: 0 });
    expect(readdirSync(file("copy/shop")).toSorted()).toEqual(readdirSync(dirname(path)).toSorted());
    await server.run("create table u ()", "shop");
    const other = await run([
      "backup",
      "--url",
      server.url("shop"),
      "--to",
      file("other"),
      "--gpg",
      "open@example.org",
    ]);
    copyFileSync(other.path, path);
    expect(await run(["contents", path])).toMatchObject({ code: 1, error: { code: "verify.checksumMismatch" } });
  });
});
