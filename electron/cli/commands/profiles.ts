import { resolve } from "node:path";
import { text as readText } from "node:stream/consumers";
import { type Command, Option } from "commander";
import { AppError } from "../../../shared/error/app-error.ts";
import type { Environment, PasswordSource, SshTunnel } from "../../../shared/profile/profile.ts";
import { formatHost, formatTunnel, parseSshAddress } from "../../../shared/profile/target.ts";
import { visibleText } from "../../../shared/text/visible-text.ts";
import { createProfile } from "../../profiles/create-profile.ts";
import { openProfileStore } from "../../profiles/profile-store.ts";
import { resolveConnection, secretAccount, sshSecretName } from "../../profiles/resolve-connection.ts";
import type { StepResult } from "../../profiles/test-connection.ts";
import { createKeychainStore } from "../../secrets/keychain.ts";
import { Secret } from "../../secrets/secret.ts";
import type { Cli, ExitCode } from "../cli.ts";
import { addOutputOptions, askForSecret } from "../options.ts";
import type { Style } from "../style.ts";
import { trustServer } from "../trust-server.ts";

interface AddOptions {
  readonly url: string;
  readonly environment: Environment;
  readonly colour?: string;
  readonly passwordFrom?: PasswordSource;
  readonly passwordStdin?: boolean;
  readonly ssh?: string;
  readonly sshKey?: string;
  readonly sshPassword?: boolean;
}

/** `lifeboat profiles`, `profiles add`, `profiles remove`, `profiles test`, `profiles trust`. */
export function define(command: Command, cli: Cli): void {
  addOutputOptions(command)
    .description(
      "Saved connections. They hold no password: that is in the system's keychain, in .pgpass, or asked for.",
    )
    .addHelpText("after", examples)
    .action(() => listProfiles(cli));
  addOutputOptions(command.command("add"))
    .summary("save a connection under a name")
    .description(
      "Saves a connection. A password, from the URL, from stdin or typed, goes to the system's keychain and nowhere else.",
    )
    .argument("<name>", "letters, digits, dots, dashes and underscores")
    .requiredOption("--url <url>", "postgresql://user@host:port/database?sslmode=… or host=… dbname=…")
    .addOption(
      new Option("--environment <which>", "how careful to be there")
        .choices(["production", "staging", "development"])
        .default("development"),
    )
    .option("--colour <#rrggbb>", "the colour it is shown in")
    .addOption(
      new Option(
        "--password-from <where>",
        "where its password comes from (default: where it was given, else ask)",
      ).choices(["keychain", "pgpass", "ask", "none"]),
    )
    .option("--password-stdin", "read the password from stdin, for scripts")
    .option("--ssh <user@host:port>", "reach it through this SSH server; its host is then meant as that server sees it")
    .option(
      "--ssh-key <file>",
      "log in to the SSH server with this private key (default: the agent, then the usual keys)",
    )
    .addOption(
      new Option(
        "--ssh-password",
        "log in to the SSH server with a password, asked for now or when it is needed",
      ).conflicts("sshKey"),
    )
    .action((name: string, options: AddOptions) => addProfile(name, options, cli));
  addOutputOptions(command.command("remove"))
    .summary("forget a connection and its password")
    .description("Removes a saved connection, and its password from the keychain.")
    .argument("<name>", "the profile")
    .action((name: string) => removeProfile(name, cli));
  addOutputOptions(command.command("test"))
    .summary("connect, and say which step fails")
    .description(
      "Connects and says how far it came: name, port, TLS, login, database, privileges; before them the SSH server's name, port, host key and login where one is in between.",
    )
    .argument("<name>", "the profile")
    .action((name: string) => testProfile(name, cli));
  addOutputOptions(command.command("trust"))
    .summary("trust the key of its SSH server")
    .description(
      "Shows the fingerprint of the key that the profile's SSH server shows, and trusts it when you agree. It is kept in a known_hosts file of Lifeboat's own; yours is read, never written.",
    )
    .argument("<name>", "the profile")
    .option("--fingerprint <SHA256:…>", "trust this key and no other, for scripts")
    .action((name: string, options: { fingerprint?: string }) => trustProfile(name, options, cli));
}

