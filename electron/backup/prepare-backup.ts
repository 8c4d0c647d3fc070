import { statfs } from "node:fs/promises";
import { type DumpOptions, insistOnCompression, supportedCompressions } from "../../shared/command/dump-command.ts";
import { formatName } from "../../shared/command/names.ts";
import { parseServerVersionNum } from "../../shared/command/postgres-version.ts";
import type { Manifest } from "../../shared/contract/manifest.ts";
import type { PreflightFinding, PreflightReport } from "../../shared/contract/preflight.ts";
import { AppError } from "../../shared/error/app-error.ts";
import { formatBytes } from "../../shared/text/format.ts";
import { withSession } from "../postgres/connect.ts";
import { runPreflight } from "../postgres/preflight.ts";
import { estimateTables } from "../postgres/table-estimates.ts";
import type { ResolvedConnection } from "../profiles/resolve-connection.ts";
import { findNewestBackup, type StoredBackup } from "../storage/backup-folder.ts";
import type { StorageContext } from "../storage/open-storage.ts";
import { errnoOf } from "../storage/storage-error.ts";
import { type ChosenTool, chooseDumpTool } from "../tools/choose-tool.ts";
import { knowsCompression } from "../tools/knows-compression.ts";
import { locateInstallations, type ToolInstallation } from "../tools/locate-tools.ts";
import type { ExpectedTable } from "./backup-progress.ts";
import type { BackupRequest } from "./backup-request.ts";
import { type ManifestSeal, prepareSeal } from "./seal-manifest.ts";

/** Everything that is decided before pg_dump starts. */
export interface BackupPlan {
  readonly report: PreflightReport;
  readonly installations: readonly ToolInstallation[];
  readonly tool: ChosenTool;
  readonly compression: DumpOptions["compression"];
  readonly expected: readonly ExpectedTable[];
  /** `expected` is a guess from the tables' sizes, not what an earlier backup held. */
  readonly isEstimated: boolean;
  /** The stored archive will hardly be longer. */
  readonly mostBytes: number;
  readonly warnings: Manifest["warnings"];
  /** Looked for while the dump runs: a bucket's list may take its time. */
  readonly seal: Promise<ManifestSeal>;
}

/**
 * Looks at the server, chooses pg_dump and compression, and estimates what is to come.
 * Throws connection.*, tool.*, encryption.badRecipient, backup.optionConflict, and backup.preflightFailed when the backup
 * could not be whole.
 */
export async function prepareBackup(
  request: BackupRequest,
  connection: ResolvedConnection,
  access: StorageContext,
  signal: AbortSignal,
): Promise<BackupPlan> {
  await refuseWhatCannotBeEncrypted(request, access.env);
  const options = { database: request.database, applicationName: "lifeboat", signal };
  const [report, installations] = await Promise.all([
    withSession(connection.target, connection.password, options, (session) =>
      runPreflight(session, { globals: request.globals }),
    ),
    locateInstallations(access.home),
  ]);
  stopWhereIncomplete(request, report.findings);
  stopWhereUnsafe(request, report);
  const tool = choosePgDump(request, installations, report);
  const [compression, previous] = await Promise.all([chooseCompression(request, tool), findPrevious(request, report)]);
  const seal = prepareSeal(request, report.server.systemIdentifier, access, signal);
  // Told where it is awaited; a dump that fails is told of itself.
  seal.catch(() => {});
  return {
    report,
    installations,
    tool,
    compression,
    expected: previous ? expectAsBefore(report, previous.manifest) : expectFromSizes(report),
    isEstimated: previous === null,
    mostBytes: boundArchive(request, report, previous),
    warnings: [
      ...report.findings.filter((finding) => finding.level !== "note").map(toWarning),
      ...tool.warnings.map((message) => ({ code: "tool.warning", message })),
      ...(await spaceWarnings(request, report, previous)),
    ],
    seal,
  };
}

