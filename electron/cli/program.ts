import { Command, type CommanderError, type ErrorOptions } from "commander";
import { AppError } from "../../shared/error/app-error.ts";
import { lifeboatVersion } from "../version.ts";
import type { Cli, ExitCode } from "./cli.ts";
import { type CommandEntry, commandTable } from "./command-table.ts";

/** Where the program leaves the exit code an action returned, and the command whose action ran. */
export interface Invocation {
  command: Command | null;
  exitCode: ExitCode | null;
}

/** Wrong usage as commander found it, with the usage line of the command it was found in. */
export class UsageError extends AppError {
  readonly usage: string;

  constructor(message: string, command: Command) {
    super("usage.invalid", message, { hint: `Run: ${fullName(command)} --help` });
    this.usage = usageLine(command);
  }
}

/** Commander's Command, except that wrong usage is thrown with its usage line, and actions may return an exit code. */
class ProgramCommand extends Command {
  readonly #invocation: Invocation;

  constructor(name: string, invocation: Invocation) {
    super(name);
    this.#invocation = invocation;
    this.exitOverride();
    this.helpOption("-h, --help", "show this help");
  }

  override createCommand(name = ""): ProgramCommand {
    return new ProgramCommand(name, this.#invocation);
  }

  override error(message: string, _options?: ErrorOptions): never {
    throw new UsageError(sentence(message), this);
  }

  // oxlint-disable-next-line typescript/no-explicit-any -- commander's own signature; the action itself types its arguments
  override action(run: (this: this, ...args: any[]) => unknown): this {
    return super.action(async (...args: unknown[]) => {
      this.#invocation.command = this;
      const result = await run.apply(this, args);
      if (isExitCode(result)) this.#invocation.exitCode = result;
    });
  }
}

/**
 * The program with all commands' names and summaries. Only the commands that are `wanted` get their options and actions,
 * so that one command's start does not pay for the others.
 */
export async function buildProgram(
  cli: Cli,
  invocation: Invocation,
  wanted: (name: string) => boolean,
  table: readonly CommandEntry[] = commandTable,
): Promise<Command> {
  const program = new ProgramCommand("lifeboat", invocation)
    .description("Backs up and restores PostgreSQL: look inside any dump, bring one table back.")
    .version(lifeboatVersion, "-V, --version", "show the version")
    .usage("COMMAND [options]")
    .configureHelp({ subcommandTerm: (command) => command.name(), showGlobalOptions: false })
    .configureOutput({ getOutHelpWidth: helpWidth, getErrHelpWidth: helpWidth })
    .addHelpText("after", programHelp);
  await Promise.all(table.map((entry) => addCommand(program, entry, cli, wanted(entry.name))));
  return program.addHelpCommand(
    program.createCommand("help").arguments("[command]").summary("a command's help").helpGroup("Also:"),
  );
}

async function addCommand(program: Command, entry: CommandEntry, cli: Cli, whole: boolean): Promise<void> {
  const command = program.command(entry.name).summary(entry.summary).helpGroup(entry.group);
  if (whole) (await entry.load()).define(command, cli);
}

/** The command that argv names, for loading its file: the first word that is no option, or the one after `help`. */
export function invokedName(argv: readonly string[]): string | null {
  const words = argv.filter((word) => !word.startsWith("-"));
  return (words[0] === "help" ? words[1] : words[0]) ?? null;
}

/** `Usage: lifeboat backups [options]` */
export function usageLine(command: Command): string {
  return `Usage: ${fullName(command)} ${command.usage()}`;
}

function isExitCode(value: unknown): value is ExitCode {
  return value === 0 || value === 1 || value === 3 || value === 4 || value === 130;
}

/** True for what commander throws to end quietly after printing help or the version. */
export function isQuietEnd(thrown: unknown): thrown is CommanderError {
  const quiet = ["commander.help", "commander.helpDisplayed", "commander.version"];
  return thrown instanceof Error && "code" in thrown && quiet.includes(String(thrown.code));
}

function fullName(command: Command): string {
  return command.parent === null ? command.name() : `${fullName(command.parent)} ${command.name()}`;
}

/** "error: unknown option '--x'\n(Did you mean --y?)" as a sentence of ours. */
function sentence(message: string): string {
  const [first = "", ...rest] = message.replace(/^error: /, "").split("\n");
  const text = `${first.charAt(0).toUpperCase()}${first.slice(1)}`;
  return [text.endsWith(".") ? text : `${text}.`, ...rest.map((line) => line.replace(/^\((.*)\)$/, "$1"))].join(" ");
}

function helpWidth(): number {
  return Math.min(process.stdout.columns ?? 100, 120);
}

const programHelp = `
ARCHIVE is a path or a backup's id. Without --profile and --url, libpq's environment names the database (PGHOST, PGSERVICE …).

Exit codes: 0 done, 1 failed, 2 wrong usage, 3 finished with errors, 4 a check is not met, 130 cancelled.

Examples:
  lifeboat backup --url postgresql://localhost/shop
  lifeboat contents backups/shop.dump`;
