import type { Secret } from "./secret.ts";

/** Keeps secrets under names. What is written here is never written anywhere else. */
export interface SecretStore {
  /** For people: `the keychain`. */
  readonly place: string;
  /** The secret, or null when nothing is kept under this name. @throws AppError `secrets.unavailable` */
  read(account: string): Promise<Secret | null>;
  /** Keeps a secret, in place of an older one of the same name. @throws AppError `secrets.unavailable` */
  write(account: string, secret: Secret): Promise<void>;
  /** Forgets a secret; false when there was none. @throws AppError `secrets.unavailable` */
  remove(account: string): Promise<boolean>;
}
