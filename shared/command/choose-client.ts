import { describeGate, openGates } from "./minor-gates.ts";
import { compareVersions, type PostgresVersion } from "./postgres-version.ts";
import type { ToolInstallation, ToolName } from "./tool-installation.ts";

/** The program to run, and why this one. */
export interface ChosenTool {
  readonly path: string;
  readonly version: PostgresVersion;
  /** `pg_dump 15.18, the server's own major version` */
  readonly reason: string;
  /** Whole sentences for people. */
  readonly warnings: readonly string[];
}

/** None fits: there is no such tool at all (`newest` null), or the newest one is older than this major. */
export interface NoTool {
  /** Null: no version that is known reads it. */
  readonly needsMajor: number | null;
  readonly newest: PostgresVersion | null;
}

/**
 * pg_dump and pg_dumpall refuse a server of a newer major than their own; otherwise they read any server down to 9.2.
 * The server's own major is best, because what it writes can be restored into such a server; else the nearest newer one.
 */
export function chooseForServer(
  installations: readonly ToolInstallation[],
  name: ToolName,
  server: PostgresVersion,
): ChosenTool | NoTool {
  const all = withTool(installations, name);
  const [best] = all.filter(({ version }) => version.major >= server.major).toSorted(nearestMajor(server.major));
  if (best === undefined) return { needsMajor: server.major, newest: newestOf(all) };
  const own = best.version.major === server.major;
  return {
    path: best.path,
    version: best.version,
    reason: own
      ? `${name} ${best.version.text}, the server's own major version`
      : `${name} ${best.version.text}, the nearest one here that can read PostgreSQL ${server.major}`,
    warnings:
      name !== "psql" && best.version.major >= 17 && server.major < 17
        ? [
            `Archives by ${name} ${best.version.text} need a pg_restore 17 or newer, which a server before 17 answers with one harmless error (transaction_timeout). The client of PostgreSQL ${server.major} avoids that.`,
          ]
        : [],
  };
}

/**
 * pg_restore reads archives of its own version and older. For a restore the target's own major is best; a pg_restore 17
 * or newer sets transaction_timeout, which servers before 17 refuse, so it comes last there. For reading, the newest.
 * @param archiveVersion as in the archive's header: `1.14`
 * @param target null: the archive is read only
 * @param ownBackup the archive is a backup of ours, so what a hostile archive could do need not be said
 */
export function chooseForArchive(
  installations: readonly ToolInstallation[],
  archiveVersion: string,
  target: PostgresVersion | null,
  ownBackup: boolean,
): ChosenTool | NoTool {
  const needsMajor = majorForArchive(archiveVersion);
  const all = withTool(installations, "pg_restore");
  if (needsMajor === null) return { needsMajor, newest: newestOf(all) };
  const able = all.filter(({ version }) => version.major >= needsMajor);
  const [best] = able.toSorted(target === null ? newestFirst : fitForTarget(target.major));
  if (best === undefined) return { needsMajor, newest: newestOf(all) };
  const { version } = best;
  const gates = ownBackup ? [] : openGates("pg_restore", version);
  return {
    path: best.path,
    version,
    reason: `pg_restore ${version.text}, ${whyForTarget(version, target)}`,
    warnings: [
      ...(target !== null && target.major < 17 && version.major >= 17
        ? [
            `pg_restore ${version.text} sets transaction_timeout, which PostgreSQL ${target.major} does not know: one harmless error, unless the restore stops at the first.`,
          ]
        : []),
      ...gates.map((gate) => describeGate(gate, "pg_restore", version)),
    ],
  };
}

/** Whether a choice found nothing. */
export function isNoTool(choice: ChosenTool | NoTool): choice is NoTool {
  return "needsMajor" in choice;
}

/**
 * The oldest major whose pg_restore reads an archive version (K_VERS_* in pg_backup_archiver.h): 1.12 came with 9.0,
 * 1.13 with the minor releases of March 2018, 1.14 with 12, 1.15 with 16, 1.16 with 17 (and 18 and 19rc1).
 */
function majorForArchive(archiveVersion: string): number | null {
  const [, minor = "0"] = archiveVersion.split(".");
  const version = Number.parseInt(minor, 10);
  if (version <= 12) return 9;
  return { 13: 10, 14: 12, 15: 16, 16: 17 }[version] ?? null;
}

interface Candidate {
  readonly path: string;
  readonly version: PostgresVersion;
}

function withTool(installations: readonly ToolInstallation[], name: ToolName): Candidate[] {
  return installations.flatMap(({ tools, version }) => {
    const path = tools[name];
    return path === undefined ? [] : [{ path, version }];
  });
}

function newestOf(candidates: readonly Candidate[]): PostgresVersion | null {
  return candidates.toSorted(newestFirst)[0]?.version ?? null;
}

function newestFirst(a: Candidate, b: Candidate): number {
  return compareVersions(b.version, a.version);
}

function nearestMajor(major: number): (a: Candidate, b: Candidate) => number {
  return (a, b) => Math.abs(a.version.major - major) - Math.abs(b.version.major - major) || newestFirst(a, b);
}

function fitForTarget(major: number): (a: Candidate, b: Candidate) => number {
  const late = ({ version }: Candidate): number => (major < 17 && version.major >= 17 ? 1 : 0);
  return (a, b) => late(a) - late(b) || nearestMajor(major)(a, b);
}

function whyForTarget(version: PostgresVersion, target: PostgresVersion | null): string {
  if (target === null) return "the newest one here";
  if (version.major === target.major) return "the target's own major version";
  return `the best one here for this archive and PostgreSQL ${target.major}`;
}
