import { type Command, Option } from "commander";
import { highestLevels } from "../../../shared/command/dump-command.ts";
import type { BackupResult } from "../../../shared/contract/job-results.ts";
import { AppError, toErrorValue } from "../../../shared/error/app-error.ts";
import type { Job } from "../../../shared/job/job.ts";
import { formatBytes, formatDuration, formatNumberOf } from "../../../shared/text/format.ts";
import { visibleText } from "../../../shared/text/visible-text.ts";
import type { BackupRequest } from "../../backup/backup-request.ts";
import type { ResolvedConnection } from "../../profiles/resolve-connection.ts";
import type { Secret } from "../../secrets/secret.ts";
import { type Cli, type ExitCode, exitCodeOf } from "../cli.ts";
import { type EndedJob, resultOf } from "../ended-job.ts";
import {
  addConnectionOptions,
  addLimitOption,
  addOutputOptions,
  addProgressOptions,
  chosenConnection,
  collect,
  limitOf,
  progressMode,
  wholeNumber,
} from "../options.ts";
import { newPassphrase } from "../passphrase.ts";

interface BackupOptions {
  readonly profile?: string;
  readonly url?: string;
  readonly to: string[];
  readonly format: BackupRequest["format"];
  readonly compress?: string;
  readonly jobs?: number;
  readonly schema: string[];
  readonly table: string[];
  readonly excludeTable: string[];
  readonly excludeTableData: string[];
  readonly schemaOnly?: boolean;
  readonly dataOnly?: boolean;
  readonly globals?: boolean;
  readonly allDatabases?: boolean;
  readonly recipient: string[];
  readonly passphrase?: boolean;
  readonly gpg: string[];
  readonly limitRate?: number;
  readonly progress?: string;
  readonly quiet?: boolean;
}

/** `lifeboat backup`: one database, or all of a server, into a folder. */
export function define(command: Command, cli: Cli): void {
  addConnectionOptions(command)
    .description("Back a database up with pg_dump, index and hash it on the way, and write its manifest last.")
    .option(
      "--to <location>",
      "a folder, s3://bucket/prefix or a saved storage; again for more places at once",
      collect,
      [],
    )
    .addOption(
      new Option("--format <format>", "pg_dump's format")
        .choices(["custom", "directory", "tar", "plain"])
        .default("custom"),
    )
    .option("--compress <method:level>", "zstd:3, gzip:6, lz4 or none (default: zstd where pg_dump can, else gzip)")
    .option("--jobs <n>", "tables dumped at once, with --format directory", wholeNumber(1, 64))
    .option("--schema <pattern>", "only this schema; may be given again", collect, [])
    .option("--table <pattern>", "only this table; may be given again", collect, [])
    .option("--exclude-table <pattern>", "without this table; may be given again", collect, [])
    .option("--exclude-table-data <pattern>", "without this table's rows; may be given again", collect, [])
    .addOption(new Option("--schema-only", "definitions without rows").conflicts("dataOnly"))
    .option("--data-only", "rows without definitions")
    .option("--globals", "roles and tablespaces too, in a script beside it (always with --all-databases)")
    .option("--all-databases", "every database of the server, each in a backup of its own")
    .option(
      "--recipient <age1…|ssh-…|key|file>",
      "encrypt for this age recipient, SSH public key (its line, or a file of them as ~/.ssh/id_ed25519.pub) or key; may be given again",
      collect,
      [],
    )
    .addOption(
      new Option(
        "--passphrase",
        "encrypt with a passphrase, from the keychain (see: lifeboat key passphrase), LIFEBOAT_PASSPHRASE, or typed",
      ).conflicts("recipient"),
    )
    .addOption(
      new Option(
        "--gpg <recipient>",
        "encrypt with your gpg for this key of your keyring (mail address or fingerprint); may be given again",
      )
        .argParser(collect)
        .default([])
        .conflicts(["recipient", "passphrase"]),
    )
    .addHelpText(
      "after",
      "\nWithout --to and --recipient a profile's own places and keys are used, as they were chosen in the window.\n\nExample:\n  lifeboat backup --profile shop --to /backups\n  lifeboat backup --url postgresql:///shop",
    );
  addLimitOption(addProgressOptions(addOutputOptions(command))).action((options: BackupOptions) =>
    backUp(options, cli),
  );
}

