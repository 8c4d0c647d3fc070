import type { StorageEntry, StorageFolder, StoredFileKind } from "../../shared/contract/storage-views.ts";
import { splitPath } from "../../shared/storage/location.ts";
import { isProofPath, manifestPathBeside, sortPaths } from "./backup-folder.ts";
import { checkPath, type Storage, type StoredFolder, type StoredObject } from "./storage.ts";

/** More entries of one folder are not shown: nobody reads them one by one. */
const mostEntries = 5000;

/**
 * What is in a folder of a storage ("" is its root): folders first, then files by name, each with what its name says it is.
 * Files of other tools are among them.
 * @throws storage.*, storage.invalid for a way up
 */
export async function browseStorage(storage: Storage, folder: string, signal: AbortSignal): Promise<StorageFolder> {
  if (folder !== "") checkPath(folder);
  const found: (StoredObject | StoredFolder)[] = [];
  let isCut = false;
  for await (const entry of storage.list(folder, { signal })) {
    if (found.length === mostEntries) {
      isCut = true;
      break;
    }
    found.push(entry);
  }
  const paths = new Set(found.map(({ path }) => path));
  const unfinished = new Set(sortPaths([...paths]).unfinished);
  const kindOf = (path: string) => (unfinished.has(path) ? "unfinished" : kindOfPath(path, paths));
  return {
    folder,
    address: storage.address,
    entries: found.map((entry) => describe(storage, entry, kindOf(entry.path))).toSorted(byKindAndName),
    isCut,
  };
}

function kindOfPath(path: string, beside: ReadonlySet<string>): StoredFileKind {
  const { name } = splitPath(path);
  if (path.startsWith(".lifeboat/")) return "record";
  if (/_\d{8}T\d{6}Z\.manifest\.json$/.test(name)) return "manifest";
  if (/_\d{8}T\d{6}Z\.globals\.sql(\.(age|gpg))?$/.test(name)) return "globals";
  if (/_\d{8}T\d{6}Z\.pin$/.test(name)) return "pin";
  if (isProofPath(path)) return "record";
  const manifest = manifestPathBeside(path);
  if (manifest !== null) return beside.has(manifest) ? "backup" : "archive";
  return /\.(dump|pgdump|backup|pgbackup|dmp)(\.(age|gpg|pgp|asc))?$/i.test(name) ? "archive" : "other";
}

function describe(storage: Storage, entry: StoredObject | StoredFolder, kind: StoredFileKind): StorageEntry {
  const { name } = splitPath(entry.path);
  const canOpen = (kind === "backup" || kind === "archive") && !/\.(sql|tar)(\.|$)/.test(name);
  if (entry.kind === "folder")
    return {
      name,
      path: entry.path,
      // A directory archive is one thing, and a folder to look into.
      kind: "folder",
      archive: null,
      sizeBytes: null,
      modifiedAt: null,
      isArchived: false,
    };
  return {
    name,
    path: entry.path,
    kind,
    archive: canOpen ? `${storage.address}/${entry.path}` : null,
    sizeBytes: entry.sizeBytes,
    modifiedAt: entry.modifiedAt,
    isArchived: entry.archived,
  };
}

/** Folders of databases, our own records, files. */
function rank({ kind, name }: StorageEntry): number {
  if (kind !== "folder") return 2;
  return name === ".lifeboat" ? 1 : 0;
}

function byKindAndName(one: StorageEntry, other: StorageEntry): number {
  return rank(one) - rank(other) || one.name.localeCompare(other.name);
}
