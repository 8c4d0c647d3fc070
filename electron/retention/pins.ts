import { pinPathOf } from "../storage/backup-folder.ts";
import { piecesOf, type Storage } from "../storage/storage.ts";

/** Keeps a backup from every pruning until it is unpinned. No harm where it is pinned already. @throws storage.* */
export async function pinBackup(storage: Storage, manifestPath: string): Promise<void> {
  const text = JSON.stringify({ pinnedAt: new Date().toISOString() });
  await storage.write(pinPathOf(manifestPath), piecesOf(`${text}\n`));
}

/** @throws storage.* */
export async function unpinBackup(storage: Storage, manifestPath: string): Promise<void> {
  await storage.delete(pinPathOf(manifestPath));
}
