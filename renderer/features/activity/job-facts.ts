import type {
  BackupResult,
  ExportResult,
  MirrorResult,
  RestoreResult,
  TransferResult,
  VerifyResult,
} from "../../../shared/contract/job-results.ts";
import type { Job } from "../../../shared/job/job.ts";
import { formatBytes, formatCount, formatNumberOf } from "../../../shared/text/format.ts";
import { texts } from "./texts.ts";

/** What an ended job left in its record, by its kind; null where it left nothing. Records come from disk. */
export function backupResult(job: Job): BackupResult | null {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the services wrote it; a missing field shows as nothing
  return job.kind === "backup" && isRecord(job.result) ? (job.result as unknown as BackupResult) : null;
}

export function restoreResult(job: Job): RestoreResult | null {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- as above
  return job.kind === "restore" && isRecord(job.result) ? (job.result as unknown as RestoreResult) : null;
}

export function verifyResult(job: Job): VerifyResult | null {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- as above
  return job.kind === "verify" && isRecord(job.result) ? (job.result as unknown as VerifyResult) : null;
}

export function mirrorResult(job: Job): MirrorResult | null {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- as above
  return job.kind === "mirror" && isRecord(job.result) ? (job.result as unknown as MirrorResult) : null;
}

export function transferResult(job: Job): TransferResult | null {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- as above
  return job.kind === "transfer" && isRecord(job.result) ? (job.result as unknown as TransferResult) : null;
}

export function exportResult(job: Job): ExportResult | null {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- as above
  return job.kind === "export" && isRecord(job.result) ? (job.result as unknown as ExportResult) : null;
}

/** How long it ran or has been running, in milliseconds; null before it started. */
export function elapsedOf(job: Job, nowMs: number): number | null {
  if (job.startedAt === null) return null;
  const end = job.endedAt === null ? nowMs : Date.parse(job.endedAt);
  return Math.max(0, end - Date.parse(job.startedAt));
}

/** Bytes it has written or read: of the result where there is one, of a running job as far as it is. */
export function bytesOf(job: Job): number | null {
  const made = backupResult(job);
  if (made !== null) return made.sizeBytes;
  const { progress } = job;
  // Of a job that ended otherwise nothing was kept.
  if (progress === null || job.endedAt !== null) return null;
  if (progress.kind === "unmeasured") return progress.bytes > 0 ? progress.bytes : null;
  return progress.unit === "bytes" ? progress.done : null;
}

/** What came of it in one line; null where there is nothing to say beyond its state. */
export function sayOutcome(job: Job): string | null {
  if (job.state === "cancelled") return job.kind === "backup" ? texts.cancelledBackup : null;
  if (job.error !== null) return job.error.message;
  const made = backupResult(job);
  if (made !== null) return sayBackup(made);
  const restored = restoreResult(job);
  if (restored !== null) {
    const entries = formatNumberOf(restored.entriesRestored, "object");
    const { target, databases = [] } = restored;
    const came = databases.filter(({ restoredAs }) => restoredAs !== null).length;
    return texts.restored(entries, target.database ?? formatNumberOf(came, "new database"));
  }
  const verified = verifyResult(job);
  if (verified !== null) return sayVerify(verified);
  const exported = exportResult(job);
  if (exported !== null)
    return texts.exported(
      exported.rows === null ? exported.table : formatNumberOf(exported.rows, "row"),
      formatBytes(exported.sizeBytes),
      exported.path,
    );
  const mirrored = mirrorResult(job);
  if (mirrored !== null) return sayMirror(mirrored);
  const transferred = transferResult(job);
  if (transferred !== null) return texts.transferred(formatBytes(transferred.sizeBytes));
  return null;
}

function sayBackup({ sizeBytes, tables, rows }: BackupResult): string {
  return texts.backupMade(
    formatBytes(sizeBytes),
    formatNumberOf(tables, "table"),
    rows === null ? null : formatNumberOf(rows, "row"),
  );
}

function sayVerify({ rowCounts, checksum, pgRestore }: VerifyResult): string {
  if (rowCounts === "match") return texts.rowsMatch;
  if (checksum === "matches") return texts.checksumMatches;
  return pgRestore === "readWhole" ? texts.readWhole : texts.states.succeeded;
}

function sayMirror({ copied, there, checks, pins }: MirrorResult): string {
  const bytes = copied.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const said = texts.mirrored(formatNumberOf(copied.length, "backup"), formatBytes(bytes), formatCount(there));
  const counts = [
    [checks?.copied ?? 0, "later check"],
    [pins?.copied ?? 0, "later pin"],
  ] as const;
  const brought = counts.flatMap(([count, one]) => (count === 0 ? [] : [formatNumberOf(count, one)]));
  return brought.length === 0 ? said : `${said}, ${texts.broughtAlong(brought.join(" and "))}`;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
