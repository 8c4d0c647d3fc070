import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { AppError } from "../../shared/error/app-error.ts";
import { isRemoteLocation, withoutEndSlash } from "../../shared/storage/location.ts";
import type { Home } from "../home.ts";
import { findBackupsById } from "../storage/backup-folder.ts";

/**
 * Where the archive behind an ARCHIVE argument lies: the absolute path of a file, of a backup with that id (or a unique
 * beginning of it) in the default folder and wherever earlier backups went, or `s3://bucket/key` and `sftp://host/path`, without a slash at their end. A file always
 * wins over an id.
 * Throws backup.notFound, backup.ambiguous.
 */
export async function resolveArchive(argument: string, home: Home): Promise<string> {
  if (isRemoteLocation(argument)) return withoutEndSlash(argument);
  const path = resolve(argument);
  if (await exists(path)) return path;
  if (!/^[0-9]{4,14}(-[0-9a-f]{0,8})?$/.test(argument))
    throw new AppError("backup.notFound", `There is no file ${argument}.`);

  // Only here, because the list of jobs behind it is half of the start-up time of a command that is given a path.
  const { backupLocations } = await import("./backup-locations.ts");
  const found = [];
  for (const location of await backupLocations(home)) {
    found.push(...(await findBackupsById(location, argument)));
  }
  const [first] = found;
  if (!first) throw new AppError("backup.notFound", `There is no backup with the id ${argument}.`);
  if (new Set(found.map(({ manifest }) => manifest.id)).size > 1)
    throw new AppError("backup.ambiguous", `Several backups have an id that begins with ${argument}.`);
  if (first.archive === "missing")
    throw new AppError("backup.notFound", `The archive of backup ${first.manifest.id} is gone: ${first.archivePath}.`, {
      hint: "Its manifest is still there. Look for a copy of the file, and put it back beside the manifest.",
    });
  return first.archivePath;
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
