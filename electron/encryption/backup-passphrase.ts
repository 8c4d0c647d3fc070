import { AppError } from "../../shared/error/app-error.ts";
import type { Home } from "../home.ts";
import { Secret } from "../secrets/secret.ts";
import type { SecretStore } from "../secrets/secret-store.ts";

/** The one passphrase that backups of a home are encrypted with, where that was chosen, as the keychain names it. */
export function backupPassphraseAccount(home: Home): string {
  return `backup passphrase of ${home.root}`;
}

/** One that was typed to open a file: in memory alone, and never used to encrypt. */
export function typedPassphraseAccount(home: Home): string {
  return `typed passphrase of ${home.root}`;
}

/** What was typed of a Databasus's secret.key: in memory alone, too. */
export function typedDatabasusKeyAccount(home: Home): string {
  return `typed Databasus key of ${home.root}`;
}

/** LIFEBOAT_PASSPHRASE; null where it is not set. */
export function passphraseOfEnvironment(env: NodeJS.ProcessEnv): Secret | null {
  const text = env["LIFEBOAT_PASSPHRASE"];
  return text === undefined || text === "" ? null : new Secret(text);
}

/**
 * The passphrase that a backup is to be encrypted with: the environment's, else the keychain's.
 * @throws encryption.passphraseMissing, secrets.unavailable
 */
export async function findBackupPassphrase(home: Home, env: NodeJS.ProcessEnv, secrets: SecretStore): Promise<Secret> {
  const found = passphraseOfEnvironment(env) ?? (await secrets.read(backupPassphraseAccount(home)));
  if (found !== null) return found;
  throw new AppError("encryption.passphraseMissing", "There is no passphrase to encrypt the backup with.", {
    hint: "Keep one in the keychain with: lifeboat key passphrase. Or set LIFEBOAT_PASSPHRASE.",
  });
}
