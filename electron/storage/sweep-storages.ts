import { openStorage, type StorageContext } from "./open-storage.ts";
import { openSavedStorages } from "./saved-storages.ts";

/**
 * Clears away what uploads to the saved storages have left behind when they were killed. Only as far as it can: a storage
 * that does not answer is passed over, for a backup will say so.
 */
export async function sweepSavedStorages(access: StorageContext, signal: AbortSignal): Promise<void> {
  const saved = await openSavedStorages(access.home)
    .list()
    .catch(() => []);
  for (const { name, settings } of saved) {
    if (signal.aborted) return;
    // A folder is swept by the backups that go there; walking through a large one is not for the start of the app.
    if (settings.kind === "folder") continue;
    try {
      const storage = await openStorage(name, access);
      try {
        await storage.sweepStaleUploads({ signal });
      } finally {
        await storage.close();
      }
    } catch {
      // Nobody has asked for it.
    }
  }
}
