import { AppError } from "../../shared/error/app-error.ts";
import type { Home } from "../home.ts";
import { createKeychainStore } from "../secrets/keychain.ts";
import type { Secret } from "../secrets/secret.ts";
import type { SecretStore } from "../secrets/secret-store.ts";
import { checkRecipient, createIdentity, recipientOf } from "./age-package.ts";
import { changeKnownKeys, isKeyName, type KnownKey, loadKnownKeys } from "./known-keys.ts";

/** Encryption keys: what is public of them in keys.json, the identities in the keychain. */
export interface KeyStore {
  /** @throws encryption.keysInvalid */
  list(): Promise<KnownKey[]>;
  /**
   * By name or recipient; null means the only one there is.
   * @throws encryption.keyNotFound, encryption.keyAmbiguous, encryption.keysInvalid
   */
  find(nameOrRecipient: string | null): Promise<KnownKey>;
  /** Makes a key. @throws encryption.keyExists, usage.invalid for a bad name, secrets.unavailable */
  create(name: string): Promise<KnownKey>;
  /**
   * Takes a recipient in, of which the identity is elsewhere: it encrypts here, and opens nothing.
   * @throws encryption.badRecipient, encryption.keyExists, usage.invalid for a bad name
   */
  add(recipient: string, name: string): Promise<KnownKey>;
  /** Takes an identity in; one that is known already keeps its name. @throws as create, encryption.identityInvalid */
  adopt(identity: Secret, name: string): Promise<KnownKey>;
  /** null: the keychain does not have it (any more). @throws secrets.unavailable */
  identityOf(key: KnownKey): Promise<Secret | null>;
  /** The key's recovery kit has opened something just now. @throws encryption.keyNotFound */
  markKitTried(recipient: string): Promise<KnownKey>;
}

/** The name under which a key's identity is kept. */
export function keyAccount(recipient: string, home: Home): string {
  return `key ${recipient} in ${home.root}`;
}

/** @param secrets left out: the keychain */
export function openKeyStore(home: Home, secrets: SecretStore = createKeychainStore()): KeyStore {
  const account = (recipient: string): string => keyAccount(recipient, home);
  const list = (): Promise<KnownKey[]> => loadKnownKeys(home.keysFile);

  async function adopt(identity: Secret, name: string): Promise<KnownKey> {
    const recipient = await recipientOf(identity);
    const known = (await list()).find((key) => key.recipient === recipient);
    if (known === undefined) refuseName(name, await list());
    // The secret first: a key in the list that no identity belongs to would be worse than a secret without a name.
    await secrets.write(account(recipient), identity);
    return known ?? note(recipient, name);
  }

  async function note(recipient: string, name: string): Promise<KnownKey> {
    const key: KnownKey = { name, recipient, createdAt: new Date().toISOString(), kitTriedAt: null };
    await changeKnownKeys(home.keysFile, (keys) => {
      refuseName(name, keys);
      return [...keys, key];
    });
    return key;
  }

  return {
    list,
    find: async (nameOrRecipient) => findKey(await list(), nameOrRecipient),
    async create(name) {
      refuseName(name, await list());
      return adopt(await createIdentity(), name);
    },
    async add(text, name) {
      const recipient = await checkRecipient(text);
      const known = (await list()).find((key) => key.recipient === recipient);
      if (known === undefined) return note(recipient, name);
      throw new AppError("encryption.keyExists", `This key is known here already, as ${known.name}.`);
    },
    adopt,
    identityOf: (key) => secrets.read(account(key.recipient)),
    async markKitTried(recipient) {
      const kitTriedAt = new Date().toISOString();
      await changeKnownKeys(home.keysFile, (keys) =>
        keys.map((key) => (key.recipient === recipient ? { ...key, kitTriedAt } : key)),
      );
      return findKey(await list(), recipient);
    },
  };
}

function findKey(keys: readonly KnownKey[], nameOrRecipient: string | null): KnownKey {
  if (nameOrRecipient === null) {
    const [only, ...others] = keys;
    if (only === undefined)
      throw new AppError("encryption.keyNotFound", "There is no key yet.", { hint: "Make one with: lifeboat key new" });
    if (others.length > 0) throw new AppError("encryption.keyAmbiguous", `There are ${keys.length} keys.`);
    return only;
  }
  // A line of a .pub file ends with a comment.
  const key = keys.find(
    ({ name, recipient }) => name === nameOrRecipient || `${nameOrRecipient} `.startsWith(`${recipient} `),
  );
  if (key === undefined) throw new AppError("encryption.keyNotFound", `There is no key ${nameOrRecipient} here.`);
  return key;
}

function refuseName(name: string, keys: readonly KnownKey[]): void {
  if (!isKeyName(name) || name.startsWith("age1"))
    throw new AppError("usage.invalid", "This cannot be a key's name.", {
      hint: "Use letters, digits, dots, dashes and underscores, at most 64, beginning with a letter or digit.",
    });
  if (keys.some((key) => key.name === name))
    throw new AppError("encryption.keyExists", `There is a key ${name} already.`);
}