const examples = `
Examples:
  lifeboat profiles add shop --url postgresql://backup@db.example.org/shop --environment production
  lifeboat profiles add local --url postgresql:///shop --password-from none
  lifeboat profiles add inner --url postgresql://backup@localhost/shop --ssh me@bastion.example.org
  lifeboat profiles test shop`;

async function listProfiles(cli: Cli): Promise<void> {
  const profiles = await openProfileStore(cli.home).list();
  cli.out.document(profiles);
  if (profiles.length === 0)
    cli.out.line("No profiles yet. Add one with: lifeboat profiles add NAME --url postgresql://…");
  else {
    cli.out.table(
      ["name", "server", "database", "user", "sslmode", "password", "environment"].map((title) => ({ title })),
      profiles.map((profile) => [
        profile.name,
        `${profile.hosts.map(formatHost).join(", ")}${profile.tunnel === undefined ? "" : ` through ${formatTunnel(profile.tunnel)}`}`,
        profile.database,
        profile.user,
        profile.sslMode,
        profile.passwordSource,
        { text: profile.environment, style: environmentStyles[profile.environment] },
      ]),
    );
  }
}

const environmentStyles: Record<Environment, Style> = { production: "bad", staging: "warn", development: "dim" };

async function addProfile(name: string, options: AddOptions, cli: Cli): Promise<void> {
  const store = openProfileStore(cli.home);
  const draft = {
    name,
    url: options.url,
    environment: options.environment,
    colour: options.colour ?? null,
    passwordSource: options.passwordFrom ?? "ask",
    tunnel: chosenTunnel(options),
  };
  const { profile: drafted, password: inUrl, warnings } = await createProfile(draft, cli.env);
  for (const warning of warnings) cli.out.note(warning);
  const password = await newPassword(options, inUrl, cli);
  const keeps = password !== null && (options.passwordFrom ?? "keychain") === "keychain";
  const profile = { ...drafted, passwordSource: keeps ? ("keychain" as const) : drafted.passwordSource };

  if ((await store.list()).some((other) => other.name === name)) {
    throw new AppError("profile.exists", `There is a profile ${name} already.`);
  }
  if (keeps) await keepPassword(name, password, cli);
  const sshSecret = await newSshSecret(profile.tunnel, cli);
  if (sshSecret !== null) await keepPassword(sshSecretName(name), sshSecret, cli);
  try {
    await store.add(profile);
  } catch (error) {
    if (keeps) await createKeychainStore().remove(secretAccount(name, cli.home));
    if (sshSecret !== null) await createKeychainStore().remove(secretAccount(sshSecretName(name), cli.home));
    throw error;
  }
  if (password !== null && !keeps) {
    cli.out.note(
      `The password that was given is not kept: the profile takes its password from ${profile.passwordSource}.`,
    );
  }
  cli.out.document(profile);
  cli.out.line(`Saved the profile ${name}. Try it with: lifeboat profiles test ${name}`);
}

/** @throws AppError `ssh.configuration`, `usage.invalid` */
function chosenTunnel({ ssh, sshKey, sshPassword }: AddOptions): SshTunnel | undefined {
  if (ssh === undefined) {
    if (sshKey === undefined && !sshPassword) return undefined;
    throw new AppError("usage.invalid", "--ssh-key and --ssh-password need --ssh user@host.");
  }
  const authentication = sshPassword ? "password" : sshKey === undefined ? "agent" : "key";
  // Profiles are used from any folder.
  const isFromHome = sshKey === undefined || sshKey.startsWith("~/");
  return { ...parseSshAddress(ssh), authentication, keyFile: isFromHome ? (sshKey ?? null) : resolve(sshKey) };
}

/** What opens the tunnel, where a person gives it now; for a key its passphrase. Null: asked for when it is needed. */
async function newSshSecret(tunnel: SshTunnel | undefined, cli: Cli): Promise<Secret | null> {
  if (tunnel === undefined || tunnel.authentication === "agent") return null;
  const what = tunnel.authentication === "password" ? "SSH password" : "Passphrase of the SSH key";
  const typed = await askForSecret(cli, `${what} (empty: do not keep one):`);
  return typed === null || typed.reveal() === "" ? null : typed;
}

