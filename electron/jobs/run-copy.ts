import { z } from "zod";
import type { CopyResult } from "../../shared/contract/job-results.ts";
import { AppError } from "../../shared/error/app-error.ts";
import type { Job, JobId, JobOutcome } from "../../shared/job/job.ts";
import { knownKeys } from "../encryption/key-ring.ts";
import { copyBackup } from "../storage/copy-backup.ts";
import { limitRate } from "../storage/limit-rate.ts";
import { openStorage, type StorageContext } from "../storage/open-storage.ts";
import { openStoredBackup } from "../storage/open-stored-backup.ts";
import { storageError } from "../storage/storage-error.ts";
import { createCopyProgress } from "./copy-progress.ts";
import type { JobContext, JobManager, JobRunOptions } from "./job-manager.ts";
import type { RunAgain } from "./runners.ts";

const copyRequestSchema = z.object({
  /** Of the archive: an absolute path, or as openStorage takes its folder. */
  archive: z.string(),
  /** As openStorage takes them; a folder's absolute path. */
  locations: z.array(z.string()).min(1),
  /** How fast bytes may go, all together; left out: as fast as they can. */
  maxBytesPerSecond: z.number().int().positive().exactOptional(),
});

/** One copying, as it is stored in the job and run again by a retry. */
export type CopyRequest = z.infer<typeof copyRequestSchema>;

/** Runs a copying as a job. Throws job.conflict; every other failure is in the ended job's record. */
export function startCopy(
  request: CopyRequest,
  access: StorageContext,
  jobs: JobManager,
  options: JobRunOptions & { readonly retryOf?: JobId },
): Promise<Job> {
  const { retryOf, ...watch } = options;
  const name = request.archive.split(/[/\\]/).at(-1) ?? request.archive;
  const spec = {
    kind: "copy",
    title: `Copy ${name}`,
    request,
    locks: request.locations.map((location) => `copy:${location}:${name}`),
    ...(retryOf ? { retryOf } : {}),
  } as const;
  return jobs.run(spec, (context) => runCopy(context, request, access), watch);
}

/** Runs a stored copying again: what is there already is not sent again. */
export const runAgain: RunAgain = async (stored, services) => {
  const parsed = copyRequestSchema.safeParse(stored);
  if (!parsed.success) throw new AppError("job.notRetryable", "The job's request cannot be read by this version.");
  return startCopy(parsed.data, services, services.jobs, services);
};

/**
 * Copies a backup to one place after the other, each with its own verdict. Ends `finishedWithErrors` where some have it and
 * others do not. Throws the first failure where none has it.
 */
export async function runCopy(context: JobContext, request: CopyRequest, access: StorageContext): Promise<JobOutcome> {
  const { signal } = context;
  context.step("Looking at the backup");
  const keys = knownKeys(access);
  const { storage: source, manifest, manifestPath } = await openStoredBackup(request.archive, access, signal);
  const limit = request.maxBytesPerSecond === undefined ? null : limitRate(request.maxBytesPerSecond);
  const sizeBytes = manifest.files.reduce((sum, file) => sum + file.sizeBytes, 0);
  const progress = createCopyProgress(context, sizeBytes * request.locations.length);
  const copies: CopyResult["copies"][number][] = [];
  const failures: AppError[] = [];
  try {
    for (const location of request.locations) {
      context.step(`Copying to ${location}`);
      try {
        const opened = await openStorage(location, access);
        const target = limit === null ? opened : limit(opened);
        try {
          const onPartial = (path: string) => context.recordPartial(path);
          const copied = await copyBackup(source, manifestPath, target, { signal, keys, onPartial, onBytes: progress });
          const path = `${target.address}/${copied.archivePath}`;
          context.log(`${path}: ${copied.sentFiles} files sent, ${copied.foundFiles} were there`);
          copies.push({ location, path, sentFiles: copied.sentFiles, foundFiles: copied.foundFiles, error: null });
        } finally {
          await target.close();
        }
      } catch (error) {
        signal.throwIfAborted();
        const failure = storageError(error, location);
        context.log(`error: ${location}: ${failure.message}`);
        failures.push(failure);
        copies.push({ location, path: null, sentFiles: 0, foundFiles: 0, error: failure.toValue() });
      }
    }
  } finally {
    await source.close();
  }
  const [first] = failures;
  if (first !== undefined && failures.length === request.locations.length) throw first;
  const result: CopyResult = { id: manifest.id, database: manifest.database, from: request.archive, sizeBytes, copies };
  return { state: first === undefined ? "succeeded" : "finishedWithErrors", result };
}
