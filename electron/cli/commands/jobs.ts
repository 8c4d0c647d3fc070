import type { Command } from "commander";
import { AppError } from "../../../shared/error/app-error.ts";
import type { Job, JobState } from "../../../shared/job/job.ts";
import { isEnded } from "../../../shared/job/transitions.ts";
import { formatDuration, formatPercent, formatTime } from "../../../shared/text/format.ts";
import { visibleText } from "../../../shared/text/visible-text.ts";
import { runners } from "../../jobs/runners.ts";
import { type Cli, type ExitCode, exitCodeOf } from "../cli.ts";
import { resultOf } from "../ended-job.ts";
import { followJobs } from "../follow-jobs.ts";
import {
  addOutputOptions,
  addProgressOptions,
  askForSecret,
  chosenKeys,
  progressMode,
  wholeNumber,
} from "../options.ts";
import type { Style } from "../style.ts";

/** `lifeboat jobs`, `jobs cancel`, `jobs retry`, `jobs undo`. */
export function define(command: Command, cli: Cli): void {
  command
    .description("Shows jobs, newest first: what ran, what runs now in any terminal or window, how it ended.")
    .addHelpText("after", examples);
  addOutputOptions(command)
    .option("--follow", "go on showing changes until interrupted; with --json one job a line")
    .option("--limit <n>", "how many jobs", wholeNumber(1), 20)
    .action((options: { follow?: boolean; limit: number }) =>
      options.follow ? followJobs(cli, options.limit) : listJobs(cli, options.limit),
    );
  addOutputOptions(command.command("cancel"))
    .summary("stop a running job, wherever it runs")
    .description("Asks a running job to stop. Its process, this one or another, cleans up and ends it.")
    .argument("<job>", "the job's id, or enough of its beginning")
    .action((id: string) => cancelJob(cli, id));
  addProgressOptions(addOutputOptions(command.command("retry")))
    .summary("run an ended job's request again")
    .description("Runs the stored request of an ended job again, as a new job.")
    .argument("<job>", "the job's id, or enough of its beginning")
    .action((id: string, options: { progress?: string; quiet?: boolean }) => retryJob(cli, id, options));
  addProgressOptions(addOutputOptions(command.command("undo")))
    .summary("take back what a job put back")
    .description(
      "Takes back what a restore with --mode missing-rows, beside, replace or swap did: rows are taken out, tables that came beside dropped, replaced ones brought back from their safety backup, swapped databases get their names back. Stops where something has changed in between.",
    )
    .argument("<job>", "the job's id, or enough of its beginning")
    .option("--yes", "do not ask for confirmation")
    .action((id: string, options: { yes?: boolean; progress?: string; quiet?: boolean }) => undoJob(cli, id, options));
}

async function listJobs(cli: Cli, limit: number): Promise<void> {
  const jobs = (await cli.jobs()).list({ limit });
  cli.out.document(jobs);
  if (jobs.length === 0) cli.out.line("No jobs yet.");
  else cli.out.table(columns, jobs.map(rowOf));
}

async function cancelJob(cli: Cli, id: string): Promise<void> {
  const job = (await cli.jobs()).requestCancel(id);
  cli.out.document(job);
  cli.out.line(`Asked job ${job.id} to stop. Follow it with: lifeboat log ${job.id} --follow`);
}

async function retryJob(cli: Cli, id: string, options: { progress?: string; quiet?: boolean }): Promise<ExitCode> {
  const jobs = await cli.jobs();
  const job = jobs.get(id);
  if (!isEnded(job.state)) throw new AppError("job.notRetryable", `Job ${job.id} is still ${job.state}.`);
  const load = runners[job.kind];
  if (load === undefined) throw new AppError("job.notRetryable", `A ${job.kind} cannot be run again by its record.`);
  const { runAgain } = await load();
  const reporter = cli.out.progress(progressMode(options));
  const again = await runAgain(job.request, {
    home: cli.home,
    env: cli.env,
    jobs,
    signal: cli.signal,
    ask: (question) => askForSecret(cli, question),
    onChange: (change) => reporter.update(change),
    retryOf: job.id,
  }).finally(() => reporter.end());
  return tellEnd(cli, again);
}

async function undoJob(
  cli: Cli,
  id: string,
  options: { yes?: boolean; progress?: string; quiet?: boolean },
): Promise<ExitCode> {
  const { undoOf } = await import("../../jobs/undo-job.ts");
  const { resolveTarget } = await import("../../profiles/resolve-connection.ts");
  const jobs = await cli.jobs();
  const undo = undoOf(jobs.get(id));
  const { database } = undo.target;
  const answer = options.yes
    ? database
    : await cli.ask(`${undo.why} Type its name (${database}) to go on:`, { secret: false });
  if (answer?.trim() !== database)
    throw new AppError("restore.confirmationNeeded", `${undo.why} This was not confirmed.`);
  const ask = (question: string) => askForSecret(cli, question);
  const connection = await resolveTarget(undo.target, { home: cli.home, env: cli.env, ask });
  const keys = await chosenKeys(cli, undo.identityFile === undefined ? {} : { identity: undo.identityFile });
  const reporter = cli.out.progress(progressMode(options));
  const job = await undo
    .start({ home: cli.home, env: cli.env, connection, keys }, jobs, {
      signal: cli.signal,
      onChange: (change) => reporter.update(change),
    })
    .finally(() => reporter.end());
  if (job.kind === "put-back") (await import("../put-back-report.ts")).reportPutBack(job, cli.out);
  else (await import("../restore-report.ts")).reportRestore(job, cli.out);
  return exitCodeOf(job);
}

function tellEnd(cli: Cli, job: Job): ExitCode {
  resultOf(job);
  cli.out.document(job);
  cli.out.line(`${visibleText(job.title)}: ${stateNames[job.state]}. Log: lifeboat log ${job.id}`);
  return exitCodeOf(job);
}

const columns = [
  { title: "job" },
  { title: "started" },
  { title: "took", align: "right" },
  { title: "state" },
  { title: "what" },
] as const;

const stateNames: Record<JobState, string> = {
  queued: "queued",
  running: "running",
  cancelling: "cancelling",
  succeeded: "done",
  finishedWithErrors: "finished with errors",
  failed: "failed",
  cancelled: "cancelled",
  interrupted: "interrupted",
};

const stateStyles: Record<JobState, Style> = {
  queued: "dim",
  running: "accent",
  cancelling: "warn",
  succeeded: "good",
  finishedWithErrors: "warn",
  failed: "bad",
  cancelled: "dim",
  interrupted: "bad",
};

function rowOf(job: Job) {
  const end = job.endedAt === null ? Date.now() : Date.parse(job.endedAt);
  const took = job.startedAt === null ? "" : formatDuration(end - Date.parse(job.startedAt));
  const { progress } = job;
  const share =
    job.state === "running" && progress?.kind === "measured" ? ` ${formatPercent(progress.done, progress.total)}` : "";
  return [
    job.id,
    formatTime(job.startedAt ?? job.createdAt),
    took,
    { text: stateNames[job.state] + share, style: stateStyles[job.state] },
    job.error === null ? job.title : `${job.title}: ${job.error.message}`,
  ];
}

const examples = `
Examples:
  lifeboat jobs --limit 5
  lifeboat jobs cancel 01jd3v
  lifeboat jobs retry 01jd3v8q2e6t9c5b7k0m4n1x2w
  lifeboat jobs undo 01jd3v`;
