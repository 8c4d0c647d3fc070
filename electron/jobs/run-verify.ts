import { stat } from "node:fs/promises";
import { hostname } from "node:os";
import { basename } from "node:path";
import { z } from "zod";
import { displayCommand } from "../../shared/command/display.ts";
import { formatName } from "../../shared/command/names.ts";
import { buildReadArgs } from "../../shared/command/restore-command.ts";
import type { BackupProof } from "../../shared/contract/backup-proof.ts";
import type { VerifyResult } from "../../shared/contract/job-results.ts";
import type { Manifest } from "../../shared/contract/manifest.ts";
import { AppError } from "../../shared/error/app-error.ts";
import { failureOf } from "../../shared/error/classify.ts";
import type { Job, JobId, JobOutcome } from "../../shared/job/job.ts";
import { isRemoteLocation } from "../../shared/storage/location.ts";
import { streamSource } from "../archives/open-source.ts";
import { type ArchiveAccess, openStoredArchive, openStoredBytes } from "../archives/open-stored-archive.ts";
import { subjectOf, writeProof } from "../storage/backup-proofs.ts";
import { openArchivePlace, readManifestBeside } from "../storage/open-stored-backup.ts";
import { chooseRestoreTool } from "../tools/choose-tool.ts";
import { locateInstallations } from "../tools/locate-tools.ts";
import { runFedTool } from "../tools/run-fed-tool.ts";
import { runTool } from "../tools/run-tool.ts";
import { checkFiles } from "../verify/check-files.ts";
import { type ReadTable, readWholeArchive } from "../verify/read-archive.ts";
import { lifeboatVersion } from "../version.ts";
import type { JobContext, JobManager, JobRunOptions } from "./job-manager.ts";
import { keyRingFor, type RunAgain } from "./runners.ts";

const verifyRequestSchema = z.object({
  /** Of the archive: an absolute path, `s3://bucket/key` or `sftp://host/path`. */
  path: z.string(),
  /** File with the key of an encrypted archive; left out: the known keys. */
  identityFile: z.string().exactOptional(),
  level: z.enum(["checksum", "read"]),
});

/** One verification, as it is stored in the job and run again by a retry. */
export type VerifyRequest = z.infer<typeof verifyRequestSchema>;

/** A stored request, checked. Throws job.notRetryable. */
export function parseVerifyRequest(value: unknown): VerifyRequest {
  const parsed = verifyRequestSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new AppError("job.notRetryable", "The job's request cannot be read by this version.");
}

/** Our reader is fast; pg_restore's time is bounded because a cut tar archive can keep it busy for ever. */
const PG_RESTORE_LEAST_MS = 60_000;
const PG_RESTORE_LEAST_BYTES_PER_MS = 2000;

/**
 * Runs a verification as a job.
 * @param access what opens the archive, wherever it lies and whether it is encrypted
 */
export function startVerify(
  request: VerifyRequest,
  access: ArchiveAccess,
  jobs: JobManager,
  options: JobRunOptions & { readonly retryOf?: JobId },
): Promise<Job> {
  const { retryOf, ...watch } = options;
  const title = `Verify ${basename(request.path)}`;
  const spec = { kind: "verify", title, request, locks: [], ...(retryOf ? { retryOf } : {}) } as const;
  return jobs.run(spec, (context) => runVerify(context, request, access), watch);
}

/** Runs a stored verification again. */
export const runAgain: RunAgain = (stored, services) => {
  const request = parseVerifyRequest(stored);
  return startVerify(request, { ...services, keys: keyRingFor(request, services) }, services.jobs, services);
};

/**
 * Checks a backup: its files against the manifest, and at level `read` every data block by our own reader, the rows
 * against the manifest, and the whole by pg_restore. What it finds is written beside a backup that has a manifest. Throws verify.*, archive.*, or pg_restore's failure; ends
 * `finishedWithErrors` where a part could not be checked.
 */
export async function runVerify(
  context: JobContext,
  request: VerifyRequest,
  access: ArchiveAccess,
): Promise<JobOutcome> {
  const { signal } = context;
  const place = await openArchivePlace(request.path, access);
  let beside: Beside | null;
  try {
    beside = await readManifestBeside(place, signal, access.keys);
  } finally {
    await place.storage.close();
  }
  if (beside === null) return check(context, request, access, null);
  const recording = { context, request, access, beside };
  try {
    const outcome = await check(context, request, access, beside.manifest);
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- check has just made it
    const result = outcome.result as VerifyResult;
    const record = await recordFinding(recording, {
      outcome: outcome.state === "succeeded" ? "good" : "partly",
      tables: result.tables,
      rows: result.rows,
      error: null,
    });
    const notes = record.note === null ? result.notes : [...result.notes, record.note];
    return { ...outcome, result: { ...result, record: record.path, notes } satisfies VerifyResult };
  } catch (error) {
    if (error instanceof AppError && isFinding(error)) {
      const { code, message } = error;
      const found = { outcome: "bad", tables: null, rows: null, error: { code, message } } as const;
      const { note } = await recordFinding(recording, found);
      if (note !== null) context.log(note);
    }
    throw error;
  }
}

