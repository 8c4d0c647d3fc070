import { basename, dirname } from "node:path";
import { z } from "zod";
import type { TransferResult } from "../../shared/contract/job-results.ts";
import { AppError } from "../../shared/error/app-error.ts";
import type { Job, JobId, JobOutcome } from "../../shared/job/job.ts";
import { splitPath } from "../../shared/storage/location.ts";
import { createLocalStorage } from "../storage/local-storage.ts";
import { openStorage, type StorageContext } from "../storage/open-storage.ts";
import type { Storage } from "../storage/storage.ts";
import { createCopyProgress } from "./copy-progress.ts";
import type { JobContext, JobManager, JobRunOptions } from "./job-manager.ts";
import type { RunAgain } from "./runners.ts";

const transferRequestSchema = z.discriminatedUnion("way", [
  /** A file of this machine into a folder of a storage; "" is its root. */
  z.object({ way: z.literal("up"), file: z.string(), location: z.string(), folder: z.string() }),
  /** A file of a storage, by its path from the root, into a folder of this machine. */
  z.object({ way: z.literal("down"), location: z.string(), path: z.string(), folder: z.string() }),
]);

/** One file sent or fetched, as it is stored in the job and run again by a retry. */
export type TransferRequest = z.infer<typeof transferRequestSchema>;

/** Sends or fetches one file as a job. Throws job.conflict; every other failure is in the ended job's record. */
export function startTransfer(
  request: TransferRequest,
  access: StorageContext,
  jobs: JobManager,
  options: JobRunOptions & { readonly retryOf?: JobId },
): Promise<Job> {
  const { retryOf, ...watch } = options;
  const name = request.way === "up" ? basename(request.file) : splitPath(request.path).name;
  const spec = {
    kind: "transfer",
    title: request.way === "up" ? `Upload ${name} to ${request.location}` : `Download ${name}`,
    request,
    locks: [`transfer:${request.way === "up" ? request.location : request.folder}:${name}`],
    ...(retryOf ? { retryOf } : {}),
  } as const;
  return jobs.run(spec, (context) => runTransfer(context, request, access), watch);
}

/** Runs a stored transfer again. */
export const runAgain: RunAgain = async (stored, services) => {
  const parsed = transferRequestSchema.safeParse(stored);
  if (!parsed.success) throw new AppError("job.notRetryable", "The job's request cannot be read by this version.");
  return startTransfer(parsed.data, services, services.jobs, services);
};

/**
 * Writes one file whole or not at all, read back or proved as everything that is written. Replaces nothing.
 * @throws storage.notFound, storage.conflict where one of the name is there, storage.archived, storage.*
 */
async function runTransfer(context: JobContext, request: TransferRequest, access: StorageContext): Promise<JobOutcome> {
  const storage = await openStorage(request.location, access);
  try {
    if (request.way === "up") {
      const name = basename(request.file);
      const path = request.folder === "" ? name : `${request.folder}/${name}`;
      return await sendFile(context, createLocalStorage(dirname(request.file)), name, storage, path);
    }
    const { name } = splitPath(request.path);
    return await sendFile(context, storage, request.path, createLocalStorage(request.folder), name);
  } finally {
    await storage.close();
  }
}

async function sendFile(
  context: JobContext,
  source: Storage,
  from: string,
  target: Storage,
  to: string,
): Promise<JobOutcome> {
  const { signal } = context;
  const { sizeBytes, etag } = await source.stat(from, { signal });
  context.step("Sending it");
  const onBytes = createCopyProgress(context, sizeBytes);
  async function* pieces(): AsyncGenerator<Uint8Array> {
    for await (const piece of source.readStream(from, { signal, etag })) {
      onBytes(piece.length);
      yield piece;
    }
  }
  const onPartial = (path: string) => context.recordPartial(path);
  await target.write(to, pieces(), { ifAbsent: true, expectedBytes: sizeBytes, signal, onPartial });
  const result: TransferResult = { from: `${source.address}/${from}`, path: `${target.address}/${to}`, sizeBytes };
  return { state: "succeeded", result };
}
