import { execFileSync, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { checkRecipient, createIdentity, recipientOf } from "../../../electron/encryption/age-package.ts";
import { decryptBytes, encryptBytes } from "../../../electron/encryption/bytes.ts";
import { openDecryptingSource } from "../../../electron/encryption/decrypting-source.ts";
import { readIdentities } from "../../../electron/encryption/identity-text.ts";
import { type KeyRing, openKeyRing } from "../../../electron/encryption/key-ring.ts";
import { openKeyStore } from "../../../electron/encryption/key-store.ts";
import { deriveProofKey } from "../../../electron/encryption/proof-key.ts";
import { findRecipients } from "../../../electron/encryption/recipient-text.ts";
import { createRecoveryKit, tryKit } from "../../../electron/encryption/recovery-kit.ts";
import { locateHome } from "../../../electron/home.ts";
import { createMemoryStore } from "../../../electron/secrets/memory.ts";
import { Secret } from "../../../electron/secrets/secret.ts";
import { ageCommand, memorySource, runAge } from "../../helpers/age.ts";
import { requirement } from "../../helpers/requirement.ts";

const keygen = requirement(
  "ssh-keygen",
  spawnSync("ssh-keygen", ["-?"]).error === undefined,
  "apt install openssh-client",
);
const passphrase = "a key's own passphrase";
const nobody = () => Promise.resolve(null);

/** How ssh-keygen was told to make each; what age opens is the name without `-locked`, where it would ask on a terminal. */
const kinds = {
  ed25519: ["-t", "ed25519", "-N", ""],
  "ed25519-locked": ["-t", "ed25519", "-N", passphrase],
  rsa: ["-t", "rsa", "-b", "2048", "-N", ""],
  "rsa-locked": ["-t", "rsa", "-b", "2048", "-N", passphrase],
  "rsa-pem": ["-t", "rsa", "-b", "2048", "-m", "PEM", "-N", ""],
  "rsa-pem-locked": ["-t", "rsa", "-b", "2048", "-m", "PEM", "-N", passphrase],
  "rsa-pkcs8-locked": ["-t", "rsa", "-b", "2048", "-m", "PKCS8", "-N", passphrase],
} as const;
type Kind = keyof typeof kinds;
const all = Object.keys(kinds).filter((kind): kind is Kind => kind in kinds);
const open = all.filter((kind) => !kind.endsWith("locked"));

describe.skipIf(keygen !== "run" || ageCommand !== "run")(`SSH keys: ${keygen}, ${ageCommand}`, () => {
  let folder: string;
  const file = (kind: string): string => join(folder, kind);
  const publicLine = (kind: string): string => readFileSync(`${file(kind)}.pub`, "utf8").trim();
  const ring = (kind: string, given: string | null = null): KeyRing =>
    openKeyRing({
      home: locateHome({ LIFEBOAT_HOME: join(folder, "home") }),
      env: {},
      identityFile: file(kind),
      secrets: createMemoryStore(),
      ask: async () => (given === null ? null : new Secret(given)),
    });

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "lifeboat-ssh-keys-"));
    for (const kind of all) execFileSync("ssh-keygen", ["-q", "-C", "alice@laptop", ...kinds[kind], "-f", file(kind)]);
    execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", file("other")]);
    execFileSync("ssh-keygen", ["-q", "-t", "ecdsa", "-N", "", "-f", file("ecdsa")]);
    execFileSync("ssh-keygen", ["-q", "-t", "rsa", "-b", "1024", "-N", "", "-f", file("short")]);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it.each(open)("what is encrypted here for %s opens with age", async (kind) => {
    const plain = randomBytes(200_000);
    const recipients = await findRecipients(`${file(kind)}.pub`);
    expect(runAge(["-d", "-i", file(kind)], await encryptBytes(plain, { recipients })).equals(plain)).toBe(true);
  });

  it.each(all)("what age encrypted for %s opens here, asking only for a locked key's passphrase", async (kind) => {
    const plain = randomBytes(200_000);
    const sealed = runAge(["-R", `${file(kind)}.pub`], plain);
    const keys = ring(kind, kind.endsWith("locked") ? passphrase : null);
    expect(Buffer.from(await decryptBytes(sealed, (header) => keys.unlock(header))).equals(plain)).toBe(true);
  });

  it("reads a range of what age encrypted for one, and no more than its chunks", async () => {
    const plain = randomBytes(20 * 65536);
    const source = memorySource(runAge(["-R", `${file("ed25519")}.pub`], plain));
    const decrypting = await openDecryptingSource(source, (header) => ring("ed25519").unlock(header));
    source.reads.length = 0;
    const part = await decrypting.read(10 * 65536 + 5, 1000);
    expect(Buffer.from(part).equals(plain.subarray(10 * 65536 + 5, 10 * 65536 + 1005))).toBe(true);
    expect(source.reads.reduce((sum, { length }) => sum + length, 0)).toBe(65536 + 16);
  });

  it("encrypts for several of both sorts at once; each opens it", async () => {
    const own = await createIdentity();
    writeFileSync(
      file("people"),
      `# people\n\n${await recipientOf(own)}\nno-pty,command="x y" ${publicLine("ed25519")}\n${publicLine("rsa")}\n`,
    );
    const recipients = await findRecipients(file("people"));
    expect(recipients).toHaveLength(3);
    const sealed = await encryptBytes(Buffer.from("hello"), { recipients });
    writeFileSync(file("age-key"), own.reveal());
    for (const kind of ["ed25519", "rsa", "age-key"]) {
      expect(runAge(["-d", "-i", file(kind)], sealed).toString()).toBe("hello");
      expect(Buffer.from(await decryptBytes(sealed, (header) => ring(kind).unlock(header))).toString()).toBe("hello");
    }
  });

  it.each(["ed25519", "rsa"])("tells another key, no key, a changed stanza and a cut of %s apart", async (kind) => {
    const sealed = await encryptBytes(randomBytes(100_000), { recipients: [publicLine(kind)] });
    const opens = (bytes: Uint8Array, key = kind) => decryptBytes(bytes, (header) => ring(key).unlock(header));
    await expect(opens(sealed, "other")).rejects.toMatchObject({
      code: "archive.keyMissing",
      message: expect.stringContaining("SSH key"),
      hint: expect.stringContaining("--identity"),
    });
    const text = Buffer.from(sealed).toString("latin1");
    // In the stanza's body, whose first line is behind its own.
    const body = text.indexOf("\n", text.indexOf("-> ssh-")) + 5;
    const changed = Buffer.from(sealed);
    changed[body] = changed[body] === 65 ? 66 : 65;
    await expect(opens(changed)).rejects.toMatchObject({ code: "archive.damaged" });
    await expect(opens(sealed.subarray(0, sealed.length - 30_000))).rejects.toMatchObject({
      code: "archive.damaged",
    });
    await expect(opens(sealed.subarray(0, body + 3))).rejects.toMatchObject({ code: "archive.truncated" });
  });

  it("says that the share of an ed25519 stanza was changed", async () => {
    const sealed = await encryptBytes(randomBytes(1000), { recipients: [publicLine("ed25519")] });
    const share = Buffer.from(sealed).indexOf("-> ssh-ed25519 ") + "-> ssh-ed25519 ".length + 10;
    sealed[share] = sealed[share] === 65 ? 66 : 65;
    await expect(decryptBytes(sealed, (header) => ring("ed25519").unlock(header))).rejects.toMatchObject({
      code: "archive.damaged",
    });
  });

  it("asks for a locked key's passphrase, and says what is wrong with it", async () => {
    const bytes = readFileSync(file("ed25519-locked"));
    await expect(readIdentities(bytes, nobody)).rejects.toMatchObject({ code: "encryption.passphraseMissing" });
    for (const kind of all.filter((name) => name.endsWith("locked"))) {
      const wrong = readIdentities(readFileSync(file(kind)), async () => new Secret("another"));
      await expect(wrong).rejects.toMatchObject({ code: "encryption.wrongPassphrase" });
    }
    await expect(readIdentities(readFileSync(file("ecdsa")), nobody)).rejects.toMatchObject({
      code: "encryption.identityInvalid",
      hint: expect.stringContaining("ssh-ed25519"),
    });
    const cut = readFileSync(file("ed25519"), "latin1").replace(/.{30}\n/, "\n");
    await expect(readIdentities(Buffer.from(cut), nobody)).rejects.toMatchObject({
      code: "encryption.identityInvalid",
    });
  });

  it("refuses recipients that nobody can be sure to open", async () => {
    const refused = { code: "encryption.badRecipient" };
    await expect(checkRecipient(publicLine("ecdsa"))).rejects.toMatchObject(refused);
    await expect(checkRecipient(publicLine("short"))).rejects.toMatchObject(refused);
    await expect(checkRecipient("ssh-ed25519 AAAA")).rejects.toMatchObject(refused);
    // A point that is not on the curve.
    const blob = Buffer.from(publicLine("ed25519").split(" ")[1] ?? "", "base64");
    blob.fill(0, 19).writeUInt8(2, 19);
    await expect(checkRecipient(`ssh-ed25519 ${blob.toString("base64")}`)).rejects.toMatchObject(refused);
    await expect(findRecipients(file("ed25519"))).rejects.toMatchObject({
      ...refused,
      message: expect.stringContaining("secret key"),
    });
    writeFileSync(file("mixed"), `${publicLine("ed25519")}\n${publicLine("ecdsa")}\n`);
    await expect(findRecipients(file("mixed"))).rejects.toMatchObject({
      ...refused,
      message: expect.stringContaining("Line 2"),
    });
    await expect(findRecipients(join(folder, "nothing"))).rejects.toMatchObject(refused);
  });

  it("is known by its public half alone until its private key was tried; it has no other kit", async () => {
    const home = locateHome({ LIFEBOAT_HOME: join(folder, "known") });
    const secrets = createMemoryStore();
    const store = openKeyStore(home, secrets);
    const key = await store.add(publicLine("rsa-locked"), "laptop");
    expect(key).toMatchObject({ name: "laptop", kitTriedAt: null, recipient: expect.stringMatching(/^ssh-rsa \S+$/) });
    expect(await store.find(publicLine("rsa-locked"))).toEqual(key);
    await expect(store.add(publicLine("rsa-locked"), "again")).rejects.toMatchObject({ code: "encryption.keyExists" });
    const isKnown = (recipient: string) => recipient === key.recipient;
    const other = tryKit(readFileSync(file("other")), nobody, isKnown);
    await expect(other).rejects.toMatchObject({ code: "encryption.keyNotFound" });
    const tried = await tryKit(readFileSync(file("rsa-locked")), async () => new Secret(passphrase), isKnown);
    expect(tried.recipient).toBe(key.recipient);
    await expect(createRecoveryKit(key, tried.identity, new Secret("several words"))).rejects.toMatchObject({
      code: "encryption.kitNotNeeded",
    });
    expect(readFileSync(home.keysFile, "utf8")).not.toContain("PRIVATE");
    // Taken in, it opens what is for it, and proves manifests as the file itself does.
    await store.adopt(tried.identity, "laptop");
    const sealed = await encryptBytes(Buffer.from("hello"), { recipients: [key.recipient] });
    const known = openKeyRing({ home, env: {}, secrets });
    expect(Buffer.from(await decryptBytes(sealed, (header) => known.unlock(header))).toString()).toBe("hello");
    expect(await known.proofKeyOf(key.recipient)).toEqual(deriveProofKey(tried.identity));
    expect(await ring("rsa-locked", passphrase).proofKeyOf(key.recipient)).toEqual(deriveProofKey(tried.identity));
  });
});
