import type { Command } from "commander";

/** What can be completed at one command: the program itself (path ""), a command ("jobs"), a sub-command ("jobs cancel"). */
export interface CompletionPoint {
  readonly path: string;
  readonly commands: readonly { readonly name: string; readonly summary: string }[];
  readonly options: readonly CompletionOption[];
  /** Fixed values of its arguments. */
  readonly values: readonly string[];
}

export interface CompletionOption {
  /** As typed: `--json`, `-h`. */
  readonly names: readonly string[];
  readonly summary: string;
  readonly value: "none" | "file" | "profile" | readonly string[];
}

/** Everything completion knows, read from the commands themselves, so that it cannot fall behind them. */
export function completionWords(program: Command): CompletionPoint[] {
  return pointsUnder(program, "");
}

function pointsUnder(command: Command, path: string): CompletionPoint[] {
  const help = command.createHelp();
  const commands = help.visibleCommands(command);
  const point: CompletionPoint = {
    path,
    commands: commands.map((each) => ({ name: each.name(), summary: help.subcommandDescription(each) })),
    options: help.visibleOptions(command).map((option) => ({
      names: [option.long, option.short].filter((name) => name !== undefined && name !== null),
      summary: option.description,
      value: valueOf(option),
    })),
    values: command.registeredArguments.flatMap((argument) => argument.argChoices ?? []),
  };
  // `help` is commander's own and takes command names; it has no options worth a point.
  const below = commands.filter((each) => each.name() !== "help");
  return [point, ...below.flatMap((each) => pointsUnder(each, path === "" ? each.name() : `${path} ${each.name()}`))];
}

function valueOf(option: {
  readonly required: boolean;
  readonly optional: boolean;
  readonly long?: string | null;
  readonly argChoices?: readonly string[];
}): CompletionOption["value"] {
  if (!option.required && !option.optional) return "none";
  if (option.argChoices !== undefined) return option.argChoices;
  return option.long === "--profile" || option.long === "--into" ? "profile" : "file";
}
