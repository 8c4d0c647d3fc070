import { resolve } from "node:path";
import { summarizeManifest } from "../../shared/contract/backup-summary.ts";
import type { Manifest } from "../../shared/contract/manifest.ts";
import { AppError } from "../../shared/error/app-error.ts";
import { type BackupPlaces, usualPlaces } from "../../shared/profile/profile.ts";
import { listForeignArchives } from "../archives/foreign-archives.ts";
import { type BackupRequest, defaultBackupOptions } from "../backup/backup-request.ts";
import type { Home } from "../home.ts";
import type { Handlers } from "../host/served-app.ts";
import { startBackup } from "../jobs/run-backup.ts";
import { startCopy } from "../jobs/run-copy.ts";
import { startVerify } from "../jobs/run-verify.ts";
import { connect } from "../postgres/connect.ts";
import { openProfileStore } from "../profiles/profile-store.ts";
import type { ResolvedConnection } from "../profiles/resolve-connection.ts";
import { findGaps } from "../retention/find-gaps.ts";
import { archiveError, listBackups } from "../storage/backup-folder.ts";
import { checkOf, lastProofOf, loadProofs, readListedProofs } from "../storage/listed-proofs.ts";
import { createLocalStorage } from "../storage/local-storage.ts";
import { openSavedStorages } from "../storage/saved-storages.ts";
import { type AppServices, keyRing, storageContext, wholePath } from "./app-services.ts";
import { viewOfForeign, viewOfSummary, withGaps } from "./backup-views.ts";
import { secretOf } from "./databases.ts";
import { refuseUnopenable } from "./keys.ts";

/** Backups: made, listed, verified. */
export function backupHandlers(
  services: AppServices,
): Pick<Handlers, "backup.start" | "backups.list" | "backups.copy" | "backups.verify" | "backups.checks"> {
  const { connections, starter, jobs } = services;
  return {
    async "backup.start"({ connection: choice, database, password, options = {}, location, places }, { signal }) {
      const home = await services.home();
      const { profile, connection } = await connections.adopt(choice, secretOf(password));
      if (choice.kind !== "sample") await knock(connection, signal);
      if (choice.kind !== "sample") services.changed("profiles");
      const { folder, storages, recipients } = places ?? (await placesOf(profile, home));
      await refuseUnopenable(recipients, services);
      const request: BackupRequest = {
        ...defaultBackupOptions,
        ...withoutUndefined(options),
        target: { ...connection.target, hosts: connection.target.hosts.map((host) => ({ ...host })) },
        database: database ?? connection.target.database,
        ...(choice.kind === "sample" ? { sample: true } : {}),
        locations: [resolve(location ?? folder ?? home.backupsFolder)],
        ...(storages.length > 0 ? { storages: [...storages] } : {}),
        ...(recipients.length > 0 ? { recipients: [...recipients] } : {}),
      };
      const jobId = await starter.start((watch) =>
        startBackup(request, connection, { home, env: services.env, secrets: services.passwords.secrets }, jobs, watch),
      );
      return { jobId, profile };
    },
    async "backups.list"({ location }, { signal }) {
      const home = await services.home();
      const folder = resolve(location ?? home.backupsFolder);
      const [listing, profiles] = await Promise.all([
        listBackups(folder),
        openProfileStore(home)
          .list()
          .catch(() => []),
      ]);
      const all = listing.backups.map(({ manifest, ...place }) => ({ summary: summarizeManifest(manifest), ...place }));
      const whole = all.filter(({ archive }) => archive === "present");
      const storage = createLocalStorage(folder);
      const keys = await keyRing(services);
      const [checks, gaps] = await Promise.all([
        readListedProofs(storage, { ...listing, backups: whole }, keys, { signal, history: false }),
        findGaps({ ...listing, backups: all }, storage, home, signal),
      ]);
      const known = whole.map(({ summary, manifestPath, archivePath }) =>
        viewOfSummary(summary, archivePath, profiles, lastProofOf(checks.get(manifestPath))),
      );
      const foreign = await listForeignArchives(folder, new Set(listing.backups.flatMap(filesOf)));
      return {
        location: folder,
        backups: [...withGaps(known, gaps), ...foreign.map(viewOfForeign)].toSorted((a, b) =>
          a.startedAt < b.startedAt ? 1 : -1,
        ),
        damaged: [
          ...listing.unreadable.map(({ path, error }) => ({ path, error: error.toValue() })),
          ...listing.backups.flatMap(({ archive, archivePath }) =>
            archive === "present" ? [] : [{ path: archivePath, error: archiveError(archive).toValue() }],
          ),
        ],
        unfinished: listing.unfinished,
      };
    },
    async "backups.copy"({ path, storages, folder }) {
      const context = await storageContext(services);
      const saved = openSavedStorages(context.home);
      // By their saved names alone: a LOCATION from a browser could be any folder.
      for (const name of storages) await saved.get(name);
      const locations = [...storages, ...(folder === null ? [] : [resolve(folder)])];
      if (locations.length === 0) throw new AppError("usage.invalid", "No place was chosen.");
      const request = { archive: wholePath(path), locations };
      return { jobId: await starter.start((watch) => startCopy(request, context, jobs, watch)) };
    },
    async "backups.checks"({ path }, { signal }) {
      const found = await loadProofs(wholePath(path), await storageContext(services), await keyRing(services), signal);
      const { proofs, refused, olderCount } = found;
      return { checks: proofs.map(checkOf), refused, olderCount, last: lastProofOf(found) };
    },
    async "backups.verify"({ path, level }) {
      const home = await services.home();
      const keys = await keyRing(services);
      return {
        jobId: await starter.start((watch) =>
          startVerify({ path: wholePath(path), level }, { home, env: services.env, keys }, jobs, watch),
        ),
      };
    },
  };
}

/** A password that is missing or wrong is told to the person who asked, who can give it. Everything else is the job's to tell. */
async function knock({ target, password }: ResolvedConnection, signal: AbortSignal): Promise<void> {
  try {
    const session = await connect(target, password, { signal });
    await session.close();
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    if (error.code === "connection.passwordMissing" || error.code === "connection.authentication") throw error;
  }
}

/** What was chosen for a profile; the sample is none. */
async function placesOf(name: string, home: Home): Promise<BackupPlaces> {
  const profile = await openProfileStore(home)
    .get(name)
    .catch(() => null);
  return profile?.places ?? usualPlaces;
}

type Options = Omit<BackupRequest, "target" | "database" | "locations" | "sample">;

/** What was not chosen must not wipe a default out. */
function withoutUndefined(options: { readonly [K in keyof Options]?: Options[K] | undefined }): Partial<Options> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}

function filesOf({ manifest, archivePath }: { manifest: Manifest; archivePath: string }): string[] {
  return [archivePath, ...manifest.files.map(({ path }) => resolve(archivePath, "..", path))];
}
