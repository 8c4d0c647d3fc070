import type { Command } from "commander";
import { formatNumberOf } from "../../../shared/text/format.ts";
import type { Cli, ExitCode } from "../cli.ts";
import { wholeNumber } from "../options.ts";

/** `lifeboat serve`: the window in a browser, until Ctrl-C. */
export function define(command: Command, cli: Cli): void {
  command
    .description(
      "Serve the window to a browser on this computer. The address holds a code that works once, for a minute; run it again, or press Enter here, for a fresh one.",
    )
    .option("--port <n>", "the port on 127.0.0.1 (default: any free one)", wholeNumber(1, 65_535))
    .option("--open", "open a browser too")
    .addHelpText(
      "after",
      "\nIt ends with Ctrl-C. Jobs that run are waited for then; a second Ctrl-C ends them too.\n\nExample:\n  lifeboat serve --port 8540",
    )
    .action((options: { port?: number; open?: boolean }) => serve(options, cli));
}

async function serve(options: { port?: number; open?: boolean }, cli: Cli): Promise<ExitCode> {
  const { startServing } = await import("../../serve.ts");
  const { signal, out } = cli;
  const serving = await startServing({ home: cli.home, env: cli.env, ...options });
  try {
    if (serving.setAside !== null)
      out.note(`The list of jobs was damaged. It was kept as ${serving.setAside}, and a new one begun.`);
    const tell = () => out.line(`Lifeboat is at  ${serving.newAddress()}`);
    tell();
    out.note("The address works once and for a minute. Press Enter for a fresh one, Ctrl-C to end.");
    const stopAsking = onEnter(tell);
    await aborted(signal);
    stopAsking();
    // The second Ctrl-C ends the process, and what runs with it, as everywhere in the command line.
    if (serving.runningJobs > 0)
      out.note(`Waiting for ${formatNumberOf(serving.runningJobs, "job")}. Press Ctrl-C again to end it too.`);
    await serving.idle();
  } finally {
    await serving.close();
  }
  return 0;
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

function onEnter(tell: () => void): () => void {
  if (!process.stdin.isTTY) return () => {};
  const listener = () => tell();
  process.stdin.on("data", listener);
  return () => {
    process.stdin.off("data", listener);
    process.stdin.pause();
  };
}
