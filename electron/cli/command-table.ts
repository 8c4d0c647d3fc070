import type { CommandModule } from "./cli.ts";

/** A command's line in `lifeboat --help`. */
export interface CommandEntry {
  readonly name: string;
  /** One line, lower case, no full stop. */
  readonly summary: string;
  readonly group: CommandGroup;
  /** Loads the file in commands/; only the invoked command's file is ever loaded. */
  readonly load: () => Promise<CommandModule>;
}

export type CommandGroup =
  | "Start here:"
  | "Connections:"
  | "Back up:"
  | "Look inside:"
  | "Bring back:"
  | "Jobs:"
  | "Shell:";

/**
 * Every command, in the order of `lifeboat --help`. To add one: write commands/<name>.ts with an exported `define`, then
 * its line here. A line whose file does not exist breaks the build, so the file comes first.
 */
export const commandTable: readonly CommandEntry[] = [];
