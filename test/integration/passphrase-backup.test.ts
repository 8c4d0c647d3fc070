import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ageCommand } from "../helpers/age.ts";
import { clientTool } from "../helpers/clients.ts";
import { startHost } from "../helpers/host.ts";
import { connectClient } from "../helpers/host-client.ts";
import { keyring, withKeyring } from "../helpers/keyring.ts";
import { requirement } from "../helpers/requirement.ts";
import { runCli } from "../helpers/run-cli.ts";
import { createDatabase } from "../helpers/seed.ts";
import { availableMajors, serversRemedy, startServer, type TestServer } from "../helpers/servers.ts";

/** Backups under a passphrase: written by Lifeboat, opened by the stock age, the command line and the window. */

const need = requirement("PostgreSQL 15", availableMajors().includes(15), serversRemedy);
const passphrase = "four words nobody guesses";

describe.skipIf(need !== "run")(`backups under a passphrase (${need})`, () => {
  const folder = mkdtempSync(join(tmpdir(), "lifeboat-passphrase-"));
  const home = join(folder, "home");
  let server: TestServer;
  let path: string;

  beforeAll(async () => {
    server = await startServer(15);
    await createDatabase(server, "shop");
    await server.run("create table t as select g as id, 'row ' || g as text from generate_series(1, 3000) g", "shop");
  }, 60_000);
  afterAll(async () => {
    await server?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const run = async (args: string[], more: Record<string, string> = {}) => {
    const end = await runCli([...args, "--json"], { env: { LIFEBOAT_HOME: home, ...more } });
    return { code: end.code, ...JSON.parse(end.stdout) };
  };
  const backUp = (...args: string[]) => ["backup", "--url", server.url("shop"), "--passphrase", ...args];

  it("are made with the one of the environment, and hold nothing of it", async () => {
    const made = await run(backUp("--to", join(folder, "there"), "--globals"), { LIFEBOAT_PASSPHRASE: passphrase });
    expect(made).toMatchObject({ code: 0, state: "succeeded" });
    path = made.path;
    expect(path).toMatch(/\.dump\.age$/);
    const manifest = JSON.parse(readFileSync(made.manifestPath, "utf8"));
    expect(manifest.encryption).toEqual({ method: "age", recipients: [], passphrase: true });
    expect(readFileSync(path).toString("latin1", 0, 40)).toMatch(/^age-encryption\.org\/v1\n-> scrypt /);
    const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    const names = files.map((entry) => join(entry.parentPath, entry.name));
    expect(names.length).toBeGreaterThan(3);
    expect(names.filter((name) => readFileSync(name).includes(passphrase))).toEqual([]);
  });

  it("are opened by whoever knows it, and by nobody else", async () => {
    const rows = await runCli(["rows", path, "public.t", "--format", "csv", "--limit", "2"], {
      env: { LIFEBOAT_HOME: home, LIFEBOAT_PASSPHRASE: passphrase },
    });
    expect(rows).toMatchObject({ code: 0, stdout: "id,text\r\n1,row 1\r\n2,row 2\r\n" });
    expect(await run(["verify", path], { LIFEBOAT_PASSPHRASE: passphrase })).toMatchObject({ code: 0, rows: 3000 });
    expect(await run(["contents", path], { LIFEBOAT_PASSPHRASE: "another" })).toMatchObject({
      code: 1,
      error: { code: "encryption.wrongPassphrase" },
    });
    expect(await run(["contents", path])).toMatchObject({ code: 1, error: { code: "encryption.passphraseMissing" } });
  });

  it.skipIf(ageCommand !== "run")(`are opened by the stock age: ${ageCommand}`, () => {
    const plain = join(folder, "plain.dump");
    // It asks on a terminal alone.
    const age = spawnSync("script", ["-qec", `age -d -o '${plain}' '${path}'`, "/dev/null"], {
      input: `${passphrase}\n`,
      encoding: "utf8",
    });
    expect(age.status, age.stdout).toBe(0);
    const listing = execFileSync(clientTool(15, "pg_restore") ?? "pg_restore", ["--list", plain], { encoding: "utf8" });
    expect(listing).toContain("TABLE DATA public t");
  });

  it("are not made for recipients too, nor as directories, nor without one", async () => {
    const both = await run(backUp("--recipient", "age1x"), { LIFEBOAT_PASSPHRASE: passphrase });
    expect(both).toMatchObject({ code: 2, error: { code: "usage.invalid" } });
    const directory = backUp("--format", "directory", "--to", join(folder, "dir"));
    expect(await run(directory, { LIFEBOAT_PASSPHRASE: passphrase })).toMatchObject({
      error: { code: "backup.optionConflict" },
    });
    expect((await run(backUp("--to", join(folder, "none")))).error.code).toMatch(
      /^(encryption\.passphraseMissing|secrets\.unavailable)$/,
    );
  });

  it.skipIf(keyring !== "run")(
    `are made by schedules with the one in the keychain: ${keyring}`,
    () => {
      const there = join(folder, "scheduled");
      const backup = `L backup --url '${server.url("shop")}' --passphrase --to '${there}' --quiet </dev/null`;
      const keep = `printf '%s\\n' "$WORDS" | L key passphrase --passphrase-stdin`;
      const script = `${keep} && ${backup} && L contents "$(ls ${there}/shop/*.age)" && L key passphrase --forget`;
      const end = withKeyring(folder, script, { WORDS: passphrase });
      expect(end.status, end.stdout + end.stderr).toBe(0);
      expect(end.stdout).toMatch(/TABLE DATA +public +t /);
      expect(end.stdout + end.stderr).not.toContain(passphrase);
    },
    120_000,
  );

  it("are opened in the window by asking", async () => {
    const host = await startHost({ rendererFolder: tmpdir() });
    const client = await connectClient(host);
    try {
      const there = join(host.home.backupsFolder, "shop");
      const made = await run(backUp("--to", host.home.backupsFolder), { LIFEBOAT_PASSPHRASE: passphrase });
      expect(made.path.startsWith(there)).toBe(true);
      const open = { path: String(made.path) };
      expect(await client.refused("archive.open", open)).toMatchObject({ code: "encryption.passphraseMissing" });
      expect(await client.refused("archive.open", { ...open, passphrase: "another" })).toMatchObject({
        code: "encryption.wrongPassphrase",
      });
      const { handle, database } = await client.invoke("archive.open", { ...open, passphrase });
      expect(database).toBe("shop");
      await client.invoke("archive.close", { handle });
      // For what is done with it afterwards, too.
      const { jobId } = await client.invoke("backups.verify", { path: made.path, level: "read" });
      client.subscribe("jobs");
      expect(await client.ended(jobId)).toMatchObject({ state: "succeeded" });
    } finally {
      client.close();
      await host.stop();
    }
  }, 60_000);
});