async function refuseWhatCannotBeEncrypted(
  { format, recipients = [], passphrase, gpg = [] }: BackupRequest,
  env: NodeJS.ProcessEnv,
): Promise<void> {
  if (recipients.length === 0 && passphrase === undefined && gpg.length === 0) return;
  if (gpg.length > 0 && (recipients.length > 0 || passphrase !== undefined))
    throw new AppError("backup.optionConflict", "A file is encrypted either with gpg or with age.");
  if (recipients.length > 0 && passphrase !== undefined)
    throw new AppError(
      "backup.optionConflict",
      "A file is encrypted either with a passphrase or for recipients: age allows no mixture.",
    );
  const { checkRecipient } = await import("../encryption/age-package.ts");
  await Promise.all(recipients.map(checkRecipient));
  // Again, before anything runs: of a key that was good once it may since be said that it is not.
  if (gpg.length > 0) {
    const { resolveGpgRecipient } = await import("../encryption/gpg-recipients.ts");
    for (const fingerprint of gpg) await resolveGpgRecipient(fingerprint, env);
  }
  if (format === "directory")
    throw new AppError(
      "backup.optionConflict",
      "pg_dump writes a directory itself, so it cannot be encrypted on the way.",
      {
        hint: "Choose the custom format, or leave the recipient or passphrase out.",
      },
    );
}

/** A compression that was asked for is a reason to take a newer pg_dump than the server's own major. */
function choosePgDump(
  request: BackupRequest,
  installations: readonly ToolInstallation[],
  report: PreflightReport,
): ChosenTool {
  const method = request.compression?.method ?? "none";
  const able = installations.filter(({ version }) => supportedCompressions(version).includes(method));
  return chooseDumpTool(able.length > 0 ? able : installations, "pg_dump", report.server.versionNum);
}

/**
 * What was asked for, or the usual: zstd costs a fraction of gzip's time for the same size; pg_dump before 16 does not know
 * it, a build may be without it, and tar never compresses. pg_restore must be able to read what we compress.
 */
async function chooseCompression(
  { format, compression }: BackupRequest,
  { path, version }: ChosenTool,
): Promise<DumpOptions["compression"]> {
  if (compression) {
    insistOnCompression(compression, version);
    if (version.major < 16 || (await knowsCompression(path, compression.method))) return compression;
    throw new AppError("tool.tooOld", `pg_dump ${version.text} here was built without ${compression.method}.`, {
      hint: "Use another compression, or install PostgreSQL's own packages of the client.",
    });
  }
  if (format === "tar") return { method: "none", level: null };
  const knowsZstd = supportedCompressions(version).includes("zstd") && (await knowsCompression(path, "zstd"));
  return knowsZstd ? { method: "zstd", level: 3 } : { method: "gzip", level: 6 };
}

/** With a choice of objects, what preflight found may lie outside it: then pg_dump's own word decides. */
function stopWhereIncomplete(request: BackupRequest, findings: readonly PreflightFinding[]): void {
  const choosy = [request.schemas, request.tables, request.excludeTables].some((list) => list.length > 0);
  const [first, ...others] = findings.filter((finding) => finding.level === "stop");
  if (!first || choosy) return;
  const detail = [nameObjects(first), ...others.map((other) => `${other.message} ${nameObjects(other)}`.trimEnd())];
  throw new AppError("backup.preflightFailed", first.message, {
    detail: detail.filter((line) => line !== "").join("\n") || undefined,
    hint: first.remedy ?? undefined,
  });
}

function nameObjects(finding: PreflightFinding): string {
  const named = finding.objects.slice(0, 20).join(", ");
  return finding.objects.length > 20 ? `${named} and ${finding.objects.length - 20} more` : named;
}

/** Minor releases of 2026-11-12: before them a parallel dump from a standby could damage the dump and the standby. */
const parallelStandbyMendedIn: Readonly<Record<number, number>> = { 18: 7, 17: 12, 16: 16, 15: 20, 14: 25 };

function stopWhereUnsafe(request: BackupRequest, report: PreflightReport): void {
  if (request.jobs === 1 || !report.server.isStandby) return;
  const server = parseServerVersionNum(report.server.versionNum);
  const mendedIn = parallelStandbyMendedIn[server.major] ?? (server.major > 18 ? 0 : Number.POSITIVE_INFINITY);
  if (server.minor >= mendedIn) return;
  throw new AppError(
    "backup.preflightFailed",
    `A parallel dump from a standby of PostgreSQL ${server.text} can come out damaged, and damage the standby.`,
    { hint: "Leave --jobs out, dump from the primary, or update the server." },
  );
}

