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
    name: "demo",
    summary: "the whole story on a sample: back up, drop a table, restore it, prove it",
    group: "Start here:",
    load: () => import("./commands/demo.ts"),
  },
  {
    name: "serve",
    summary: "the window, in a browser on this computer",
    group: "Start here:",
    load: () => import("./commands/serve.ts"),
  },
  {
    name: "sample",
    summary: "a small PostgreSQL with a shop to try things on",
    group: "Start here:",
    load: () => import("./commands/sample.ts"),
  },
  {
    name: "doctor",
    summary: "what works here, what doesn't, and what to do",
    group: "Start here:",
    load: () => import("./commands/doctor.ts"),
  },
  {
    name: "profiles",
    summary: "saved connections; add, remove or test one",
    group: "Connections:",
    load: () => import("./commands/profiles.ts"),
  },
  {
    name: "storages",
    summary: "saved places for backups; add, remove or test one",
    group: "Connections:",
    load: () => import("./commands/storages.ts"),
  },
  {
    name: "preflight",
    summary: "what would make a backup fail or be incomplete",
    group: "Connections:",
    load: () => import("./commands/preflight.ts"),
  },
  {
    name: "backup",
    summary: "back a database up, or all of a server",
    group: "Back up:",
    load: () => import("./commands/backup.ts"),
  },
  {
    name: "backups",
    summary: "the backups in a folder",
    group: "Back up:",
    load: () => import("./commands/backups.ts"),
  },
  {
    name: "copy",
    summary: "a backup to another folder or storage",
    group: "Back up:",
    load: () => import("./commands/copy.ts"),
  },
  {
    name: "mirror",
    summary: "every backup that another place does not have yet",
    group: "Back up:",
    load: () => import("./commands/mirror.ts"),
  },
  {
    name: "thaw",
    summary: "make a backup in an archive class readable",
    group: "Back up:",
    load: () => import("./commands/thaw.ts"),
  },
  {
    name: "key",
    summary: "keys that encrypt backups, and their recovery kits",
    group: "Back up:",
    load: () => import("./commands/key.ts"),
  },
  {
    name: "verify",
    summary: "is a backup what was written, and can all of it be read",
    group: "Back up:",
    load: () => import("./commands/verify.ts"),
  },
  {
    name: "prune",
    summary: "delete the backups that a policy does not keep",
    group: "Back up:",
    load: () => import("./commands/prune.ts"),
  },
  {
    name: "contents",
    summary: "every entry of an archive",
    group: "Look inside:",
    load: () => import("./commands/contents.ts"),
  },
  {
    name: "cache",
    summary: "what is kept here of archives in storages",
    group: "Look inside:",
    load: () => import("./commands/cache.ts"),
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
    name: "large-objects",
    summary: "large objects of an archive: their sizes, one into a file",
    group: "Look inside:",
    load: () => import("./commands/large-objects.ts"),
  },
  {
    name: "compare",
    summary: "a table's rows in an archive against the live table's",
    group: "Look inside:",
    load: () => import("./commands/compare.ts"),
  },
  {
    name: "diff",
    summary: "definitions in an archive against another archive's or a database's",
    group: "Look inside:",
    load: () => import("./commands/diff.ts"),
  },
  {
    name: "salvage",
    summary: "what is whole of a damaged archive, as an archive of its own",
    group: "Bring back:",
    load: () => import("./commands/salvage.ts"),
  },
  {
    name: "restore",
    summary: "bring chosen objects back, with everything they need",
    group: "Bring back:",
    load: () => import("./commands/restore.ts"),
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
