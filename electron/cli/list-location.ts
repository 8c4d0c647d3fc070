import { resolve } from "node:path";
import { summarizeManifest } from "../../shared/contract/backup-summary.ts";
import { type ChainGap, findChainGaps } from "../../shared/policy/backup-chain.ts";
import { isRemoteLocation } from "../../shared/storage/location.ts";
import type { SavedStorage } from "../../shared/storage/settings.ts";
import type { KeyRing } from "../encryption/key-ring.ts";
import { type LocationListing, listBackups, type StoredBackup } from "../storage/backup-folder.ts";
import { createLocalStorage } from "../storage/local-storage.ts";
import type { Storage } from "../storage/storage.ts";
import type { SummaryListing } from "../storage/stored-summaries.ts";
import type { Cli } from "./cli.ts";

/** A listing, with the manifests where they are at hand or asked for. */
export interface Listed extends SummaryListing {
  readonly whole: readonly StoredBackup[] | null;
  /** Backups that are gone, and that no pruning deleted. */
  readonly gaps: readonly ChainGap[];
}

/** The backups at a LOCATION. @throws storage.* */
export async function listLocation(location: string, cli: Cli): Promise<Listed> {
  const { openSavedStorages } = await import("../storage/saved-storages.ts");
  const { openKeyRing } = await import("../encryption/key-ring.ts");
  const { home, env, signal } = cli;
  const keys = openKeyRing({ home, env });
  const saved = (await openSavedStorages(home).list()).find(({ name }) => name === location);
  const folder = folderOf(location, saved);
  if (folder !== null)
    return withGaps(withSummaries(await listBackups(folder, keys)), createLocalStorage(folder), signal);
  const { openStorage } = await import("../storage/open-storage.ts");
  const storage = await openStorage(location, cli);
  try {
    return await withGaps(await listStorage(storage, cli, keys), storage, signal);
  } finally {
    await storage.close();
  }
}

function folderOf(location: string, saved: SavedStorage | undefined): string | null {
  if (saved?.settings.kind === "folder") return saved.settings.path;
  return saved === undefined && !isRemoteLocation(location) ? resolve(location) : null;
}

/** JSON gives the manifests as they are, and so they are all read; the table needs what an index holds. */
async function listStorage(storage: Storage, { out, home, signal }: Cli, keys: KeyRing): Promise<Omit<Listed, "gaps">> {
  const { openManifestCache } = await import("../storage/manifest-cache.ts");
  const { listStoredBackups } = await import("../storage/stored-backups.ts");
  const { listSummaries } = await import("../storage/stored-summaries.ts");
  const cache = await openManifestCache(home);
  try {
    if (out.json) return withSummaries(await listStoredBackups(storage, cache, signal, keys));
    return { ...(await listSummaries(storage, cache, signal, keys)), whole: null };
  } finally {
    cache.close();
  }
}

function withSummaries(listing: LocationListing): Omit<Listed, "gaps"> {
  const backups = listing.backups.map(({ manifest, ...place }) => ({ summary: summarizeManifest(manifest), ...place }));
  return { ...listing, backups, whole: listing.backups };
}

/** The records of prunings are read only where something is missing. */
async function withGaps(listing: Omit<Listed, "gaps">, storage: Storage, signal: AbortSignal): Promise<Listed> {
  const summaries = listing.backups.map(({ summary }) => summary);
  const gaps = findChainGaps(summaries, () => false);
  if (gaps.length === 0) return { ...listing, gaps };
  const { listPrunedIds } = await import("../retention/deletion-record.ts");
  const pruned = await listPrunedIds(storage, signal);
  return { ...listing, gaps: findChainGaps(summaries, (id) => pruned.has(id)) };
}
