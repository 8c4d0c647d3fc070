import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { keyring, withKeyring } from "../helpers/keyring.ts";
import { runCli } from "../helpers/run-cli.ts";

const passphrase = "correct horse battery";
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lifeboat-key-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe("lifeboat key", () => {
  it.skipIf(keyring !== "run")(`keeps a key in the keychain, whose kit must be tried: ${keyring}`, () => {
    const { status, stdout, stderr } = withKeyring(
      folder,
      `
      L key new --name shop --json || exit 10
      L key show --json || exit 11
      L key export shop && exit 12
      L key export shop --kit kit.txt >/dev/null || exit 13
      L key export shop --kit kit.txt >/dev/null && exit 14
      LIFEBOAT_PASSPHRASE=another-one-entirely L key try kit.txt >/dev/null && exit 15
      printf '%s\\n' '${passphrase}' | LIFEBOAT_PASSPHRASE= L key try kit.html --passphrase-stdin --json || exit 16
      LIFEBOAT_HOME="$HOME/new" L key import kit.txt --name again --json || exit 17
      LIFEBOAT_HOME="$HOME/new" L key export --yes --json || exit 18`,
      { LIFEBOAT_PASSPHRASE: passphrase },
    );
    expect({ status, stderr }).toEqual({ status: 0, stderr: expect.any(String) });
    const [made, shown, tried, imported, exported] = stdout
      .replaceAll("}\n{", "}\u0000{")
      .split("\u0000")
      .map((text) => JSON.parse(text));
    expect(made).toMatchObject({ name: "shop", recipient: expect.stringMatching(/^age1/), kitTriedAt: null });
    expect(shown).toEqual({ ...made, inKeychain: true });
    expect(tried.kitTriedAt).toEqual(expect.any(String));
    expect(imported).toMatchObject({ name: "again", recipient: made.recipient });
    const secret = exported.identity;
    expect(secret).toMatch(/^AGE-SECRET-KEY-1/);
    // Printed by the one command that was told --yes, and nowhere else.
    expect(stdout.split(secret)).toHaveLength(2);
    expect(stderr).not.toContain(secret);
    expect(stderr).toContain("was not confirmed");
    for (const file of ["kit.txt", "kit.html", "home/keys.json", "new/keys.json"])
      expect(readFileSync(join(folder, file), "utf8")).not.toMatch(/SECRET-KEY/);
  });

  it("without a keychain says so, and what can be done", async () => {
    const env = { LIFEBOAT_HOME: join(folder, "home"), HOME: folder, DBUS_SESSION_BUS_ADDRESS: "unix:path=/nowhere" };
    const made = await runCli(["key", "new", "--json"], { env });
    expect(made.code).toBe(1);
    expect(JSON.parse(made.stdout)).toMatchObject({
      error: { code: "secrets.unavailable", hint: expect.stringContaining("--recipient age1") },
    });
    expect(JSON.parse((await runCli(["key", "list", "--json"], { env })).stdout)).toEqual([]);
    writeFileSync(join(folder, "no-kit.txt"), "nothing");
    const tried = await runCli(["key", "try", join(folder, "no-kit.txt"), "--json"], { env });
    expect(JSON.parse(tried.stdout)).toMatchObject({ error: { code: "encryption.identityInvalid" } });
  });
});
