import { stat } from "node:fs/promises";
import { z } from "zod";
import type { BroughtAlong, MirrorResult } from "../../shared/contract/job-results.ts";
import { AppError } from "../../shared/error/app-error.ts";
import type { Job, JobId, JobOutcome } from "../../shared/job/job.ts";
import { knownKeys } from "../encryption/key-ring.ts";
import { limitRate } from "../storage/limit-rate.ts";
import { openManifestCache } from "../storage/manifest-cache.ts";
import type { ProofKeys } from "../storage/manifest-proof.ts";
import { bringLater, type LaterFiles, type MirrorPlan, mirrorBackups, planMirror } from "../storage/mirror-storage.ts";
import { openStorage, type StorageContext } from "../storage/open-storage.ts";
import type { Storage } from "../storage/storage.ts";
import { storageError } from "../storage/storage-error.ts";
import { listSummaries, type SummarizedBackup } from "../storage/stored-summaries.ts";
import { createCopyProgress } from "./copy-progress.ts";
import type { JobContext, JobManager, JobRunOptions } from "./job-manager.ts";
import type { RunAgain } from "./runners.ts";

const mirrorRequestSchema = z.object({
  /** As openStorage takes them; a folder's absolute path. */
  from: z.string(),
  to: z.string(),
  /** Null: of all databases. */
  database: z.string().nullable(),
  /** How fast bytes may go; left out: as fast as they can. */
  maxBytesPerSecond: z.number().int().positive().exactOptional(),
});

/** One mirroring, as it is stored in the job and run again by a retry. */
export type MirrorRequest = z.infer<typeof mirrorRequestSchema>;

/** Runs a mirroring as a job. Throws job.conflict; every other failure is in the ended job's record. */
export function startMirror(
  request: MirrorRequest,
  access: StorageContext,
  jobs: JobManager,
  options: JobRunOptions & { readonly retryOf?: JobId },
): Promise<Job> {
  const { retryOf, ...watch } = options;
  const spec = {
    kind: "mirror",
    title: `Mirror ${request.from} to ${request.to}`,
    request,
    locks: [`mirror:${request.to}`],
    ...(retryOf ? { retryOf } : {}),
  } as const;
  return jobs.run(spec, (context) => runMirror(context, request, access), watch);
}

/** Runs a stored mirroring again: what is there already is not sent again. */
export const runAgain: RunAgain = async (stored, services) => {
  const parsed = mirrorRequestSchema.safeParse(stored);
  if (!parsed.success) throw new AppError("job.notRetryable", "The job's request cannot be read by this version.");
  return startMirror(parsed.data, services, services.jobs, services);
};

/**
 * Copies every backup that is whole in one storage and not in the other. What was deleted in the source stays in the target.
 * Ends `finishedWithErrors` where some are not there afterwards. Throws the first failure where nothing could be copied.
 */
export async function runMirror(
  context: JobContext,
  request: MirrorRequest,
  access: StorageContext,
): Promise<JobOutcome> {
  const { signal } = context;
  const source = await openStorage(request.from, access);
  try {
    const opened = await openStorage(request.to, access);
    const { maxBytesPerSecond: rate } = request;
    const target = rate === undefined ? opened : limitRate(rate)(opened);
    try {
      await refuseWrongPlaces(source, target);
      context.step("Comparing the two");
      const plan = await compare(source, target, request, access, signal);
      tellPlan(context, plan);
      context.step("Copying what is missing");
      return await copyMissing(context, source, target, plan, knownKeys(access));
    } finally {
      await target.close();
    }
  } finally {
    await source.close();
  }
}

/** @throws usage.invalid; storage.notFound for a folder that is not there, which would pass for an empty one */
async function refuseWrongPlaces(source: Storage, target: Storage): Promise<void> {
  if (source.address === target.address)
    throw new AppError("usage.invalid", `${source.address} cannot be mirrored to itself.`);
  if (source.kind !== "folder") return;
  await stat(source.address).catch((error: unknown) => Promise.reject(storageError(error, source.address)));
}

