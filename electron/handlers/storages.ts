import type { ArgsOf } from "../../shared/contract/methods.ts";
import type { StorageView } from "../../shared/contract/storage-views.ts";
import { AppError } from "../../shared/error/app-error.ts";
import { parseRetentionPolicy } from "../../shared/policy/retention-policy.ts";
import { storageAddress } from "../../shared/storage/location.ts";
import type { SavedStorage } from "../../shared/storage/settings.ts";
import type { Handlers } from "../host/served-app.ts";
import { openProfileStore } from "../profiles/profile-store.ts";
import type { Secret } from "../secrets/secret.ts";
import type { StorageContext } from "../storage/open-storage.ts";
import { openSavedStorages, storageAccount } from "../storage/saved-storages.ts";
import { testStorage } from "../storage/test-storage.ts";
import { type AppServices, storageContext } from "./app-services.ts";
import { secretOf } from "./databases.ts";

type StorageMethods = "storages.list" | "storages.save" | "storages.remove" | "storages.test" | "storages.setRetention";

/** Saved storages. Their secrets come in here and never go out. */
export function storageHandlers(services: AppServices): Pick<Handlers, StorageMethods> {
  const { secrets } = services;
  const store = async () => openSavedStorages(await services.home());

  async function keepSecret(storage: SavedStorage, given: Secret | null): Promise<"keychain" | "memory" | "nowhere"> {
    const account = storageAccount(storage.name, await services.home());
    if (!takesSecret(storage)) await secrets.forget(account);
    return given === null || !takesSecret(storage) ? "nowhere" : secrets.keep(account, given);
  }

  return {
    async "storages.list"() {
      const [storages, profiles] = await Promise.all([
        (await store()).list(),
        openProfileStore(await services.home())
          .list()
          .catch(() => []),
      ]);
      return storages.map((storage): StorageView => {
        const { name, preset, settings, retention = null } = storage;
        const usedBy = profiles.filter(({ places }) => places?.storages.includes(name)).map((profile) => profile.name);
        return { name, preset, settings, address: storageAddress(settings), retention, usedBy };
      });
    },
    async "storages.save"({ storage: asked, isNew, secret }) {
      const storages = await store();
      const storage = storedForm(asked);
      if (isNew) await storages.add(storage);
      else await storages.replace(withHidden(storage, await storages.get(storage.name)));
      const secretKeptIn = await keepSecret(storage, secretOf(secret));
      services.changed("storages");
      return { secretKeptIn };
    },
    async "storages.remove"({ name }) {
      const home = await services.home();
      const profiles = await openProfileStore(home).list();
      const users = profiles.filter(({ places }) => places?.storages.includes(name)).map((profile) => profile.name);
      if (users.length > 0) throw new AppError("storage.inUse", `Backups of ${users.join(", ")} go to ${name}.`);
      await (await store()).remove(name);
      await secrets.forget(storageAccount(name, home));
      services.changed("storages");
      return null;
    },
    async "storages.test"({ storage: asked, testId, secret }, { signal }) {
      const storage = storedForm(asked);
      const given = secretOf(secret);
      const context = await storageContext(services);
      const { openSettings } = await import("../storage/open-storage.ts");
      const test = await testStorage(
        () => openSettings(storage.settings, storage.name, given === null ? context : withSecret(context, given)),
        signal,
        (steps) => services.tested({ testId, steps }),
      );
      const { ok, steps, facts, error } = test;
      return { ok, steps, facts, error };
    },
    async "storages.setRetention"({ name, keep }) {
      if (keep !== null) parseRetentionPolicy(keep);
      const storages = await store();
      const { retention: _, ...storage } = await storages.get(name);
      await storages.replace({ ...storage, ...(keep === null ? {} : { retention: keep }) });
      services.changed("storages");
      return null;
    },
  };
}

function takesSecret({ settings }: SavedStorage): boolean {
  if (settings.kind === "sftp") return (settings.authentication ?? "key") !== "agent";
  return settings.kind === "s3" && settings.credentials.from === "keychain";
}

/** What is typed has not been saved: it is used for this once, whatever the keychain holds. */
function withSecret(context: StorageContext, given: Secret): StorageContext {
  const { secrets } = context;
  return {
    ...context,
    // The environment would go before what was typed.
    env: withoutAwsKeys(context.env),
    secrets: {
      place: "your answer",
      read: () => Promise.resolve(given),
      write: async (account, secret) => secrets?.write(account, secret),
      remove: async (account) => (await secrets?.remove(account)) ?? false,
    },
  };
}

function withoutAwsKeys(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const { AWS_ACCESS_KEY_ID: _id, AWS_SECRET_ACCESS_KEY: _secret, ...rest } = env;
  return rest;
}

/** Left-out fields are not there at all, as the file's schema wants it. */
function storedForm({ retention, ...rest }: ArgsOf<"storages.save">["storage"]): SavedStorage {
  return { ...rest, ...(retention === undefined ? {} : { retention }) };
}

/** What the form does not show stays as it was: the retention policy. */
function withHidden(storage: SavedStorage, { retention }: SavedStorage): SavedStorage {
  return { ...(retention === undefined ? {} : { retention }), ...storage };
}
