import { randomBytes } from "node:crypto";
import type { DeletionPreview } from "../../shared/contract/storage-views.ts";
import { AppError } from "../../shared/error/app-error.ts";
import type { Home } from "../home.ts";
import type { Storage } from "../storage/storage.ts";
import { deleteBackup } from "./delete-backup.ts";
import { openRecord } from "./deletion-record.ts";
import { findHolds, keepsVersions, sayHold } from "./holds.ts";
import { listRetained, type RetainedBackup } from "./retained-backups.ts";

/** What deleting one backup by hand would take with it, and what of the same stays. Changes nothing. @throws backup.notFound */
export async function previewDeletion(storage: Storage, id: string, signal: AbortSignal): Promise<DeletionPreview> {
  const { chosen, all } = await findChosen(storage, id, signal);
  const { manifest, manifestFile, files, proofs, retention } = chosen;
  const left = all
    .filter((each) => each !== chosen && each.retention.series === retention.series && each.retention.fault === null)
    .map((each) => each.manifest.startedAt)
    .toSorted();
  const holds = await findHolds(storage, [manifestFile.path], signal);
  const hold = holds.get(manifestFile.path);
  return {
    lockedBecause: hold === undefined ? null : sayHold(hold),
    keepsVersions: await keepsVersions(storage, signal),
    id: manifest.id,
    database: manifest.database,
    madeAt: manifest.startedAt,
    sizeBytes: sizeOf(chosen),
    files: [manifestFile, ...files, ...proofs].map(({ path }) => path),
    isPinned: retention.pinned,
    othersLeft: left.length,
    newestLeft: left.at(-1) ?? null,
  };
}

/**
 * Deletes one backup that a person has chosen: written down before, here and in the storage, as a pruning does it.
 * @returns why it was kept after all, as with one that is pinned; else null
 * @throws backup.notFound, storage.*
 */
export async function deleteChosen(
  storage: Storage,
  home: Home,
  id: string,
  signal: AbortSignal,
): Promise<string | null> {
  const { chosen } = await findChosen(storage, id, signal);
  const { manifest, manifestFile } = chosen;
  const planned = {
    id: manifest.id,
    database: manifest.database,
    madeAt: manifest.startedAt,
    path: manifestFile.path,
    sizeBytes: sizeOf(chosen),
    verdict: "due",
    reasons: ["chosen by hand"],
  } as const;
  if (chosen.retention.pinned) return "it is pinned";
  const name = `by-hand-${randomBytes(8).toString("hex")}`;
  const record = await openRecord(storage, home, { jobId: name, keep: "chosen by hand" }, [[planned, chosen]]);
  const outcome = { ...planned, outcome: "failed", reason: "it was not ended" } as const;
  try {
    const keptBecause = await deleteBackup(storage, chosen);
    await record.close([
      { ...outcome, outcome: keptBecause === null ? "deleted" : "kept", reason: keptBecause ?? "chosen by hand" },
    ]);
    return keptBecause;
  } catch (error) {
    // What failed stays named in the record, for the next clean-up.
    await record.close([outcome]).catch(() => {});
    throw error;
  }
}

async function findChosen(
  storage: Storage,
  id: string,
  signal: AbortSignal,
): Promise<{ chosen: RetainedBackup; all: readonly RetainedBackup[] }> {
  const { backups } = await listRetained(storage, new Map(), signal);
  const chosen = backups.find(({ manifest }) => manifest.id === id);
  if (chosen === undefined) throw new AppError("backup.notFound", `There is no backup ${id} in ${storage.address}.`);
  return { chosen, all: backups };
}

function sizeOf({ manifestFile, files }: RetainedBackup): number {
  return files.reduce((sum, { sizeBytes }) => sum + sizeBytes, manifestFile.sizeBytes);
}
