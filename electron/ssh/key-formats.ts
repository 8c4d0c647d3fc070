import ssh2, { type ParsedKey } from "ssh2";
import type { Secret } from "../secrets/secret.ts";

/** SSH keys as their files hold them, by ssh2's reader: OpenSSH's format, older PEM, and public lines. */

/** What a private key's file came to. `locked`: under a passphrase that is not given, or another one. */
export type PrivateKeyFile =
  | { readonly state: "open" /** PKCS #1 or #8. */; readonly pem: string; readonly type: string }
  | { readonly state: "locked" }
  | { readonly state: "unusable"; readonly reason: string };

/** Reads a private key; throws nothing. */
export function parsePrivateKey(file: Buffer, passphrase?: Secret): PrivateKeyFile {
  const parsed = parse(file, passphrase);
  if (!(parsed instanceof Error)) {
    if (!parsed.isPrivateKey()) return { state: "unusable", reason: "It is a public key." };
    return { state: "open", pem: parsed.getPrivatePEM(), type: parsed.type };
  }
  const isLocked = /encrypted|passphrase/i.test(parsed.message);
  return isLocked || passphrase !== undefined ? { state: "locked" } : { state: "unusable", reason: parsed.message };
}

/** A public key's line, `ssh-ed25519 AAAA… comment`; null where it is none that ssh2 knows. */
export function parsePublicKey(line: string): { type: string; blob: Buffer; pem: string } | null {
  const parsed = parse(Buffer.from(line));
  if (parsed instanceof Error || parsed.isPrivateKey()) return null;
  return { type: parsed.type, blob: parsed.getPublicSSH(), pem: parsed.getPublicPEM() };
}

function parse(text: Buffer, passphrase?: Secret): ParsedKey | Error {
  try {
    const parsed: ParsedKey | ParsedKey[] | Error = ssh2.utils.parseKey(text, passphrase?.reveal());
    // Its types do not say that a file with several keys gives all of them.
    return Array.isArray(parsed) ? (parsed[0] ?? new Error("It holds no key.")) : parsed;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}
