import { randomBytes } from "node:crypto";
import {
  armor,
  Decrypter,
  Encrypter,
  generateX25519Identity,
  identityToRecipient,
  type Recipient,
  Stanza,
} from "age-encryption";
import { AppError } from "../../shared/error/app-error.ts";
import { Secret } from "../secrets/secret.ts";
import { openChunk, sealChunk } from "./payload.ts";
import { deriveScryptKey, scryptLogN } from "./scrypt-key.ts";
import { isSshIdentity, sshRecipientOf, unwrapBySshIdentity } from "./ssh-identity.ts";
import { isSshRecipient, looksLikeSshKey, parseSshRecipient, writeSshRecipient } from "./ssh-recipient.ts";
import { wrapForSsh } from "./ssh-stanza.ts";

/** The one door to the age-encryption package: identities, and the header of an age file with its recipient stanzas. */

/** Whom a file is encrypted for: public recipients, or whoever knows a passphrase (age allows no mixture). */
export type EncryptFor =
  | { readonly recipients: readonly string[] }
  | { readonly passphrase: Secret /** Of scrypt; only tests take less than the usual. */; readonly logN?: number };

/** What may open a file. */
export interface DecryptWith {
  readonly identities: readonly Secret[];
  /** Asked only where the file is encrypted with a passphrase; null where there is nobody to ask. */
  readonly passphrase: () => Promise<Secret | null>;
}

/** A new X25519 identity, `AGE-SECRET-KEY-1…`. */
export async function createIdentity(): Promise<Secret> {
  return new Secret(await generateX25519Identity());
}

/** The public recipient of an identity, `age1…` or `ssh-…`. Throws encryption.identityInvalid. */
export async function recipientOf(identity: Secret): Promise<string> {
  try {
    if (isSshIdentity(identity)) return sshRecipientOf(identity);
    return await identityToRecipient(identity.reveal());
  } catch {
    throw new AppError("encryption.identityInvalid", "This is not an age identity.");
  }
}

/**
 * A recipient as it is kept: `age1…`, or an SSH public key without options and comment. Says nothing of whether anybody has
 * the identity.
 * @throws encryption.badRecipient with the reason
 */
export async function checkRecipient(recipient: string): Promise<string> {
  if (looksLikeSshKey(recipient)) return writeSshRecipient(await parseSshRecipient(recipient));
  try {
    new Encrypter().addRecipient(recipient);
    return recipient;
  } catch {
    throw new AppError(
      "encryption.badRecipient",
      `${JSON.stringify(recipient.slice(0, 100))} is not an age recipient.`,
    );
  }
}

/**
 * A new file key and the age header that holds it, wrapped for each recipient. Throws encryption.badRecipient.
 */
export async function wrapFileKey(to: EncryptFor): Promise<{ header: Uint8Array; fileKey: Uint8Array }> {
  const encrypter = new Encrypter();
  if ("passphrase" in to) encrypter.addRecipient(scryptRecipient(to.passphrase, to.logN ?? scryptLogN));
  else
    for (const recipient of to.recipients) {
      // oxlint-disable-next-line no-await-in-loop -- in their order
      const checked = await checkRecipient(recipient);
      // oxlint-disable-next-line no-await-in-loop -- in their order
      encrypter.addRecipient(isSshRecipient(checked) ? await sshRecipient(checked) : checked);
    }
  const found: Uint8Array[] = [];
  encrypter.addRecipient({
    wrapFileKey(fileKey) {
      found.push(fileKey.slice());
      return [];
    },
  });
  const file = await encrypter.encrypt(new Uint8Array(0));
  const [fileKey] = found;
  if (fileKey === undefined) throw new Error("age-encryption made no file key");
  // Behind the header are a nonce and the tag of an empty payload. Ours gets a nonce, and so a key, of its own.
  return { header: file.subarray(0, file.length - 32), fileKey };
}

async function sshRecipient(recipient: string): Promise<Recipient> {
  const to = await parseSshRecipient(recipient);
  return {
    wrapFileKey(fileKey) {
      const { args, body } = wrapForSsh(to, fileKey);
      return [new Stanza([...args], body)];
    },
  };
}

function scryptRecipient(passphrase: Secret, logN: number): Recipient {
  return {
    async wrapFileKey(fileKey) {
      const salt = randomBytes(16);
      const key = await deriveScryptKey(passphrase, salt, logN);
      return [new Stanza(["scrypt", toBase64(salt), String(logN)], sealFileKey(fileKey, key))];
    },
  };
}