function toWarning(finding: PreflightFinding): Manifest["warnings"][number] {
  const detail = finding.objects.join(", ");
  return { code: finding.code, message: finding.message, ...(detail ? { detail } : {}) };
}

/** The newest backup of this very database in the first folder, whose counts tell what to expect. */
async function findPrevious(request: BackupRequest, report: PreflightReport): Promise<StoredBackup | null> {
  const [folder] = request.locations;
  if (folder === undefined) return null;
  return findNewestBackup(
    folder,
    request.database,
    (manifest) =>
      manifest.server.systemIdentifier === report.server.systemIdentifier &&
      manifest.data.some((entry) => entry.rawBytes !== null),
  );
}

function expectAsBefore(report: PreflightReport, previous: Manifest): ExpectedTable[] {
  const before = new Map(previous.data.map((entry) => [formatName(entry.namespace, entry.tag), entry]));
  return report.tables.map((table) => {
    const label = formatName(table.schema, table.name);
    const entry = before.get(label);
    return {
      oid: table.oid,
      label,
      rows: entry?.rows ?? table.estimatedRows,
      bytes: entry?.rawBytes ?? table.sizeBytes,
    };
  });
}

/** COPY text is on the average a little smaller than the table. */
const TEXT_PER_TABLE_BYTE = 0.85;

function expectFromSizes(report: PreflightReport): ExpectedTable[] {
  return report.tables.map((table) => ({
    oid: table.oid,
    label: formatName(table.schema, table.name),
    rows: table.estimatedRows,
    bytes: table.sizeBytes * TEXT_PER_TABLE_BYTE,
  }));
}

/** Samples the tables' text for better estimates. Takes up to some seconds, so it runs beside the dump. */
export async function sampleExpected(
  report: PreflightReport,
  connection: ResolvedConnection,
  signal: AbortSignal,
): Promise<ExpectedTable[]> {
  const options = { database: report.database, applicationName: "lifeboat", signal };
  const estimates = await withSession(connection.target, connection.password, options, (session) =>
    estimateTables(session, report.tables),
  );
  return report.tables.flatMap((table) => {
    const estimate = estimates.get(table.oid);
    return estimate ? [{ oid: table.oid, label: formatName(table.schema, table.name), ...estimate }] : [];
  });
}

/**
 * For the length of an upload's parts. COPY text of large objects and bytea is twice as long as they are, and compressed
 * columns come out at full length; compression takes that back.
 */
function boundArchive(request: BackupRequest, report: PreflightReport, previous: StoredBackup | null): number {
  const before = previous?.manifest.files.reduce((sum, file) => sum + file.sizeBytes, 0) ?? 0;
  const isPlain = request.format === "tar" || request.compression?.method === "none";
  return Math.max(before * 2, report.databaseBytes * (isPlain ? 4 : 1.5)) + 64 * 1024 * 1024;
}

/** What is needed is a guess, from the backup before or from the tables, so it only warns. */
async function spaceWarnings(
  request: BackupRequest,
  report: PreflightReport,
  previous: StoredBackup | null,
): Promise<Manifest["warnings"]> {
  const warnings: Manifest["warnings"] = [];
  const needed = previous
    ? previous.manifest.files.reduce((sum, file) => sum + file.sizeBytes, 0)
    : report.databaseBytes / 4;
  for (const location of request.locations) {
    const free = await freeBytes(location);
    if (free !== null && free < needed)
      warnings.push({
        code: "storage.full",
        message: `${location} has ${formatBytes(free)} free; this backup may need about ${formatBytes(needed)}.`,
      });
  }
  return warnings;
}

/** Free bytes for this user where the folder is or will be; null where the system does not say. */
async function freeBytes(folder: string): Promise<number | null> {
  for (let at = folder; ; ) {
    try {
      const { bavail, bsize } = await statfs(at);
      return bavail * bsize;
    } catch (error) {
      const parent = at.replace(/[/\\][^/\\]*$/, "");
      if (errnoOf(error) !== "ENOENT" || parent === at || parent === "") return null;
      at = parent;
    }
  }
}
