import { readFile } from "node:fs/promises";
import { AppError } from "../../shared/error/app-error.ts";
import type { Home } from "../home.ts";
import { createKeychainStore } from "../secrets/keychain.ts";
import { Secret } from "../secrets/secret.ts";
import type { SecretStore } from "../secrets/secret-store.ts";
import type { ProofKeys } from "../storage/manifest-proof.ts";
import { storageError } from "../storage/storage-error.ts";
import { recipientOf, unwrapFileKey } from "./age-package.ts";
import {
  backupPassphraseAccount,
  passphraseOfEnvironment,
  typedDatabasusKeyAccount,
  typedPassphraseAccount,
} from "./backup-passphrase.ts";
import type { GpgAccess } from "./gpg-source.ts";
import { readIdentities } from "./identity-text.ts";
import { openKeyStore } from "./key-store.ts";
import { deriveProofKey } from "./proof-key.ts";

/** What can open encrypted archives. Nothing is read before the first one is met. */
export interface KeyRing {
  /**
   * The file key of an age header: all keys are tried.
   * @throws archive.keyMissing, encryption.*, secrets.unavailable, archive.damaged
   */
  unlock(header: Uint8Array): Promise<Uint8Array>;
  /**
   * The key that proves manifests of backups for a recipient; null where its identity is not among the keys.
   * @throws as unlock
   */
  proofKeyOf(recipient: string): Promise<Uint8Array | null>;
  /**
   * What is in the secret.key of a Databasus: the file that was named, else what was typed in this process, else it is asked
   * for.
   * @throws encryption.databasusKeyMissing, storage.*
   */
  databasusKey(): Promise<Secret>;
  /** For what is encrypted with gpg: the keys are in the user's own keyring. */
  readonly gpg: GpgAccess;
}

export interface KeyRingOptions {
  readonly home: Home;
  readonly env: NodeJS.ProcessEnv;
  /** A file with the key, in place of the known ones. */
  readonly identityFile?: string | undefined;
  /** Asks for a secret; null where there is nobody to ask. Left out: nobody is asked. */
  readonly ask?: ((question: string) => Promise<Secret | null>) | undefined;
  /** Left out: the keychain. */
  readonly secrets?: SecretStore | undefined;
}

/** The keys of this home with their identities from the keychain, or those of one file. Each is read once. */
export function openKeyRing(options: KeyRingOptions): KeyRing {
  const { identityFile, env, ask } = options;
  const askFor = async (what: string): Promise<Secret | null> => (await ask?.(`Passphrase of ${what}:`)) ?? null;
  const passphrase = (what: string) => async () => passphraseOfEnvironment(env) ?? askFor(what);
  let loading: Promise<Secret[]> | null = null;
  let proving: Promise<Map<string, Uint8Array>> | null = null;
  const load = async (): Promise<Secret[]> =>
    identityFile === undefined ? loadKnown(options) : loadFile(identityFile, passphrase(identityFile));
  return {
    gpg: {
      env,
      kept: () => givenPassphrase(options),
      ask: async (question) => (await ask?.(question)) ?? null,
    },
    async unlock(header) {
      loading ??= load();
      const identities = await loading;
      let usedKept = false;
      const keptFirst = async (): Promise<Secret | null> => {
        const kept = await keptPassphrase(options);
        usedKept = kept !== null;
        return kept ?? askFor("the file");
      };
      return unwrapFileKey(header, { identities, passphrase: keptFirst }).catch(async (error: unknown) => {
        // Somebody else's file may have another than the one that is kept here.
        const typed = usedKept && isWrongPassphrase(error) ? await askFor("the file") : null;
        if (typed === null) throw error;
        return unwrapFileKey(header, { identities, passphrase: () => Promise.resolve(typed) });
      });
    },
    async proofKeyOf(recipient) {
      loading ??= load();
      proving ??= loading.then(proofKeys);
      return (await proving).get(recipient) ?? null;
    },
    async databasusKey() {
      if (identityFile !== undefined) return loadDatabasusKey(identityFile);
      const typed = await options.secrets?.read(typedDatabasusKeyAccount(options.home)).catch(() => null);
      const answer = typed ?? (await ask?.("Contents of Databasus's secret.key:")) ?? null;
      if (answer !== null && answer.reveal() !== "") return answer;
      throw new AppError("encryption.databasusKeyMissing", "The file is an encrypted backup of Databasus.");
    },
  };
}

/** The keys that are known here, for proving manifests and nothing else: nobody is asked, and what is not known proves nothing. */
export function knownKeys({ home, env, secrets }: Pick<KeyRingOptions, "home" | "env" | "secrets">): ProofKeys {
  return openKeyRing({ home, env, secrets });
}

/** What opens a file without asking: the environment's, one that was typed in this process, the keychain's. */
async function keptPassphrase(options: KeyRingOptions): Promise<Secret | null> {
  const store = options.secrets ?? createKeychainStore();
  return (
    (await givenPassphrase(options)) ??
    // A keychain that does not answer is no reason not to ask.
    (await store.read(backupPassphraseAccount(options.home)).catch(() => null))
  );
}

/** One that a person gave for just this: in the environment, or typed in this process. */
async function givenPassphrase({ env, home, secrets }: KeyRingOptions): Promise<Secret | null> {
  const store = secrets ?? createKeychainStore();
  return passphraseOfEnvironment(env) ?? (await store.read(typedPassphraseAccount(home)).catch(() => null));
}

function isWrongPassphrase(error: unknown): boolean {
  return error instanceof AppError && error.code === "encryption.wrongPassphrase";
}

async function proofKeys(identities: readonly Secret[]): Promise<Map<string, Uint8Array>> {
  const keys = await Promise.all(
    identities.map(async (identity) => [await recipientOf(identity), deriveProofKey(identity)] as const),
  );
  return new Map(keys);
}

async function loadFile(path: string, passphrase: () => Promise<Secret | null>): Promise<Secret[]> {
  const bytes = await readFile(path).catch((error: unknown) => Promise.reject(storageError(error, path)));
  return readIdentities(bytes, passphrase);
}

/** A key is two UUIDs; a much longer file is something else. */
const longestDatabasusKey = 4096;

async function loadDatabasusKey(path: string): Promise<Secret> {
  const bytes = await readFile(path).catch((error: unknown) => Promise.reject(storageError(error, path)));
  if (bytes.length > 0 && bytes.length <= longestDatabasusKey) return new Secret(bytes.toString("utf8").trim());
  throw new AppError("encryption.identityInvalid", `${path} is not the secret.key of a Databasus.`);
}

async function loadKnown({ home, secrets }: KeyRingOptions): Promise<Secret[]> {
  const store = openKeyStore(home, secrets);
  const identities: Secret[] = [];
  for (const key of await store.list()) {
    // One question at a time: a locked keychain opens a window for each.
    // oxlint-disable-next-line no-await-in-loop
    const identity = await store.identityOf(key).catch((error: unknown) => Promise.reject(explain(error)));
    if (identity !== null) identities.push(identity);
  }
  return identities;
}

function explain(error: unknown): unknown {
  if (!(error instanceof AppError) || error.code !== "secrets.unavailable") return error;
  return new AppError("secrets.unavailable", `${error.message} The key of the encrypted archive is kept there.`, {
    detail: error.detail,
    hint: "Name the key's file, or its recovery kit, with --identity FILE.",
    cause: error,
  });
}
