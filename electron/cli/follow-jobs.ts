import { setTimeout as sleep } from "node:timers/promises";
import type { Job } from "../../shared/job/job.ts";
import { formatTime } from "../../shared/text/format.ts";
import { visibleText } from "../../shared/text/visible-text.ts";
import type { Cli } from "./cli.ts";

const lookEveryMs = 300;

/**
 * Shows what happens to the latest jobs of every process until the process is ended: a line for each new state or step;
 * under --json a line with the whole job for each change.
 */
export async function followJobs(cli: Cli, limit: number): Promise<never> {
  const jobs = await cli.jobs();
  const seen = new Map<string, string>();
  for (;;) {
    for (const job of jobs.list({ limit }).toReversed()) {
      const mark = cli.out.json ? JSON.stringify(job) : describeChange(job);
      if (seen.get(job.id) === mark) continue;
      seen.set(job.id, mark);
      cli.out.event(job);
      cli.out.line(mark);
    }
    await sleep(lookEveryMs);
  }
}

function describeChange(job: Job): string {
  const step = job.steps.at(-1);
  const running = job.state === "running" && step !== undefined;
  const at = job.endedAt ?? (running ? step.startedAt : (job.startedAt ?? job.createdAt));
  const what = running ? `${job.state}: ${step.name}` : job.state;
  const error = job.error === null ? "" : `: ${job.error.message}`;
  return visibleText(`${formatTime(at)}  ${job.id}  ${job.title}  ${what}${error}`);
}
