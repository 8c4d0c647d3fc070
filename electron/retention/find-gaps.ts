import { type ChainGap, findChainGaps } from "../../shared/policy/backup-chain.ts";
import { splitPath } from "../../shared/storage/location.ts";
import type { Home } from "../home.ts";
import { encodeFileName } from "../storage/backup-folder.ts";
import type { Storage } from "../storage/storage.ts";
import type { SummaryListing } from "../storage/stored-summaries.ts";
import { listDeletedIds } from "./deletion-record.ts";

type Listing = Pick<SummaryListing, "unreadable" | "withoutManifest" | "unfinished"> & {
  readonly backups: readonly Pick<SummaryListing["backups"][number], "summary">[];
};

/**
 * Backups that were in a place when others were made there, that are gone, and that no Lifeboat deleted as far as its records
 * tell, those in the place and those of this machine. They are read only where something is missing; where they cannot be,
 * nobody can tell, and nothing is said.
 * @throws the signal's reason alone
 */
export async function findGaps(
  listing: Listing,
  storage: Storage,
  home: Home,
  signal: AbortSignal,
): Promise<readonly ChainGap[]> {
  const summaries = listing.backups.map(({ summary }) => summary);
  const place = await storage.identify();
  // What is there and is told as unreadable, or without its manifest, is not gone.
  const known = new Set(
    [...listing.unreadable.map(({ path }) => path), ...listing.withoutManifest, ...listing.unfinished].flatMap(stampIn),
  );
  const isThere = ({ database, id }: { database: string; id: string }) =>
    known.has(`${encodeFileName(database)} ${id.slice(0, 14)}`);
  const databases = new Set(findChainGaps(summaries, place, isThere).map(({ database }) => database));
  if (databases.size === 0) return [];
  const deleted = await listDeletedIds(storage, databases, home, signal);
  if (deleted === null) return [];
  return findChainGaps(summaries, place, (missing) => isThere(missing) || deleted.has(missing.id));
}

/** `shop 20261121020000` of a file's name: all of a backup's begin so. */
function stampIn(path: string): string[] {
  const [, name, day, time] = /^(.*)_(\d{8})T(\d{6})Z\./s.exec(splitPath(path.replaceAll("\\", "/")).name) ?? [];
  return name === undefined ? [] : [`${name} ${day}${time}`];
}
