import { type BackupSummary, summarizeManifest } from "../../shared/contract/backup-summary.ts";
import type { Manifest } from "../../shared/contract/manifest.ts";
import { AppError } from "../../shared/error/app-error.ts";
import { splitPath } from "../../shared/storage/location.ts";
import {
  encodeFileName,
  examineManifest,
  type LocationListing,
  newestFirst,
  type StoredBackup,
  sortPaths,
} from "./backup-folder.ts";
import { ownFolder } from "./backup-index.ts";
import { manifestDigest } from "./backup-proofs.ts";
import type { CachedManifest, ManifestCache } from "./manifest-cache.ts";
import type { ProofKeys } from "./manifest-proof.ts";
import type { Storage, StoredObject } from "./storage.ts";

/** Requests under way together: listings of folders, and manifests. */
export const foldersAtOnce = 8;
export const manifestsAtOnce = 48;

/**
 * Every backup in a storage and one level of folders below it, as listBackups() does it for a folder of this machine. Only
 * manifests are read, and of them only those that the cache does not hold under the same etag.
 * @param keys to check the manifests' proofs by; left out: they are not checked
 * @throws what Storage.list throws; a manifest that cannot be read is told in the listing
 */
export async function listStoredBackups(
  storage: Storage,
  cache: ManifestCache,
  signal: AbortSignal,
  keys?: ProofKeys,
): Promise<LocationListing> {
  const { objects, folders } = await walkStorage(storage, signal);
  const { manifests, unfinished, withoutManifest, pinned, proofs } = sortPaths([...objects.keys(), ...folders]);
  const known = cache.load(storage.address);
  const backups: StoredBackup[] = [];
  const unreadable: { path: string; error: AppError }[] = [];
  const fetched: CachedManifest[] = [];
  await inParallel(manifests, manifestsAtOnce, async (path) => {
    try {
      const etag = objects.get(path)?.etag ?? "";
      const kept = known.get(path);
      const text = kept?.etag === etag ? kept.text : Buffer.from(await storage.read(path, { signal })).toString("utf8");
      const { manifest, standing } = await examineManifest(text, path, keys);
      if (kept?.text !== text) fetched.push({ path, etag, text });
      backups.push({
        manifest,
        digest: manifestDigest(text),
        standing,
        ...placeBackup(storage, path, summarizeManifest(manifest), { objects, folders }),
      });
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof AppError)) throw error;
      unreadable.push({ path: `${storage.address}/${path}`, error });
    }
  });
  const present = new Set(manifests);
  const gone = [...known.keys()].filter((path) => !present.has(path));
  if (fetched.length > 0 || gone.length > 0) cache.change(storage.address, fetched, gone);
  const named = (paths: readonly string[]) => paths.map((path) => `${storage.address}/${path}`);
  return {
    backups: backups.toSorted(newestFirst),
    unreadable,
    unfinished: named(unfinished),
    withoutManifest: named(withoutManifest),
    pinned: named(pinned),
    proofs: named(proofs),
  };
}

/**
 * The newest backup of a database in a storage that is as wanted, or null, as findNewestBackup() has it for a folder.
 * @throws what Storage.list and read throw
 */
export async function findNewestStored(
  storage: Storage,
  database: string,
  isWanted: (manifest: Manifest) => boolean,
  signal: AbortSignal,
): Promise<Manifest | null> {
  const paths: string[] = [];
  for await (const { path } of storage.list(encodeFileName(database), { signal })) paths.push(path);
  for (const path of sortPaths(paths).manifests.toSorted().toReversed()) {
    // oxlint-disable-next-line no-await-in-loop -- the first one as a rule
    const text = Buffer.from(await storage.read(path, { signal })).toString("utf8");
    // oxlint-disable-next-line no-await-in-loop -- as above
    const found = await examineManifest(text, path).catch(() => null);
    if (found !== null && found.manifest.database === database && isWanted(found.manifest)) return found.manifest;
  }
  return null;
}

/** What is in a storage and in the folders at its top. */
export interface StorageWalk {
  readonly objects: ReadonlyMap<string, StoredObject>;
  readonly folders: ReadonlySet<string>;
}

/** A folder is listed by itself, several at a time: one long listing of a bucket comes page after page. */
export async function walkStorage(storage: Storage, signal: AbortSignal): Promise<StorageWalk> {
  const objects = new Map<string, StoredObject>();
  const folders = new Set<string>();
  const list = async (folder: string): Promise<string[]> => {
    const inner: string[] = [];
    for await (const entry of storage.list(folder, { signal })) {
      if (entry.kind === "object") objects.set(entry.path, entry);
      else inner.push(entry.path);
    }
    for (const path of inner) folders.add(path);
    return inner;
  };
  const databases = (await list("")).filter((path) => path !== ownFolder && !/_\d{8}T\d{6}Z\.dir$/.test(path));
  await inParallel(databases, foldersAtOnce, list);
  return { objects, folders };
}

/** Where a backup's files are, and whether its archive is there. */
export function placeBackup(
  storage: Storage,
  path: string,
  summary: BackupSummary,
  { objects, folders }: StorageWalk,
): Pick<StoredBackup, "manifestPath" | "archivePath" | "archive" | "archived"> {
  const { folder } = splitPath(path);
  const archive = `${folder === "" ? "" : `${folder}/`}${summary.archive}`;
  const sizeBytes = objects.get(archive)?.sizeBytes;
  const isThere = summary.format === "directory" ? folders.has(archive) : sizeBytes !== undefined;
  const isSame = summary.format === "directory" || sizeBytes === summary.archiveBytes;
  return {
    manifestPath: `${storage.address}/${path}`,
    archivePath: `${storage.address}/${archive}`,
    archive: !isThere ? "missing" : isSame ? "present" : "otherSize",
    ...(objects.get(archive)?.archived === true ? { archived: true as const } : {}),
  };
}

/** Works through all items, some at a time; the first failure ends it. */
export async function inParallel<T>(
  items: readonly T[],
  atOnce: number,
  work: (item: T) => Promise<unknown>,
): Promise<void> {
  const left = items.values();
  const worker = async (): Promise<void> => {
    // oxlint-disable-next-line no-await-in-loop -- several of these run at once
    for (const item of left) await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, worker));
}
