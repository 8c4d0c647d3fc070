import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { openSource } from "../../../electron/archives/open-source.ts";
import { isGpgMessage } from "../../../electron/encryption/gpg-message.ts";
import { resolveGpgRecipient } from "../../../electron/encryption/gpg-recipients.ts";
import { openGpgSink } from "../../../electron/encryption/gpg-sink.ts";
import { judgeDecryption } from "../../../electron/encryption/gpg-status.ts";
import { type KeyRing, openKeyRing } from "../../../electron/encryption/key-ring.ts";
import { locateHome } from "../../../electron/home.ts";
import { createMemoryStore } from "../../../electron/secrets/memory.ts";
import { Secret } from "../../../electron/secrets/secret.ts";
import { gpgInstallHint } from "../../../electron/tools/install-hint.ts";
import { AppError } from "../../../shared/error/app-error.ts";
import { gpgCommand, openKeyring, type TestKeyring } from "../../helpers/gpg.ts";

const passphrase = "four words nobody guesses";

describe("an OpenPGP message", () => {
  it("is told by its first bytes, whatever its name", () => {
    const ecdh = Buffer.from("845e03cb1c83e13a188e8c120107401600", "hex");
    const symmetric = Buffer.from("8c0d0409030 2f5ecb70bffd2".replaceAll(" ", ""), "hex");
    const newFormat = Buffer.from("c15e03cb1c83e13a188e8c1201", "hex");
    // GnuPG's own version 5, and version 6 of RFC 9580 (sections 5.3.2 and 5.1.2).
    const version5 = Buffer.from("8c2e050902030856a298d2f5e36453ff", "hex");
    const passphrase6 = Buffer.from("c340061e0702 0b0308e9d39785b2070008ff".replaceAll(" ", ""), "hex");
    const key6 = Buffer.from("c15d06210612c83f1e706f6308fe151a41777a1f033790e93e9978488d1db378da9930885219", "hex");
    for (const start of [
      ecdh,
      symmetric,
      newFormat,
      version5,
      passphrase6,
      key6,
      Buffer.from("-----BEGIN PGP MESSAGE-----\n\nhF4D"),
    ])
      expect(isGpgMessage(start)).toBe(true);
    for (const start of [
      "",
      "PGDMP",
      "--\n-- PostgreSQL database dump",
      "-----BEGIN PGP SIGNATURE-----",
      "\u0085\u0001",
    ])
      expect(isGpgMessage(Buffer.from(start, "latin1"))).toBe(false);
    // Damaged bytes that have the packet's kind and version, and then no algorithm that there is.
    for (const start of ["8c6e0501fdc608d4", "8c6e061a63", "845e0615", "845e0315031c83e13a188e8c63"])
      expect(isGpgMessage(Buffer.from(start, "hex")), start).toBe(false);
    expect(isGpgMessage(gzipSync("x"))).toBe(false);
    expect(isGpgMessage(Buffer.from("28b52ffd0458", "hex"))).toBe(false);
  });

  it("is worth nothing where gpg does not say that it is whole", () => {
    const good = "[GNUPG:] DECRYPTION_OKAY\n[GNUPG:] GOODMDC\n";
    expect(judgeDecryption(0, good)).toBe("whole");
    for (const [code, text] of [
      [2, good],
      [0, ""],
      [0, "[GNUPG:] DECRYPTION_OKAY\n"],
      [0, `${good}[GNUPG:] BADMDC\n`],
    ] as const)
      expect(judgeDecryption(code, text)).toMatchObject({ code: "archive.damaged" });
  });
});

const on = (ID: string, isRoot = false) =>
  gpgInstallHint({ platform: "linux", osRelease: { ID }, arch: "x86_64", isRoot });

it("names the command that installs gpg", () => {
  expect(on("debian")).toBe("Install it with: sudo apt-get install -y gnupg");
  expect(on("fedora", true)).toBe("Install it with: dnf install -y gnupg2");
  expect(on("plan9")).toContain("gnupg.org");
});

