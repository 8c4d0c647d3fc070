import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { ArgsOf } from "../../shared/contract/methods.ts";
import type { KeyView } from "../../shared/contract/storage-views.ts";
import { AppError } from "../../shared/error/app-error.ts";
import { type KeyStore, keyAccount, openKeyStore } from "../encryption/key-store.ts";
import { type KnownKey, loadKnownKeys } from "../encryption/known-keys.ts";
import { createRecoveryKit, refuseSshKit, tryKit } from "../encryption/recovery-kit.ts";
import { saveKit } from "../encryption/save-kit.ts";
import { isSshRecipient } from "../encryption/ssh-recipient.ts";
import type { Handlers } from "../host/served-app.ts";
import { Secret } from "../secrets/secret.ts";
import { storageError } from "../storage/storage-error.ts";
import type { AppServices } from "./app-services.ts";

/** Encryption keys and their recovery kits. Identities and passphrases never go out. */
export function keyHandlers(services: AppServices): Pick<Handlers, Extract<keyof Handlers, `keys.${string}`>> {
  const { secrets } = services;

  /** Without a keychain a key lives as long as this program: its kit then has to be made at once. */
  async function store(): Promise<KeyStore> {
    const write = async (account: string, secret: Secret) => void (await secrets.keep(account, secret));
    return openKeyStore(await services.home(), { ...secrets, write });
  }

  return {
    async "keys.list"() {
      const keys = await (await store()).list();
      return Promise.all(keys.map((key) => viewOf(key, services)));
    },
    async "keys.create"({ name }) {
      const key = await (await store()).create(name);
      services.changed("keys");
      return viewOf(key, services);
    },
    async "keys.add"({ recipient, name }) {
      const key = await (await store()).add(recipient.trim(), name);
      services.changed("keys");
      return viewOf(key, services);
    },
    async "keys.saveKit"({ recipient, passphrase, folder }) {
      const keys = await store();
      const key = await keys.find(recipient);
      refuseSshKit(key);
      const identity = await keys.identityOf(key);
      if (identity === null)
        throw new AppError("encryption.keyNotFound", `The secret half of the key ${key.name} is not on this machine.`, {
          hint: "Take it in again from its recovery kit.",
        });
      const kit = await createRecoveryKit(key, identity, new Secret(passphrase));
      return saveKit(kit, join(folder, `lifeboat-recovery-kit-${key.name}.txt`));
    },
    async "keys.tryKit"({ kit, passphrase }) {
      const keys = await store();
      const known = new Set((await keys.list()).map((key) => key.recipient));
      const { recipient } = await tryKit(await loadKit(kit), given(passphrase), (found) => known.has(found));
      const key = await keys.markKitTried(recipient);
      services.changed("keys");
      return viewOf(key, services);
    },
    async "keys.importKit"({ kit, passphrase, name }) {
      const { identity, recipient } = await tryKit(await loadKit(kit), given(passphrase));
      const keys = await store();
      await keys.adopt(identity, name);
      // Nothing proves a kit better than that it brought the key here.
      const key = await keys.markKitTried(recipient);
      services.changed("keys");
      return viewOf(key, services);
    },
  };
}

/**
 * Refuses to encrypt for a key that only this program's memory holds and of which no kit was tried: at its end nobody could
 * open what was made.
 * @throws encryption.kitNotTried
 */
export async function refuseUnopenable(recipients: readonly string[], services: AppServices): Promise<void> {
  if (recipients.length === 0) return;
  const { checkRecipient } = await import("../encryption/age-package.ts");
  const keys = await loadKnownKeys((await services.home()).keysFile);
  for (const recipient of recipients) {
    // oxlint-disable-next-line no-await-in-loop -- one as a rule
    await checkRecipient(recipient);
    const key = keys.find((each) => each.recipient === recipient);
    if (key === undefined || key.kitTriedAt !== null) continue;
    // oxlint-disable-next-line no-await-in-loop -- one as a rule
    if ((await placeOf(key, services)) === "keychain") continue;
    throw isSshRecipient(recipient)
      ? new AppError("encryption.kitNotTried", `The private key of the SSH key ${key.name} was not tried yet.`, {
          hint: "Try its private key's file once, under Encryption keys.",
        })
      : new AppError("encryption.kitNotTried", `The recovery kit of the key ${key.name} was not tried yet.`);
  }
}

async function viewOf(key: KnownKey, services: AppServices): Promise<KeyView> {
  const { name, recipient, createdAt, kitTriedAt } = key;
  return { name, recipient, createdAt, kitTriedAt, keptIn: await placeOf(key, services) };
}

async function placeOf({ recipient }: KnownKey, services: AppServices): Promise<KeyView["keptIn"]> {
  return services.secrets.placeOf(keyAccount(recipient, await services.home()));
}

async function loadKit(kit: ArgsOf<"keys.tryKit">["kit"]): Promise<Uint8Array> {
  if (kit.from === "text") return Buffer.from(kit.text);
  return readFile(kit.path).catch((error: unknown) => Promise.reject(storageError(error, kit.path)));
}

function given(passphrase: string): () => Promise<Secret> {
  return () => Promise.resolve(new Secret(passphrase));
}
