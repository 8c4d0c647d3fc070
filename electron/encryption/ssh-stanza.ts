import {
  constants,
  createHash,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  hkdfSync,
  type KeyObject,
  privateDecrypt,
  publicEncrypt,
} from "node:crypto";
import { ed25519 } from "@noble/curves/ed25519.js";
import { openChunk, sealChunk } from "./payload.ts";
import type { SshPublicKey } from "./ssh-recipient.ts";

/**
 * The file key of an age file wrapped for an SSH key, as age's own agessh package does it (FiloSottile/age,
 * agessh/agessh.go). The stanza names the key by the first four bytes of a hash, so unlike with an age key a file shows
 * for whom it is, and a stanza of one's own that does not open is damage.
 */
export interface SshStanza {
  readonly args: readonly string[];
  readonly body: Uint8Array;
}

const ed25519Label = "age-encryption.org/v1/ssh-ed25519";
const rsaLabel = "age-encryption.org/v1/ssh-rsa";
const fileKeyBytes = 16;

/** `curve25519` is the key as an X25519 one. Throws where it is no point of the curve. */
export function curve25519Of(publicKey: KeyObject): Uint8Array {
  return ed25519.utils.toMontgomery(Buffer.from(publicKey.export({ format: "jwk" }).x ?? "", "base64url"));
}

export function wrapForSsh(to: SshPublicKey, fileKey: Uint8Array): SshStanza {
  const tag = tagOf(to.blob);
  if (to.type === "ssh-rsa") {
    const body = publicEncrypt({ key: to.key, ...oaep }, fileKey);
    return { args: ["ssh-rsa", tag], body };
  }
  const theirs = curve25519Of(to.key);
  const ephemeral = generateKeyPairSync("x25519");
  const share = rawPublic(ephemeral.publicKey);
  const shared = diffieHellman({ privateKey: ephemeral.privateKey, publicKey: x25519Public(theirs) });
  const key = ed25519WrappingKey(shared, to.blob, share, theirs);
  return {
    args: ["ssh-ed25519", tag, Buffer.from(share).toString("base64").replaceAll("=", "")],
    body: Buffer.concat(sealChunk(key, 0, false, [fileKey])),
  };
}

/**
 * The file key out of the stanza that names this key; null where none does.
 * @throws Error where one does and does not open: it was changed, or is of another key whose name is the same by chance
 */
export function unwrapWithSsh(
  privateKey: KeyObject,
  own: SshPublicKey,
  stanzas: readonly SshStanza[],
): Uint8Array | null {
  const tag = tagOf(own.blob);
  const stanza = stanzas.find(({ args }) => args[0] === own.type && args[1] === tag);
  if (stanza === undefined) return null;
  if (own.type === "ssh-rsa") {
    if (stanza.args.length !== 2) throw new Error("ssh-rsa stanza");
    return checked(privateDecrypt({ key: privateKey, ...oaep }, stanza.body));
  }
  const share = Buffer.from(stanza.args[2] ?? "", "base64");
  if (stanza.args.length !== 3 || share.length !== 32) throw new Error("ssh-ed25519 stanza");
  const secret = x25519Private(ed25519.utils.toMontgomerySecret(seedOf(privateKey)));
  const shared = diffieHellman({ privateKey: secret, publicKey: x25519Public(share) });
  const key = ed25519WrappingKey(shared, own.blob, share, rawPublic(createPublicKey(secret)));
  return checked(openChunk(key, 0, false, stanza.body));
}

const oaep = {
  padding: constants.RSA_PKCS1_OAEP_PADDING,
  oaepHash: "sha256",
  oaepLabel: Buffer.from(rsaLabel),
};

function checked(fileKey: Uint8Array | null): Uint8Array {
  if (fileKey?.length !== fileKeyBytes) throw new Error("the stanza for this SSH key does not open");
  return fileKey;
}

function tagOf(blob: Uint8Array): string {
  return createHash("sha256").update(blob).digest().subarray(0, 4).toString("base64").replaceAll("=", "");
}

/** The shared secret is tied to the very SSH key by a second factor that is made of its public half. */
function ed25519WrappingKey(shared: Uint8Array, blob: Uint8Array, share: Uint8Array, theirs: Uint8Array): Uint8Array {
  const tweak = new Uint8Array(hkdfSync("sha256", "", blob, ed25519Label, 32));
  const tied = diffieHellman({ privateKey: x25519Private(tweak), publicKey: x25519Public(shared) });
  return new Uint8Array(hkdfSync("sha256", tied, Buffer.concat([share, theirs]), ed25519Label, 32));
}

/** The DER before the 32 bytes of a key (RFC 8410, sections 4 and 7). */
const x25519PublicStart = Buffer.from("302a300506032b656e032100", "hex");
const x25519PrivateStart = Buffer.from("302e020100300506032b656e04220420", "hex");

function x25519Public(bytes: Uint8Array): KeyObject {
  return createPublicKey({ key: Buffer.concat([x25519PublicStart, bytes]), format: "der", type: "spki" });
}

function x25519Private(bytes: Uint8Array): KeyObject {
  return createPrivateKey({ key: Buffer.concat([x25519PrivateStart, bytes]), format: "der", type: "pkcs8" });
}

function rawPublic(key: KeyObject): Uint8Array {
  return Buffer.from(key.export({ format: "jwk" }).x ?? "", "base64url");
}

function seedOf(privateKey: KeyObject): Uint8Array {
  return Buffer.from(privateKey.export({ format: "jwk" }).d ?? "", "base64url");
}
