import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { AppError } from "../../shared/error/app-error.ts";
import type { SavedStorage } from "../../shared/storage/settings.ts";
import type { Home } from "../home.ts";
import { withFileLock } from "../profiles/file-lock.ts";
import { writeFileDurably } from "./durable-file.ts";
import { errnoOf } from "./storage-error.ts";

/** The saved storages, by name. Several processes may read and write at once. */
export interface SavedStorages {
  /** @throws storage.invalid when the file is damaged */
  list(): Promise<SavedStorage[]>;
  /** @throws storage.notSaved, storage.invalid */
  get(name: string): Promise<SavedStorage>;
  /** @throws storage.nameTaken, storage.invalid */
  add(storage: SavedStorage): Promise<void>;
  /** In place of the one of its name. @throws storage.notSaved, storage.invalid */
  replace(storage: SavedStorage): Promise<void>;
  /** Gives what was removed. @throws storage.notSaved, storage.invalid */
  remove(name: string): Promise<SavedStorage>;
}

/** The name under which a storage's secret is kept: another LIFEBOAT_HOME may have a storage of the same name. */
export function storageAccount(name: string, home: Home): string {
  return `storage ${name} of ${home.root}`;
}

/** The store over storages.json. A damaged file is reported and left as it is; it is never written over. */
export function openSavedStorages(home: Home): SavedStorages {
  const path = join(home.root, "storages.json");
  const change = (edit: (storages: SavedStorage[]) => SavedStorage[]): Promise<void> =>
    withFileLock(`${path}.lock`, async () => {
      const storages = edit(await loadStorages(path)).toSorted((a, b) => a.name.localeCompare(b.name));
      await writeFileDurably(path, `${JSON.stringify({ version: 1, storages }, null, 2)}\n`);
    });
  return {
    list: () => loadStorages(path),
    async get(name) {
      return find(await loadStorages(path), name);
    },
    async add(storage) {
      await refuseUnstorable(storage);
      await change((storages) => {
        if (storages.some(({ name }) => name === storage.name))
          throw new AppError("storage.nameTaken", `There is a storage ${storage.name} already.`);
        return [...storages, storage];
      });
    },
    async replace(storage) {
      await refuseUnstorable(storage);
      await change((storages) => {
        const old = find(storages, storage.name);
        return storages.map((each) => (each === old ? storage : each));
      });
    },
    async remove(name) {
      let removed: SavedStorage | undefined;
      await change((storages) => {
        removed = find(storages, name);
        return storages.filter((storage) => storage !== removed);
      });
      return removed ?? find([], name);
    },
  };
}

/** One bad storage would make the whole file unreadable. */
async function refuseUnstorable(storage: SavedStorage): Promise<void> {
  const { savedStorageSchema, storageNameSchema } = await import("../../shared/storage/settings.ts");
  if (!storageNameSchema.safeParse(storage.name).success)
    throw new AppError("storage.invalid", "This cannot be a storage's name.", {
      hint: "Use letters, digits, dots, dashes and underscores, at most 64, beginning with a letter or digit.",
    });
  const parsed = savedStorageSchema.safeParse(storage);
  if (parsed.success) return;
  const detail = parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`).join("; ");
  throw new AppError("storage.invalid", "The storage has a field that is missing or wrong.", { detail });
}

function find(storages: readonly SavedStorage[], name: string): SavedStorage {
  const storage = storages.find((candidate) => candidate.name === name);
  if (storage === undefined) throw new AppError("storage.notSaved", `There is no storage ${name}.`);
  return storage;
}

async function loadStorages(path: string): Promise<SavedStorage[]> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return [];
    throw new AppError("storage.invalid", `The file with the storages cannot be read: ${path}`, { cause: error });
  }
  // Loaded when first needed: most homes have no saved storage, and the checker is half of a command's start-up time.
  const { parseStoragesFile } = await import("./storages-file.ts");
  return parseStoragesFile(text, path);
}
