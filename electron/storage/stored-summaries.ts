import { type BackupSummary, summarizeManifest } from "../../shared/contract/backup-summary.ts";
import { AppError } from "../../shared/error/app-error.ts";
import { joinPath, splitPath } from "../../shared/storage/location.ts";
import { examineManifest, type LocationListing, type StoredBackup, sortPaths } from "./backup-folder.ts";
import { type BackupIndex, type IndexEntry, loadIndex, readIndex, saveIndex, writeIndex } from "./backup-index.ts";
import { manifestDigest } from "./backup-proofs.ts";
import type { CachedIndex, ManifestCache } from "./manifest-cache.ts";
import type { ProofKeys } from "./manifest-proof.ts";
import type { Storage } from "./storage.ts";
import { foldersAtOnce, inParallel, manifestsAtOnce, placeBackup, walkStorage } from "./stored-backups.ts";

/** A backup as a list shows it. */
export interface SummarizedBackup extends Omit<StoredBackup, "manifest"> {
  readonly summary: BackupSummary;
}

export interface SummaryListing extends Omit<LocationListing, "backups"> {
  /** Newest first. */
  readonly backups: readonly SummarizedBackup[];
}

/** So many unknown manifests of a folder are read one by one; for more, the folder's index in the storage is asked first. */
const fewManifests = 2;
/** So many that had to be read from here are worth a new index in the storage, for the other machines. */
const worthPublishing = 8;

/**
 * Every backup in a storage and one level of folders below it, for a list: the keys are always listed, the summaries come
 * from this machine's cache, then from the index in the storage, then from the manifest itself, each only where it is of
 * the manifest's etag. An index that lacks much is written anew.
 * @param keys to check the proofs of the manifests that are read; of the others it is told what was found before
 * @throws what Storage.list throws; a manifest that cannot be read is told in the listing
 */
export async function listSummaries(
  storage: Storage,
  cache: ManifestCache,
  signal: AbortSignal,
  keys?: ProofKeys,
): Promise<SummaryListing> {
  const walk = await walkStorage(storage, signal);
  const { manifests, unfinished, withoutManifest, pinned, proofs } = sortPaths([
    ...walk.objects.keys(),
    ...walk.folders,
  ]);
  const kept = cache.loadIndexes(storage.address);
  const folders = new Map<string, FolderWork>();
  for (const path of manifests) {
    const { folder, name } = splitPath(path);
    const work = folders.get(folder) ?? beginFolder(folder, kept.get(folder));
    folders.set(folder, work);
    work.etags.set(name, walk.objects.get(path)?.etag ?? "");
  }
  const unreadable: { path: string; error: AppError }[] = [];
  await inParallel([...folders.values()], foldersAtOnce, (work) => askIndex(storage, work, signal));
  await inParallel([...folders.values()].flatMap(missingIn), manifestsAtOnce, async ({ work, name, etag }) => {
    const path = joinPath(work.folder, name);
    try {
      const text = Buffer.from(await storage.read(path, { signal })).toString("utf8");
      const { manifest, standing } = await examineManifest(text, path, keys);
      const digest = manifestDigest(text);
      work.index.set(name, { etag, summary: summarizeManifest(manifest), standing, digest });
      work.unpublished += 1;
      work.isChanged = true;
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof AppError)) throw error;
      unreadable.push({ path: `${storage.address}/${path}`, error });
    }
  });
  await inParallel([...folders.values()], foldersAtOnce, (work) => publish(storage, work, signal));
  keep(storage, cache, kept, folders);
  const named = (paths: readonly string[]) => paths.map((path) => `${storage.address}/${path}`);
  return {
    backups: [...folders.values()]
      .flatMap(summariesIn)
      .map(({ path, summary, standing, digest }) => {
        return { summary, standing, digest, ...placeBackup(storage, path, summary, walk) };
      })
      .toSorted(newestFirst),
    unreadable,
    unfinished: named(unfinished),
    withoutManifest: named(withoutManifest),
    pinned: named(pinned),
    proofs: named(proofs),
  };
}

/**
 * The backups that the last listing found, without asking the storage anything: to be shown until a new listing is there.
 */
export function recallSummaries(address: string, cache: ManifestCache): BackupSummary[] {
  const indexes = [...cache.loadIndexes(address).values()].map(({ text }) => readIndex(text));
  const summaries = indexes.flatMap((index) => Array.from(index.values(), ({ summary }) => summary));
  return summaries.toSorted((a, b) => (a.startedAt < b.startedAt ? 1 : -1));
}

/** What is known of the manifests in a folder while they are being listed. */
interface FolderWork {
  readonly folder: string;
  /** As the storage lists them now, by the manifest's file name. */
  readonly etags: Map<string, string>;
  /** May hold more than is there, and what is of another etag. */
  readonly index: BackupIndex;
  unpublished: number;
  isChanged: boolean;
}

function beginFolder(folder: string, kept: CachedIndex | undefined): FolderWork {
  const index: BackupIndex = kept === undefined ? new Map() : readIndex(kept.text);
  return { folder, etags: new Map(), index, unpublished: kept?.unpublished ?? 0, isChanged: kept === undefined };
}

function missingIn(work: FolderWork): { work: FolderWork; name: string; etag: string }[] {
  const missing: { work: FolderWork; name: string; etag: string }[] = [];
  for (const [name, etag] of work.etags) if (!isKnown(work.index, name, etag)) missing.push({ work, name, etag });
  return missing;
}

/** Without an etag there is no telling whether it is the same. */
function isKnown(index: BackupIndex, name: string, etag: string): boolean {
  return etag !== "" && index.get(name)?.etag === etag;
}

async function askIndex(storage: Storage, work: FolderWork, signal: AbortSignal): Promise<void> {
  const missing = missingIn(work);
  if (missing.length <= fewManifests) return;
  const index = await loadIndex(storage, work.folder, signal);
  for (const { name, etag } of missing) {
    const entry = index.get(name);
    if (entry !== undefined && isKnown(index, name, etag)) work.index.set(name, entry);
  }
  work.isChanged = true;
}

async function publish(storage: Storage, work: FolderWork, signal: AbortSignal): Promise<void> {
  dropGone(work);
  if (work.unpublished < worthPublishing) return;
  await saveIndex(storage, work.folder, work.index, signal);
  // Where it could not be written it is tried again after as many more, not with each listing.
  work.unpublished = 0;
  work.isChanged = true;
}

function dropGone(work: FolderWork): void {
  for (const [name, { etag }] of work.index) {
    if (work.etags.get(name) === etag) continue;
    work.index.delete(name);
    work.isChanged = true;
  }
}

function keep(
  storage: Storage,
  cache: ManifestCache,
  kept: ReadonlyMap<string, CachedIndex>,
  folders: ReadonlyMap<string, FolderWork>,
): void {
  const changes = new Map<string, CachedIndex | null>();
  for (const folder of kept.keys()) if (!folders.has(folder)) changes.set(folder, null);
  for (const { folder, index, unpublished, isChanged } of folders.values())
    if (isChanged) changes.set(folder, { text: writeIndex(index), unpublished });
  if (changes.size > 0) cache.changeIndexes(storage.address, changes);
}

function summariesIn({ folder, index }: FolderWork): (IndexEntry & { path: string })[] {
  return Array.from(index, ([name, entry]) => ({ ...entry, path: joinPath(folder, name) }));
}

function newestFirst(a: SummarizedBackup, b: SummarizedBackup): number {
  return a.summary.startedAt < b.summary.startedAt ? 1 : -1;
}
