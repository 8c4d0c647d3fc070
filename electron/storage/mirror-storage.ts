import { AppError } from "../../shared/error/app-error.ts";
import type { ErrorCode } from "../../shared/error/catalogue.ts";
import { joinPath, splitPath } from "../../shared/storage/location.ts";
import { archiveError, encodeFileName, pinPathOf } from "./backup-folder.ts";
import { proofsByManifest } from "./backup-proofs.ts";
import { type CopiedBackup, type CopyOptions, copyBackup } from "./copy-backup.ts";
import { copyBeside } from "./copy-beside.ts";
import type { Storage } from "./storage.ts";
import type { SummarizedBackup, SummaryListing } from "./stored-summaries.ts";

/** What of one storage is to go to another. */
export interface MirrorPlan {
  /** Newest first: what would be missed most goes before what is old. */
  readonly missing: readonly SummarizedBackup[];
  /** Whole in both already. */
  readonly there: number;
  /** Of those, what the source knows of their checks and the target does not. */
  readonly laterProofs: readonly LaterFiles[];
  /** Of those, the pins that the source has and the target does not: what is to stay in one place is to stay in the other. */
  readonly laterPins: readonly LaterFiles[];
  /** In the source, and not as their manifests say: nothing of them is sent. */
  readonly broken: readonly { readonly backup: SummarizedBackup; readonly error: AppError }[];
  /** Manifests of the source that cannot be read; of which database they are, nobody can tell. */
  readonly unreadable: SummaryListing["unreadable"];
}

/** Files that are to go beside a backup which is in both places. */
export interface LaterFiles {
  readonly backup: SummarizedBackup;
  /** From the source's root. */
  readonly paths: readonly string[];
  /** Of the backup, from the target's root. */
  readonly folder: string;
}

/** A storage's listing, with the storage. */
export interface MirrorSide {
  readonly storage: Pick<Storage, "address">;
  readonly listing: SummaryListing;
}

/**
 * Compares the listings of two storages. Nothing is ever due for deletion: what the target has more stays.
 * @param database null: all
 */
export function planMirror(from: MirrorSide, to: MirrorSide, database: string | null): MirrorPlan {
  const { listing: source } = from;
  const whole = new Map(
    to.listing.backups.filter(({ archive }) => archive === "present").map((backup) => [keyOf(backup), backup]),
  );
  const chosen = source.backups.filter(({ summary }) => database === null || summary.database === database);
  const present = chosen.filter(({ archive }) => archive === "present");
  const missing = present.filter((backup) => !whole.has(keyOf(backup)));
  return {
    missing,
    there: present.length - missing.length,
    ...findLater(present, whole, from, to),
    broken: chosen.flatMap((backup) =>
      backup.archive === "present" ? [] : [{ backup, error: archiveError(backup.archive) }],
    ),
    unreadable: source.unreadable,
  };
}

function findLater(
  present: readonly SummarizedBackup[],
  whole: ReadonlyMap<string, SummarizedBackup>,
  from: MirrorSide,
  to: MirrorSide,
): Pick<MirrorPlan, "laterProofs" | "laterPins"> {
  const proofs = proofsByManifest(from.listing.proofs.map((path) => pathIn(from.storage, path)));
  const pinned = new Set(from.listing.pinned);
  const known = new Set(
    [...to.listing.proofs, ...to.listing.pinned.map(pinPathOf)].map((path) => pathIn(to.storage, path)),
  );
  const laterProofs: LaterFiles[] = [];
  const laterPins: LaterFiles[] = [];
  for (const backup of present) {
    const copy = whole.get(keyOf(backup));
    // What was found and decided is of one very manifest.
    if (copy === undefined || copy.digest !== backup.digest) continue;
    const { folder } = splitPath(pathIn(to.storage, copy.manifestPath));
    const manifestPath = pathIn(from.storage, backup.manifestPath);
    const add = (later: LaterFiles[], own: readonly string[]): void => {
      const paths = own.filter((path) => !known.has(joinPath(folder, splitPath(path).name)));
      if (paths.length > 0) later.push({ backup, paths, folder });
    };
    add(laterProofs, proofs.get(manifestPath) ?? []);
    add(laterPins, pinned.has(backup.manifestPath) ? [pinPathOf(manifestPath)] : []);
  }
  return { laterProofs, laterPins };
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

/** What became of the later files of one backup. */
export interface BroughtFiles {
  readonly backup: SummarizedBackup;
  /** Files that are in the target now and were not. */
  readonly copied: number;
  /** Why not all of them are there; null: they are. */
  readonly error: AppError | null;
}

/**
 * Copies what was written later beside backups that are in both places.
 * @returns what was tried, in order; nothing more after a failure that the others would meet, too
 * @throws the signal's reason alone
 */
export async function* bringLater(
  source: Storage,
  target: Storage,
  later: readonly LaterFiles[],
  signal: AbortSignal,
): AsyncGenerator<BroughtFiles> {
  for (const { backup, paths, folder } of later) {
    let copied = 0;
    let failure: AppError | null = null;
    try {
      // oxlint-disable-next-line no-await-in-loop -- small files, one backup after the other
      await copyBeside(source, paths, target, folder, { signal, onMade: () => void (copied += 1) });
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof AppError)) throw error;
      failure = error;
    }
    yield { backup, copied, error: failure };
    if (failure !== null && hopeless.includes(failure.code)) return;
  }
}

async function copyOne(
  source: Storage,
  target: Storage,
  backup: SummarizedBackup,
  options: CopyOptions,
): Promise<MirroredBackup> {
  try {
    const path = pathIn(source, backup.manifestPath);
    return { backup, copied: await copyBackup(source, path, target, options), error: null };
  } catch (error) {
    options.signal.throwIfAborted();
    if (!(error instanceof AppError)) throw error;
    return { backup, copied: null, error };
  }
}

/** A listing names paths with the storage's address before them. */
function pathIn({ address }: Pick<Storage, "address">, path: string): string {
  return path.slice(address.length).replaceAll("\\", "/").replace(/^\/+/, "");
}