/** The password as given: on stdin, in the URL, or typed where the keychain was chosen or nothing was said. */
async function newPassword(options: AddOptions, inUrl: Secret | null, cli: Cli): Promise<Secret | null> {
  if (options.passwordStdin) {
    const text = (await readText(process.stdin)).replace(/\r?\n$/, "");
    if (text === "") throw new AppError("usage.invalid", "--password-stdin was given, and stdin holds no password.");
    return new Secret(text);
  }
  if (inUrl !== null) {
    cli.out.note(
      "The password stood on the command line, where your shell's history keeps it and other users could see it. --password-stdin avoids that.",
    );
    return inUrl;
  }
  if (options.passwordFrom !== undefined && options.passwordFrom !== "keychain") return null;
  const typed = await askForSecret(cli, "Password (empty: do not keep one):");
  if (typed !== null && typed.reveal() !== "") return typed;
  if (options.passwordFrom === "keychain") {
    throw new AppError("usage.invalid", "--password-from keychain needs a password to keep.", {
      hint: "Pipe it in with --password-stdin, or type it when asked on a terminal.",
    });
  }
  return null;
}

async function keepPassword(name: string, password: Secret, cli: Cli): Promise<void> {
  try {
    await createKeychainStore().write(secretAccount(name, cli.home), password);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    throw new AppError(
      "secrets.unavailable",
      `${error.message} The password was not kept, and the profile not saved.`,
      {
        detail: error.detail,
        hint: "Add it with --password-from pgpass (and a line in ~/.pgpass), or with --password-from ask (typed, or PGPASSWORD).",
        cause: error,
      },
    );
  }
}

async function removeProfile(name: string, cli: Cli): Promise<void> {
  const profile = await openProfileStore(cli.home).remove(name);
  const kept = [
    ...(profile.passwordSource === "keychain" ? [name] : []),
    ...(profile.tunnel === undefined || profile.tunnel.authentication === "agent" ? [] : [sshSecretName(name)]),
  ];
  for (const each of kept) {
    try {
      await createKeychainStore().remove(secretAccount(each, cli.home));
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      cli.out.note(`Its password may still be in the keychain. ${error.message}`);
    }
  }
  cli.out.document(profile);
  cli.out.line(`Removed the profile ${name}.`);
}

async function trustProfile(name: string, options: { fingerprint?: string }, cli: Cli): Promise<void> {
  const { tunnel } = await openProfileStore(cli.home).get(name);
  if (tunnel === undefined) throw new AppError("usage.invalid", `The profile ${name} goes through no SSH server.`);
  const { key, words } = await trustServer(tunnel, options.fingerprint, `lifeboat profiles trust ${name}`, cli);
  cli.out.document({ profile: name, ...key });
  cli.out.line(words);
}

const stepStyles: Record<StepResult["state"], Style> = { ok: "good", failed: "bad", skipped: "dim" };

async function testProfile(name: string, cli: Cli): Promise<ExitCode> {
  const { testConnection } = await import("../../profiles/test-connection.ts");
  const ask = (question: string) => askForSecret(cli, question);
  const test = await testConnection(async () => {
    const connection = await resolveConnection({ profile: name }, { home: cli.home, env: cli.env, ask });
    for (const warning of connection.warnings) cli.out.note(warning);
    return connection;
  }, cli.signal);
  const { error, ...rest } = test;
  cli.out.document({ profile: name, ...rest, ...(error === null ? {} : { error }) });
  cli.out.table(
    [{ title: "step" }, { title: "" }, { title: "" }],
    test.steps.map(({ step, state, message }) => [step, { text: state, style: stepStyles[state] }, message]),
  );
  cli.out.line();
  if (error === null) cli.out.line(`${name} works. The server is PostgreSQL ${visibleText(test.serverVersion ?? "")}.`);
  else {
    if (error.detail) cli.out.line(visibleText(error.detail));
    if (error.hint) cli.out.line(error.hint);
  }
  return test.ok ? 0 : 1;
}
