import { type Command, Option } from "commander";
import { AppError } from "../../../shared/error/app-error.ts";
import { isSftpLocation, storageAddress } from "../../../shared/storage/location.ts";
import { findPreset, storagePresets } from "../../../shared/storage/presets.ts";
import type { SavedStorage, StorageSettings } from "../../../shared/storage/settings.ts";
import { storageClasses } from "../../../shared/storage/storage-classes.ts";
import { formatBytes } from "../../../shared/text/format.ts";
import { createKeychainStore } from "../../secrets/keychain.ts";
import { Secret } from "../../secrets/secret.ts";
import { openSavedStorages, storageAccount } from "../../storage/saved-storages.ts";
import type { StorageStepResult } from "../../storage/test-storage.ts";
import type { Cli, ExitCode } from "../cli.ts";
import { addOutputOptions, askForSecret, rate, wholeNumber } from "../options.ts";
import { type AddOptions, settingsOf } from "../storage-settings.ts";
import type { Style } from "../style.ts";
import { trustServer } from "../trust-server.ts";

/** `lifeboat storages`, `storages add`, `storages remove`, `storages test`, `storages trust`. */
export function define(command: Command, cli: Cli): void {
  addOutputOptions(command)
    .description(
      "Saved places for backups: buckets, folders, and SFTP servers. Secrets are in the system's keychain, never in a file.",
    )
    .addHelpText("after", examples)
    .action(() => listStorages(cli));
  addOutputOptions(command.command("add"))
    .summary("save a place under a name")
    .description(
      "Saves a bucket, a folder, or one on an SFTP server. The secret of --access-key-id is taken from AWS_SECRET_ACCESS_KEY or asked for, and kept in the keychain; without a key, the standard AWS environment and profile files are used. On an SFTP server the SSH agent and the usual keys log in; --password and --passphrase are taken from LIFEBOAT_SSH_SECRET or asked for, and kept in the keychain.",
    )
    .argument("<name>", "letters, digits, dots, dashes and underscores")
    .argument("<location>", "s3://bucket/prefix, sftp://user@host/folder, or a folder")
    .addOption(
      new Option("--preset <service>", "fills in what is known about a service").choices(
        storagePresets.map(({ id }) => id),
      ),
    )
    .option("--endpoint <url>", "address of the service; left out for AWS")
    .option("--region <name>", "for example eu-central-1")
    .option("--account <id>", "account in the endpoint, where the preset asks for one")
    .addOption(new Option("--style <how>", "where the bucket's name goes").choices(["auto", "path", "virtual"]))
    .addOption(
      new Option("--checksums <when>", "checksums that not every service understands").choices([
        "auto",
        "whenRequired",
        "whenSupported",
      ]),
    )
    .option("--ca-file <file>", "certificate of a private authority, PEM")
    .addOption(new Option("--storage-class <name>", "for the backups' data").choices(storageClasses))
    .addOption(new Option("--sse <how>", "encryption by the storage").choices(["AES256", "aws:kms"]))
    .option("--sse-key-id <id>", "key of the storage's key service, with --sse aws:kms")
    .option("--lock-days <n>", "hold each backup against deletion for so long (Object Lock)", wholeNumber(1, 36_500))
    .addOption(
      new Option("--lock-mode <how>", "whether some may delete it earlier after all (default: GOVERNANCE)").choices([
        "GOVERNANCE",
        "COMPLIANCE",
      ]),
    )
    .option("--access-key-id <id>", "the key; its secret is asked for")
    .addOption(new Option("--aws-profile <name>", "a profile of the AWS files").conflicts("accessKeyId"))
    .option("--key-file <file>", "private key for an SFTP server")
    .addOption(new Option("--password", "log in to the SFTP server by a password").conflicts("keyFile"))
    .option("--passphrase", "the private key is locked")
    .option("--limit-rate <rate>", "never more than so much a second, such as 5MB/s", rate)
    .action((name: string, location: string, options: AddOptions) => addStorage(name, location, options, cli));
  addOutputOptions(command.command("remove"))
    .summary("forget a place and its secret; what is stored there stays")
    .description("Removes a saved storage, and its secret from the keychain. What is stored there stays.")
    .argument("<name>", "the storage")
    .action((name: string) => removeStorage(name, cli));
  addOutputOptions(command.command("test"))
    .summary("try each step, and say which fails and how to mend it")
    .description("Lists, writes, reads and deletes small objects of its own, and says how far it came.")
    .argument("<location>", "a storage's name, s3://bucket/prefix, sftp://user@host/folder, or a folder")
    .action((location: string) => tryStorage(location, cli));
  addOutputOptions(command.command("trust"))
    .summary("trust the host key of an SFTP server")
    .description("Shows the key of an SFTP server, and trusts it from now on if it is the right one.")
    .argument("<location>", "a storage's name, or sftp://user@host")
    .option("--fingerprint <text>", "the one it must have, as ssh prints it: SHA256:…; then nothing is asked")
    .action((location: string, options: { fingerprint?: string }) => trustStorage(location, options, cli));
}

