import { type Command, Option } from "commander";
import { parseName } from "../../../shared/command/names.ts";
import { AppError } from "../../../shared/error/app-error.ts";
import { isConnectionUrl } from "../../../shared/profile/url.ts";
import type { RestoreServices } from "../../restore/plan-restore.ts";
import type { RestorePlan } from "../../restore/restore-plan.ts";
import type { RestoreRequest } from "../../restore/restore-request.ts";
import { type Cli, type ExitCode, exitCodeOf } from "../cli.ts";
import { parseNamePair } from "../name-options.ts";
import {
  addDatabaseOption,
  addIdentityOption,
  addOutputOptions,
  addProgressOptions,
  askForSecret,
  chosenKeys,
  collect,
  identityFile,
  progressMode,
  wholeNumber,
} from "../options.ts";
import { type PutBackOptions, putBackRows } from "../put-back.ts";

interface RestoreCommandOptions extends PutBackOptions {
  readonly into: string;
  readonly schema: string[];
  readonly only: string[];
  readonly mode: RestoreRequest["mode"] | "missing-rows";
  readonly as?: string;
  readonly jobs?: number;
  readonly singleTransaction?: boolean;
  readonly transactionSize?: number;
  readonly owner: boolean;
  readonly privileges: boolean;
  readonly mapRole: string[];
  readonly identity?: string;
  readonly database?: string;
}

/** `lifeboat restore`: chosen objects of an archive with all they need, into a new database or an existing one. */
export function define(command: Command, cli: Cli): void {
  command
    .description(
      "Bring objects back from an archive, with everything they need. Without --table, --schema and --only: everything, and of a pg_dumpall script every database, each as a new one.",
    )
    .argument("<archive>", "a file, a backup's id, s3://bucket/key, or sftp://user@host/path")
    .requiredOption("--into <url|profile>", "the server to restore into; with --mode as-is, the database too")
    .option("--table <name>", "a table, view or sequence: name or schema.name; may be given again", collect, [])
    .option("--schema <name>", "everything in a schema; may be given again", collect, [])
    .option("--only <ids>", "dump ids from `lifeboat contents`, separated by commas", collect, [])
    .addOption(
      new Option(
        "--mode <mode>",
        "into a new database; as they were into one that has no such objects; beside the live tables, under another schema or name; in the place of the live tables; a whole database in the place of the live one; only the rows that a live table lost",
      )
        .choices(["new-database", "as-is", "beside", "replace", "swap", "missing-rows"])
        .default("new-database"),
    )
    .option(
      "--as <name>",
      "the new database's name (default: <database>_restored_<time>); with beside: a schema, or schema.name for one table (default: restored_<day>)",
    )
    .option("--jobs <n>", "tables and indexes restored at once", wholeNumber(1, 64))
    .addOption(new Option("--single-transaction", "all or nothing").conflicts("transactionSize"))
    .option("--transaction-size <n>", "so many objects a transaction; pg_restore 17 or newer", wholeNumber(1))
    .option("--no-owner", "everything belongs to the connecting role")
    .option("--no-privileges", "without GRANT and REVOKE")
    .option("--map-role <old=new>", "another role as owner and in privileges; may be given again", collect, [])
    .option("--changed", "with missing-rows: rows with other values get the archive's, too")
    .option("--key <columns>", "with missing-rows: columns that make a unique key, separated by commas")
    .option("--map <old=new>", "with missing-rows: a column that was renamed since; may be given again", collect, [])
    .option("--live-table <name>", "with missing-rows: the live table, where it is called otherwise now")
    .option("--bypass-triggers", "with missing-rows: no trigger fires, no foreign key is checked; for superusers")
    .option("--save-sql <file>", "with missing-rows: keep the exact SQL in a file")
    .option("--dry-run", "show what would be done, and do nothing")
    .option("--yes", "do not ask for confirmation")
    .addHelpText(
      "after",
      "\nExample:\n  lifeboat restore backups/shop.dump --into shop --table orders --mode as-is\n  lifeboat restore backups/shop.dump --into postgresql:///postgres --as shop_copy --dry-run\n  lifeboat restore backups/shop.dump --into shop --table orders --mode beside --as yesterday\n  lifeboat restore backups/shop.dump --into shop --table orders --mode missing-rows\n  lifeboat restore all.sql --into postgresql:///postgres --dry-run",
    );
  addDatabaseOption(addProgressOptions(addOutputOptions(addIdentityOption(command)))).action(
    (archive: string, options: RestoreCommandOptions) => restore(archive, options, cli),
  );
}

