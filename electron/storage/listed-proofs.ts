import { basename, dirname, relative } from "node:path";
import type { LastProof } from "../../shared/contract/backup-proof.ts";
import { isDecided, noProofs, type ProofHistory, proofsByManifest, readProofs, subjectOf } from "./backup-proofs.ts";
import { createLocalStorage } from "./local-storage.ts";
import type { ProofKeys } from "./manifest-proof.ts";
import { readManifestBeside } from "./open-stored-backup.ts";
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
    const subject = { id: summary.id, digest, recipients: summary.recipients };
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

/**
 * The same of the backup whose archive lies at a path of this machine.
 * @throws storage.*, backup.manifestInvalid, backup.manifestChanged
 */
export async function loadLastProof(
  archivePath: string,
  keys: ProofKeys | undefined,
  signal: AbortSignal,
): Promise<LastProof | null> {
  const storage = createLocalStorage(dirname(archivePath));
  const found = await readManifestBeside({ storage, name: basename(archivePath) }, signal, keys);
  if (found === null) return null;
  const names: string[] = [];
  for await (const { path } of storage.list("", { signal })) names.push(path);
  const own = proofsByManifest(names).get(found.manifestPath) ?? [];
  const subject = subjectOf(found.manifest, found.digest);
  return lastProofOf(await readProofs(storage, subject, own, keys, { signal, isEnough: isDecided }));
}

function pathIn({ kind, address }: Storage, path: string): string {
  return kind === "folder" ? relative(address, path).replaceAll("\\", "/") : path.slice(address.length + 1);
}
