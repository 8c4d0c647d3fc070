import { text as readText } from "node:stream/consumers";
import { type Command, Option } from "commander";
import { AppError } from "../../../shared/error/app-error.ts";
import type { Environment, PasswordSource } from "../../../shared/profile/profile.ts";
import { formatHost } from "../../../shared/profile/target.ts";
import { visibleText } from "../../../shared/text/visible-text.ts";
import { createProfile } from "../../profiles/create-profile.ts";
import { openProfileStore } from "../../profiles/profile-store.ts";
import { resolveConnection, secretAccount } from "../../profiles/resolve-connection.ts";
import type { StepResult } from "../../profiles/test-connection.ts";
import { createKeychainStore } from "../../secrets/keychain.ts";
import { Secret } from "../../secrets/secret.ts";
import type { Cli, ExitCode } from "../cli.ts";
import { addOutputOptions, askForSecret } from "../options.ts";
import type { Style } from "../style.ts";

interface AddOptions {
  readonly url: string;
  readonly environment: Environment;
  readonly colour?: string;
  readonly passwordFrom?: PasswordSource;
  readonly passwordStdin?: boolean;
}

/** `lifeboat profiles`, `profiles add`, `profiles remove`, `profiles test`. */
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
    .action((name: string, options: AddOptions) => addProfile(name, options, cli));
  addOutputOptions(command.command("remove"))
    .summary("forget a connection and its password")
    .description("Removes a saved connection, and its password from the keychain.")
    .argument("<name>", "the profile")
    .action((name: string) => removeProfile(name, cli));
  addOutputOptions(command.command("test"))
    .summary("connect, and say which step fails")
    .description("Connects and says how far it came: name, port, TLS, login, database, privileges.")
    .argument("<name>", "the profile")
    .action((name: string) => testProfile(name, cli));
}

const examples = `
Examples:
  lifeboat profiles add shop --url postgresql://backup@db.example.org/shop --environment production
  lifeboat profiles add local --url postgresql:///shop --password-from none
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
        profile.hosts.map(formatHost).join(", "),
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
  try {
    await store.add(profile);
  } catch (error) {
    if (keeps) await createKeychainStore().remove(secretAccount(name, cli.home));
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
  if (profile.passwordSource === "keychain") {
    try {
      await createKeychainStore().remove(secretAccount(name, cli.home));
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      cli.out.note(`Its password may still be in the keychain. ${error.message}`);
    }
  }
  cli.out.document(profile);
  cli.out.line(`Removed the profile ${name}.`);
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
