import { AppError } from "../../shared/error/app-error.ts";
import { splitPath } from "../../shared/storage/location.ts";
import type { StorageContext } from "./open-storage.ts";
import { type ArchivePlace, openArchivePlace, readManifestBeside } from "./open-stored-backup.ts";
import type { Storage, StoredObject, ThawOptions } from "./storage.ts";
import { inParallel } from "./stored-backups.ts";

/** How far the files of a backup are from being readable. */
export interface ThawState {
  readonly files: number;
  /** In an archive class, and nobody has asked for them. */
  readonly frozen: number;
  readonly ongoing: number;
  /** When the first copy that can be read now goes again: an ISO time; null where none was thawed. */
  readonly readyUntil: string | null;
}

const filesAtOnce = 16;

/**
 * Looks at the files of a backup (of an archive alone, where it has no manifest) and, if asked, has those thawed that lie in
 * an archive class.
 * @param options null: only looks
 * @throws storage.notFound and what Storage throws
 */
export async function thawBackup(
  archive: string,
  access: StorageContext,
  options: Omit<ThawOptions, "signal"> | null,
  signal: AbortSignal,
): Promise<ThawState> {
  const place = await openArchivePlace(archive, access);
  const { storage } = place;
  try {
    const paths = await filesOf(place, signal);
    if (options !== null)
      await inParallel(paths, filesAtOnce, async (path) => {
        const file = await storage.stat(path, { signal });
        if (file.archived || file.thaw !== undefined) await storage.thaw(path, { ...options, signal });
      });
    return await look(storage, paths, signal);
  } finally {
    await storage.close();
  }
}

async function filesOf(place: ArchivePlace, signal: AbortSignal): Promise<readonly string[]> {
  const found = await readManifestBeside(place, signal);
  return found === null ? [place.name] : found.manifest.files.map(({ path }) => path);
}

async function look(storage: Storage, paths: readonly string[], signal: AbortSignal): Promise<ThawState> {
  const files: StoredObject[] = [];
  await inParallel(paths, filesAtOnce, async (path) => files.push(await storage.stat(path, { signal })));
  const ends = files.flatMap(({ thaw }) => (thaw?.state === "ready" && thaw.until !== null ? [thaw.until] : []));
  return {
    files: files.length,
    frozen: files.filter(({ archived, thaw }) => archived && thaw === undefined).length,
    ongoing: files.filter(({ thaw }) => thaw?.state === "ongoing").length,
    readyUntil: ends.toSorted()[0] ?? null,
  };
}

/** Why what lies in an archive class cannot be read now. */
export function archivedError({ address }: Storage, { path, thaw }: StoredObject): AppError {
  const what = splitPath(path).name;
  if (thaw?.state === "ongoing")
    return new AppError("storage.archived", `${what} is being thawed and cannot be read yet.`, {
      detail: `${address}/${path}`,
      hint: "That takes minutes to two days. Look how far it is with: lifeboat thaw ARCHIVE --look",
    });
  return new AppError(
    "storage.archived",
    `${what} lies in an archive class and has to be thawed before it can be read.`,
    {
      detail: `${address}/${path}`,
    },
  );
}
