import { AppError } from "../../shared/error/app-error.ts";
import { Secret } from "../secrets/secret.ts";
import { armorBytes, type DecryptWith, recipientOf, unarmorText, unwrapFileKey } from "./age-package.ts";
import { decryptBytes, encryptBytes } from "./bytes.ts";
import { isAgeFile } from "./decrypting-source.ts";
import { isSshKeyFile, readSshIdentity } from "./ssh-identity.ts";

/** Identities as age keeps them in files: lines of `AGE-SECRET-KEY-1…` and comments, plain or under a passphrase. */

/** What `age-keygen` writes. */
export async function writeIdentityText(identity: Secret, createdAt: string): Promise<Secret> {
  const lines = [`# created: ${createdAt}`, `# public key: ${await recipientOf(identity)}`, identity.reveal()];
  return new Secret(`${lines.join("\n")}\n`);
}

/** The identity under a passphrase, as text that `age --decrypt --identity` takes. */
export async function wrapIdentity(
  identity: Secret,
  createdAt: string,
  passphrase: Secret,
  logN?: number,
): Promise<string> {
  const text = await writeIdentityText(identity, createdAt);
  const to = { passphrase, ...(logN === undefined ? {} : { logN }) };
  return armorBytes(await encryptBytes(Buffer.from(text.reveal()), to));
}

const armored = /-----BEGIN AGE ENCRYPTED FILE-----[^-]+-----END AGE ENCRYPTED FILE-----/;

/**
 * The identities in a file: of age-keygen, one encrypted under a passphrase, a recovery kit (which holds one), or
 * an SSH private key.
 * Throws encryption.identityInvalid, encryption.wrongPassphrase, encryption.passphraseMissing.
 */
export async function readIdentities(bytes: Uint8Array, passphrase: DecryptWith["passphrase"]): Promise<Secret[]> {
  if (isSshKeyFile(bytes)) return [await readSshIdentity(bytes, passphrase)];
  const wrapped = findWrapped(bytes);
  const text = new TextDecoder().decode(wrapped === null ? bytes : await unwrapIdentities(wrapped, passphrase));
  const identities = text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => /^AGE-SECRET-KEY-/i.test(line))
    .map((line) => new Secret(line.toUpperCase()));
  if (identities.length === 0)
    throw new AppError("encryption.identityInvalid", "There is no key in the file.", {
      hint: "A key is a line that begins with AGE-SECRET-KEY-1, a recovery kit, or an SSH private key.",
    });
  for (const identity of identities) await recipientOf(identity);
  return identities;
}

function findWrapped(bytes: Uint8Array): Uint8Array | null {
  if (isAgeFile(bytes)) return bytes;
  const [block] = armored.exec(Buffer.from(bytes).toString("latin1")) ?? [];
  return block === undefined ? null : unarmorText(block);
}

async function unwrapIdentities(file: Uint8Array, passphrase: DecryptWith["passphrase"]): Promise<Uint8Array> {
  try {
    return await decryptBytes(file, (header) => unwrapFileKey(header, { identities: [], passphrase }));
  } catch (error) {
    if (error instanceof AppError && error.code.startsWith("archive."))
      throw new AppError("encryption.identityInvalid", "The encrypted key was changed or damaged.", {
        detail: error.message,
      });
    throw error;
  }
}
