import type { Compression } from "../archive/toc-entry.ts";
import { AppError } from "../error/app-error.ts";
import { quoteConninfoValue } from "./names.ts";
import type { PostgresVersion } from "./postgres-version.ts";

/** What pg_dump is asked for. Patterns are pg_dump's (psql's `\d` rules) as typed; `exactPattern` makes one of a name. */
export interface DumpOptions {
  readonly format: "custom" | "directory" | "tar" | "plain";
  readonly compression: { readonly method: Compression; readonly level: number | null };
  /** Workers; more than one needs the directory format. */
  readonly jobs: number;
  readonly schemas: readonly string[];
  readonly tables: readonly string[];
  readonly excludeTables: readonly string[];
  readonly excludeTableData: readonly string[];
  readonly schemaOnly: boolean;
  readonly dataOnly: boolean;
  readonly noLargeObjects?: boolean;
  /** Gives up when a table's lock is not had in this time; 0 waits for ever. */
  readonly lockWaitTimeoutSeconds: number;
  /** Folder of a directory archive, which must not exist or be empty, or another format's file. Null: stdout. */
  readonly outputPath: string | null;
}

/** Compression methods of the archives that this pg_dump and its pg_restore know. lz4 and zstd came with 16, where the build has them. */
export function supportedCompressions(client: PostgresVersion): Compression[] {
  return client.major >= 16 ? ["none", "gzip", "lz4", "zstd"] : ["none", "gzip"];
}

/** Highest level of each method; null where there are none. The lowest is 1. */
export const highestLevels: Readonly<Record<Compression, number | null>> = { none: null, gzip: 9, lz4: 12, zstd: 22 };

/**
 * @throws backup.optionConflict for a level that the method does not have, tool.tooOld for a compression whose archives this
 *   client does not know
 */
export function insistOnCompression({ method, level }: DumpOptions["compression"], client: PostgresVersion): void {
  const highest = highestLevels[method];
  if (level !== null && highest !== null && !(Number.isInteger(level) && level >= 1 && level <= highest))
    throw conflict(`${method} has levels 1 to ${highest}, not ${level}.`);
  if (supportedCompressions(client).includes(method)) return;
  throw new AppError("tool.tooOld", `pg_dump ${client.text} cannot write ${method}.`, {
    hint: "Use --compress gzip, or install the PostgreSQL client 16 or newer.",
  });
}

/**
 * pg_dump's arguments apart from the connection, which goes before them. `--statistics` of 18 is left out: what it
 * writes cannot be restored into an older server.
 * @throws backup.optionConflict for combinations pg_dump refuses, tool.tooOld for a compression this client cannot write
 */
export function buildDumpArgs(options: DumpOptions, client: PostgresVersion): string[] {
  refuseConflicts(options);
  return [
    `--format=${options.format}`,
    ...compressionArgs(options, client),
    ...(options.jobs > 1 ? [`--jobs=${options.jobs}`] : []),
    ...(options.outputPath === null ? [] : [`--file=${options.outputPath}`, ...withoutSync(client)]),
    "--no-password",
    "--verbose",
    ...(options.lockWaitTimeoutSeconds > 0
      ? [`--lock-wait-timeout=${Math.round(options.lockWaitTimeoutSeconds * 1000)}`]
      : []),
    ...(options.schemaOnly ? ["--schema-only"] : []),
    ...(options.dataOnly ? ["--data-only"] : []),
    // `--no-large-objects` from 16 on, which still take the old word; this one is understood by all.
    ...(options.noLargeObjects === true ? ["--no-blobs"] : []),
    ...options.schemas.map((pattern) => `--schema=${pattern}`),
    ...options.tables.map((pattern) => `--table=${pattern}`),
    ...options.excludeTables.map((pattern) => `--exclude-table=${pattern}`),
    ...options.excludeTableData.map((pattern) => `--exclude-table-data=${pattern}`),
  ];
}

/**
 * pg_dumpall's arguments for roles, tablespaces and their settings, apart from the connection.
 * pg_dumpall ignores the database of `--dbname` and looks for `postgres`, then `template1`.
 * @param options.rolePasswords false where the role may not read pg_authid: managed services
 * @param options.database connect to this one instead
 */
export function buildGlobalsArgs(options: {
  readonly rolePasswords: boolean;
  readonly database?: string | undefined;
}): string[] {
  return [
    "--globals-only",
    "--no-password",
    ...(options.database === undefined ? [] : [`--database=dbname=${quoteConninfoValue(options.database)}`]),
    ...(options.rolePasswords ? [] : ["--no-role-passwords"]),
  ];
}

/** We sync its files ourselves, while they are hashed: it would take the time of both, one after the other. */
function withoutSync(client: PostgresVersion): string[] {
  return client.major >= 10 ? ["--no-sync"] : [];
}

/** `method:level` came with 16; before it, one number is zlib's level and 0 is none. Tar is never compressed. */
function compressionArgs({ format, compression }: DumpOptions, client: PostgresVersion): string[] {
  const { method, level } = compression;
  if (format === "tar") return [];
  insistOnCompression(compression, client);
  if (client.major >= 16) return [`--compress=${level === null || method === "none" ? method : `${method}:${level}`}`];
  return [`--compress=${method === "none" ? 0 : (level ?? 6)}`];
}

function refuseConflicts(options: DumpOptions): void {
  if (options.schemaOnly && options.dataOnly) throw conflict("Schema only and data only leave nothing to back up.");
  if (options.jobs > 1 && options.format !== "directory")
    throw conflict(`Several jobs need the directory format, not ${options.format}.`);
  if (options.format === "tar" && options.compression.method !== "none")
    throw conflict("A tar archive cannot be compressed by pg_dump.");
  if (options.format === "directory" && options.outputPath === null)
    throw conflict("A directory archive is written to a folder, not to a stream.");
}

function conflict(message: string): AppError {
  return new AppError("backup.optionConflict", message);
}
