import { isMemberName } from "../../shared/archive/member-names.ts";
import { splitPath } from "../../shared/storage/location.ts";
import type { Storage } from "../storage/storage.ts";
import type { BlockCache } from "./block-cache.ts";
import type { ArchiveFolder, HoldFile } from "./directory-archive.ts";
import { openStoredSource } from "./stored-source.ts";

/**
 * A directory archive's folder in a storage, told by the toc.dat in it. It is listed once; of its files only what is asked
 * for is read.
 * @param storage which the folder owns from then on, unless the answer is null
 * @param name of the folder, from the storage's root
 * @param path how the archive is called
 * @param hold put between each file and whoever reads it; told its path in the storage
 * @returns null where there is no such folder
 * @throws storage.*
 */
export async function openStoredFolder(
  storage: Storage,
  name: string,
  path: string,
  disk: BlockCache,
  hold: HoldFile,
): Promise<ArchiveFolder | null> {
  const files = new Map<string, number>();
  for await (const entry of storage.list(name)) {
    const { name: file } = splitPath(entry.path);
    if (entry.kind === "object" && isMemberName(file)) files.set(file, entry.sizeBytes);
  }
  if (![...files.keys()].some((file) => file.startsWith("toc.dat"))) return null;
  // Many sources of one storage, none of which may close it.
  const shared: Storage = { ...storage, close: async () => {} };
  return {
    path,
    isFolder: false,
    files,
    async open(file) {
      const stored = await openStoredSource(shared, `${name}/${file}`, disk);
      try {
        return hold(stored, `${name}/${file}`);
      } catch (error) {
        await stored.close();
        throw error;
      }
    },
    close: () => storage.close(),
  };
}
