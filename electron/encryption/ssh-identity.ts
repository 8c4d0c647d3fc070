import { createPrivateKey, createPublicKey, type KeyObject } from "node:crypto";
import { AppError } from "../../shared/error/app-error.ts";
import { Secret } from "../secrets/secret.ts";
import { type SshPublicKey, writeSshRecipient } from "./ssh-recipient.ts";
import { type SshStanza, unwrapWithSsh } from "./ssh-stanza.ts";

/**
 * SSH private keys as identities. Wherever one is passed on it is a `Secret` with its PKCS #8 PEM, not under a passphrase:
 * an identity's text, like `AGE-SECRET-KEY-1…`.
 */
const privateKeyStart = /^-----BEGIN (?:(?:OPENSSH|RSA|EC|DSA|ENCRYPTED) )?PRIVATE KEY-----/m;

export function isSshIdentity(identity: Secret): boolean {
  return privateKeyStart.test(identity.reveal());
}

/** Whether a file is a private key of SSH's, locked or not. */
export function isSshKeyFile(bytes: Uint8Array): boolean {
  return privateKeyStart.test(Buffer.from(bytes.subarray(0, 4096)).toString("latin1"));
}

/**
 * The identity in a private key's file: OpenSSH's own format, older PEM, PKCS #8.
 * @param passphrase asked only where the file is under one
 * @throws encryption.identityInvalid, encryption.passphraseMissing, encryption.wrongPassphrase
 */
export async function readSshIdentity(bytes: Uint8Array, passphrase: () => Promise<Secret | null>): Promise<Secret> {
  const file = Buffer.from(bytes);
  const pem = /-----BEGIN (?:ENCRYPTED )?PRIVATE KEY-----/.test(file.toString("latin1"))
    ? await openPkcs8(file, passphrase)
    : await openSshFile(file, passphrase);
  const key = createPrivateKey(pem);
  if (key.asymmetricKeyType !== "ed25519" && key.asymmetricKeyType !== "rsa") throw unusable("");
  return new Secret(key.export({ type: "pkcs8", format: "pem" }).toString());
}

async function openSshFile(file: Buffer, passphrase: () => Promise<Secret | null>): Promise<string> {
  const { parsePrivateKey } = await import("../ssh/key-formats.ts");
  let parsed = parsePrivateKey(file);
  if (parsed.state === "locked") parsed = parsePrivateKey(file, await ask(passphrase));
  if (parsed.state === "locked") throw wrongPassphrase();
  if (parsed.state === "unusable") throw unusable(parsed.reason);
  if (parsed.type !== "ssh-ed25519" && parsed.type !== "ssh-rsa") throw unusable(parsed.type);
  return parsed.pem;
}

async function openPkcs8(file: Buffer, passphrase: () => Promise<Secret | null>): Promise<string> {
  const isLocked = file.includes("BEGIN ENCRYPTED");
  const secret = isLocked ? await ask(passphrase) : null;
  try {
    const key = createPrivateKey({ key: file, ...(secret === null ? {} : { passphrase: secret.reveal() }) });
    return key.export({ type: "pkcs8", format: "pem" }).toString();
  } catch (error) {
    throw isLocked ? wrongPassphrase() : unusable(error instanceof Error ? error.message : "");
  }
}

async function ask(passphrase: () => Promise<Secret | null>): Promise<Secret> {
  const given = await passphrase();
  // An empty one is no answer: no key is under it.
  if (given !== null && given.reveal() !== "") return given;
  throw new AppError("encryption.passphraseMissing", "The SSH private key is under a passphrase.");
}

function wrongPassphrase(): AppError {
  return new AppError("encryption.wrongPassphrase", "The passphrase is not the one of the SSH private key.", {
    hint: "Enter the passphrase again: the one of the key itself.",
  });
}

function unusable(detail: string): AppError {
  return new AppError("encryption.identityInvalid", "This SSH private key cannot open backups.", {
    detail: detail || undefined,
    hint: "Use an ssh-ed25519 or ssh-rsa key. Keys of security keys, ECDSA and DSA only sign.",
  });
}

/** The public half of an identity, `ssh-ed25519 AAAA…`. */
export function sshRecipientOf(identity: Secret): string {
  return writeSshRecipient(publicHalf(createPrivateKey(identity.reveal())));
}

/** As unwrapWithSsh. */
export function unwrapBySshIdentity(identity: Secret, stanzas: readonly SshStanza[]): Uint8Array | null {
  const key = createPrivateKey(identity.reveal());
  return unwrapWithSsh(key, publicHalf(key), stanzas);
}

/** PKCS #8 DER, of which one key has but one. */
export function sshIdentityBytes(identity: Secret): Buffer {
  return createPrivateKey(identity.reveal()).export({ type: "pkcs8", format: "der" });
}

function publicHalf(privateKey: KeyObject): SshPublicKey {
  const key = createPublicKey(privateKey);
  const { x = "", n = "", e = "" } = key.export({ format: "jwk" });
  if (key.asymmetricKeyType === "ed25519")
    return { type: "ssh-ed25519", key, blob: blobOf("ssh-ed25519", Buffer.from(x, "base64url")) };
  return { type: "ssh-rsa", key, blob: blobOf("ssh-rsa", mpint(e), mpint(n)) };
}

/** Strings behind their lengths (RFC 4251, section 5). */
function blobOf(type: string, ...parts: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat(
    [Buffer.from(type), ...parts].flatMap((part) => {
      const length = Buffer.alloc(4);
      length.writeUInt32BE(part.length);
      return [length, part];
    }),
  );
}

/** A positive number begins with a zero bit. */
function mpint(base64url: string): Uint8Array {
  const bytes = Buffer.from(base64url, "base64url");
  return (bytes[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.alloc(1), bytes]) : bytes;
}