async function backUp(options: BackupOptions, cli: Cli): Promise<ExitCode> {
  const connection = await chosenConnection(cli, options);
  for (const warning of connection.warnings) cli.out.note(warning);
  const usual = await loadUsualPlaces(connection, cli);
  const usualRecipients = options.passphrase || options.gpg.length > 0 ? [] : usual.recipients;
  const recipients = await chosenRecipients(options.recipient.length > 0 ? options.recipient : usualRecipients, cli);
  const passphrase = options.passphrase ? await chosenPassphrase(cli) : undefined;
  const gpg = await chosenGpgKeys(options.gpg, cli);
  const places = await choosePlaces(options.to.length > 0 ? options : { ...options, to: usual.to }, cli);
  const request = (database: string) => ({
    ...buildRequest(options, connection, database),
    ...places,
    recipients,
    ...(gpg.length === 0 ? {} : { gpg }),
    ...(passphrase === undefined ? {} : { passphrase: true as const }),
    ...limitOf(options),
  });
  if (!options.allDatabases)
    return reportOne(await runOne(request(connection.target.database), connection, options, cli, passphrase), cli);
  const databases = await listDumpableDatabases(connection, cli);
  const attempts: Attempt[] = [];
  for (const database of databases) {
    if (cli.signal.aborted) break;
    attempts.push(await tryOne(request(database), connection, options, cli, passphrase));
  }
  return reportAll(attempts, databases.length, cli);
}

/** What was chosen for a profile in the window: a backup from here must not be less guarded than one from there. */
async function loadUsualPlaces(
  { target }: ResolvedConnection,
  { home }: Cli,
): Promise<{ readonly to: string[]; readonly recipients: readonly string[] }> {
  if (target.profile === null) return { to: [], recipients: [] };
  const { openProfileStore } = await import("../../profiles/profile-store.ts");
  const { places } = await openProfileStore(home).get(target.profile);
  if (places === undefined) return { to: [], recipients: [] };
  const { folder, storages, recipients } = places;
  const isUsual = folder === null && storages.length === 0;
  return { to: isUsual ? [] : [folder ?? home.backupsFolder, ...storages], recipients };
}

/** One database of all: its job, or why there is none, because one that another job is busy with must not stop the rest. */
type Attempt = EndedJob & { readonly id: Job["id"] | null };

async function tryOne(...attempt: Parameters<typeof runOne>): Promise<Attempt> {
  const [{ database }] = attempt;
  try {
    return await runOne(...attempt);
  } catch (error) {
    return { id: null, title: `Back up ${database}`, state: "failed", error: toErrorValue(error), result: null };
  }
}

async function listDumpableDatabases(connection: ResolvedConnection, cli: Cli): Promise<string[]> {
  const { withSession } = await import("../../postgres/connect.ts");
  const { listDatabases } = await import("../../postgres/catalog.ts");
  const databases = await withSession(connection.target, connection.password, { signal: cli.signal }, listDatabases);
  return databases.filter((database) => database.allowConnections).map((database) => database.name);
}

/** The one that is kept, else a new one, typed twice. */
async function chosenPassphrase(cli: Cli): Promise<Secret> {
  const { findBackupPassphrase } = await import("../../encryption/backup-passphrase.ts");
  const { createKeychainStore } = await import("../../secrets/keychain.ts");
  try {
    return await findBackupPassphrase(cli.home, cli.env, createKeychainStore());
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const typed = await newPassphrase(cli, {}, "the backup").catch(() => null);
    if (typed === null) throw error;
    return typed;
  }
}

/**
 * Recipients as they are, keys of this machine by their names, those in files.
 * @throws encryption.badRecipient, storage.*
 */
async function chosenRecipients(given: readonly string[], cli: Cli): Promise<string[]> {
  if (given.length === 0) return [];
  const { findRecipients } = await import("../../encryption/recipient-text.ts");
  const { loadKnownKeys } = await import("../../encryption/known-keys.ts");
  const keys = await loadKnownKeys(cli.home.keysFile);
  const found = await Promise.all(
    given.map(async (text) => {
      const key = keys.find(({ name, recipient }) => name === text || recipient === text);
      return key === undefined ? findRecipients(text) : [key.recipient];
    }),
  );
  const recipients = [...new Set(found.flat())];
  for (const { name, recipient, kitTriedAt } of keys) {
    if (kitTriedAt !== null || !recipients.includes(recipient)) continue;
    const what = recipient.startsWith("ssh-") ? "private key" : "recovery kit";
    cli.out.note(`The ${what} of ${name} was never tried: without this machine, nobody may be able to open this.`);
  }
  return recipients;
}

/** Fingerprints: which key is meant must not change with the keyring. Throws encryption.badRecipient, tool.missing. */
async function chosenGpgKeys(given: readonly string[], cli: Cli): Promise<string[]> {
  if (given.length === 0) return [];
  const { resolveGpgRecipient } = await import("../../encryption/gpg-recipients.ts");
  const found = await Promise.all(given.map((text) => resolveGpgRecipient(text, cli.env)));
  return [...new Set(found)];
}

/**
 * Folders and storages; without any, the default folder. A directory archive goes there too where only storages are named:
 * pg_dump writes it itself, to a disk.
 */
