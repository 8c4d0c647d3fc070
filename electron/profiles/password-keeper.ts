import type { Home } from "../home.ts";
import type { KeptSecrets } from "../secrets/kept-secrets.ts";
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

export function createPasswordKeeper(home: Home, secrets: KeptSecrets): PasswordKeeper {
  const account = (profile: string) => secretAccount(profile, home);
  return {
    secrets,
    typed: (profile) => secrets.typed(account(profile)),
    type: (profile, password) => secrets.type(account(profile), password),
    keep: (profile, password) => secrets.keep(account(profile), password),
    async rename(from, to) {
      if (from === to) return;
      const typed = await secrets.typed(account(from));
      const kept = await secrets.read(account(from)).catch(() => null);
      if (typed !== null) await secrets.type(account(to), typed);
      else if (kept !== null) await secrets.keep(account(to), kept);
      await secrets.forget(account(from));
    },
    forget: (profile) => secrets.forget(account(profile)),
  };
}
