import { Argument, type Command } from "commander";
import type { Cli } from "../cli.ts";
import { bashCompletion, zshCompletion } from "../completion-scripts.ts";
import { completionWords } from "../completion-words.ts";
import { buildProgram } from "../program.ts";

const scripts = { bash: bashCompletion, zsh: zshCompletion };

/** `lifeboat completion` */
export function define(command: Command, cli: Cli): void {
  command
    .description("Prints a script that completes lifeboat's commands, options and profile names in a shell.")
    .addArgument(new Argument("<shell>", "for which shell").choices(Object.keys(scripts)))
    .action(async (shell: keyof typeof scripts) => {
      const program = await buildProgram(cli, { command: null, exitCode: null }, () => true);
      cli.out.line(scripts[shell](completionWords(program)));
    })
    .usage("<shell>")
    .addHelpText("after", examples);
  // For the scripts themselves, at the moment a profile's name is completed.
  command.command("profiles", { hidden: true }).action(() => printProfileNames(cli));
}

async function printProfileNames(cli: Cli): Promise<void> {
  const { openProfileStore } = await import("../../profiles/profile-store.ts");
  const profiles = await openProfileStore(cli.home).list();
  cli.out.line(profiles.map(({ name }) => name).join("\n"));
}

const examples = `
Examples:
  eval "$(lifeboat completion bash)"       in ~/.bashrc
  eval "$(lifeboat completion zsh)"        in ~/.zshrc, after compinit`;
