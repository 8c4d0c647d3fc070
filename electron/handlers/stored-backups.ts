import { summarizeManifest } from "../../shared/contract/backup-summary.ts";
import { AppError } from "../../shared/error/app-error.ts";
import type { Home } from "../home.ts";
import type { Handlers } from "../host/served-app.ts";
import { startPrune } from "../jobs/run-prune.ts";
import { openProfileStore } from "../profiles/profile-store.ts";
import { deleteChosen, previewDeletion } from "../retention/delete-chosen.ts";
import { findGaps } from "../retention/find-gaps.ts";
import { findHolds } from "../retention/holds.ts";
import { pinBackup, unpinBackup } from "../retention/pins.ts";
import { planPrune } from "../retention/plan-prune.ts";
import { findRetained } from "../retention/retained-backups.ts";
import { archiveError, listBackups } from "../storage/backup-folder.ts";
import { browseStorage } from "../storage/browse-storage.ts";
import { lastProofOf, readListedProofs } from "../storage/listed-proofs.ts";
import { openManifestCache } from "../storage/manifest-cache.ts";
import { openSettings } from "../storage/open-storage.ts";
import { openSavedStorages } from "../storage/saved-storages.ts";
import { checkPath, type Storage } from "../storage/storage.ts";
import { listSummaries, type SummaryListing } from "../storage/stored-summaries.ts";
import { type AppServices, keyRing, storageContext } from "./app-services.ts";
import { viewOfSummary, withGaps } from "./backup-views.ts";

type StoredMethods =
  | "storages.backups"
  | "storages.browse"
  | "storages.prunePreview"
  | "storages.prune"
  | "storages.deletePreview"
  | "storages.deleteBackup"
  | "storages.holds"
  | "storages.pin";

/** What lies in saved storages: listed, looked through, pinned, deleted. A window names a storage by its name alone. */
export function storedBackupHandlers(services: AppServices): Pick<Handlers, StoredMethods> {
  const { jobs, starter } = services;

  async function open(name: string): Promise<Storage> {
    const context = await storageContext(services);
    const { settings } = await openSavedStorages(context.home).get(name);
    return openSettings(settings, name, context);
  }

  async function within<T>(name: string, work: (storage: Storage) => Promise<T>): Promise<T> {
    const storage = await open(name);
    try {
      return await work(storage);
    } finally {
      await storage.close();
    }
  }

  return {
    "storages.backups": ({ name }, { signal }) =>
      within(name, async (storage) => {
        const home = await services.home();
        const [listing, profiles] = await Promise.all([
          listAll(storage, home, signal),
          openProfileStore(home)
            .list()
            .catch(() => []),
        ]);
        const pinned = new Set(listing.pinned);
        const keys = await keyRing(services);
        const [checks, gaps] = await Promise.all([
          readListedProofs(storage, listing, keys, { signal, history: false }),
          findGaps(listing, storage, home, signal),
        ]);
        const known = listing.backups
          .filter(({ archive }) => archive === "present")
          .map(({ summary, manifestPath, archivePath, archived = false }) => ({
            ...viewOfSummary(summary, archivePath, profiles, lastProofOf(checks.get(manifestPath))),
            isArchived: archived,
          }));
        return {
          location: storage.address,
          backups: withGaps(known, gaps),
          damaged: [
            ...listing.unreadable.map(({ path, error }) => ({ path, error: error.toValue() })),
            ...listing.backups.flatMap(({ archive, archivePath }) =>
              archive === "present" ? [] : [{ path: archivePath, error: archiveError(archive).toValue() }],
            ),
          ],
          unfinished: listing.unfinished,
          withoutManifest: listing.withoutManifest,
          pinned: listing.backups
            .filter(({ manifestPath }) => pinned.has(manifestPath))
            .map(({ summary }) => summary.id),
        };
      }),
    "storages.browse": ({ name, at }, { signal }) => within(name, (storage) => browseStorage(storage, at, signal)),
    "storages.prunePreview": ({ name, ...choice }, { signal }) =>
      within(name, async (storage) => {
        checkTimeZone(choice.timeZone);
        const all = jobs.list({ limit: Number.MAX_SAFE_INTEGER });
        const { backups, holds, keepsVersions } = await planPrune(storage, choice, all, {
          signal,
          keys: await keyRing(services),
        });
        const dueBytes = backups.reduce((sum, { verdict, sizeBytes }) => sum + (verdict === "due" ? sizeBytes : 0), 0);
        return { backups, holds, dueBytes, keepsVersions };
      }),
    async "storages.prune"({ name, agreed, ...choice }) {
      checkTimeZone(choice.timeZone);
      const storage = await open(name);
      const home = await services.home();
      const keys = await keyRing(services);
      const request = { ...choice, location: name, agreed: [...agreed] };
      const jobId = await starter.start(async (watch) => {
        try {
          return await startPrune(request, storage, { home, keys }, jobs, watch);
        } finally {
          await storage.close();
        }
      });
      return { jobId };
    },
    "storages.deletePreview": ({ name, id }, { signal }) =>
      within(name, (storage) => previewDeletion(storage, id, signal)),
    "storages.deleteBackup": ({ name, id }, { signal }) =>
      within(name, async (storage) => {
        const keptBecause = await deleteChosen(storage, await services.home(), id, signal);
        services.changed("storages");
        return { keptBecause };
      }),
    "storages.holds": ({ name, manifests }, { signal }) =>
      within(name, async (storage) => {
        const holds = await findHolds(storage, manifests.map(checkPath), signal);
        return Array.from(holds, ([path, hold]) => ({ path, ...hold }));
      }),
    "storages.pin": ({ name, id, isPinned }, { signal }) =>
      within(name, async (storage) => {
        const [found] = await findRetained(storage, id, signal);
        if (found === undefined)
          throw new AppError("backup.notFound", `There is no backup ${id} in ${storage.address}.`);
        await (isPinned ? pinBackup : unpinBackup)(storage, found.manifestFile.path);
        services.changed("storages");
        return null;
      }),
  };
}

async function listAll(storage: Storage, home: Home, signal: AbortSignal): Promise<SummaryListing> {
  if (storage.kind === "folder") {
    const { backups, ...others } = await listBackups(storage.address);
    return {
      backups: backups.map(({ manifest, ...rest }) => ({ ...rest, summary: summarizeManifest(manifest) })),
      ...others,
    };
  }
  const cache = await openManifestCache(home);
  try {
    return await listSummaries(storage, cache, signal);
  } finally {
    cache.close();
  }
}

/** @throws usage.invalid */
function checkTimeZone(timeZone: string): void {
  try {
    Intl.DateTimeFormat("en-US", { timeZone });
  } catch {
    throw new AppError("usage.invalid", `There is no time zone ${timeZone}.`);
  }
}
