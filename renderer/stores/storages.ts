import { useStore } from "zustand";
import { useClient } from "../client/client-context.ts";
import { createMirror } from "./mirror.ts";
import { createStoreHook, perClient } from "./store-hook.ts";

/** The saved storages, by name. */
export const useStorages = createStoreHook((client) =>
  createMirror(client, () => client.invoke("storages.list", {}), ["storages", "profiles"]),
);

/** The backups in each storage that was looked at. */
const listings = perClient((client) => {
  const byName = new Map<string, ReturnType<typeof listingOf>>();
  function listingOf(name: string) {
    return createMirror(client, () => client.invoke("storages.backups", { name }), ["storages"]);
  }
  return (name: string) => {
    const listing = byName.get(name) ?? listingOf(name);
    byName.set(name, listing);
    return listing;
  };
});

/** The backups in a storage, newest first. */
export function useStoredBackups(name: string) {
  return useStore(listings(useClient())(name));
}