describe.skipIf(gpgCommand !== "run")(`gpg files: ${gpgCommand}`, () => {
  let keyring: TestKeyring;
  let folder: string;
  let plain: Buffer;
  const fingerprints: Record<string, string> = {};
  const home = () => locateHome({ LIFEBOAT_HOME: join(folder, "home") });

  beforeAll(() => {
    keyring = openKeyring();
    fingerprints["open"] = keyring.makeKey("open", null);
    fingerprints["locked"] = keyring.makeKey("locked", passphrase);
    plain = Buffer.concat([Buffer.from("PGDMP"), randomBytes(500_000)]);
  }, 60_000);
  afterAll(() => keyring.stop());
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "lb-gpg-files-"));
    mkdirSync(join(folder, "tmp"));
    vi.stubEnv("TMPDIR", join(folder, "tmp"));
    keyring.forget();
  });
  afterEach(() => {
    // Whatever happened, nothing that was decrypted is left.
    const left = readdirSync(join(folder, "tmp"));
    if (left.length > 0) throw new Error(`left: ${left.join(", ")}`);
    vi.unstubAllEnvs();
    rmSync(folder, { recursive: true });
  });

  const seal = (...args: string[]) =>
    keyring.run(["--trust-model", "always", "--passphrase", passphrase, ...args], plain);
  const sealFor = (name: string, ...args: string[]) => seal("-r", fingerprints[name] ?? "", ...args, "-e");
  const ring = (env: Record<string, string> = {}, typed: string | null = null): KeyRing =>
    openKeyRing({
      home: home(),
      env: { ...keyring.env, ...env },
      secrets: createMemoryStore(),
      ask: async () => (typed === null ? null : new Secret(typed)),
    });
  async function open(bytes: Uint8Array, keys = ring()): Promise<Buffer> {
    const path = join(folder, "a.file");
    writeFileSync(path, bytes);
    const source = await openSource(path, keys);
    try {
      expect(source).toMatchObject({ isEncrypted: true, isFile: false, isUnpacked: true });
      return Buffer.from(await source.read(0, source.sizeBytes));
    } finally {
      await source.close();
    }
  }

  it("open with the user's keyring: binary, armoured, signed too, under a passphrase", async () => {
    for (const bytes of [sealFor("open"), sealFor("open", "--armor"), sealFor("open", "-u", "open@example.org", "-s")])
      expect((await open(bytes)).equals(plain)).toBe(true);
    expect((await open(seal("-c"), ring({ LIFEBOAT_PASSPHRASE: passphrase }))).equals(plain)).toBe(true);
  });

  it("ask for a locked key's passphrase, where the agent does not remember it", async () => {
    const bytes = sealFor("locked");
    keyring.forget();
    await expect(open(bytes)).rejects.toMatchObject({ code: "encryption.passphraseMissing" });
    await expect(open(bytes, ring({}, "another"))).rejects.toMatchObject({ code: "encryption.wrongPassphrase" });
    const wrongFirst = ring({ LIFEBOAT_PASSPHRASE: "another" }, passphrase);
    expect((await open(bytes, wrongFirst)).equals(plain)).toBe(true);
    // The agent remembers it now.
    expect((await open(bytes)).equals(plain)).toBe(true);
    await expect(open(seal("-c"), ring({ LIFEBOAT_PASSPHRASE: "another" }))).rejects.toMatchObject({
      code: "encryption.wrongPassphrase",
    });
  });

  it("say that there is no secret key, and for which they are", async () => {
    const other = openKeyring();
    try {
      await expect(open(sealFor("open"), ring({ GNUPGHOME: other.home }))).rejects.toMatchObject({
        code: "archive.keyMissing",
        detail: expect.stringMatching(/[0-9A-F]{16}/),
        hint: expect.stringContaining("gpg --import"),
      });
    } finally {
      other.stop();
    }
  });

  it("that were changed or cut give nothing, however much came before", async () => {
    const damaged = { code: "archive.damaged" };
    for (const bytes of [sealFor("open"), sealFor("open", "--armor"), sealFor("open", "-z", "0")]) {
      const changed = Buffer.from(bytes);
      const at = changed.length - 5000;
      changed[at] = changed[at] === 65 ? 66 : 65;
      await expect(open(changed)).rejects.toMatchObject(damaged);
      await expect(open(bytes.subarray(0, bytes.length - 40_000))).rejects.toMatchObject(damaged);
      await expect(open(bytes.subarray(0, 300))).rejects.toMatchObject(damaged);
    }
    const unprotected = sealFor("open", "--rfc2440", "--disable-mdc");
    await expect(open(unprotected)).rejects.toMatchObject({
      ...damaged,
      message: expect.stringContaining("without protection"),
    });
  });

  it("without gpg say how it is installed", async () => {
    const path = join(folder, "a.file");
    writeFileSync(path, sealFor("open"));
    await expect(openSource(path, ring({ PATH: folder }))).rejects.toMatchObject({
      code: "tool.missing",
      hint: expect.stringContaining("gn"),
    });
    await expect(openSource(path, undefined)).rejects.toMatchObject({ code: "archive.keyMissing" });
  });

  it("name a key by its one fingerprint, and none that is not known to be its owner's", async () => {
    const { env } = keyring;
    expect(await resolveGpgRecipient("open@example.org", env)).toBe(fingerprints["open"]);
    expect(await resolveGpgRecipient(fingerprints["locked"]?.toLowerCase() ?? "", env)).toBe(fingerprints["locked"]);
    const refused = (text: string, from = env) => resolveGpgRecipient(text, from);
    const code = "encryption.badRecipient";
    await expect(refused("nobody@example.org")).rejects.toMatchObject({
      code,
      hint: expect.stringContaining("import"),
    });
    await expect(refused("example.org")).rejects.toMatchObject({
      code,
      message: expect.stringContaining("2 public keys"),
    });
    await expect(refused("--version")).rejects.toMatchObject({ code });
    const other = openKeyring();
    try {
      other.run(["--import"], keyring.run(["--export", fingerprints["open"] ?? ""]));
      await expect(refused("open@example.org", other.env)).rejects.toMatchObject({
        code,
        hint: expect.stringContaining(fingerprints["open"] ?? "-"),
      });
      expect(await refused(fingerprints["open"] ?? "", other.env)).toBe(fingerprints["open"]);
      other.run(["--quick-gen-key", "--passphrase", "", "signs@example.org", "ed25519", "sign", "never"]);
      await expect(refused("signs@example.org", other.env)).rejects.toMatchObject({
        code,
        message: expect.stringContaining("Nobody can encrypt"),
      });
    } finally {
      other.stop();
    }
  });

  it("are written for several keys, and fail with what takes them", async () => {
    const parts: Uint8Array[] = [];
    const both = [fingerprints["open"] ?? "", fingerprints["locked"] ?? ""];
    const sink = await openGpgSink({ write: async (bytes) => void parts.push(bytes) }, both, keyring.env);
    for (let at = 0; at < plain.length; at += 70_000) await sink.write(plain.subarray(at, at + 70_000));
    await sink.end();
    const file = Buffer.concat(parts);
    expect(isGpgMessage(file)).toBe(true);
    expect(keyring.run(["--passphrase", passphrase, "--decrypt"], file).equals(plain)).toBe(true);
    writeFileSync(join(folder, "listed"), file);
    const packets = execFileSync("gpg", ["--batch", "--list-packets", join(folder, "listed")], {
      env: keyring.env,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
    expect(packets.match(/^:pubkey enc packet:/gm)).toHaveLength(2);

    const full = new AppError("storage.full", "There is no room.");
    const failing = await openGpgSink({ write: () => Promise.reject(full) }, both, keyring.env);
    const writing = async () => {
      for (let at = 0; at < 100; at += 1) await failing.write(plain.subarray(0, 400_000));
      await failing.end();
    };
    await expect(writing()).rejects.toBe(full);

    const unknown = await openGpgSink({ write: async () => {} }, ["A".repeat(40)], keyring.env);
    await expect(
      (async () => {
        for (let at = 0; at < 20; at += 1) await unknown.write(plain);
        await unknown.end();
      })(),
    ).rejects.toMatchObject({ code: "encryption.badRecipient" });
    const ended = await openGpgSink({ write: async () => {} }, both, keyring.env);
    await ended.write(plain);
    await ended.discard();
  });

  it("are opened with no passphrase in argv or environment, and with nothing of ours in it", async () => {
    const real = execFileSync("sh", ["-c", "command -v gpg"], { encoding: "utf8" }).trim();
    const seen = join(folder, "seen");
    writeFileSync(join(folder, "gpg"), `#!/bin/sh\n{ echo "$@"; env; } >>'${seen}'\nexec '${real}' "$@"\n`, {
      mode: 0o755,
    });
    const keys = ring({ PATH: folder, LIFEBOAT_PASSPHRASE: passphrase, PGPASSWORD: "of the database" });
    expect((await open(sealFor("locked"), keys)).equals(plain)).toBe(true);
    const told = readFileSync(seen, "utf8");
    expect(told).toContain("--passphrase-fd 3");
    expect(told).toContain(`GNUPGHOME=${keyring.home}`);
    expect(told).not.toMatch(/four words|of the database|LIFEBOAT/);
  });
});
