import { AppError } from "../../shared/error/app-error.ts";
import { createMemoryStore } from "./memory.ts";
import type { Secret } from "./secret.ts";
import type { SecretStore } from "./secret-store.ts";

/** The keychain, with what is only in this program's memory before it; for a program that stays. */
export interface KeptSecrets extends SecretStore {
  /** In the keychain, or in memory where there is none. */
  keep(account: string, secret: Secret): Promise<"keychain" | "memory">;
  /** In memory until this program ends, whatever there is. */
  type(account: string, secret: Secret): Promise<void>;
  /** What is in memory alone. */
  typed(account: string): Promise<Secret | null>;
  /** Where it is; null for nowhere, or where the keychain does not answer. The keychain is asked once for each it holds. */
  placeOf(account: string): Promise<"keychain" | "memory" | null>;
  /** From both. Without a keychain there is nothing to forget in it. */
  forget(account: string): Promise<void>;
}

export function createKeptSecrets(keychain: SecretStore): KeptSecrets {
  const memory = createMemoryStore();
  /** A keychain may ask its person each time: what it once held it is taken to hold. */
  const inKeychain = new Set<string>();
  return {
    place: keychain.place,
    read: async (account) => (await memory.read(account)) ?? (await keychain.read(account)),
    write: (account, secret) => keychain.write(account, secret),
    remove: (account) => keychain.remove(account),
    async keep(account, secret) {
      try {
        await keychain.write(account, secret);
        await memory.remove(account);
        inKeychain.add(account);
        return "keychain";
      } catch (error) {
        if (!(error instanceof AppError)) throw error;
        await memory.write(account, secret);
        return "memory";
      }
    },
    type: (account, secret) => memory.write(account, secret),
    typed: (account) => memory.read(account),
    async placeOf(account) {
      if ((await memory.read(account)) !== null) return "memory";
      if (inKeychain.has(account)) return "keychain";
      if ((await keychain.read(account).catch(() => null)) === null) return null;
      inKeychain.add(account);
      return "keychain";
    },
    async forget(account) {
      inKeychain.delete(account);
      await memory.remove(account);
      await keychain.remove(account).catch(() => false);
    },
  };
}
