import { clearCache, mostCacheBytes, sizeOfCache } from "../archives/block-cache.ts";
import type { Handlers } from "../host/served-app.ts";
import { thawBackup } from "../storage/thaw-backup.ts";
import { type AppServices, storageContext, wholePath } from "./app-services.ts";

type StoredArchiveMethods = "archives.cache" | "archives.clearCache" | "archives.thaw";

/** What archives in storages need besides being opened: thawing, and room on this disk. */
export function storedArchiveHandlers(services: AppServices): Pick<Handlers, StoredArchiveMethods> {
  return {
    async "archives.cache"() {
      const { bytes } = await sizeOfCache(await services.home());
      return { bytes, mostBytes: mostCacheBytes };
    },
    async "archives.clearCache"() {
      await clearCache(await services.home());
      return { bytes: 0, mostBytes: mostCacheBytes };
    },
    async "archives.thaw"({ path, ask }, { signal }) {
      return thawBackup(wholePath(path), await storageContext(services), ask, signal);
    },
  };
}
