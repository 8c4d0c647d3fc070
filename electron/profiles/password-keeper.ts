import { AppError } from "../../shared/error/app-error.ts";
import type { Home } from "../home.ts";
import { createKeychainStore } from "../secrets/keychain.ts";
import { createMemoryStore } from "../secrets/memory.ts";
import type { Secret } from "../secrets/secret.ts";
import type { SecretStore } from "../secrets/secret-store.ts";
import { secretAccount } from "./resolve-connection.ts";

/** Passwords of profiles for a program that stays: the keychain, and what was typed, in memory until it ends. */
export interface PasswordKeeper {
  /** The keychain, with what is only in memory before it. */
  readonly secrets: SecretStore;
  /** What was typed for a profile since the start. */
  typed(profile: string): Promise<Secret | null>;
  /** Keeps it in memory. */
  type(profile: string, password: Secret): Promise<void>;
  /** Keeps it in the keychain, or in memory where there is none. */
  keep(profile: string, password: Secret): Promise<"keychain" | "memory">;
  /** Takes what is kept for one name over to another. */
  rename(from: string, to: string): Promise<void>;
  forget(profile: string): Promise<void>;
}

/** @param keychain left out: the system's own */
export function createPasswordKeeper(home: Home, keychain: SecretStore = createKeychainStore()): PasswordKeeper {
  const memory = createMemoryStore();
  const account = (profile: string) => secretAccount(profile, home);

  async function keep(profile: string, password: Secret): Promise<"keychain" | "memory"> {
    try {
      await keychain.write(account(profile), password);
      await memory.remove(account(profile));
      return "keychain";
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      await memory.write(account(profile), password);
      return "memory";
    }
  }

  async function readKeychain(profile: string): Promise<Secret | null> {
    return keychain.read(account(profile)).catch(() => null);
  }

  return {
    secrets: {
      place: keychain.place,
      read: async (name) => (await memory.read(name)) ?? (await keychain.read(name)),
      write: (name, secret) => keychain.write(name, secret),
      remove: (name) => keychain.remove(name),
    },
    typed: (profile) => memory.read(account(profile)),
    type: (profile, password) => memory.write(account(profile), password),
    keep,
    async rename(from, to) {
      if (from === to) return;
      const typed = await memory.read(account(from));
      if (typed !== null) await memory.write(account(to), typed);
      const kept = await readKeychain(from);
      if (kept !== null) await keep(to, kept);
      await this.forget(from);
    },
    async forget(profile) {
      await memory.remove(account(profile));
      // Without a keychain there is nothing to forget in it.
      await keychain.remove(account(profile)).catch(() => false);
    },
  };
}
