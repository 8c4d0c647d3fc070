import type { ArgsOf } from "../../../shared/contract/methods.ts";
import type { BackupView, RecentArchive } from "../../../shared/contract/views.ts";
import { visibleText } from "../../../shared/text/visible-text.ts";
import { fileNameOf } from "../archive/file-name.ts";
import { formatMoment } from "../backups/dates.ts";

/** What an archive is compared with. */
export type OtherSide = ArgsOf<"compare.run">["with"];

/** Backups that a list offers; the others are files to be chosen. */
const mostOffered = 60;

/** A backup to compare with. */
export interface OtherBackup {
  readonly path: string;
  readonly label: string;
  readonly database: string | null;
}

/** Backups beside the one at `path`: those of its database first, the newest first; what was opened lately after them. */
export function otherBackups(
  path: string,
  backups: readonly BackupView[],
  recents: readonly RecentArchive[],
): readonly OtherBackup[] {
  const all = [
    ...backups.map((each) => ({ ...each, at: each.startedAt })),
    ...recents
      .filter((each) => !backups.some((backup) => backup.path === each.path))
      .map((each) => ({ ...each, at: each.createdAt })),
  ];
  const own = all.find((each) => each.path === path)?.database ?? null;
  const isNear = (database: string | null) => own !== null && database === own;
  return all
    .filter((each) => each.path !== path)
    .toSorted((one, other) => Number(isNear(other.database)) - Number(isNear(one.database)))
    .slice(0, mostOffered)
    .map(({ path: at, database, at: moment }) => ({
      path: at,
      database,
      label: visibleText(`${database ?? fileNameOf(at)} · ${formatMoment(moment)}`),
    }));
}

/** In an address a backup is named by its path behind this word; everything else is a target's key. */
const backupWord = "backup:";

/** How an address names the other side: `backup:/srv/a.dump`, `backup;shop:/srv/all.sql`, `profile:shop`; a URL is in none. */
export function formatOtherSide(side: OtherSide): string | undefined {
  if (side.kind === "archive")
    return side.database === undefined
      ? backupWord + side.path
      : `backup;${encodeURIComponent(side.database)}:${side.path}`;
  if (side.kind === "profile") return `profile:${side.name}`;
  return side.kind === "sample" ? "sample" : undefined;
}

/**
 * The backup that an address names as other side, its path empty where it is still to be chosen; null for what is no backup.
 * The database is that of a pg_dumpall script.
 */
export function backupInAddress(text: string | undefined): { path: string; database?: string } | null {
  const [, database, path = ""] = /^backup(?:;([^:]*))?:(.*)$/s.exec(text ?? "") ?? [];
  if (text?.startsWith("backup") !== true) return null;
  return database === undefined ? { path } : { path, database: decodeURIComponent(database) };
}

/** For an address where the backup is still to be chosen. */
export const anyBackup = backupWord;
