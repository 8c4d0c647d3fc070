import { lstat } from "node:fs/promises";
import { join } from "node:path";
import { AppError, toErrorValue } from "../../shared/error/app-error.ts";
import type { JobContext } from "../jobs/job-context.ts";
import type { BackupNames } from "../storage/backup-folder.ts";
import { firstFailure } from "../storage/fan-out.ts";
import { limitRate } from "../storage/limit-rate.ts";
import { createLocalStorage } from "../storage/local-storage.ts";
import { openStorage, type StorageContext } from "../storage/open-storage.ts";
import { isFolder, type Place, takesPart, withdrawFrom } from "../storage/place.ts";
import { piecesOf, type Storage } from "../storage/storage.ts";
import { type BackupRequest, placesOf } from "./backup-request.ts";

/** Where a backup goes. */
export interface BackupPlaces {
  readonly all: readonly Place[];
  /** Those that could not even be opened, with why. */
  readonly unopened: ReadonlyMap<string, AppError>;
  close(): Promise<void>;
}

/**
 * Opens every place of a request. One that cannot be used, or where a name is taken, is out before anything is written.
 * @throws why, where none is left; what openStorage throws is told of its place
 */
export async function openPlaces(
  request: BackupRequest,
  names: BackupNames,
  access: StorageContext,
  signal: AbortSignal,
): Promise<BackupPlaces> {
  const all: Place[] = request.locations.map((folder) => newPlace(folder, createLocalStorage(folder)));
  const unopened = new Map<string, AppError>();
  const limit = request.maxBytesPerSecond === undefined ? null : limitRate(request.maxBytesPerSecond);
  for (const location of request.storages ?? []) {
    try {
      const storage = await openStorage(location, access);
      all.push(newPlace(location, limit === null ? storage : limit(storage)));
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      unopened.set(location, error);
    }
  }
  await Promise.all(all.map((place) => refuseTakenNames(place, names, signal)));
  signal.throwIfAborted();
  const places: BackupPlaces = {
    all,
    unopened,
    async close() {
      await Promise.all(all.map(({ storage }) => storage.close()));
    },
  };
  if (all.some(takesPart)) return places;
  await places.close();
  const [first] = unopened.values();
  throw all.length === 0 && first !== undefined ? first : firstFailure(all);
}

function newPlace(location: string, storage: Storage): Place {
  return { location, storage, failure: null, isBehind: false, written: [] };
}

async function refuseTakenNames(place: Place, names: BackupNames, signal: AbortSignal): Promise<void> {
  try {
    for (const path of [names.archive, names.globals, names.manifest])
      if (await isTaken(place, path, signal))
        throw new AppError("backup.destinationExists", `${place.storage.address}/${path} is there already.`);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    place.failure = error;
  }
}

async function isTaken(place: Place, path: string, signal: AbortSignal): Promise<boolean> {
  // A directory archive's name is a folder's.
  if (isFolder(place))
    return lstat(join(place.storage.address, path)).then(
      () => true,
      () => false,
    );
  try {
    await place.storage.stat(path, { signal });
    return true;
  } catch (error) {
    if (error instanceof AppError && error.code === "storage.notFound") return false;
    throw error;
  }
}

/**
 * Writes the manifest, the last file of all: from then on it is a backup. A place that does not take it has nothing.
 * @throws why, where no place took it
 */
export async function publishManifest(
  places: readonly Place[],
  path: string,
  text: string,
  signal: AbortSignal,
): Promise<void> {
  const publish = async (place: Place): Promise<void> => {
    try {
      await place.storage.write(path, piecesOf(text), { ifAbsent: true, expectedBytes: text.length, signal });
      place.written.push(path);
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof AppError)) throw error;
      place.failure = error;
    }
  };
  await Promise.all(places.filter(takesPart).map(publish));
  signal.throwIfAborted();
  await withdrawFailed(places);
  if (!places.some(takesPart)) throw firstFailure(places);
}

/** Takes away what was finished in the places that failed later on. */
async function withdrawFailed(places: readonly Place[]): Promise<void> {
  for (const place of places) if (place.failure !== null) await withdrawFrom(place);
}

/**
 * Clears away what uploads that were killed long ago have left in the places. Runs beside the backup until
 * `ending`; what fails is only told in the log.
 */
export async function sweepPlaces(places: readonly Place[], context: JobContext, ending: AbortSignal): Promise<void> {
  const signal = AbortSignal.any([context.signal, ending]);
  const sweep = async ({ location, storage }: Place): Promise<void> => {
    try {
      const swept = await storage.sweepStaleUploads({ signal });
      if (swept > 0) context.log(`${location}: cleared away ${swept} uploads that had been cut`);
    } catch (error) {
      if (!signal.aborted)
        context.log(`${location}: stale uploads were not looked for: ${toErrorValue(error).message}`);
    }
  };
  await Promise.all(places.filter(takesPart).map(sweep));
}

/** What became of each place, in the order of the request. */
export function verdictsOf(
  request: BackupRequest,
  { all, unopened }: BackupPlaces,
): { location: string; place: Place | null; failure: AppError | null }[] {
  return placesOf(request).map((location) => {
    const place = all.find((each) => each.location === location) ?? null;
    return { location, place, failure: place === null ? (unopened.get(location) ?? null) : place.failure };
  });
}
