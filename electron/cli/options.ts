import { resolve } from "node:path";
import { type Command, InvalidArgumentError, Option } from "commander";
import { AppError } from "../../shared/error/app-error.ts";
import { isConnectionUrl } from "../../shared/profile/url.ts";
import { parseRate } from "../../shared/text/parse-bytes.ts";
import type { Hold } from "../archives/held-source.ts";
import type { StoredArchive } from "../archives/open-stored-archive.ts";
import type { KeyRing } from "../encryption/key-ring.ts";
import type { ResolvedConnection } from "../profiles/resolve-connection.ts";
import { Secret } from "../secrets/secret.ts";
import type { Cli } from "./cli.ts";
import type { ProgressMode } from "./progress-reporter.ts";

/** Adds --profile and --url, the two ways to name a database; without either, libpq's environment decides. */
export function addConnectionOptions<C extends Command>(command: C): C {
  return command
    .addOption(new Option("--profile <name>", "a saved connection (see: lifeboat profiles)").conflicts("url"))
    .addOption(new Option("--url <url>", "postgresql://… ; without --profile and --url, PGHOST and the like are used"));
}

/**
 * The connection that --profile, --url or libpq's environment name, with its password, which is asked for on the terminal
 * where nothing else gives it. Show its warnings as notes. Throws `usage.invalid`, `profile.*`, `connection.*`.
 */
export async function chosenConnection(
  cli: Cli,
  options: { readonly profile?: string | undefined; readonly url?: string | undefined },
): Promise<ResolvedConnection> {
  const { resolveConnection } = await import("../profiles/resolve-connection.ts");
  const { profile, url } = options;
  const { home, env, canAsk } = cli;
  // Without `ask` the server is not tried for whether it wants a password.
  const asking = canAsk ? { ask: (text: string) => askForSecret(cli, text) } : {};
  return resolveConnection({ profile, url }, { home, env, ...asking });
}

/** Adds --identity. */
export function addIdentityOption<C extends Command>(command: C): C {
  return command.option(
    "--identity <file>",
    "the key of an encrypted archive: a recovery kit, a file of age-keygen, an SSH private key, or a Databasus's secret.key",
  );
}

/** Adds --database. */
export function addDatabaseOption<C extends Command>(command: C): C {
  return command.option("--database <name>", "of a pg_dumpall script: the database that is meant");
}

/** What opens an encrypted archive: the file of --identity, else the keys of this home. */
export async function chosenKeys(cli: Cli, options: { readonly identity?: string }): Promise<KeyRing> {
  const { openKeyRing } = await import("../encryption/key-ring.ts");
  const { home, env } = cli;
  return openKeyRing({ home, env, ...identityFile(options), ask: (question) => askForSecret(cli, question) });
}

/**
 * Opens what an ARCHIVE argument means, wherever it lies, with the keys that were chosen.
 * @param hold as ArchiveAccess has it
 */
export async function openChosenArchive(
  argument: string,
  options: { readonly identity?: string; readonly database?: string },
  cli: Cli,
  hold?: Hold,
): Promise<StoredArchive> {
  const { resolveArchive } = await import("../backup/resolve-archive.ts");
  const { openStoredArchive } = await import("../archives/open-stored-archive.ts");
  const location = await resolveArchive(argument, cli.home);
  return openStoredArchive(location, {
    home: cli.home,
    env: cli.env,
    keys: await chosenKeys(cli, options),
    database: options.database,
    hold,
  });
}

/** The database that a --with names: a URL or keyword/value string, else a profile. */
export function chosenWith(text: string): { url: string } | { profile: string } {
  return isConnectionUrl(text) || text.includes("=") ? { url: text } : { profile: text };
}

/**
 * Where the archive lies that a --with names; null where it names a database: a URL, a keyword/value string, else a profile's
 * name, which wins over a file of the same name.
 */
export async function archiveOf(text: string, cli: Cli): Promise<string | null> {
  const { isRemoteLocation } = await import("../../shared/storage/location.ts");
  if (isRemoteLocation(text)) return text;
  if (isConnectionUrl(text) || text.includes("=")) return null;
  const { openProfileStore } = await import("../profiles/profile-store.ts");
  const profiles = await openProfileStore(cli.home).list();
  if (profiles.some(({ name }) => name === text)) return null;
  const { resolveArchive } = await import("../backup/resolve-archive.ts");
  return resolveArchive(text, cli.home).catch(() => null);
}

