import { z } from "zod";
import type { ExportResult } from "../../shared/contract/job-results.ts";
import { AppError } from "../../shared/error/app-error.ts";
import type { Job, JobId, JobOutcome } from "../../shared/job/job.ts";
import type { Archive } from "../archives/archive.ts";
import { type ArchiveAccess, openStoredArchive } from "../archives/open-stored-archive.ts";
import { readLargeObject } from "../rows/large-objects.ts";
import { readValueBytes } from "../rows/value-bytes.ts";
import { writeExport } from "../rows/write-export.ts";
import type { JobContext, JobManager, JobRunOptions } from "./job-manager.ts";
import { keyRingFor, type RunAgain } from "./runners.ts";

const bytesSourceSchema = z.discriminatedUnion("kind", [
  /** `dumpId`: any entry of the database that the large object is in. */
  z.object({ kind: z.literal("largeObject"), dumpId: z.number().int(), oid: z.number().int().positive() }),
  z.object({
    kind: z.literal("value"),
    /** Of the entry with the rows. */
    dumpId: z.number().int(),
    row: z.number().int().min(0),
    column: z.number().int().min(0),
    where: z.array(z.string()),
    search: z.string().nullable(),
  }),
]);

/** Whose bytes are saved. */
export type BytesSource = z.infer<typeof bytesSourceSchema>;

const saveBytesRequestSchema = z.object({
  /** An absolute path, or as openStoredArchive takes what lies in a storage. */
  archive: z.string(),
  bytesOf: bytesSourceSchema,
  /** What it is, in a few words. */
  title: z.string(),
  /** An absolute path; what is there already is not replaced. */
  output: z.string(),
});

/** Bytes saved as they are, as it is stored in the job and run again by a retry. */
export type SaveBytesRequest = z.infer<typeof saveBytesRequestSchema>;

/** Saves the bytes of one large object or value as a job. Throws job.conflict; every other failure is in the ended job's record. */
export function startSaveBytes(
  request: SaveBytesRequest,
  access: ArchiveAccess,
  jobs: JobManager,
  options: JobRunOptions & { readonly retryOf?: JobId },
): Promise<Job> {
  const { retryOf, ...watch } = options;
  const spec = {
    kind: "export",
    title: `Save ${request.title}`,
    request,
    locks: [`file:${request.output}`],
    ...(retryOf ? { retryOf } : {}),
  } as const;
  return jobs.run(spec, (context) => runSaveBytes(context, request, access), watch);
}

/** True for a stored request that is this file's to run, of the kind `export`. */
export function savesBytes(stored: unknown): boolean {
  return saveBytesRequestSchema.safeParse(stored).success;
}

/** Runs a stored request again. */
export const runAgain: RunAgain = async (stored, services) => {
  const parsed = saveBytesRequestSchema.safeParse(stored);
  if (!parsed.success) throw new AppError("job.notRetryable", "The job's request cannot be read by this version.");
  const access = { home: services.home, env: services.env, keys: keyRingFor({}, services) };
  return startSaveBytes(parsed.data, access, services.jobs, services);
};

async function runSaveBytes(
  context: JobContext,
  request: SaveBytesRequest,
  access: ArchiveAccess,
): Promise<JobOutcome> {
  const { archive: location, bytesOf, title, output } = request;
  const startedAt = Date.now();
  context.step("Opening the archive");
  const { archive } = await openStoredArchive(location, { ...access, hold: "refuse" });
  try {
    context.step("Writing bytes");
    let written = 0;
    async function* counted(): AsyncGenerator<Uint8Array> {
      for await (const part of readBytes(archive, bytesOf, context.signal)) {
        written += part.length;
        context.progress({ kind: "unmeasured", bytes: written, rows: 0, current: null });
        yield part;
      }
    }
    const onPartial = (path: string) => context.recordPartial(path);
    const sizeBytes = await writeExport(counted(), { path: output, overwrite: false, onPartial });
    context.log(`${output}: ${sizeBytes} bytes`);
    const result: ExportResult = {
      archive: location,
      table: title,
      format: "bytes",
      path: output,
      rows: null,
      sizeBytes,
      isFiltered: false,
      elapsedMs: Date.now() - startedAt,
    };
    return { state: "succeeded", result };
  } finally {
    await archive.close();
  }
}

function readBytes(archive: Archive, source: BytesSource, signal: AbortSignal): AsyncIterable<Uint8Array> {
  if (source.kind === "largeObject") return readLargeObject(archive.partOf(source.dumpId), source.oid, signal);
  const { dumpId, row, column, where, search } = source;
  return readValueBytes(archive, { dumpId, filter: { where, search }, row, column }, signal);
}
