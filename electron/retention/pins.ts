import { piecesOf, type Storage } from "../storage/storage.ts";

/** A manifest's path or name without its ending: what the names of all files of its backup begin with. */
export function stemOf(manifestPath: string): string {
  return manifestPath.replace(/\.manifest\.json$/, "");
}

/** The small file beside a backup that says it is to stay. It lies in the storage, so it holds on every machine. */
export function pinPathOf(manifestPath: string): string {
  return `${stemOf(manifestPath)}.pin`;
}

/** Keeps a backup from every pruning until it is unpinned. No harm where it is pinned already. @throws storage.* */
export async function pinBackup(storage: Storage, manifestPath: string): Promise<void> {
  const text = JSON.stringify({ pinnedAt: new Date().toISOString() });
  await storage.write(pinPathOf(manifestPath), piecesOf(`${text}\n`));
}

/** @throws storage.* */
export async function unpinBackup(storage: Storage, manifestPath: string): Promise<void> {
  await storage.delete(pinPathOf(manifestPath));
}