async function restore(archiveArgument: string, options: RestoreCommandOptions, cli: Cli): Promise<ExitCode> {
  const { resolveArchive } = await import("../../backup/resolve-archive.ts");
  const { resolveConnection } = await import("../../profiles/resolve-connection.ts");
  const { planByMode } = await import("../../restore/plan-by-mode.ts");
  const { describePlan, planDocument } = await import("../restore-report.ts");
  const choice = parseChoice(options);
  const roleMap = parseRoleMap(options.mapRole);
  if (options.as !== undefined && options.mode !== "new-database" && options.mode !== "beside")
    throw new AppError("usage.invalid", `--as names a new database; --mode ${options.mode} makes none.`);
  refuseStrangers(options);

  const archive = await resolveArchive(archiveArgument, cli.home);
  const into =
    isConnectionUrl(options.into) || options.into.includes("=") ? { url: options.into } : { profile: options.into };
  const ask = (question: string) => askForSecret(cli, question);
  const connection = await resolveConnection(into, { home: cli.home, env: cli.env, ask });
  for (const warning of connection.warnings) cli.out.note(warning);
  const keys = await chosenKeys(cli, options);
  if (options.mode === "missing-rows")
    return putBackRows({ archive, ...identityFile(options), keys }, connection, options, cli);
  const request: RestoreRequest = {
    archive,
    ...identityFile(options),
    target: connection.target,
    ...(options.database === undefined ? {} : { database: options.database }),
    choice,
    mode: options.mode,
    newDatabaseName: options.mode === "new-database" ? (options.as ?? null) : null,
    ...parsePlace(options),
    jobs: options.jobs ?? null,
    singleTransaction: options.singleTransaction ?? false,
    transactionSize: options.transactionSize ?? null,
    noOwner: !options.owner,
    noPrivileges: !options.privileges,
    roleMap,
  };
  const services = { home: cli.home, env: cli.env, connection, keys };
  const plan = await planByMode(request, services, cli.signal);
  describePlan(plan, cli.out);
  if (options.dryRun) {
    cli.out.document(planDocument(plan));
    return 0;
  }
  await confirm(plan, options, cli);
  return run(plan, services, options, cli);
}

/** Options that mean nothing in the chosen mode. @throws usage.invalid */
function refuseStrangers(options: RestoreCommandOptions): void {
  const isRows = options.mode === "missing-rows";
  const { changed, key, liveTable, bypassTriggers, saveSql } = options;
  const ofRows = [changed, key, liveTable, bypassTriggers, saveSql, options.map[0]];
  if (!isRows && ofRows.some((value) => value !== undefined))
    throw new AppError(
      "usage.invalid",
      "--changed, --key, --map, --live-table, --bypass-triggers and --save-sql go with --mode missing-rows.",
    );
  if (isRows && options.database !== undefined)
    throw new AppError("usage.invalid", "--database does not go with --mode missing-rows.", {
      hint: "Name the table by its dump ID, which is of one database: lifeboat contents ARCHIVE",
    });
  const ofObjects = [options.jobs, options.singleTransaction, options.transactionSize];
  const lists = [options.schema, options.only, options.mapRole];
  if ((options.mode === "beside" || options.mode === "replace") && ofObjects.some((value) => value !== undefined))
    throw new AppError(
      "usage.invalid",
      `--mode ${options.mode} works in one transaction; jobs and transactions are not chosen.`,
    );
  if (isRows && (ofObjects.some((value) => value !== undefined) || lists.some(({ length }) => length > 0)))
    throw new AppError("usage.invalid", "--mode missing-rows takes one --table, and no choice of objects or jobs.");
}

function parseChoice(options: RestoreCommandOptions): RestoreRequest["choice"] {
  const dumpIds = options.only
    .flatMap((list) => list.split(","))
    .map((text) => {
      const id = text.trim();
      if (/^\d{1,10}$/.test(id)) return Number(id);
      throw new AppError("usage.invalid", `--only takes dump ids separated by commas, not ${JSON.stringify(text)}.`);
    });
  const tables = options.table.map(parseName);
  const schemas = options.schema.map((text) => {
    const { schema, name } = parseName(text);
    if (schema === null) return name;
    throw new AppError("usage.invalid", `--schema takes the name of a schema, not ${text}.`);
  });
  if (dumpIds.length + tables.length + schemas.length === 0) return { kind: "everything" };
  return { kind: "objects", tables, schemas, dumpIds };
}

/** `schema`, or `schema.name` for one table. */
function parsePlace({ as, mode }: RestoreCommandOptions): Pick<RestoreRequest, "place"> {
  if (as === undefined || mode !== "beside") return {};
  const { schema, name } = parseName(as);
  return { place: schema === null ? { schema: name, name: null } : { schema, name } };
}

function parseRoleMap(pairs: readonly string[]): Record<string, string> {
  return Object.fromEntries(pairs.map((pair) => parseNamePair("--map-role", pair)));
}

/** @throws restore.confirmationNeeded where a person has to agree and did not */
async function confirm(plan: RestorePlan, options: RestoreCommandOptions, cli: Cli): Promise<void> {
  if (plan.confirmation === null || options.yes) return;
  const { nameOfTarget } = await import("../../restore/kept-plans.ts");
  const name = nameOfTarget(plan);
  const answer = await cli.ask(`${plan.confirmation} Type its name (${name}) to go on:`, { secret: false });
  if (answer?.trim() === name) return;
  throw new AppError("restore.confirmationNeeded", `${plan.confirmation} This was not confirmed.`);
}

async function run(
  plan: RestorePlan,
  services: RestoreServices,
  options: RestoreCommandOptions,
  cli: Cli,
): Promise<ExitCode> {
  const { startRestore } = await import("../../jobs/run-restore.ts");
  const { reportRestore } = await import("../restore-report.ts");
  const reporter = cli.out.progress(progressMode(options));
  try {
    const job = await startRestore(plan, services, await cli.jobs(), {
      signal: cli.signal,
      onChange: (changed) => reporter.update(changed),
    });
    reporter.end();
    reportRestore(job, cli.out);
    return exitCodeOf(job);
  } finally {
    reporter.end();
  }
}
