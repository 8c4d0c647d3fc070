import { z } from "zod";
import type { PrunedBackup, PruneResult } from "../../shared/contract/job-results.ts";
import { AppError, toErrorValue } from "../../shared/error/app-error.ts";
import type { Job, JobId, JobOutcome } from "../../shared/job/job.ts";
import { knownKeys } from "../encryption/key-ring.ts";
import type { Home } from "../home.ts";
import { deleteBackup } from "../retention/delete-backup.ts";
import { deleteLeftovers, openRecord } from "../retention/deletion-record.ts";
import { type PlannedBackup, planPrune } from "../retention/plan-prune.ts";
import type { RetainedBackup } from "../retention/retained-backups.ts";
import type { ProofKeys } from "../storage/manifest-proof.ts";
import { openStorage } from "../storage/open-storage.ts";
import type { Storage } from "../storage/storage.ts";
import type { JobContext, JobManager, JobRunOptions } from "./job-manager.ts";
import type { RunAgain } from "./runners.ts";

const pruneRequestSchema = z.object({
  /** As openStorage takes it; a folder's absolute path. */
  location: z.string(),
  keep: z.string(),
  database: z.string().nullable(),
  timeZone: z.string(),
  /** Manifests of the backups that somebody agreed to delete, from the storage's root. No others are. */
  agreed: z.array(z.string()),
});

/** One pruning, as it is stored in the job and run again by a retry. */
export type PruneRequest = z.infer<typeof pruneRequestSchema>;

/** What a pruning needs of this machine: where its records are, and the keys that prove manifests. */
export interface ProvingAccess {
  readonly home: Home;
  readonly keys: ProofKeys;
}

/** Runs a pruning as a job. Throws job.conflict; every other failure is in the ended job's record. */
export function startPrune(
  request: PruneRequest,
  storage: Storage,
  access: ProvingAccess,
  jobs: JobManager,
  options: JobRunOptions & { readonly retryOf?: JobId },
): Promise<Job> {
  const { retryOf, ...watch } = options;
  const spec = {
    kind: "prune",
    title: `Clean up ${storage.address}`,
    request,
    locks: [`prune:${storage.address}`],
    ...(retryOf ? { retryOf } : {}),
  } as const;
  return jobs.run(spec, (context) => runPrune(context, request, storage, access, jobs), watch);
}

/** Runs a stored pruning again: what is still due of the backups that were agreed to. */
export const runAgain: RunAgain = async (stored, services) => {
  const parsed = pruneRequestSchema.safeParse(stored);
  if (!parsed.success) throw new AppError("job.notRetryable", "The job's request cannot be read by this version.");
  const storage = await openStorage(parsed.data.location, services);
  try {
    return await startPrune(parsed.data, storage, { ...services, keys: knownKeys(services) }, services.jobs, services);
  } finally {
    await storage.close();
  }
};

/**
 * Deletes the backups that were agreed to and are still due: looks again, writes down what will go, deletes one after the
 * other. A backup made meanwhile is not among them. Ends `finishedWithErrors` where one could not be deleted.
 */
export async function runPrune(
  context: JobContext,
  request: PruneRequest,
  storage: Storage,
  { home, keys }: ProvingAccess,
  jobs: JobManager,
): Promise<JobOutcome> {
  const { signal } = context;
  context.step("Looking what is due");
  const leftoversDeleted = await deleteLeftovers(storage, signal);
  if (leftoversDeleted > 0) context.log(`deleted ${leftoversDeleted} files that an earlier clean-up had left behind`);
  const plan = await planPrune(storage, request, jobs.list({ limit: Number.MAX_SAFE_INTEGER }), { signal, keys });
  const agreed = new Set(request.agreed);
  const chosen = plan.backups.filter(({ path }) => agreed.has(path));
  const due = chosen.flatMap((planned): [PlannedBackup, RetainedBackup][] => {
    const backup = plan.due.get(planned.path);
    return backup === undefined ? [] : [[planned, backup]];
  });
  const outcomes = chosen
    .filter(({ verdict }) => verdict === "kept")
    .map((planned) => outcomeOf(planned, "kept", planned.reasons.join("; ")));

  context.step("Writing down what will go");
  const record = await openRecord(storage, home, { jobId: context.jobId, keep: request.keep }, due);

  context.step("Deleting");
  try {
    for (const [planned, backup] of due) {
      signal.throwIfAborted();
      const outcome = await deleteOne(storage, planned, backup);
      context.log(`${outcome.outcome}: ${planned.id} of ${planned.database}, ${planned.path}: ${outcome.reason}`);
      outcomes.push(outcome);
      context.progress({ ...progress, done: outcomes.length, total: chosen.length });
    }
  } finally {
    await record.close(outcomes);
  }

  const deleted = outcomes.filter(({ outcome }) => outcome === "deleted");
  const result: PruneResult = {
    location: storage.address,
    keep: request.keep,
    backups: outcomes,
    freedBytes: deleted.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    leftoversDeleted,
    recordFile: record.file,
  };
  return { state: outcomes.every(({ outcome }) => outcome !== "failed") ? "succeeded" : "finishedWithErrors", result };
}

const progress = {
  kind: "measured",
  unit: "entries",
  exact: true,
  ratePerSecond: null,
  remainingMs: null,
  current: null,
} as const;

async function deleteOne(storage: Storage, planned: PlannedBackup, backup: RetainedBackup): Promise<PrunedBackup> {
  try {
    const keptBecause = await deleteBackup(storage, backup);
    return keptBecause === null
      ? outcomeOf(planned, "deleted", planned.reasons.join("; "))
      : outcomeOf(planned, "kept", keptBecause);
  } catch (error) {
    return outcomeOf(planned, "failed", toErrorValue(error).message);
  }
}

function outcomeOf(
  { id, database, madeAt, path, sizeBytes }: PlannedBackup,
  outcome: PrunedBackup["outcome"],
  reason: string,
): PrunedBackup {
  return { id, database, madeAt, path, sizeBytes, outcome, reason };
}