async function choosePlaces(
  { to, format }: BackupOptions,
  { home, out }: Cli,
): Promise<Pick<BackupRequest, "locations" | "storages">> {
  const { sortPlaces } = await import("../../storage/sort-places.ts");
  const { folders, storages } = await sortPlaces(to, home);
  const needsFolder = folders.length === 0 && (storages.length === 0 || format === "directory");
  if (needsFolder && storages.length > 0)
    out.note(`pg_dump writes a directory archive to a disk: it is kept in ${home.backupsFolder} too.`);
  return {
    locations: needsFolder ? [home.backupsFolder] : [...folders],
    ...(storages.length > 0 ? { storages: [...storages] } : {}),
  };
}

function buildRequest(
  options: BackupOptions,
  connection: ResolvedConnection,
  database: string,
): Omit<BackupRequest, "locations"> {
  const { target } = connection;
  return {
    target: { ...target, hosts: target.hosts.map((host) => ({ ...host })) },
    database,
    format: options.format,
    compression: options.compress === undefined ? null : parseCompression(options.compress),
    jobs: options.jobs ?? 1,
    schemas: options.schema,
    tables: options.table,
    excludeTables: options.excludeTable,
    excludeTableData: options.excludeTableData,
    schemaOnly: options.schemaOnly ?? false,
    dataOnly: options.dataOnly ?? false,
    globals: options.globals ?? options.allDatabases ?? false,
  };
}

function parseCompression(text: string): NonNullable<BackupRequest["compression"]> {
  const [method = "", level] = text.split(":");
  if (method === "none" && level === undefined) return { method, level: null };
  if (method === "gzip" || method === "zstd" || method === "lz4") {
    if (level === undefined) return { method, level: null };
    const number = /^\d{1,2}$/.test(level) ? Number(level) : Number.NaN;
    if (number >= 1 && number <= (highestLevels[method] ?? 0)) return { method, level: number };
  }
  throw new AppError(
    "usage.invalid",
    `option '--compress <method:level>' argument '${text}' is invalid. Write zstd:1 to zstd:22, gzip:1 to gzip:9, lz4 or none.`,
  );
}

async function runOne(
  request: BackupRequest,
  connection: ResolvedConnection,
  options: BackupOptions,
  cli: Cli,
  passphrase: Secret | undefined,
): Promise<Job> {
  const { startBackup } = await import("../../jobs/run-backup.ts");
  const reporter = cli.out.progress(progressMode(options));
  try {
    return await startBackup(request, connection, { ...cli, passphrase, ownsProcess: true }, await cli.jobs(), {
      signal: cli.signal,
      onChange: (job) => reporter.update(job),
    });
  } finally {
    reporter.end();
  }
}

function reportOne(job: Job, cli: Cli): ExitCode {
  const result = resultOf<BackupResult>(job);
  cli.out.document({ jobId: job.id, state: job.state, ...result });
  describeBackup(result, cli);
  return exitCodeOf(job);
}

function reportAll(attempts: readonly Attempt[], wanted: number, cli: Cli): ExitCode {
  cli.out.document({
    backups: attempts.map((attempt) => ({
      jobId: attempt.id,
      state: attempt.state,
      ...(attempt.error ? { title: attempt.title, error: attempt.error } : resultOf<BackupResult>(attempt)),
    })),
  });
  for (const attempt of attempts) {
    if (isBackedUp(attempt)) describeBackup(resultOf<BackupResult>(attempt), cli);
    else
      cli.out.line(`${cli.out.style("bad", attempt.title)}: ${visibleText(attempt.error?.message ?? attempt.state)}`);
    cli.out.line();
  }
  const done = attempts.filter(isBackedUp).length;
  cli.out.line(`${done} of ${formatNumberOf(wanted, "database")} backed up.`);
  if (cli.signal.aborted) return 130;
  if (attempts.every((attempt) => attempt.state === "succeeded")) return 0;
  return attempts.every((attempt) => attempt.state === "failed") ? 1 : 3;
}

/** A backup with a copy that failed is a backup. */
function isBackedUp({ state }: Attempt): boolean {
  return state === "succeeded" || state === "finishedWithErrors";
}

function describeBackup(result: BackupResult, cli: Cli): void {
  const { out } = cli;
  const rows = result.rows === null ? "" : `, ${formatNumberOf(result.rows, "row")}`;
  out.line(`${out.style("good", visibleText(result.database))} is backed up.`);
  out.line(`  File      ${visibleText(result.path)}`);
  out.line(`  Size      ${formatBytes(result.sizeBytes)}: ${formatNumberOf(result.tables, "table")}${rows}`);
  out.line(`  Took      ${formatDuration(result.elapsedMs)} with ${result.tool}`);
  out.line(`  Id        ${result.id}`);
  for (const warning of result.warnings)
    out.line(`  ${out.style("warn", "Note")}      ${visibleText(warning.message)}`);
  for (const copy of result.copies) {
    if (copy.path !== null) out.line(`  Copy      ${visibleText(copy.path)}`);
    else {
      out.line(`  ${out.style("bad", "No copy")}   ${visibleText(copy.location)}: ${visibleText(copy.error ?? "")}`);
      out.line(`            Copy it there with: ${visibleText(copy.retry ?? "")}`);
    }
  }
}
