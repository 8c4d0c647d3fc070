import type { Command } from "commander";
import type { Job } from "../../shared/job/job.ts";
import type { Home } from "../home.ts";
import type { JobManager } from "../jobs/job-manager.ts";
import type { Output } from "./output.ts";

/** What a command may end with; cli.md holds the table. Wrong usage (2) is thrown as `usage.invalid`, never returned. */
export type ExitCode = 0 | 1 | 3 | 4 | 130;

/** What every command is given. */
export interface Cli {
  readonly home: Home;
  readonly env: NodeJS.ProcessEnv;
  /**
   * Aborted by SIGINT, SIGTERM, SIGHUP. A command that reads it takes on the duty to stop, clean up and return; one that
   * never reads it has nothing to clean up, and the process simply ends.
   */
  readonly signal: AbortSignal;
  readonly out: Output;
  /** The job manager, opened at the first call and closed at the end. */
  jobs(): Promise<JobManager>;
  /** There is a terminal to ask on. */
  readonly canAsk: boolean;
  /** Asks on the terminal; `secret` does not show what is typed. Null where there is no terminal to ask on. */
  ask(question: string, options: { readonly secret: boolean }): Promise<string | null>;
}

declare module "commander" {
  interface Command {
    /** program.ts takes the number an action gives as the exit code. */
    // oxlint-disable-next-line typescript/no-explicit-any -- as in commander's own declaration
    action(run: (this: this, ...args: any[]) => ExitCode | Promise<ExitCode> | Promise<ExitCode | undefined>): this;
  }
}

/**
 * A file in commands/. `define` adds description, arguments, options, help and action to the command of its name, and
 * has no other effect: completion calls it for every command. The action may return an exit code; failures are thrown.
 */
export interface CommandModule {
  define(command: Command, cli: Cli): void;
}

/** The exit code for an ended job. */
export function exitCodeOf(job: Job): ExitCode {
  if (job.state === "succeeded") return 0;
  if (job.state === "finishedWithErrors") return 3;
  return job.state === "cancelled" ? 130 : 1;
}
