import { setTimeout as sleep } from "node:timers/promises";
import type { Command } from "commander";
import { isEnded } from "../../../shared/job/transitions.ts";
import { visibleLines } from "../../../shared/text/visible-text.ts";
import type { Cli } from "../cli.ts";
import { addOutputOptions } from "../options.ts";

const lookEveryMs = 300;

/** `lifeboat log` */
export function define(command: Command, cli: Cli): void {
  command
    .description("Prints a job's log: its states and steps, and what PostgreSQL's programs said.")
    .argument("<job>", "the job's id, or enough of its beginning")
    .addHelpText("after", "\nExample:\n  lifeboat log 01jd3v8q2e --follow");
  addOutputOptions(command)
    .option("--follow", "go on until the job ends")
    .action((id: string, options: { follow?: boolean }) => printLog(cli, id, options.follow ?? false));
}

async function printLog(cli: Cli, givenId: string, follow: boolean): Promise<void> {
  const jobs = await cli.jobs();
  const { id } = jobs.get(givenId);
  const texts: string[] = [];
  let offset = 0;
  for (;;) {
    // Asked before reading: what was written before the end is read after it.
    const ended = isEnded(jobs.get(id).state);
    const { text, nextOffset } = await jobs.readLog(id, offset);
    offset = nextOffset;
    if (text !== "") {
      if (cli.out.json) texts.push(text);
      cli.out.line(visibleLines(text.trimEnd()));
    } else if (ended || !follow) break;
    else await sleep(lookEveryMs);
  }
  cli.out.document({ jobId: id, state: jobs.get(id).state, text: texts.join("") });
}
