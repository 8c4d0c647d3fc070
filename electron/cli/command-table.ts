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
  | "Also:";

/**
 * Every command, in the order of `lifeboat --help`. To add one: write commands/<name>.ts with an exported `define`, then
 * its line here. A line whose file does not exist breaks the build, so the file comes first.
 */
export const commandTable: readonly CommandEntry[] = [
  {
    name: "contents",
    summary: "every entry of an archive",
    group: "Look inside:",
    load: () => import("./commands/contents.ts"),
  },
  {
    name: "definition",
    summary: "the SQL that makes an object of an archive",
    group: "Look inside:",
    load: () => import("./commands/definition.ts"),
  },
  {
    name: "rows",
    summary: "rows of a table straight from an archive",
    group: "Look inside:",
    load: () => import("./commands/rows.ts"),
  },
  {
    name: "jobs",
    summary: "what ran and what runs now; cancel or retry a job",
    group: "Jobs:",
    load: () => import("./commands/jobs.ts"),
  },
  {
    name: "log",
    summary: "a job's log",
    group: "Jobs:",
    load: () => import("./commands/log.ts"),
  },
  {
    name: "completion",
    summary: "completion for bash and zsh",
    group: "Also:",
    load: () => import("./commands/completion.ts"),
  },
];
