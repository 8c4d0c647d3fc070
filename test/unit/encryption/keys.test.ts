import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { unwrapFileKey } from "../../../electron/encryption/age-package.ts";
import { decryptBytes, encryptBytes } from "../../../electron/encryption/bytes.ts";
import { openKeyRing } from "../../../electron/encryption/key-ring.ts";
import { type KeyStore, openKeyStore } from "../../../electron/encryption/key-store.ts";
import { createRecoveryKit, tryKit, writeKitText } from "../../../electron/encryption/recovery-kit.ts";
import { saveKit } from "../../../electron/encryption/save-kit.ts";
import { type Home, locateHome } from "../../../electron/home.ts";
import { createMemoryStore } from "../../../electron/secrets/memory.ts";
import { Secret } from "../../../electron/secrets/secret.ts";
import type { SecretStore } from "../../../electron/secrets/secret-store.ts";
import { AppError } from "../../../shared/error/app-error.ts";
import { ageCommand } from "../../helpers/age.ts";
import { requirement } from "../../helpers/requirement.ts";

let folder: string;
let home: Home;
let secrets: SecretStore;
let store: KeyStore;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lifeboat-keys-"));
  home = locateHome({ LIFEBOAT_HOME: folder });
  secrets = createMemoryStore();
  store = openKeyStore(home, secrets);
});
afterEach(() => rmSync(folder, { recursive: true }));

const passphrase = new Secret("correct horse battery");
const givesPassphrase = async (): Promise<Secret> => passphrase;

async function identityOf(name: string): Promise<Secret> {
  const identity = await store.identityOf(await store.find(name));
  if (identity === null) throw new Error("no identity");
  return identity;
}

describe("keys", () => {
  it("are made once a name; keys.json holds nothing secret", async () => {
    const key = await store.create("shop");
    expect(key).toMatchObject({ name: "shop", recipient: expect.stringMatching(/^age1/), kitTriedAt: null });
    await expect(store.create("shop")).rejects.toMatchObject({ code: "encryption.keyExists" });
    await expect(store.create("--odd")).rejects.toMatchObject({ code: "usage.invalid" });
    expect(await store.list()).toEqual([key]);
    expect(readFileSync(home.keysFile, "utf8")).not.toMatch(/SECRET/i);
    expect((await identityOf("shop")).reveal()).toMatch(/^AGE-SECRET-KEY-1/);
  });

  it("are found by name, by recipient, and without a name where there is one", async () => {
    await expect(store.find(null)).rejects.toMatchObject({ code: "encryption.keyNotFound" });
    const one = await store.create("one");
    expect(await store.find(null)).toEqual(one);
    await store.create("two");
    await expect(store.find(null)).rejects.toMatchObject({ code: "encryption.keyAmbiguous" });
    expect(await store.find(one.recipient)).toEqual(one);
    await expect(store.find("three")).rejects.toMatchObject({ code: "encryption.keyNotFound" });
  });

  it("are not listed when the keychain takes no secret; a damaged list is kept and told", async () => {
    const locked: SecretStore = {
      ...secrets,
      write: () => Promise.reject(new AppError("secrets.unavailable", "There is no keychain here.")),
    };
    await expect(openKeyStore(home, locked).create("x")).rejects.toMatchObject({ code: "secrets.unavailable" });
    expect(await store.list()).toEqual([]);
    writeFileSync(home.keysFile, "{");
    await expect(store.create("x")).rejects.toMatchObject({ code: "encryption.keysInvalid" });
    expect(readFileSync(home.keysFile, "utf8")).toBe("{");
  });

  it("open what was encrypted for them, the right one found by trying", async () => {
    await store.create("one");
    const two = await store.create("two");
    const file = await encryptBytes(Buffer.from("hello"), { recipients: [two.recipient] });
    const ring = openKeyRing({ home, env: {}, secrets });
    expect(Buffer.from(await decryptBytes(file, (header) => ring.unlock(header))).toString()).toBe("hello");
    const empty = openKeyRing({ home: locateHome({ LIFEBOAT_HOME: join(folder, "new") }), env: {}, secrets });
    await expect(decryptBytes(file, (header) => empty.unlock(header))).rejects.toMatchObject({
      code: "archive.keyMissing",
      hint: expect.stringContaining("--identity"),
    });
  });
});

