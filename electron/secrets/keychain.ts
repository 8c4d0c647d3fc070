import { AppError } from "../../shared/error/app-error.ts";
import { Secret } from "./secret.ts";
import type { SecretStore } from "./secret-store.ts";

/** What is used of keytar. */
interface Keytar {
  getPassword(service: string, account: string): Promise<string | null>;
  setPassword(service: string, account: string, password: string): Promise<void>;
  deletePassword(service: string, account: string): Promise<boolean>;
}

/** The heading that the keychain's own window shows our entries under. */
const service = "Lifeboat";

/** A locked keyring may ask the person for its password, so an answer can take as long as typing does. */
const patienceMs = 120_000;
const probePatienceMs = 10_000;

/**
 * The operating system's keychain: Keychain on macOS, the Credential Manager on Windows, the Secret Service (GNOME
 * Keyring, KWallet) elsewhere. Nothing is loaded before the first call.
 */
export function createKeychainStore(): SecretStore {
  return {
    place: "the keychain",
    async read(account) {
      const text = await ask((keytar) => keytar.getPassword(service, account), patienceMs);
      return text === null ? null : new Secret(text);
    },
    write: (account, secret) => ask((keytar) => keytar.setPassword(service, account, secret.reveal()), patienceMs),
    remove: (account) => ask((keytar) => keytar.deletePassword(service, account), patienceMs),
  };
}

/** Whether there is a keychain that answers, and if not, why, in plain words. Never throws. */
export async function probeKeychain(): Promise<{ available: boolean; reason: string | null }> {
  try {
    await ask((keytar) => keytar.getPassword(service, "probe"), probePatienceMs);
    return { available: true, reason: null };
  } catch (error) {
    return { available: false, reason: error instanceof AppError ? error.message : String(error) };
  }
}

/** One call; failing to load, to answer and to come back are the same to the caller: there is no keychain here. */
async function ask<T>(call: (keytar: Keytar) => Promise<T>, limitMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  try {
    const keytar: Keytar = (await import("keytar")).default;
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => reject(new Error("no answer")), limitMs);
    });
    return await Promise.race([call(keytar), late]);
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error);
    throw new AppError("secrets.unavailable", explain(words), { detail: words, cause: error });
  } finally {
    clearTimeout(timer);
  }
}

/** The messages of libsecret, D-Bus and Node's loader as seen on Debian 12 with keytar 7.10. */
function explain(words: string): string {
  if (/libsecret-1\.so|native addon/.test(words)) {
    return "There is no keychain here: libsecret is not installed (Debian and Ubuntu: apt install libsecret-1-0).";
  }
  if (/D-?Bus/i.test(words) && /autolaunch|address|connect/i.test(words)) {
    return "There is no keychain here: no desktop session runs (no D-Bus), as over ssh, in cron and in containers.";
  }
  if (words.includes("org.freedesktop.secrets")) {
    return "There is no keychain here: no keyring service such as GNOME Keyring or KWallet is running.";
  }
  if (words.includes("Object does not exist at path") || /locked/i.test(words)) {
    return "The keychain is locked, or no login keyring has been made yet. Unlock it in the desktop session.";
  }
  if (words === "no answer") return "The keychain does not answer. It may be waiting for its password in a window.";
  return "The keychain cannot be used here.";
}