type Beside = NonNullable<Awaited<ReturnType<typeof readManifestBeside>>>;

/** Something about the backup; what could not be looked at says nothing of it. */
function isFinding({ code }: AppError): boolean {
  return /^(verify|archive)\./.test(code) && code !== "archive.keyMissing";
}

/**
 * Keeps what was found beside the backup, where every machine sees it.
 * @returns a note where it could not be kept; the verdict stands all the same
 */
async function recordFinding(
  {
    context,
    request,
    access,
    beside,
  }: {
    readonly context: JobContext;
    readonly request: VerifyRequest;
    readonly access: ArchiveAccess;
    readonly beside: Beside;
  },
  found: Pick<BackupProof, "outcome" | "tables" | "rows" | "error">,
): Promise<{ path: string | null; note: string | null }> {
  const { manifest, manifestPath, digest } = beside;
  try {
    const { storage } = await openArchivePlace(request.path, access);
    try {
      const said = {
        ...found,
        at: new Date().toISOString(),
        level: request.level,
        lifeboatVersion,
        machine: hostname(),
      };
      const path = await writeProof(storage, manifestPath, subjectOf(manifest, digest), said, access.keys);
      context.log(`What was found is kept in ${path}.`);
      return { path, note: null };
    } finally {
      await storage.close();
    }
  } catch (error) {
    const why = error instanceof AppError ? error.message : String(error);
    return {
      path: null,
      note: `What was found could not be written beside the backup, so it holds on this machine alone: ${why}`,
    };
  }
}

async function check(
  context: JobContext,
  request: VerifyRequest,
  access: ArchiveAccess,
  manifest: Manifest | null,
): Promise<JobOutcome> {
  const { signal } = context;
  const notes: string[] = [];
  const place = await openArchivePlace(request.path, access);
  try {
    if (request.level === "checksum" && manifest === null)
      throw new AppError("verify.noManifest", `There is no manifest beside ${request.path}.`);
    if (manifest) {
      context.step("Comparing checksums");
      await checkFiles(place.storage, manifest, { signal, onBytes: createReadProgress(context, manifest) });
    }
  } finally {
    await place.storage.close();
  }
  if (manifest === null)
    notes.push("There is no manifest, so nothing says what the file should be: only its inner order is checked.");
  const checksum = manifest ? "matches" : "noManifest";
  if (request.level === "checksum")
    return succeed({
      ...request,
      checksum,
      tables: null,
      rows: null,
      rowCounts: "notRead",
      pgRestore: "notRead",
      record: null,
      notes,
    });

  context.step("Reading every row");
  const readSince = Date.now();
  const onBytes = createReadProgress(context, manifest);
  const tables = await readWholeArchive(request.path, manifest, { signal, onBytes, access });
  const readMs = Date.now() - readSince;
  if (manifest) compareRows(tables, manifest);
  for (const table of tables)
    context.log(`${formatName(table.namespace, table.tag)}: ${table.rows === null ? "read" : `${table.rows} rows`}`);

  context.step("Reading it with pg_restore");
  const reading = { context, path: request.path, access, notes, readMs };
  const pgRestore =
    manifest === null ? await readForeignWithPgRestore(reading) : await readWithPgRestore(reading, manifest);
  const counted = tables.filter((table) => table.rows !== null);
  const result: VerifyResult = {
    ...request,
    checksum,
    tables: counted.length,
    rows: counted.reduce((sum, table) => sum + (table.rows ?? 0), 0),
    rowCounts: manifest ? "match" : "noManifest",
    pgRestore,
    record: null,
    notes,
  };
  return pgRestore === "missing" ? { state: "finishedWithErrors", result } : succeed(result);
}

function succeed(result: VerifyResult): JobOutcome {
  return { state: "succeeded", result };
}

function compareRows(tables: readonly ReadTable[], manifest: Manifest): void {
  const read = new Map(tables.map((table) => [table.dumpId, table]));
  const differing = manifest.data.flatMap((entry) => {
    if (entry.rows === null) return [];
    const rows = read.get(entry.dumpId)?.rows ?? null;
    return rows === entry.rows
      ? []
      : [`${formatName(entry.namespace, entry.tag)}: ${rows ?? "no"} rows, written were ${entry.rows}`];
  });
  if (differing.length > 0)
    throw new AppError("verify.rowsDiffer", "The backup does not hold the rows that were written.", {
      detail: differing.slice(0, 20).join("; "),
    });
}

