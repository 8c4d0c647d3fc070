import { AppError } from "../../shared/error/app-error.ts";
import type { ErrorCode } from "../../shared/error/catalogue.ts";
import { splitPath } from "../../shared/storage/location.ts";
import { archiveError, encodeFileName } from "./backup-folder.ts";
import { type CopiedBackup, type CopyOptions, copyBackup } from "./copy-backup.ts";
import type { Storage } from "./storage.ts";
import type { SummarizedBackup, SummaryListing } from "./stored-summaries.ts";

/** What of one storage is to go to another. */
export interface MirrorPlan {
  /** Newest first: what would be missed most goes before what is old. */
  readonly missing: readonly SummarizedBackup[];
  /** Whole in both already. */
  readonly there: number;
  /** In the source, and not as their manifests say: nothing of them is sent. */
  readonly broken: readonly { readonly backup: SummarizedBackup; readonly error: AppError }[];
  /** Manifests of the source that cannot be read; of which database they are, nobody can tell. */
  readonly unreadable: SummaryListing["unreadable"];
}

/**
 * Compares the listings of two storages. Nothing is ever due for deletion: what the target has more stays.
 * @param database null: all
 */
export function planMirror(source: SummaryListing, target: SummaryListing, database: string | null): MirrorPlan {
  const whole = new Set(target.backups.filter(({ archive }) => archive === "present").map(keyOf));
  const chosen = source.backups.filter(({ summary }) => database === null || summary.database === database);
  const present = chosen.filter(({ archive }) => archive === "present");
  const missing = present.filter((backup) => !whole.has(keyOf(backup)));
  return {
    missing,
    there: present.length - missing.length,
    broken: chosen.flatMap((backup) =>
      backup.archive === "present" ? [] : [{ backup, error: archiveError(backup.archive) }],
    ),
    unreadable: source.unreadable,
  };
}

/** A copy lies under the same name in the folder of its database, wherever it lay in the source. */
function keyOf({ summary, manifestPath }: SummarizedBackup): string {
  const { name } = splitPath(manifestPath.replaceAll("\\", "/"));
  return `${summary.id} ${encodeFileName(summary.database)}/${name}`;
}

/** What became of one backup that was missing; `copied` null: it could not be copied. */
export interface MirroredBackup {
  readonly backup: SummarizedBackup;
  readonly copied: CopiedBackup | null;
  readonly error: AppError | null;
}

/** After these the next backup would fare no better. */
const hopeless: readonly ErrorCode[] = [
  "storage.unreachable",
  "storage.tls",
  "storage.credentials",
  "storage.bucketMissing",
  "storage.full",
];

/**
 * Copies what is missing, one backup after the other, each whole and held to its hashes or not at all. One that fails does
 * not keep the others from going, unless the storage itself is gone or full.
 * @returns what was tried, in order; the rest was not
 * @throws the signal's reason alone; the backups that were finished until then stay
 */
export async function* mirrorBackups(
  source: Storage,
  target: Storage,
  missing: readonly SummarizedBackup[],
  options: CopyOptions,
): AsyncGenerator<MirroredBackup> {
  for (const backup of missing) {
    options.signal.throwIfAborted();
    // oxlint-disable-next-line no-await-in-loop -- each goes in several parts at once already
    const done = await copyOne(source, target, backup, options);
    yield done;
    if (done.error !== null && hopeless.includes(done.error.code)) return;
  }
}

async function copyOne(
  source: Storage,
  target: Storage,
  backup: SummarizedBackup,
  options: CopyOptions,
): Promise<MirroredBackup> {
  try {
    return { backup, copied: await copyBackup(source, pathIn(source, backup), target, options), error: null };
  } catch (error) {
    options.signal.throwIfAborted();
    if (!(error instanceof AppError)) throw error;
    return { backup, copied: null, error };
  }
}

/** A listing names paths with the storage's address before them. */
function pathIn({ address }: Storage, { manifestPath }: SummarizedBackup): string {
  return manifestPath.slice(address.length).replaceAll("\\", "/").replace(/^\/+/, "");
}
