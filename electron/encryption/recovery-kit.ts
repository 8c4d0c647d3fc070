import { randomBytes } from "node:crypto";
import { AppError } from "../../shared/error/app-error.ts";
import type { Secret } from "../secrets/secret.ts";
import { recipientOf, unwrapFileKey } from "./age-package.ts";
import { decryptBytes, encryptBytes } from "./bytes.ts";
import { readIdentities, wrapIdentity } from "./identity-text.ts";
import type { KnownKey } from "./known-keys.ts";
import { isSshRecipient } from "./ssh-recipient.ts";

/** What opens a key's backups when this machine is gone: its identity under a passphrase, and how to use it by hand. */
export interface RecoveryKit {
  readonly name: string;
  readonly recipient: string;
  readonly madeAt: string;
  /** The identity as an armoured age file: what `age --identity` takes. */
  readonly wrapped: string;
}

/** Shorter ones can be guessed by a machine that has the kit. */
const leastPassphrase = 10;

/** Wraps an identity for its kit. Throws encryption.passphraseWeak; encryption.kitNotNeeded for an SSH key. */
export async function createRecoveryKit(key: KnownKey, identity: Secret, passphrase: Secret): Promise<RecoveryKit> {
  refuseSshKit(key);
  if (passphrase.reveal().length < leastPassphrase)
    throw new AppError("encryption.passphraseWeak", `The passphrase has fewer than ${leastPassphrase} characters.`);
  const { name, recipient, createdAt } = key;
  const wrapped = await wrapIdentity(identity, createdAt, passphrase);
  return { name, recipient, madeAt: new Date().toISOString(), wrapped };
}

/** age takes no SSH key out of a kit, and its owner has the file. Throws encryption.kitNotNeeded. */
export function refuseSshKit({ name, recipient }: KnownKey): void {
  if (isSshRecipient(recipient))
    throw new AppError("encryption.kitNotNeeded", `${name} is an SSH key: its private key's file is its recovery kit.`);
}

/** The steps by hand, with stock tools; `key.age` is what the kit holds between its BEGIN and END lines. */
export const kitSteps: readonly { readonly say: string; readonly run: string }[] = [
  {
    say: "Install age (https://age-encryption.org) and the PostgreSQL client.",
    run: "apt install age postgresql-client",
  },
  {
    say: "Take the key out of this file; it stays encrypted. (From paper: scan the code into a file key.age.)",
    run: "sed -n '/^-----BEGIN AGE/,/^-----END AGE/p' THIS-FILE > key.age",
  },
  {
    say: "Decrypt the backup; age asks for the passphrase.",
    run: "age --decrypt --identity key.age --output backup.dump backup.dump.age",
  },
  {
    say: "Restore it into an empty database.",
    run: "createdb restored && pg_restore --dbname=restored backup.dump",
  },
];

/** The kit as a text file, with all that somebody needs who has nothing else. */
export function writeKitText(kit: RecoveryKit): string {
  const steps = kitSteps.flatMap(({ say, run }, at) => [`  ${at + 1}. ${say}`, `       ${run}`]);
  return [
    "Lifeboat recovery kit",
    "=====================",
    "",
    `Key        ${kit.name}`,
    `Recipient  ${kit.recipient}`,
    `Kit made   ${kit.madeAt}`,
    "",
    "With this file and its passphrase every backup encrypted for this key can be opened.",
    "Without either, and without the keychain of the machine that made the key, nobody can: the data is lost.",
    "Keep it away from that machine and from the backups. Do not write the passphrase on it.",
    "",
    "With Lifeboat, on any machine:",
    "       lifeboat key import THIS-FILE",
    "",
    "Without Lifeboat:",
    ...steps,
    "",
    kit.wrapped.trim(),
    "",
  ].join("\n");
}

/**
 * Opens a kit, or an SSH private key, with its passphrase and decrypts with it what was just encrypted for the key.
 * @param isKnown which recipients count; a kit of another key is an error
 * @returns the identity and its recipient
 * Throws encryption.identityInvalid, encryption.wrongPassphrase, encryption.passphraseMissing, encryption.keyNotFound.
 */
export async function tryKit(
  bytes: Uint8Array,
  passphrase: () => Promise<Secret | null>,
  isKnown: (recipient: string) => boolean = () => true,
): Promise<{ identity: Secret; recipient: string }> {
  const [identity, ...others] = await readIdentities(bytes, passphrase);
  if (identity === undefined || others.length > 0)
    throw new AppError("encryption.identityInvalid", "The file holds several keys; a recovery kit holds one.");
  const recipient = await recipientOf(identity);
  if (!isKnown(recipient))
    throw new AppError("encryption.keyNotFound", `The kit is good, but of a key that is not known here: ${recipient}`, {
      hint: "Take the key in with: lifeboat key import FILE",
    });
  const message = randomBytes(64);
  const unlock = (header: Uint8Array): Promise<Uint8Array> =>
    unwrapFileKey(header, { identities: [identity], passphrase: async () => null });
  const back = await decryptBytes(await encryptBytes(message, { recipients: [recipient] }), unlock);
  if (!message.equals(back))
    throw new AppError("encryption.identityInvalid", "The kit's key does not decrypt what was encrypted for it.");
  return { identity, recipient };
}
