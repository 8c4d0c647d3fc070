import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ageCommand, runAge } from "../helpers/age.ts";
import { clientTool } from "../helpers/clients.ts";
import { keyring, withKeyring } from "../helpers/keyring.ts";
import { requirement } from "../helpers/requirement.ts";
import { runCli } from "../helpers/run-cli.ts";
import { createDatabase } from "../helpers/seed.ts";
import { availableMajors, serversRemedy, startServer, type TestServer } from "../helpers/servers.ts";

/** Backups for SSH keys, by the command line: written by Lifeboat, opened by it and by the stock age. */

const need = requirement("PostgreSQL 15", availableMajors().includes(15), serversRemedy);
const keygen = requirement(
  "ssh-keygen",
  spawnSync("ssh-keygen", ["-?"]).error === undefined,
  "apt install openssh-client",
);
const passphrase = "a key's own passphrase";

describe.skipIf(need !== "run" || keygen !== "run")(`backups for SSH keys (${need}, ${keygen})`, () => {
  const folder = mkdtempSync(join(tmpdir(), "lifeboat-ssh-backup-"));
  const home = join(folder, "home");
  const file = (name: string) => join(folder, name);
  let server: TestServer;
  let path: string;

  beforeAll(async () => {
    server = await startServer(15);
    await createDatabase(server, "shop");
    await server.run("create table t as select g as id, 'row ' || g as text from generate_series(1, 3000) g", "shop");
    execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", file("open")]);
    execFileSync("ssh-keygen", ["-q", "-t", "rsa", "-b", "2048", "-N", passphrase, "-f", file("locked")]);
  }, 60_000);
  afterAll(async () => {
    await server?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const run = async (args: string[], more: Record<string, string> = {}) => {
    const end = await runCli([...args, "--json"], { env: { LIFEBOAT_HOME: home, ...more } });
    return { code: end.code, stderr: end.stderr, ...JSON.parse(end.stdout) };
  };

  it("are made for a key by its name and for a .pub file, and say what was not tried", async () => {
    expect(await run(["key", "add", file("open.pub"), "--name", "laptop"])).toMatchObject({
      code: 0,
      name: "laptop",
      kitTriedAt: null,
    });
    const made = await run([
      "backup",
      "--url",
      server.url("shop"),
      "--to",
      file("there"),
      "--globals",
      "--recipient",
      "laptop",
      "--recipient",
      file("locked.pub"),
    ]);
    expect(made).toMatchObject({ code: 0, state: "succeeded" });
    expect(made.stderr).toContain("The private key of laptop was never tried");
    path = made.path;
    const manifest = JSON.parse(readFileSync(made.manifestPath, "utf8"));
    const line = (name: string) =>
      readFileSync(file(`${name}.pub`), "utf8")
        .split(" ")
        .slice(0, 2)
        .join(" ");
    expect(manifest.encryption).toEqual({ method: "age", recipients: [line("open"), line("locked")] });
    // Nothing here holds a private key, so nothing proves who wrote it.
    expect(manifest.proof).toBeUndefined();
  });

  it.skipIf(ageCommand !== "run")(`are opened by the stock age: ${ageCommand}`, () => {
    writeFileSync(file("plain.dump"), runAge(["-d", "-i", file("open")], readFileSync(path)));
    const listing = execFileSync(clientTool(15, "pg_restore") ?? "", ["--list", file("plain.dump")], {
      encoding: "utf8",
    });
    expect(listing).toContain("TABLE DATA public t");
  });

  it("are opened with either private key: contents, rows, verify, restore", async () => {
    for (const [name, env] of [
      ["open", {}],
      ["locked", { LIFEBOAT_PASSPHRASE: passphrase }],
    ] as const)
      expect(await run(["verify", path, "--identity", file(name)], env)).toMatchObject({ code: 0, rows: 3000 });
    const rows = await runCli(
      ["rows", path, "public.t", "--format", "csv", "--limit", "1", "--identity", file("open")],
      {
        env: { LIFEBOAT_HOME: home },
      },
    );
    expect(rows).toMatchObject({ code: 0, stdout: "id,text\r\n1,row 1\r\n" });
    expect(
      await run(["restore", path, "--into", server.url(), "--as", "again", "--identity", file("open")]),
    ).toMatchObject({ code: 0 });
    expect(await server.run("select count(*) from t", "again")).toEqual([{ count: "3000" }]);
  });

  it("are opened by nobody else, and say what is missing", async () => {
    expect(await run(["contents", path], { LIFEBOAT_HOME: file("new") })).toMatchObject({
      code: 1,
      error: { code: "archive.keyMissing", hint: expect.stringContaining("--identity") },
    });
    expect(await run(["contents", path, "--identity", file("locked")])).toMatchObject({
      code: 1,
      error: { code: "encryption.passphraseMissing" },
    });
    expect(
      await run(["contents", path, "--identity", file("locked")], { LIFEBOAT_PASSPHRASE: "another" }),
    ).toMatchObject({ code: 1, error: { code: "encryption.wrongPassphrase" } });
  });

  it("count as recoverable once the private key was tried; there is no other kit", async () => {
    expect(await run(["key", "export", "laptop", "--kit", file("kit.txt")])).toMatchObject({
      code: 1,
      error: { code: "encryption.kitNotNeeded" },
    });
    expect(await run(["key", "try", file("locked")], { LIFEBOAT_PASSPHRASE: passphrase })).toMatchObject({
      code: 1,
      error: { code: "encryption.keyNotFound" },
    });
    expect(await run(["key", "try", file("open")])).toMatchObject({ code: 0, kitTriedAt: expect.any(String) });
    expect(readFileSync(join(home, "keys.json"), "utf8")).not.toContain("PRIVATE");
  });

  it.skipIf(keyring !== "run")(`are opened unasked, and proved, with the key in the keychain: ${keyring}`, () => {
    const { status, stdout, stderr } = withKeyring(
      folder,
      `
      LIFEBOAT_PASSPHRASE="${passphrase}" L key import locked --name both --json >/dev/null || exit 10
      L backup --url '${server.url("shop")}' --to proved --recipient both --json || exit 11
      L contents "$(ls proved/*/*.dump.age)" --json >/dev/null || exit 12
      L verify "$(ls proved/*/*.dump.age)" --json >/dev/null || exit 13`,
    );
    expect({ status, stderr }).toEqual({ status: 0, stderr: expect.any(String) });
    const manifest = JSON.parse(readFileSync(JSON.parse(stdout).manifestPath, "utf8"));
    expect(manifest.proof).toMatchObject({ key: expect.stringMatching(/^ssh-rsa /) });
    expect(stdout + stderr).not.toContain("PRIVATE KEY");
  });
});
