import type { Secret } from "./secret.ts";
import type { SecretStore } from "./secret-store.ts";

/** Secrets for as long as this process lives. */
export function createMemoryStore(): SecretStore {
  const secrets = new Map<string, Secret>();
  return {
    place: "this program's memory",
    read: (account) => Promise.resolve(secrets.get(account) ?? null),
    write(account, secret) {
      secrets.set(account, secret);
      return Promise.resolve();
    },
    remove: (account) => Promise.resolve(secrets.delete(account)),
  };
}
