import { readdir } from "node:fs/promises";
import { basename, join } from "node:path";
import { setTimeout } from "node:timers/promises";
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

/** So many seconds' names are tried where those before are taken. */
const NAMES_TRIED = 5;

/**
 * Opens every place of a request. One that cannot be used is out before anything is written.
 * @throws why, where none is left; what openStorage throws is told of its place
 */
export async function openPlaces(
  request: BackupRequest,
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
  const [first] = unopened.values();
  if (all.length === 0 && first !== undefined) throw first;
  signal.throwIfAborted();
  return {
    all,
    unopened,
    async close() {
      await Promise.all(all.map(({ storage }) => storage.close()));
    },
  };
}

/**
 * Names for a backup that nobody has in any of the places: of this second or of one that follows soon. Another machine's
 * schedule may have begun at the same moment, and only one of two files can have a name in the end. A place where that does
 * not help, or that does not answer, is out.
 * @throws why, where none is left
 */
export async function chooseNames(
  places: readonly Place[],
  startedAt: Date,
  namesAt: (startedAt: Date) => BackupNames,
  signal: AbortSignal,
): Promise<{ readonly names: BackupNames; readonly startedAt: Date }> {
  for (let at = startedAt, tried = 1; ; at = new Date(), tried++) {
    const names = namesAt(at);
    // Those that do not answer drop out meanwhile.
    const taking = places.filter(takesPart);
    // oxlint-disable-next-line no-await-in-loop -- one second after the other
    const taken = await Promise.all(taking.map((place) => findTaken(place, names, signal)));
    signal.throwIfAborted();
    const isFree = taken.every((error) => error === null);
    if (isFree || tried === NAMES_TRIED) {
      for (const [index, place] of taking.entries()) place.failure ??= taken[index] ?? null;
      if (!places.some(takesPart)) throw firstFailure(places);
      return { names, startedAt: at };
    }
    // oxlint-disable-next-line no-await-in-loop
    await setTimeout(1000 - (Date.now() % 1000), undefined, { signal });
  }
}

function newPlace(location: string, storage: Storage): Place {
  return { location, storage, failure: null, isBehind: false, written: [] };
}

/** Why these names are not to be had in this place; a place that does not answer fails at once. */
async function findTaken(place: Place, names: BackupNames, signal: AbortSignal): Promise<AppError | null> {
  try {
    const path = isFolder(place) ? await findBeside(place, names) : await findStored(place, names, signal);
    if (path !== null)
      return new AppError("backup.destinationExists", `${place.storage.address}/${path} is there already.`);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    place.failure = error;
  }
  return null;
}

/** Whatever begins like this backup's files, also what another backup, of whatever home, is still writing. */
async function findBeside(place: Place, { folder, stem }: BackupNames): Promise<string | null> {
  const files = await readdir(join(place.storage.address, folder)).catch(() => []);
  const taken = files.find((name) => name.startsWith(`${basename(stem)}.`));
  return taken === undefined ? null : `${folder}/${taken}`;
}

async function findStored(place: Place, names: BackupNames, signal: AbortSignal): Promise<string | null> {
  for (const path of [names.archive, names.globals, names.manifest]) {
    try {
      // oxlint-disable-next-line no-await-in-loop -- one request at a time; three there are
      await place.storage.stat(path, { signal });
      return path;
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== "storage.notFound") throw error;
    }
  }
  return null;
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
