import type { Job } from "../../shared/job/job.ts";
import { decideRetention, type RetentionHold } from "../../shared/policy/retention.ts";
import { parseRetentionPolicy } from "../../shared/policy/retention-policy.ts";
import { readVerdicts } from "../../shared/policy/verdicts.ts";
import type { ProofKeys } from "../storage/manifest-proof.ts";
import type { Storage } from "../storage/storage.ts";
import { findHolds, keepsVersions, sayHold } from "./holds.ts";
import { listRetained, type RetainedBackup } from "./retained-backups.ts";

/** What is to be pruned. */
export interface PruneChoice {
  /** As parseRetentionPolicy reads it. */
  readonly keep: string;
  /** Null for all. */
  readonly database: string | null;
  /** Whose days, weeks, months and years count: an IANA name. */
  readonly timeZone: string;
}

/** A backup and what becomes of it. */
export interface PlannedBackup {
  readonly id: string;
  readonly database: string;
  readonly madeAt: string;
  /** Of its manifest, from the storage's root; two copies of a backup have one id. */
  readonly path: string;
  /** Of all its files in the storage, the manifest included. */
  readonly sizeBytes: number;
  readonly verdict: "kept" | "due";
  readonly reasons: readonly string[];
}

export interface PrunePlan {
  /** Newest first. */
  readonly backups: readonly PlannedBackup[];
  readonly holds: readonly RetentionHold[];
  /** The backups that are due, by the path of their manifest. */
  readonly due: ReadonlyMap<string, RetainedBackup>;
  /** What is deleted stays there as an older version, until a rule of the bucket removes it. */
  readonly keepsVersions: boolean;
}

/**
 * What a policy would delete in a storage now, and why. What Object Lock holds cannot go, and is kept. Changes nothing.
 * @param jobs of this home: their verifications say what is proved and what is damaged
 * @param options.keys of this machine; backups whose manifest was changed do not count, and are a reason for caution
 * @throws usage.invalid, storage.*
 */
export async function planPrune(
  storage: Storage,
  choice: PruneChoice,
  jobs: readonly Job[],
  options: { readonly signal: AbortSignal; readonly keys: ProofKeys; readonly now?: Date },
): Promise<PrunePlan> {
  const policy = parseRetentionPolicy(choice.keep);
  const { backups, strays } = await listRetained(storage, readVerdicts(jobs), options.signal, options.keys);
  const all = [...backups.map(({ retention }) => retention), ...strays];
  const now = options.now ?? new Date();
  const { decisions, holds } = decideRetention(all, policy, { now, timeZone: choice.timeZone });
  const byPath = new Map(backups.map((backup) => [backup.manifestFile.path, backup]));
  const isChosen = (database: string | null) =>
    choice.database === null || (database ?? choice.database) === choice.database;
  const isDue = ({ id, verdict }: { id: string; verdict: string }) =>
    verdict === "due" && isChosen(byPath.get(id)?.manifest.database ?? null);
  const [held, versioned] = await Promise.all([
    findHolds(
      storage,
      decisions.filter(isDue).map(({ id }) => id),
      options.signal,
    ),
    keepsVersions(storage, options.signal),
  ]);
  const due = new Map<string, RetainedBackup>();
  const planned = decisions.flatMap(({ id, verdict, reasons }): PlannedBackup[] => {
    const backup = byPath.get(id);
    if (backup === undefined || !isChosen(backup.manifest.database)) return [];
    const hold = held.get(id);
    const isHeld = hold !== undefined;
    if (verdict === "due" && !isHeld) due.set(id, backup);
    const { manifest } = backup;
    const sizeBytes = sizeOf(backup);
    return [
      {
        id: manifest.id,
        database: manifest.database,
        madeAt: manifest.startedAt,
        path: id,
        sizeBytes,
        verdict: isHeld ? "kept" : verdict,
        reasons: isHeld ? [...reasons, sayHold(hold)] : reasons,
      },
    ];
  });
  return { backups: planned, holds: holds.filter(({ database }) => isChosen(database)), due, keepsVersions: versioned };
}

function sizeOf({ manifestFile, files }: RetainedBackup): number {
  return files.reduce((sum, { sizeBytes }) => sum + sizeBytes, manifestFile.sizeBytes);
}
