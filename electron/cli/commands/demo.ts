import type { Command } from "commander";
import { runDemo } from "../../demo/run-demo.ts";
import type { Cli, ExitCode } from "../cli.ts";
import { createDemoTeller, demoDocument, reportDemo } from "../demo-teller.ts";
import { resultOf } from "../ended-job.ts";
import { addOutputOptions, addProgressOptions, progressMode } from "../options.ts";

/** `lifeboat demo`: 0 when everything is proved to be as it was, else 1. */
export function define(command: Command, cli: Cli): void {
  addProgressOptions(addOutputOptions(command))
    .description(
      "The whole story on the embedded sample database: back up, look inside, drop a table, restore it, prove it.",
    )
    .addHelpText(
      "after",
      "\nIt needs pg_dump and nothing else: no server, no configuration. Nothing but the sample is touched.\n\nExample:\n  lifeboat demo",
    )
    .action((options: { progress?: string; quiet?: boolean }) => demo(options, cli));
}

async function demo(options: { progress?: string; quiet?: boolean }, cli: Cli): Promise<ExitCode> {
  const { home, env, signal, out } = cli;
  const report = await runDemo({
    home,
    env,
    signal,
    teller: createDemoTeller(cli),
    jobs: () => cli.jobs(),
    async follow(start) {
      const reporter = out.progress(progressMode(options));
      return resultOf(await start((job) => reporter.update(job)).finally(() => reporter.end()));
    },
  });
  out.document(demoDocument(report));
  reportDemo(report, cli);
  return report.proof.same ? 0 : 1;
}