const examples = `
Examples:
  lifeboat storages add offsite s3://my-backups/db --preset b2 --region eu-central-003 --access-key-id 0031…
  lifeboat storages add office s3://backups --preset minio --endpoint https://minio.example.org:9000 --ca-file ca.pem
  lifeboat storages add nas sftp://backup@nas.example.org/srv/backups --key-file ~/.ssh/backup
  lifeboat storages add vault s3://locked-bucket --lock-days 30
  lifeboat storages trust nas
  lifeboat storages test offsite`;

async function listStorages(cli: Cli): Promise<void> {
  const storages = await openSavedStorages(cli.home).list();
  cli.out.document(storages);
  if (storages.length === 0)
    cli.out.line("No storages yet. Add one with: lifeboat storages add NAME s3://bucket/prefix");
  else
    cli.out.table(
      ["name", "location", "service", "key"].map((title) => ({ title })),
      storages.map(({ name, preset, settings }) => [
        name,
        storageAddress(settings),
        (preset === null ? null : findPreset(preset)?.title) ?? endpointOf(settings),
        keyOf(settings),
      ]),
    );
}

function endpointOf(settings: StorageSettings): string {
  return settings.kind === "s3" ? (settings.endpoint ?? "AWS") : "";
}

function keyOf(settings: StorageSettings): string {
  if (settings.kind === "sftp") return settings.authentication === "password" ? "password" : (settings.keyFile ?? "");
  if (settings.kind !== "s3") return "";
  const { credentials } = settings;
  if (credentials.from === "keychain") return credentials.accessKeyId;
  return credentials.profile === null ? "AWS environment" : `AWS profile ${credentials.profile}`;
}

async function addStorage(name: string, location: string, options: AddOptions, cli: Cli): Promise<void> {
  const storages = openSavedStorages(cli.home);
  const storage: SavedStorage = {
    name,
    preset: options.preset ?? null,
    settings: settingsOf(location, options),
  };
  if ((await storages.list()).some((other) => other.name === name))
    throw new AppError("storage.nameTaken", `There is a storage ${name} already.`);
  const account = storageAccount(name, cli.home);
  const secret = await newSecret(storage.settings, options, cli);
  if (secret !== null) await keepSecret(account, secret);
  try {
    await storages.add(storage);
  } catch (error) {
    if (secret !== null) await createKeychainStore().remove(account);
    throw error;
  }
  cli.out.document(storage);
  cli.out.line(`Saved the storage ${name}. Try it with: lifeboat storages test ${name}`);
  for (const hint of (options.preset === undefined ? null : findPreset(options.preset))?.hints ?? [])
    cli.out.note(hint);
}

/** The one to be kept in the keychain; null where none is needed. */
async function newSecret(settings: StorageSettings, options: AddOptions, cli: Cli): Promise<Secret | null> {
  if (settings.kind === "s3" && options.accessKeyId !== undefined)
    return takeSecret("AWS_SECRET_ACCESS_KEY", `Secret of the key ${options.accessKeyId}:`, cli);
  if (settings.kind !== "sftp" || !(options.password || options.passphrase)) return null;
  const question = options.password ? `Password of ${settings.user} on ${settings.host}:` : "Passphrase of the key:";
  return takeSecret("LIFEBOAT_SSH_SECRET", question, cli);
}

