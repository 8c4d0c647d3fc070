import { relative } from "node:path";
import type { BackupCheck, BackupProof, LastProof } from "../../shared/contract/backup-proof.ts";
import { AppError } from "../../shared/error/app-error.ts";
import { ageRecipients } from "../../shared/policy/recipients.ts";
import { isDecided, noProofs, type ProofHistory, proofsByManifest, readProofs, subjectOf } from "./backup-proofs.ts";
import type { ProofKeys } from "./manifest-proof.ts";
import type { StorageContext } from "./open-storage.ts";
import { openArchivePlace, readManifestBeside } from "./open-stored-backup.ts";
import type { Storage } from "./storage.ts";
import { inParallel, manifestsAtOnce } from "./stored-backups.ts";
import type { SummarizedBackup, SummaryListing } from "./stored-summaries.ts";

/**
 * What checks found of the backups of a listing, by the paths of their manifests as the listing has them. Of backups that
 * were never checked nothing is asked.
 * @param history all of it; else as much as tells how each stands
 * @throws the signal's reason alone
 */
export async function readListedProofs(
  storage: Storage,
  listing: { readonly backups: readonly SummarizedBackup[] } & Pick<SummaryListing, "proofs">,
  keys: ProofKeys | undefined,
  { signal, history }: { readonly signal: AbortSignal; readonly history: boolean },
): Promise<ReadonlyMap<string, ProofHistory>> {
  const paths = proofsByManifest(listing.proofs);
  const found = new Map<string, ProofHistory>();
  const checked = listing.backups.filter(({ manifestPath }) => paths.has(manifestPath));
  await inParallel(checked, manifestsAtOnce, async ({ manifestPath, digest, summary }) => {
    const own = (paths.get(manifestPath) ?? []).map((path) => pathIn(storage, path));
    const subject = { id: summary.id, digest, recipients: ageRecipients(summary.recipients) };
    const isEnough = history ? undefined : isDecided;
    found.set(manifestPath, await readProofs(storage, subject, own, keys, { signal, isEnough }));
  });
  return found;
}

/** The last word on a backup; null: there is none that counts. */
export function lastProofOf({ proofs }: ProofHistory = noProofs): LastProof | null {
  const last = proofs.find(isDecided) ?? proofs[0];
  if (last === undefined) return null;
  const { at, level, outcome, rows } = last;
  return { at, level, outcome, rows };
}

/** What is shown of a check. */
export function checkOf({
  at,
  level,
  outcome,
  tables,
  rows,
  error,
  lifeboatVersion,
  machine,
}: BackupProof): BackupCheck {
  return { at, level, outcome, tables, rows, error, lifeboatVersion, machine };
}

/** All that is known of the checks of one backup. */
export interface LoadedProofs extends ProofHistory {
  /** Files of older checks than these, which were not read. */
  readonly olderCount: number;
}

/** As many as a person looks at. */
const mostShown = 200;

/**
 * The newest checks of the backup whose archive lies at a path of this machine or in a storage.
 * @throws backup.notFound where there is no manifest beside it; storage.*, backup.manifestInvalid, backup.manifestChanged
 */
export async function loadProofs(
  archive: string,
  access: StorageContext,
  keys: ProofKeys,
  signal: AbortSignal,
): Promise<LoadedProofs> {
  const place = await openArchivePlace(archive, access);
  const { storage } = place;
  try {
    const found = await readManifestBeside(place, signal, keys);
    if (found === null) throw new AppError("backup.notFound", `There is no manifest beside ${archive}.`);
    const names: string[] = [];
    for await (const { path } of storage.list("", { signal })) names.push(path);
    const own = proofsByManifest(names).get(found.manifestPath) ?? [];
    const shown = own.slice(0, mostShown);
    const history = await readProofs(storage, subjectOf(found.manifest, found.digest), shown, keys, { signal });
    return { ...history, olderCount: own.length - shown.length };
  } finally {
    await storage.close();
  }
}

function pathIn({ kind, address }: Storage, path: string): string {
  return kind === "folder" ? relative(address, path).replaceAll("\\", "/") : path.slice(address.length + 1);
}
