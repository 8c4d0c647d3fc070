import { statSync } from "node:fs";
import { basename, dirname, resolve } from "node:path";

/** The window's address of an archive; renderer/features/shell/route.ts reads it. */
export const archivePlace = (path: string) => `#/archive?${new URLSearchParams({ path }).toString()}`;
export const activityPlace = (jobId: string) => `#/activity?${new URLSearchParams({ jobId }).toString()}`;

/** Endings by which people name archives of pg_dump; a folder is one by its toc.dat. */
export const archiveEndings = ["dump", "backup", "pgdump", "tar"] as const;

/**
 * The archive that a command line names; null for none. Chromium puts switches of its own among the arguments and the
 * app's entry stands there too, so an archive is told by its ending and by being there.
 */
export function archiveOfArguments(args: readonly string[], folder: string): string | null {
  for (const argument of args.slice(1).toReversed()) {
    const path = resolve(folder, argument);
    if (!argument.startsWith("-") && hasArchiveName(path) && isThere(path)) return archiveOfChosen(path);
  }
  return null;
}

/** What a dialog gave, as an archive: for a folder's toc.dat, the folder. */
export function archiveOfChosen(path: string): string {
  return basename(path) === "toc.dat" ? dirname(path) : path;
}

function hasArchiveName(path: string): boolean {
  const name = basename(path).toLowerCase();
  return name === "toc.dat" || archiveEndings.some((ending) => name.endsWith(`.${ending}`));
}

function isThere(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}