interface OtherArchiveOptions {
  readonly identity?: string;
  /** Of the archive that is compared, and of the other one too unless that has a word of its own. */
  readonly database?: string;
  readonly withDatabase?: string;
}

/** Adds --with-database. */
export function addOtherDatabaseOption(command: Command): Command {
  return command.option("--with-database <name>", "the same of the other archive, where it is another one");
}

/** Throws usage.invalid where --with names a database and --with-database another one. */
export function refuseOtherDatabase({ withDatabase }: OtherArchiveOptions): void {
  if (withDatabase === undefined) return;
  throw new AppError("usage.invalid", "--with-database means a database of another archive; --with names a live one.", {
    hint: "Name that database in --with itself.",
  });
}

/** Opens what something is compared with; --database means one of its databases where it has several, too. */
export async function openOtherArchive(
  argument: string,
  { database, withDatabase, ...options }: OtherArchiveOptions,
  cli: Cli,
  hold?: Hold,
): Promise<StoredArchive> {
  if (withDatabase !== undefined) return openChosenArchive(argument, { ...options, database: withDatabase }, cli, hold);
  const found = await openChosenArchive(argument, options, cli, hold);
  if (database === undefined || found.archive.databases.length === 0) return found;
  return { ...found, archive: found.archive.database(database) };
}

/** The file of --identity as requests store it. */
export function identityFile({ identity }: { readonly identity?: string }): { identityFile?: string } {
  return identity === undefined ? {} : { identityFile: resolve(identity) };
}

/** Asks for a secret on the terminal; null where there is none, or no answer. */
export async function askForSecret(cli: Cli, question: string): Promise<Secret | null> {
  const text = await cli.ask(question, { secret: true });
  return text === null ? null : new Secret(text);
}

/** Adds --json. The value itself is read from argv at the start, so that usage errors are JSON too. */
export function addOutputOptions<C extends Command>(command: C): C {
  return command.option("--json", "one JSON document on stdout, nothing else there");
}

/** Adds --progress and --quiet. */
export function addProgressOptions<C extends Command>(command: C): C {
  return command
    .addOption(
      new Option("--progress <how>", "auto: a bar on a terminal; json: one event a line on stderr")
        .choices(["auto", "json"])
        .default("auto"),
    )
    .option("--quiet", "no progress");
}

/** What --progress and --quiet ask for. */
export function progressMode(options: { progress?: string; quiet?: boolean }): ProgressMode {
  if (options.quiet) return "silent";
  return options.progress === "json" ? "json" : "auto";
}

/** Adds --limit-rate. */
export function addLimitOption<C extends Command>(command: C): C {
  return command.option("--limit-rate <rate>", "at most so much a second to storages, such as 5MB/s", rate);
}

/** What --limit-rate asks for, as requests store it. */
export function limitOf({ limitRate }: { readonly limitRate?: number }): { maxBytesPerSecond?: number } {
  return limitRate === undefined ? {} : { maxBytesPerSecond: limitRate };
}

/** Parser for a number of bytes a second. */
export function rate(text: string): number {
  const bytesPerSecond = parseRate(text);
  if (bytesPerSecond === null) throw new InvalidArgumentError("Write it as 5MB/s, 800kB/s or 2MiB/s.");
  return bytesPerSecond;
}

/** Parser for an option that may be given several times: `.option("--table <pattern>", "…", collect, [])`. */
export function collect(value: string, before: string[]): string[] {
  return [...before, value];
}

/** Parser for a whole number within bounds: `.option("--jobs <n>", "…", wholeNumber(1, 64))`. */
export function wholeNumber(least: number, most: number = Number.MAX_SAFE_INTEGER): (value: string) => number {
  return (value) => {
    const number = /^\d+$/.test(value) ? Number(value) : Number.NaN;
    if (number >= least && number <= most) return number;
    const range = most === Number.MAX_SAFE_INTEGER ? `from ${least} on` : `from ${least} to ${most}`;
    throw new InvalidArgumentError(`It must be a whole number ${range}.`);
  };
}