async function compare(
  source: Storage,
  target: Storage,
  { database }: MirrorRequest,
  { home }: StorageContext,
  signal: AbortSignal,
): Promise<MirrorPlan> {
  const cache = await openManifestCache(home);
  try {
    const list = async (storage: Storage) => ({ storage, listing: await listSummaries(storage, cache, signal) });
    const [from, to] = await Promise.all([list(source), list(target)]);
    return planMirror(from, to, database);
  } finally {
    cache.close();
  }
}

function tellPlan(context: JobContext, plan: MirrorPlan): void {
  const { missing, there, laterProofs, laterPins, broken, unreadable } = plan;
  context.log(
    `${missing.length} backups to copy, ${there} are there, ${laterProofs.length} of them checked and ${laterPins.length} pinned since`,
  );
  for (const { backup, error } of broken) context.log(`not whole: ${backup.manifestPath}: ${error.message}`);
  for (const { path, error } of unreadable) context.log(`cannot be read: ${path}: ${error.message}`);
}

async function copyMissing(
  context: JobContext,
  source: Storage,
  target: Storage,
  { missing, there, laterProofs, laterPins, broken, unreadable }: MirrorPlan,
  keys: ProofKeys,
): Promise<JobOutcome> {
  const { signal } = context;
  const totalBytes = missing.reduce((sum, { summary }) => sum + summary.sizeBytes, 0);
  const onBytes = createCopyProgress(context, totalBytes);
  const onPartial = (path: string) => context.recordPartial(path);
  const copied: MirrorResult["copied"][number][] = [];
  const failed: MirrorResult["failed"][number][] = [
    ...broken.map(({ backup, error }) => failureOf(backup, error)),
    ...unreadable.map(({ path, error }) => ({ id: null, database: null, path, error: error.toValue() })),
  ];
  let firstError: AppError | null = null;
  let tried = 0;
  for await (const done of mirrorBackups(source, target, missing, { signal, keys, onPartial, onBytes })) {
    const { backup, error } = done;
    tried += 1;
    if (done.copied === null && error !== null) {
      firstError ??= error;
      context.log(`error: ${backup.archivePath}: ${error.message}`);
      failed.push(failureOf(backup, error));
    } else if (done.copied !== null) {
      const path = `${target.address}/${done.copied.archivePath}`;
      context.log(`${path}: ${done.copied.sentFiles} files sent, ${done.copied.foundFiles} were there`);
      const { id, database, sizeBytes } = backup.summary;
      copied.push({ id, database, path, sizeBytes });
    }
  }
  const notTried = missing.length - tried;
  const bringAll = async (what: string, later: readonly LaterFiles[]): Promise<BroughtAlong | null> =>
    notTried > 0 || later.length === 0 ? null : bring(context, source, target, what, later);
  const checks = await bringAll("checks", laterProofs);
  const pins = await bringAll("pins", laterPins);
  const brought = (checks?.copied ?? 0) + (pins?.copied ?? 0);
  if (firstError !== null && copied.length === 0 && brought === 0) throw firstError;
  const result: MirrorResult = {
    from: source.address,
    to: target.address,
    copied,
    there,
    failed,
    ...(checks === null ? {} : { checks }),
    ...(pins === null ? {} : { pins }),
    notTried,
  };
  const isWhole =
    [failed, checks?.failed ?? [], pins?.failed ?? []].every((list) => list.length === 0) && notTried === 0;
  return { state: isWhole ? "succeeded" : "finishedWithErrors", result };
}

/** What was written later goes beside the backups that are in both. */
async function bring(
  context: JobContext,
  source: Storage,
  target: Storage,
  what: string,
  later: readonly LaterFiles[],
): Promise<BroughtAlong> {
  context.step(`Bringing later ${what}`);
  let copied = 0;
  const failed: BroughtAlong["failed"][number][] = [];
  for await (const { backup, copied: files, error } of bringLater(source, target, later, context.signal)) {
    copied += files;
    if (error === null) continue;
    context.log(`error: ${what} of ${backup.archivePath}: ${error.message}`);
    failed.push({ id: backup.summary.id, path: backup.archivePath, error: error.toValue() });
  }
  context.log(`${copied} files of ${what} sent`);
  return { copied, failed };
}

function failureOf({ summary, archivePath }: SummarizedBackup, error: AppError): MirrorResult["failed"][number] {
  return { id: summary.id, database: summary.database, path: archivePath, error: error.toValue() };
}
