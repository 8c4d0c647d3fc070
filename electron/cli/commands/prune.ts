import { type Command, Option } from "commander";
import type { PruneResult } from "../../../shared/contract/job-results.ts";
import { AppError } from "../../../shared/error/app-error.ts";
import { parseRetentionPolicy } from "../../../shared/policy/retention-policy.ts";
import { formatBytes, formatNumberOf, formatTime } from "../../../shared/text/format.ts";
import { visibleText } from "../../../shared/text/visible-text.ts";
import type { PrunePlan } from "../../retention/plan-prune.ts";
import type { Storage } from "../../storage/storage.ts";
import { type Cli, type ExitCode, exitCodeOf } from "../cli.ts";
import { resultOf } from "../ended-job.ts";
import { addOutputOptions, addProgressOptions, progressMode } from "../options.ts";

interface PruneOptions {
  readonly in: string;
  readonly keep: string;
  readonly database?: string;
  readonly timeZone?: string;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
  readonly progress?: string;
  readonly quiet?: boolean;
}

/** `lifeboat prune`: deletes the backups that a policy does not keep, after showing which and why. */
export function define(command: Command, cli: Cli): void {
  addProgressOptions(addOutputOptions(command))
    .description("Delete the backups that no rule keeps. Shows first which those are, and why the others stay.")
    .requiredOption(
      "--in <location>",
      "a folder, s3://bucket/prefix, sftp://user@host/folder, or a saved storage's name",
    )
    .requiredOption(
      "--keep <policy>",
      "what stays: 7 daily, 4 weekly, 12 monthly, 3 yearly, last 5, within 30 days, minimum 2; any choice of these",
    )
    .option("--database <name>", "only this database's")
    .addOption(new Option("--time-zone <name>", "whose days count, as Europe/Berlin (default: this machine's)"))
    .option("--dry-run", "show what would go, and delete nothing")
    .option("--yes", "do not ask for confirmation")
    .addHelpText(
      "after",
      "\nThe last good backup, the last proved one and pinned ones always stay. Nothing goes of a database whose newest\nbackup is not good, and nothing at all where the clock is wrong.\n\nExample:\n  lifeboat prune --in /backups --keep '7 daily, 4 weekly, 12 monthly' --dry-run",
    )
    .action((options: PruneOptions) => prune(options, cli));
}

async function prune(options: PruneOptions, cli: Cli): Promise<ExitCode> {
  parseRetentionPolicy(options.keep);
  const timeZone = options.timeZone ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
  checkTimeZone(timeZone);
  const { openStorage } = await import("../../storage/open-storage.ts");
  const { planPrune } = await import("../../retention/plan-prune.ts");
  const { knownKeys } = await import("../../encryption/key-ring.ts");
  const keys = knownKeys(cli);
  const storage = await openStorage(options.in, cli);
  try {
    const choice = { keep: options.keep, database: options.database ?? null, timeZone };
    const jobs = (await cli.jobs()).list({ limit: Number.MAX_SAFE_INTEGER });
    const plan = await planPrune(storage, choice, jobs, { signal: cli.signal, keys });
    const preview = describePlan(plan, storage, cli);
    if (options.dryRun || plan.due.size === 0) {
      cli.out.document({ ...preview, job: null });
      return plan.holds.length > 0 && !options.dryRun ? 3 : 0;
    }
    await confirm(plan, storage, options, cli);
    const location = storage.kind === "folder" ? storage.address : options.in;
    const request = { ...choice, location, agreed: [...plan.due.keys()] };
    const { startPrune } = await import("../../jobs/run-prune.ts");
    const reporter = cli.out.progress(progressMode(options));
    const job = await startPrune(request, storage, { home: cli.home, keys }, await cli.jobs(), {
      signal: cli.signal,
      onChange: (changed) => reporter.update(changed),
    }).finally(() => reporter.end());
    const result = resultOf<PruneResult>(job);
    cli.out.document({ ...preview, job: { id: job.id, state: job.state, ...result } });
    describeResult(result, cli);
    const code = exitCodeOf(job);
    return code === 0 && plan.holds.length > 0 ? 3 : code;
  } finally {
    await storage.close();
  }
}

const versionsNote =
  "The bucket keeps versions: what is deleted stays there as an older version, and takes its space, until a lifecycle rule of the bucket removes it.";

function checkTimeZone(timeZone: string): void {
  try {
    Intl.DateTimeFormat("en-US", { timeZone });
  } catch {
    throw new AppError("usage.invalid", `There is no time zone ${timeZone}.`, { hint: "Write it as Europe/Berlin." });
  }
}

function describePlan(plan: PrunePlan, storage: Storage, { out }: Cli) {
  const { backups, holds, due } = plan;
  const dueBytes = backups.reduce((sum, { verdict, sizeBytes }) => sum + (verdict === "due" ? sizeBytes : 0), 0);
  if (backups.length === 0) out.line(`There are no such backups in ${visibleText(storage.address)}.`);
  else {
    out.table(
      [
        { title: "ID" },
        { title: "Database" },
        { title: "Made" },
        { title: "Size", align: "right" },
        { title: "" },
        { title: "Why" },
      ],
      backups.map(({ id, database, madeAt, sizeBytes, verdict, reasons }) => [
        id,
        database,
        formatTime(madeAt),
        formatBytes(sizeBytes),
        verdict === "due" ? { text: "due", style: "warn" } : "kept",
        reasons.join("; "),
      ]),
    );
    const kept = backups.length - due.size;
    if (plan.keepsVersions && due.size > 0) out.note(versionsNote);
    out.line(
      `${formatNumberOf(kept, "backup")} kept, ${formatNumberOf(due.size, "backup")} due: ${formatBytes(dueBytes)}.`,
    );
  }
  for (const { database, reason } of holds)
    out.note(`Nothing goes${database === null ? "" : ` of ${visibleText(database)}`}: ${visibleText(reason)}.`);
  return { location: storage.address, backups, holds, dueBytes, keepsVersions: plan.keepsVersions };
}

/** @throws retention.confirmationNeeded where a person has to agree and did not */
async function confirm(plan: PrunePlan, storage: Storage, options: PruneOptions, cli: Cli): Promise<void> {
  if (options.yes) return;
  const what = `${formatNumberOf(plan.due.size, "backup")} of ${storage.address}`;
  const answer = await cli.ask(`Delete ${what}? Type yes to go on:`, { secret: false });
  if (answer?.trim().toLowerCase() === "yes") return;
  throw new AppError("retention.confirmationNeeded", `Deleting ${what} was not confirmed.`);
}

function describeResult({ backups, freedBytes, recordFile }: PruneResult, { out }: Cli): void {
  const count = (outcome: string) => backups.filter((backup) => backup.outcome === outcome).length;
  out.line(`${formatNumberOf(count("deleted"), "backup")} deleted, ${formatBytes(freedBytes)} freed.`);
  for (const { id, outcome, reason } of backups)
    if (outcome !== "deleted")
      out.note(`${outcome === "kept" ? "Kept" : "Not deleted"}: ${id}: ${visibleText(reason)}`);
  out.line(`What went, and why: ${visibleText(recordFile)}`);
}