async function takeSecret(variable: string, question: string, cli: Cli): Promise<Secret> {
  const given = cli.env[variable];
  if (given) return new Secret(given);
  const typed = await askForSecret(cli, question);
  if (typed !== null && typed.reveal() !== "") return typed;
  throw new AppError("usage.invalid", "The key needs its secret.", {
    hint: `Set ${variable}, or type it when asked on a terminal.`,
  });
}

async function keepSecret(account: string, secret: Secret): Promise<void> {
  try {
    await createKeychainStore().write(account, secret);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    throw new AppError("secrets.unavailable", `${error.message} The secret was not kept, and the storage not saved.`, {
      detail: error.detail,
      hint: "Leave --access-key-id out, and give the key by AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY or an AWS profile; for an SFTP server, by LIFEBOAT_SSH_SECRET.",
      cause: error,
    });
  }
}

async function removeStorage(name: string, cli: Cli): Promise<void> {
  const storage = await openSavedStorages(cli.home).remove(name);
  if (hasSecret(storage.settings)) {
    try {
      await createKeychainStore().remove(storageAccount(name, cli.home));
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      cli.out.note(`Its secret may still be in the keychain. ${error.message}`);
    }
  }
  cli.out.document(storage);
  cli.out.line(`Removed the storage ${name}. What is stored there stays.`);
}

/** An SFTP server's may be a key's passphrase, of which the settings say nothing. */
function hasSecret(settings: StorageSettings): boolean {
  if (settings.kind === "s3") return settings.credentials.from === "keychain";
  return settings.kind === "sftp" && settings.authentication !== "agent";
}

async function trustStorage(location: string, options: { fingerprint?: string }, cli: Cli): Promise<void> {
  const { findSftpSettings } = await import("../../storage/open-storage.ts");
  const { sshServerOf } = await import("../../storage/sftp-link.ts");
  const { settings } = isSftpLocation(location)
    ? await findSftpSettings(location, cli.home)
    : await openSavedStorages(cli.home).get(location);
  if (settings.kind !== "sftp") throw new AppError("usage.invalid", `${location} is on no SFTP server.`);
  const again = `lifeboat storages trust ${location}`;
  const { key, words } = await trustServer(sshServerOf(settings), options.fingerprint, again, cli);
  cli.out.document({ storage: location, ...key });
  cli.out.line(words);
}

const stepStyles: Record<StorageStepResult["state"], Style> = {
  ok: "good",
  weak: "warn",
  failed: "bad",
  skipped: "dim",
};

async function tryStorage(location: string, cli: Cli): Promise<ExitCode> {
  const { openStorage } = await import("../../storage/open-storage.ts");
  const { testStorage } = await import("../../storage/test-storage.ts");
  const test = await testStorage(() => openStorage(location, cli), cli.signal);
  const { error, ...rest } = test;
  cli.out.document({ storage: location, ...rest, ...(error === null ? {} : { error }) });
  cli.out.table(
    [{ title: "step" }, { title: "" }, { title: "" }],
    test.steps.map(({ step, state, message }) => [step, { text: state, style: stepStyles[state] }, message]),
  );
  cli.out.line();
  if (error === null) {
    const { facts } = test;
    const kept = facts?.versioning === "on";
    const freeBytes = facts?.freeBytes ?? null;
    const free = freeBytes === null ? "" : ` ${formatBytes(freeBytes)} are free.`;
    cli.out.line(`${location} works.${free}`);
    if (kept) cli.out.line("What is overwritten or deleted there can be had back (versioning).");
  } else {
    if (error.detail) cli.out.line(error.detail);
    if (error.hint) cli.out.line(error.hint);
  }
  return test.ok ? 0 : 1;
}
