import { resolve } from "node:path";
import { AppError } from "../../shared/error/app-error.ts";
import { isRemoteLocation, withoutEndSlash } from "../../shared/storage/location.ts";
import type { Home } from "../home.ts";
import { openSavedStorages } from "./saved-storages.ts";

/** LOCATIONs told apart. */
export interface SortedPlaces {
  /** Absolute paths. */
  readonly folders: readonly string[];
  /** As openStorage takes them, without a slash at their end. */
  readonly storages: readonly string[];
}

/**
 * Folders, and what only openStorage can open: places in buckets, on SFTP servers and saved storages' names.
 * @throws storage.unsupported for another kind of address
 */
export async function sortPlaces(locations: readonly string[], home: Home): Promise<SortedPlaces> {
  const foreign = locations.find(
    (location) => /^[a-z][a-z0-9+.-]+:\/\//i.test(location) && !isRemoteLocation(location),
  );
  if (foreign !== undefined) throw new AppError("storage.unsupported", `This version does not write to ${foreign}.`);
  const saved = locations.length === 0 ? [] : await openSavedStorages(home).list();
  const isStorage = (location: string) => isRemoteLocation(location) || saved.some(({ name }) => name === location);
  return {
    folders: unique(locations.filter((location) => !isStorage(location)).map((location) => resolve(location))),
    storages: unique(locations.filter(isStorage).map(withoutEndSlash)),
  };
}

/** One place that was named twice is one. */
function unique(locations: readonly string[]): string[] {
  return [...new Set(locations)];
}
