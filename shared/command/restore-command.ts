import { AppError } from "../error/app-error.ts";
import type { PostgresVersion } from "./postgres-version.ts";

/** What pg_restore is asked for. */
export interface RestoreOptions {
  /** File with the dump IDs to restore, in order (`-L`). */
  readonly useListPath: string;
  /** null: pg_restore reads the archive from its stdin, where it cannot go back and takes no second job. */
  readonly archivePath: string | null;
  readonly jobs: number;
  /** All or nothing; cannot go with several jobs. pg_restore then stops at the first error. */
  readonly singleTransaction: boolean;
  /** Objects per transaction, pg_restore 17 and newer. pg_restore then stops at the first error. */
  readonly transactionSize: number | null;
  readonly noOwner: boolean;
  readonly noPrivileges: boolean;
  readonly exitOnError: boolean;
  /** SET ROLE to it before restoring. */
  readonly role: string | null;
  /** Data without checks by triggers and foreign keys; needs a superuser, and restores data alone. */
  readonly disableTriggers: boolean;
}

/**
 * pg_restore's arguments apart from the connection, which goes before them (what follows `--` is the archive).
 * @throws restore.optionConflict for combinations pg_restore refuses, tool.tooOld for a transaction size before 17
 */
export function buildRestoreArgs(options: RestoreOptions, client: PostgresVersion): string[] {
  refuseConflicts(options, client);
  return [
    `--use-list=${options.useListPath}`,
    "--no-password",
    "--verbose",
    ...(options.exitOnError ? ["--exit-on-error"] : []),
    ...(options.jobs > 1 ? [`--jobs=${options.jobs}`] : []),
    ...(options.singleTransaction ? ["--single-transaction"] : []),
    ...(options.transactionSize === null ? [] : [`--transaction-size=${options.transactionSize}`]),
    ...(options.noOwner ? ["--no-owner"] : []),
    ...(options.noPrivileges ? ["--no-privileges"] : []),
    ...(options.role === null ? [] : [`--role=${options.role}`]),
    // Without --data-only pg_restore takes --disable-triggers and does nothing with it (pg_backup_archiver.c,
    // _disableTriggersIfNecessary).
    ...(options.disableTriggers ? ["--data-only", "--disable-triggers"] : []),
    ...archiveArgs(options.archivePath),
  ];
}

/** pg_restore's arguments for reading every data block without a server. */
export function buildReadArgs(archivePath: string | null): string[] {
  return ["--file=/dev/null", ...archiveArgs(archivePath)];
}

/** pg_restore's arguments for listing what it would restore by a use-list. */
export function buildListArgs(useListPath: string, archivePath: string | null): string[] {
  return ["--list", `--use-list=${useListPath}`, ...archiveArgs(archivePath)];
}

function archiveArgs(archivePath: string | null): string[] {
  return archivePath === null ? [] : ["--", archivePath];
}

function refuseConflicts(options: RestoreOptions, client: PostgresVersion): void {
  if (options.archivePath === null && options.jobs > 1)
    throw conflict("An archive that is decrypted on its way is restored by one job.");
  if (options.singleTransaction && options.jobs > 1)
    throw conflict("A single transaction and several jobs cannot go together.");
  if (options.transactionSize === null) return;
  if (options.singleTransaction) throw conflict("A transaction size and a single transaction cannot go together.");
  if (client.major < 17)
    throw new AppError("tool.tooOld", `pg_restore ${client.text} has no transaction size.`, {
      hint: "Leave the transaction size out, or install the PostgreSQL client 17 or newer.",
    });
}

function conflict(message: string): AppError {
  return new AppError("restore.optionConflict", message);
}
