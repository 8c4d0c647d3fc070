import { z } from "zod";
import type { ExportResult } from "../../shared/contract/job-results.ts";
import { AppError } from "../../shared/error/app-error.ts";
import type { Job, JobId, JobOutcome } from "../../shared/job/job.ts";
import { takesEveryRow } from "../../shared/rows/row-filter.ts";
import { exportFormats } from "../../shared/rows/row-format.ts";
import { findTableData } from "../archives/find-object.ts";
import { type ArchiveAccess, openStoredArchive } from "../archives/open-stored-archive.ts";
import { exportRows } from "../rows/export-rows.ts";
import { writeExport } from "../rows/write-export.ts";
import type { JobContext, JobManager, JobRunOptions } from "./job-manager.ts";
import * as saveBytes from "./run-save-bytes.ts";
import { keyRingFor, type RunAgain } from "./runners.ts";

const exportRequestSchema = z.object({
  /** An absolute path, or as openStoredArchive takes what lies in a storage. */
  archive: z.string(),
  /** A name as SQL writes it, or a dump ID. */
  table: z.string(),
  format: z.enum(exportFormats),
  where: z.array(z.string()),
  search: z.string().nullable(),
  limit: z.number().int().min(0).nullable(),
  /** An absolute path. */
  output: z.string(),
  overwrite: z.boolean(),
  identityFile: z.string().exactOptional(),
});

/** One export, as it is stored in the job and run again by a retry. */
export type ExportRequest = z.infer<typeof exportRequestSchema>;

/** Runs an export as a job. Throws job.conflict; every other failure is in the ended job's record. */
export function startExport(
  request: ExportRequest,
  access: ArchiveAccess,
  jobs: JobManager,
  options: JobRunOptions & { readonly retryOf?: JobId },
): Promise<Job> {
  const { retryOf, ...watch } = options;
  const spec = {
    kind: "export",
    title: `Export ${request.table}`,
    request,
    locks: [`file:${request.output}`],
    ...(retryOf ? { retryOf } : {}),
  } as const;
  return jobs.run(spec, (context) => runExport(context, request, access), watch);
}

/** Runs a stored export again; what it made before is not replaced unless that was asked for. */
export const runAgain: RunAgain = async (stored, services) => {
  if (saveBytes.savesBytes(stored)) return saveBytes.runAgain(stored, services);
  const parsed = exportRequestSchema.safeParse(stored);
  if (!parsed.success) throw new AppError("job.notRetryable", "The job's request cannot be read by this version.");
  const access = { home: services.home, env: services.env, keys: keyRingFor(parsed.data, services) };
  return startExport(parsed.data, access, services.jobs, services);
};

async function runExport(context: JobContext, request: ExportRequest, access: ArchiveAccess): Promise<JobOutcome> {
  const { archive: location, table, format, limit, output, overwrite } = request;
  const filter = { where: request.where, search: request.search };
  const startedAt = Date.now();
  context.step("Opening the archive");
  const { archive, manifest } = await openStoredArchive(location, { ...access, hold: "refuse" });
  try {
    const { dumpId } = findTableData(archive.toc, table);
    const total = manifest?.data.find((entry) => entry.dumpId === dumpId)?.rows ?? null;
    const progress = createExportProgress(context, takesEveryRow(filter) && limit !== null ? limit : total);
    const parts = await exportRows(archive, dumpId, { format, filter, limit }, context.signal);
    context.step("Writing rows");
    let rows = 0;
    async function* bytes(): AsyncGenerator<Uint8Array> {
      for await (const part of parts) {
        rows += part.foundRows;
        progress(part.readRows, rows, part.bytes.length);
        yield part.bytes;
      }
    }
    const onPartial = (path: string) => context.recordPartial(path);
    const sizeBytes = await writeExport(bytes(), { path: output, overwrite, onPartial });
    context.log(`${output}: ${rows} rows, ${sizeBytes} bytes`);
    const result: ExportResult = {
      archive: location,
      table,
      format,
      path: output,
      rows,
      sizeBytes,
      isFiltered: !takesEveryRow(filter),
      elapsedMs: Date.now() - startedAt,
    };
    return { state: "succeeded", result };
  } finally {
    await archive.close();
  }
}

function createExportProgress(
  context: JobContext,
  total: number | null,
): (readRows: number, foundRows: number, bytes: number) => void {
  const startedAt = Date.now();
  let done = 0;
  let written = 0;
  return (readRows, foundRows, bytes) => {
    done += readRows;
    written += bytes;
    if (total === null || total < done) {
      context.progress({ kind: "unmeasured", bytes: written, rows: foundRows, current: null });
      return;
    }
    const rate = (done / Math.max(1, Date.now() - startedAt)) * 1000;
    context.progress({
      kind: "measured",
      unit: "rows",
      done,
      total,
      exact: true,
      ratePerSecond: rate,
      remainingMs: rate > 0 ? ((total - done) / rate) * 1000 : null,
      current: null,
    });
  };
}
