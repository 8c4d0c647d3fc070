import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import type { Manifest } from "../../shared/contract/manifest.ts";
import { AppError } from "../../shared/error/app-error.ts";
import type { Home } from "../home.ts";
import { findBackupsById, loadManifestBeside } from "../storage/backup-folder.ts";

/** An archive that an ARCHIVE argument means. The manifest is null for archives made elsewhere. */
export interface ResolvedArchive {
  readonly path: string;
  readonly manifest: Manifest | null;
}

/**
 * The archive behind an ARCHIVE argument: a path, or the id of a backup (or a unique beginning of one) in the default
 * folder and wherever earlier backups went. A file always wins over an id.
 * Throws backup.notFound, backup.ambiguous, storage.unsupported.
 */
export async function resolveArchive(argument: string, home: Home): Promise<ResolvedArchive> {
  if (argument.startsWith("s3://"))
    throw new AppError("storage.unsupported", "This version opens archives on this machine only.", {
      hint: "Download the file first, then open it by its path.",
    });
  const path = resolve(argument);
  if (await exists(path)) return { path, manifest: await loadManifestBeside(path) };
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
  return { path: first.archivePath, manifest: first.manifest };
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