/**
 * The file key out of an age header (its bytes up to and with the line of its MAC), which is authenticated by it.
 * Throws archive.keyMissing where nothing fits, encryption.wrongPassphrase, encryption.passphraseMissing,
 * archive.damaged.
 */
export async function unwrapFileKey(header: Uint8Array, { identities, passphrase }: DecryptWith): Promise<Uint8Array> {
  const decrypter = new Decrypter();
  for (const identity of identities)
    decrypter.addIdentity(
      isSshIdentity(identity)
        ? { unwrapFileKey: (stanzas: readonly Stanza[]) => unwrapBySshIdentity(identity, stanzas) }
        : identity.reveal(),
    );
  const unmatched: { kinds: readonly string[] | null } = { kinds: null };
  decrypter.addIdentity({ unwrapFileKey: (stanzas: readonly Stanza[]) => unwrapScrypt(stanzas, passphrase) });
  // Asked last, so it is asked only where all before it had nothing that fits.
  decrypter.addIdentity({
    unwrapFileKey(stanzas: readonly Stanza[]) {
      unmatched.kinds = stanzas.map((stanza) => stanza.args[0] ?? "");
      return null;
    },
  });
  try {
    return await decrypter.decryptHeader(header);
  } catch (error) {
    if (error instanceof AppError) throw error;
    if (unmatched.kinds !== null) throw keyMissing(unmatched.kinds, identities.length);
    throw new AppError("archive.damaged", "The beginning of the encrypted file was changed or damaged.", {
      detail: error instanceof Error ? error.message : undefined,
    });
  }
}

/** As a stanza holds it: sealed with a nonce of zeros, which is that of a payload's first chunk. The key serves it alone. */
function sealFileKey(fileKey: Uint8Array, key: Uint8Array): Uint8Array {
  return Buffer.concat(sealChunk(key, 0, false, [fileKey]));
}

async function unwrapScrypt(stanzas: readonly Stanza[], ask: () => Promise<Secret | null>): Promise<Uint8Array | null> {
  const [stanza] = stanzas;
  const [kind, salt = "", logN = ""] = stanza?.args ?? [];
  if (stanza === undefined || kind !== "scrypt") return null;
  if (stanzas.length > 1 || stanza.args.length !== 3 || !/^[1-9]\d?$/.test(logN)) throw new Error("scrypt stanza");
  if (Number(logN) > 20)
    throw new AppError(
      "archive.limitExceeded",
      "The file asks for more work on its passphrase than any real one does.",
    );
  const passphrase = await ask();
  if (passphrase === null)
    throw new AppError("encryption.passphraseMissing", "The file is encrypted with a passphrase.");
  const key = await deriveScryptKey(passphrase, Buffer.from(salt, "base64"), Number(logN));
  const fileKey = openChunk(key, 0, false, stanza.body);
  if (fileKey !== null) return fileKey;
  throw new AppError("encryption.wrongPassphrase", "The passphrase is not the one the file was encrypted with.");
}

function keyMissing(kinds: readonly string[], tried: number): AppError {
  const ssh = kinds.filter(isSshRecipient);
  if (ssh.length > 0 && (tried === 0 || ssh.length === kinds.length))
    return new AppError(
      "archive.keyMissing",
      `The file is encrypted for ${ssh.length > 1 ? "SSH keys" : "an SSH key"}${tried === 0 ? "." : ", and none that is here opens it."}`,
      {
        hint: "Name its private key with --identity ~/.ssh/id_ed25519, or take it in: lifeboat key import ~/.ssh/id_ed25519",
      },
    );
  if (tried === 0) return new AppError("archive.keyMissing", "The file is encrypted, and there is no key for it here.");
  return new AppError(
    "archive.keyMissing",
    tried === 1 ? "The key does not open this file." : `None of ${tried} keys opens this file.`,
  );
}

/** An age file as text between BEGIN and END lines. */
export function armorBytes(bytes: Uint8Array): string {
  return armor.encode(bytes);
}

/** Throws encryption.identityInvalid. */
export function unarmorText(text: string): Uint8Array {
  try {
    return armor.decode(text);
  } catch {
    throw new AppError("encryption.identityInvalid", "The encrypted key was changed or damaged.");
  }
}

function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64").replaceAll("=", "");
}
