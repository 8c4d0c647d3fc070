import { createPublicKey, type KeyObject } from "node:crypto";
import { AppError } from "../../shared/error/app-error.ts";

/** An SSH public key that age encrypts for. */
export interface SshPublicKey {
  readonly type: "ssh-ed25519" | "ssh-rsa";
  /** As SSH sends it over the wire (RFC 4253, section 6.6), which is what the line has in base64. */
  readonly blob: Uint8Array;
  readonly key: KeyObject;
}

/** The two kinds that can be encrypted for; in an authorized_keys line options may stand before. */
const keyInLine = /(?:^|\s)(ssh-ed25519|ssh-rsa) +([A-Za-z0-9+/]{40,}={0,2})(?:\s|$)/;
const otherKinds = /(?:^|\s)(?:ecdsa-sha2-|sk-(?:ssh|ecdsa)-|ssh-dss|ssh-(?:rsa|ed25519)-cert-)/;
/** age refuses shorter ones too. */
const leastRsaBits = 2048;

/** Whether a recipient is an SSH key, not an age one. */
export function isSshRecipient(recipient: string): boolean {
  return recipient.startsWith("ssh-");
}

/** Whether a line is meant as an SSH public key, whatever is wrong with it. */
export function looksLikeSshKey(line: string): boolean {
  return keyInLine.test(line) || otherKinds.test(line) || isSshRecipient(line);
}

/**
 * The key of a `.pub` file's or authorized_keys line.
 * @throws encryption.badRecipient with the reason
 */
export async function parseSshRecipient(line: string): Promise<SshPublicKey> {
  const [, type, base64] = keyInLine.exec(line) ?? [];
  if (otherKinds.test(line) && type === undefined)
    throw bad("Nobody can encrypt for an SSH key of this kind: it only signs.");
  if (type !== "ssh-ed25519" && type !== "ssh-rsa") throw bad(`${shown(line)} is not an SSH public key.`);
  const { parsePublicKey } = await import("../ssh/key-formats.ts");
  const parsed = parsePublicKey(`${type} ${base64}`);
  if (parsed?.type !== type) throw bad(`${shown(line)} is not an SSH public key.`);
  const { blob } = parsed;
  let key: KeyObject;
  try {
    key = createPublicKey(parsed.pem);
    const { curve25519Of } = await import("./ssh-stanza.ts");
    if (type === "ssh-ed25519") curve25519Of(key);
  } catch {
    throw bad(`${shown(line)} is not an SSH public key.`);
  }
  const bits = key.asymmetricKeyDetails?.modulusLength ?? leastRsaBits;
  if (bits < leastRsaBits) throw bad(`An RSA key of ${bits} bits is too short to protect a backup.`);
  return { type, blob, key };
}

/** As it stands in requests, manifests and lists: without options and comment. */
export function writeSshRecipient({ type, blob }: Pick<SshPublicKey, "type" | "blob">): string {
  return `${type} ${Buffer.from(blob).toString("base64")}`;
}

function shown(line: string): string {
  return JSON.stringify(line.slice(0, 60));
}

function bad(message: string): AppError {
  return new AppError("encryption.badRecipient", message, {
    hint: "Use the .pub file of an ssh-ed25519 key, or of an ssh-rsa key of 2048 bits or more.",
  });
}