describe("the recovery kit", () => {
  it("opens with its passphrase only, and then counts as tried", async () => {
    const key = await store.create("shop");
    const kit = await createRecoveryKit(key, await identityOf("shop"), passphrase);
    const text = Buffer.from(writeKitText(kit));
    expect(text.toString()).not.toContain("AGE-SECRET-KEY-1");
    const found = await tryKit(text, givesPassphrase);
    expect(found.recipient).toBe(key.recipient);
    const wrong = tryKit(text, async () => new Secret("another one, long enough"));
    await expect(wrong).rejects.toMatchObject({ code: "encryption.wrongPassphrase" });
    const foreign = tryKit(text, givesPassphrase, () => false);
    await expect(foreign).rejects.toMatchObject({ code: "encryption.keyNotFound" });
    const cut = Buffer.from(text.toString().replace(/\n.{10}(.*\n-----END)/, "\n$1"));
    await expect(tryKit(cut, givesPassphrase)).rejects.toMatchObject({ code: "encryption.identityInvalid" });
    expect((await store.markKitTried(key.recipient)).kitTriedAt).not.toBeNull();
    const weak = createRecoveryKit(key, await identityOf("shop"), new Secret("short"));
    await expect(weak).rejects.toMatchObject({ code: "encryption.passphraseWeak" });
  });

  it("is a private text and a page without scripts, both of which bring the key to a new machine", async () => {
    const key = await store.create("shop");
    const kit = await createRecoveryKit(key, await identityOf("shop"), passphrase);
    const saved = await saveKit(kit, join(folder, "kit.txt"));
    expect(statSync(saved.text).mode & 0o777).toBe(0o600);
    const page = readFileSync(saved.page, "utf8");
    expect(page).toMatch(/<svg [^>]*role="img"/);
    expect(page).not.toMatch(/<script|src=|https?:\/\/(?!age-encryption\.org|www\.w3\.org)/i);
    await expect(saveKit(kit, join(folder, "kit.txt"))).rejects.toMatchObject({ code: "backup.destinationExists" });
    const file = await encryptBytes(Buffer.from("hello"), { recipients: [key.recipient] });
    for (const identityFile of [saved.text, saved.page]) {
      const ring = openKeyRing({ home, env: { LIFEBOAT_PASSPHRASE: passphrase.reveal() }, identityFile });
      expect(Buffer.from(await decryptBytes(file, (header) => ring.unlock(header))).toString()).toBe("hello");
    }
  });

  const byHand = requirement(
    "the age command and script",
    ageCommand === "run" && spawnSync("script", ["--version"]).status === 0,
    "apt install age bsdutils",
  );
  it.skipIf(byHand !== "run")(`opens a backup by its own instructions with stock age: ${byHand}`, async () => {
    const key = await store.create("shop");
    const kit = await createRecoveryKit(key, await identityOf("shop"), passphrase);
    const { text } = await saveKit(kit, join(folder, "kit.txt"));
    writeFileSync(
      join(folder, "backup.dump.age"),
      await encryptBytes(Buffer.from("hello"), { recipients: [key.recipient] }),
    );
    const steps = readFileSync(text, "utf8");
    const take = /^ +(sed .*)$/m.exec(steps)?.[1]?.replace("THIS-FILE", "kit.txt") ?? "";
    const decrypt = /^ +(age --decrypt.*)$/m.exec(steps)?.[1] ?? "";
    execFileSync("/bin/sh", ["-c", take], { cwd: folder });
    // age asks on the terminal and nowhere else, so it is given one.
    execFileSync("script", ["--quiet", "--return", "--command", decrypt, "/dev/null"], {
      cwd: folder,
      input: `${passphrase.reveal()}\n`,
      timeout: 20_000,
    });
    expect(readFileSync(join(folder, "backup.dump"), "utf8")).toBe("hello");
  });
});

it("an identity file of age-keygen serves as a key; a file without one is told", async () => {
  const key = await store.create("shop");
  const path = join(folder, "key.txt");
  writeFileSync(path, `# a comment\n${(await identityOf("shop")).reveal()}\n`);
  const file = await encryptBytes(Buffer.from("hello"), { recipients: [key.recipient] });
  const open = (identityFile: string) => {
    const ring = openKeyRing({ home, env: {}, identityFile });
    return decryptBytes(file, (header) => ring.unlock(header));
  };
  expect(Buffer.from(await open(path)).toString()).toBe("hello");
  writeFileSync(path, "nothing\n");
  await expect(open(path)).rejects.toMatchObject({ code: "encryption.identityInvalid" });
  await expect(open(join(folder, "none"))).rejects.toMatchObject({ code: "storage.notFound" });
  await expect(
    unwrapFileKey(file.subarray(0, 200), { identities: [], passphrase: async () => null }),
  ).rejects.toBeInstanceOf(AppError);
});
