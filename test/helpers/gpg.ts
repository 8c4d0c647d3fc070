import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { requirement } from "./requirement.ts";

/** The real gpg, both the tool under test and its oracle. `run` or why tests of it are skipped. */
export const gpgCommand = requirement(
  "the gpg command",
  ["gpg", "gpgconf"].every((name) => spawnSync(name, ["--version"]).status === 0),
  "apt install gnupg",
);

/** A throw-away keyring with an agent of its own. */
export interface TestKeyring {
  /** What GNUPGHOME is to be. */
  readonly home: string;
  readonly env: Readonly<Record<string, string>>;
  /** `gpg …`; throws with its stderr when it fails. */
  run(args: readonly string[], input?: Uint8Array): Buffer;
  /** Makes a key that signs and encrypts, and gives its fingerprint. @param passphrase null: it has none */
  makeKey(name: string, passphrase: string | null): string;
  /** Makes the agent forget every passphrase. */
  forget(): void;
  /** Ends the agent and removes the keyring. */
  stop(): void;
}

export function openKeyring(): TestKeyring {
  // Short: the agent's socket lies in it, and the path of one has 108 bytes.
  const home = mkdtempSync(join(tmpdir(), "lb-gpg-"));
  const env = { PATH: process.env["PATH"] ?? "", HOME: home, GNUPGHOME: home, LC_ALL: "C" };
  const run = (args: readonly string[], input: Uint8Array = new Uint8Array(0)): Buffer =>
    execFileSync("gpg", ["--batch", "--no-tty", "--pinentry-mode", "loopback", ...args], {
      env,
      input,
      maxBuffer: 1 << 30,
      stdio: ["pipe", "pipe", "pipe"],
    });
  return {
    home,
    env,
    run,
    makeKey(name, passphrase) {
      const secret = passphrase === null ? ["%no-protection"] : [`Passphrase: ${passphrase}`];
      const lines = [
        "Key-Type: eddsa",
        "Key-Curve: ed25519",
        "Subkey-Type: ecdh",
        "Subkey-Curve: cv25519",
        `Name-Real: ${name}`,
        `Name-Email: ${name}@example.org`,
        "Expire-Date: 0",
        ...secret,
        "%commit",
      ];
      run(["--gen-key"], Buffer.from(`${lines.join("\n")}\n`));
      const listing = run(["--with-colons", "--list-keys", `${name}@example.org`]).toString();
      return /^fpr:{9}([0-9A-F]+):/m.exec(listing)?.[1] ?? "";
    },
    forget() {
      execFileSync("gpgconf", ["--reload", "gpg-agent"], { env, stdio: "ignore" });
    },
    stop() {
      execFileSync("gpgconf", ["--kill", "all"], { env, stdio: "ignore" });
      rmSync(home, { recursive: true, force: true });
    },
  };
}
