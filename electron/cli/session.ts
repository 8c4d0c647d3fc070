import { AppError } from "../../shared/error/app-error.ts";
import type { JobManager } from "../jobs/job-manager.ts";
import { chosenHome } from "../settings/chosen-home.ts";
import { canAsk } from "./can-ask.ts";
import type { Cli } from "./cli.ts";
import type { Output } from "./output.ts";
import { cancelledByPerson, documentFailure } from "./report-failure.ts";

/** What one run of the command line holds open. */
export interface Session {
  readonly cli: Cli;
  /** True once a signal asked the command to stop. */
  interrupted(): boolean;
  /** Closes the job manager and stops listening to signals. */
  close(): Promise<void>;
}

const endingSignals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Makes the Cli of this process: its home, its signals, its terminal. */
export function openSession(out: Output): Session {
  const controller = new AbortController();
  const home = chosenHome(process.env);
  let signalRead = false;
  let interrupted = false;
  let opening: Promise<JobManager> | null = null;
  let manager: JobManager | null = null;

  function interrupt(): void {
    // With nobody to clean up there is nothing to wait for; the second time the person does not want to wait.
    if (interrupted || !signalRead) {
      documentFailure(cancelledByPerson, out);
      process.exit(130);
    }
    interrupted = true;
    if (!out.json) out.note("Stopping. Press Ctrl-C again to leave at once.");
    controller.abort(new AppError("job.cancelled", "Cancelled."));
  }

  // `lifeboat contents … | head` closes the pipe early, which is no failure. A running job must not die of it, nor a
  // command that has something to clean up: it goes on unheard.
  function onClosedPipe(error: NodeJS.ErrnoException): void {
    if (error.code !== "EPIPE" && error.code !== "ERR_STREAM_DESTROYED") throw error;
    if (!signalRead && (manager?.running ?? 0) === 0) process.exit(0);
  }

  for (const name of endingSignals) process.on(name, interrupt);
  process.stdout.on("error", onClosedPipe);
  process.stderr.on("error", () => {});

  return {
    cli: {
      home,
      env: process.env,
      out,
      get signal() {
        signalRead = true;
        return controller.signal;
      },
      jobs() {
        opening ??= import("../jobs/job-manager.ts").then(async ({ openJobManager }) => {
          manager = await openJobManager(home);
          if (manager.setAside !== null)
            out.note(`The list of jobs was damaged. It was kept as ${manager.setAside}, and a new one begun.`);
          return manager;
        });
        return opening;
      },
      canAsk: canAsk(),
      async ask(question, options) {
        const { askOnTerminal } = await import("./ask.ts");
        return askOnTerminal(question, options);
      },
    },
    interrupted: () => interrupted,
    async close() {
      for (const name of endingSignals) process.off(name, interrupt);
      await opening?.catch(() => null);
      manager?.close();
    },
  };
}