/** What pg_restore is to read. */
interface PgRestoreReading {
  readonly context: JobContext;
  readonly path: string;
  readonly access: ArchiveAccess;
  /** Told why it was not read. */
  readonly notes: string[];
  /** How long our own reading took. */
  readonly readMs: number;
}

/** A backup of ours, as it is stored. */
async function readWithPgRestore(reading: PgRestoreReading, manifest: Manifest): Promise<VerifyResult["pgRestore"]> {
  const { path, access } = reading;
  if (manifest.format === "plain") return "notApplicable";
  if (manifest.format !== "directory") {
    const source = await openStoredBytes(path, access);
    try {
      const { signal } = reading.context;
      const fed = source.isFile ? null : streamSource(source, signal);
      return await runPgRestore(reading, archiveVersionOf(manifest), source.sizeBytes, fed);
    } finally {
      await source.close();
    }
  }
  if (!isRemoteLocation(path)) return runPgRestore(reading, archiveVersionOf(manifest), (await stat(path)).size, null);
  reading.notes.push("pg_restore did not read it: it can read a directory archive on a disk only.");
  return "notApplicable";
}

/** An archive made elsewhere: where pg_restore cannot open it as it lies there, it gets all of it as a custom archive. */
async function readForeignWithPgRestore(reading: PgRestoreReading): Promise<VerifyResult["pgRestore"]> {
  const { archive } = await openStoredArchive(reading.path, reading.access);
  try {
    // Its folder, where the path is that of its toc.dat.
    const { path, header, sizeBytes, toc, opensByPath } = archive;
    if (header.format === "plain") return "notApplicable";
    const { signal } = reading.context;
    const ids = Array.from(toc, ({ dumpId }) => dumpId);
    const fed = opensByPath ? null : (await archive.excerpt(ids, { signal })).bytes;
    return await runPgRestore({ ...reading, path }, header.archiveVersion, sizeBytes, fed);
  } finally {
    await archive.close();
  }
}

/**
 * @param archiveVersion that it has to know
 * @param fed what it gets through its stdin; null: it opens the path
 */
async function runPgRestore(
  { context, path, access, notes, readMs }: PgRestoreReading,
  archiveVersion: string,
  sizeBytes: number,
  fed: AsyncIterable<Uint8Array> | null,
): Promise<VerifyResult["pgRestore"]> {
  const tool = await findPgRestore(archiveVersion, access, notes);
  if (tool === null) return "missing";
  const args = buildReadArgs(fed === null ? path : null);
  context.log(displayCommand(tool.path, args));
  const request = {
    path: tool.path,
    env: { LC_ALL: "C" },
    stdout: "ignore",
    signal: context.signal,
    // Of one that lies far away, our own reading tells how long it takes to come here.
    limitMs: PG_RESTORE_LEAST_MS + Math.max(sizeBytes / PG_RESTORE_LEAST_BYTES_PER_MS, 10 * readMs),
    phase: "read",
    onSpawn: (pid: number) => context.recordChild(pid),
    args,
  } as const;
  const exit = fed === null ? await runTool(request).exit : await runFedTool(request, fed);
  if (exit.outcome !== "exited" || exit.exitCode !== 0) throw failureOf("pg_restore", exit, "read");
  return "readWhole";
}

async function findPgRestore(archiveVersion: string, access: ArchiveAccess, notes: string[]) {
  try {
    const installations = await locateInstallations(access.home);
    return chooseRestoreTool(installations, archiveVersion, null, { ownBackup: true });
  } catch (error) {
    if (!(error instanceof AppError) || !error.code.startsWith("tool.")) throw error;
    notes.push(`pg_restore did not read it: ${error.message}`);
    return null;
  }
}

/** The archive version that a pg_dump of this major writes (pg_backup_archiver.h of each release). */
function archiveVersionOf(manifest: Manifest): string {
  const major = Number.parseInt(manifest.tool.version, 10);
  if (major >= 17) return "1.16";
  return major === 16 ? "1.15" : "1.14";
}

/** Of one pass over all of it. */
function createReadProgress(context: JobContext, manifest: Manifest | null): (bytes: number) => void {
  const stored = manifest?.files.reduce((sum, file) => sum + file.sizeBytes, 0) ?? null;
  const startedAt = Date.now();
  let done = 0;
  return (bytes) => {
    done += bytes;
    if (stored === null) {
      context.progress({ kind: "unmeasured", bytes: done, rows: 0, current: null });
      return;
    }
    const rate = (done / Math.max(1, Date.now() - startedAt)) * 1000;
    context.progress({
      kind: "measured",
      unit: "bytes",
      done: Math.min(done, stored),
      total: stored,
      exact: true,
      ratePerSecond: rate,
      remainingMs: rate > 0 ? (Math.max(0, stored - done) / rate) * 1000 : null,
      current: null,
    });
  };
}
