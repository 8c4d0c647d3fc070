import type { Command } from "commander";
import type { MirrorResult } from "../../../shared/contract/job-results.ts";
import { withoutEndSlash } from "../../../shared/storage/location.ts";
import { formatBytes, formatNumberOf } from "../../../shared/text/format.ts";
import { visibleText } from "../../../shared/text/visible-text.ts";
import { type Cli, type ExitCode, exitCodeOf } from "../cli.ts";
import { resultOf } from "../ended-job.ts";
import { addLimitOption, addOutputOptions, addProgressOptions, limitOf, progressMode } from "../options.ts";

interface MirrorOptions {
  readonly to: string;
  readonly database?: string;
  readonly limitRate?: number;
  readonly progress?: string;
  readonly quiet?: boolean;
}

/** `lifeboat mirror`: every backup of one place that another does not have yet. */
export function define(command: Command, cli: Cli): void {
  addLimitOption(addProgressOptions(addOutputOptions(command)))
    .description(
      "Copy every backup that is whole in one place and not in the other, the newest first, each held to its hashes. What is there already is not sent again but for what later checks of it found and its pin, so that a mirroring that was cut goes on where it was. Nothing is ever deleted: what went from the first place stays in the second.",
    )
    .argument("<location>", "a folder, s3://bucket/prefix, sftp://user@host/folder, or a saved storage's name")
    .requiredOption("--to <location>", "the other place, written in the same way")
    .option("--database <name>", "only this database's")
    .addHelpText(
      "after",
      "\nExamples:\n  lifeboat mirror /backups --to offsite\n  lifeboat mirror offsite --to s3://vault/db --database shop",
    )
    .action((location: string, options: MirrorOptions) => mirror(location, options, cli));
}

async function mirror(location: string, options: MirrorOptions, cli: Cli): Promise<ExitCode> {
  const { startMirror } = await import("../../jobs/run-mirror.ts");
  const [from, to] = [await nameWhole(location, cli), await nameWhole(options.to, cli)];
  const request = { from, to, database: options.database ?? null, ...limitOf(options) };
  const reporter = cli.out.progress(progressMode(options));
  const job = await startMirror(request, cli, await cli.jobs(), {
    signal: cli.signal,
    onChange: (changed) => reporter.update(changed),
  }).finally(() => reporter.end());
  const result = resultOf<MirrorResult>(job);
  cli.out.document({ jobId: job.id, state: job.state, ...result });
  describeResult(result, cli);
  return exitCodeOf(job);
}

/** A folder by its absolute path: a retry may run elsewhere. @throws storage.notSaved for a mistyped name */
async function nameWhole(location: string, cli: Cli): Promise<string> {
  const { openStorage } = await import("../../storage/open-storage.ts");
  const storage = await openStorage(location, cli);
  await storage.close();
  return storage.kind === "folder" ? storage.address : withoutEndSlash(location);
}

function describeResult({ to, copied, there, failed, checks, pins, notTried }: MirrorResult, { out }: Cli): void {
  for (const { path, error } of failed)
    out.line(`${out.style("bad", "Not there")}  ${visibleText(path)}: ${visibleText(error.message)}`);
  const bytes = copied.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  out.line(
    `${formatNumberOf(copied.length, "backup")} copied to ${visibleText(to)} (${formatBytes(bytes)}), ${there} there already.`,
  );
  for (const [what, brought] of [
    ["check", checks],
    ["pin", pins],
  ] as const) {
    for (const { path, error } of brought?.failed ?? [])
      out.line(`${out.style("bad", `Its ${what} not there`)}  ${visibleText(path)}: ${visibleText(error.message)}`);
    if (brought !== undefined && brought.copied > 0)
      out.line(`${formatNumberOf(brought.copied, `later ${what}`)} of those brought along.`);
  }
  if (notTried > 0) out.line(`${formatNumberOf(notTried, "backup")} not tried. Run it again: it goes on where it was.`);
}
