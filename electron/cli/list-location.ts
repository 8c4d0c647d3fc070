import { resolve } from "node:path";
import { summarizeManifest } from "../../shared/contract/backup-summary.ts";
import type { ChainGap } from "../../shared/policy/backup-chain.ts";
import { isRemoteLocation } from "../../shared/storage/location.ts";
import type { SavedStorage } from "../../shared/storage/settings.ts";
import type { KeyRing } from "../encryption/key-ring.ts";
import { type LocationListing, listBackups, type StoredBackup } from "../storage/backup-folder.ts";
import type { ProofHistory } from "../storage/backup-proofs.ts";
import { readListedProofs } from "../storage/listed-proofs.ts";
import { createLocalStorage } from "../storage/local-storage.ts";
import type { Hold, Storage } from "../storage/storage.ts";
import type { SummaryListing } from "../storage/stored-summaries.ts";
import type { Cli } from "./cli.ts";

/** A listing, with the manifests where they are at hand or asked for. */
export interface Listed extends SummaryListing {
  readonly whole: readonly StoredBackup[] | null;
  /** Backups that are gone, and that no Lifeboat deleted. */
  readonly gaps: readonly ChainGap[];
  /** What checks found, by the manifests' paths; all of it where the manifests are whole. */
  readonly checks: ReadonlyMap<string, ProofHistory>;
  /** What Object Lock holds, by the manifests' paths. */
  readonly holds: ReadonlyMap<string, Hold>;
}

/** The backups at a LOCATION. @throws storage.* */
export async function listLocation(location: string, cli: Cli): Promise<Listed> {
  const { openSavedStorages } = await import("../storage/saved-storages.ts");
  const { openKeyRing } = await import("../encryption/key-ring.ts");
  const { home, env } = cli;
  const keys = openKeyRing({ home, env });
  const saved = (await openSavedStorages(home).list()).find(({ name }) => name === location);
  const folder = folderOf(location, saved);
  if (folder !== null)
    return complete(withSummaries(await listBackups(folder, keys)), createLocalStorage(folder), keys, cli);
  const { openStorage } = await import("../storage/open-storage.ts");
  const storage = await openStorage(location, cli);
  try {
    return await complete(await listStorage(storage, cli, keys), storage, keys, cli);
  } finally {
    await storage.close();
  }
}

function folderOf(location: string, saved: SavedStorage | undefined): string | null {
  if (saved?.settings.kind === "folder") return saved.settings.path;
  return saved === undefined && !isRemoteLocation(location) ? resolve(location) : null;
}

/** JSON gives the manifests as they are, and so they are all read; the table needs what an index holds. */
async function listStorage(storage: Storage, { out, home, signal }: Cli, keys: KeyRing): Promise<Found> {
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

function withSummaries(listing: LocationListing): Found {
  const backups = listing.backups.map(({ manifest, ...place }) => ({ summary: summarizeManifest(manifest), ...place }));
  return { ...listing, backups, whole: listing.backups };
}

type Found = Omit<Listed, "gaps" | "checks" | "holds">;

async function complete(found: Found, storage: Storage, keys: KeyRing, { home, signal }: Cli): Promise<Listed> {
  const { findGaps } = await import("../retention/find-gaps.ts");
  const [gaps, checks, holds] = await Promise.all([
    findGaps(found, storage, home, signal),
    readListedProofs(storage, found, keys, { signal, history: found.whole !== null }),
    findHeld(found, storage, signal),
  ]);
  return { ...found, gaps, checks, holds };
}

/** Each backup has to be asked, so only where the storage locks at all. */
async function findHeld({ backups }: Found, storage: Storage, signal: AbortSignal): Promise<ReadonlyMap<string, Hold>> {
  if (storage.kind !== "s3" || backups.length === 0) return new Map();
  const facts = await storage.describe({ signal }).catch(() => null);
  signal.throwIfAborted();
  if (facts?.objectLock === "off") return new Map();
  const { findHolds } = await import("../retention/holds.ts");
  const start = storage.address.length + 1;
  const paths = backups.map(({ manifestPath }) => manifestPath.slice(start));
  const held = await findHolds(storage, paths, signal);
  return new Map(Array.from(held, ([path, hold]) => [`${storage.address}/${path}`, hold]));
}
