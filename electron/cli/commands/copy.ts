import type { Command } from "commander";
import type { CopyResult } from "../../../shared/contract/job-results.ts";
import { formatBytes } from "../../../shared/text/format.ts";
import { visibleText } from "../../../shared/text/visible-text.ts";
import { type Cli, type ExitCode, exitCodeOf } from "../cli.ts";
import { resultOf } from "../ended-job.ts";
import { addLimitOption, addOutputOptions, addProgressOptions, collect, limitOf, progressMode } from "../options.ts";

interface CopyOptions {
  readonly to: string[];
  readonly limitRate?: number;
  readonly progress?: string;
  readonly quiet?: boolean;
}

/** `lifeboat copy`: a whole backup to another folder or storage. */
export function define(command: Command, cli: Cli): void {
  addLimitOption(addProgressOptions(addOutputOptions(command)))
    .description("Copy a backup with all that belongs to it. What is there already is not sent again.")
    .argument("<archive>", "a file, s3://bucket/key, or a backup's id")
    .requiredOption("--to <location>", "a folder, s3://bucket/prefix or a saved storage; again for more", collect, [])
    .addHelpText("after", "\nExample:\n  lifeboat copy /backups/shop/shop_20261121T020000Z.dump --to s3://vault/db")
    .action((archive: string, options: CopyOptions) => copy(archive, options, cli));
}

async function copy(argument: string, options: CopyOptions, cli: Cli): Promise<ExitCode> {
  const { resolveArchive } = await import("../../backup/resolve-archive.ts");
  const { startCopy } = await import("../../jobs/run-copy.ts");
  const { sortPlaces } = await import("../../storage/sort-places.ts");
  const archive = await resolveArchive(argument, cli.home);
  const { folders, storages } = await sortPlaces(options.to, cli.home);
  const request = { archive, locations: [...folders, ...storages], ...limitOf(options) };
  const reporter = cli.out.progress(progressMode(options));
  const job = await startCopy(request, cli, await cli.jobs(), {
    signal: cli.signal,
    onChange: (changed) => reporter.update(changed),
  }).finally(() => reporter.end());
  const result = resultOf<CopyResult>(job);
  cli.out.document({ jobId: job.id, state: job.state, ...result });
  describeResult(result, cli);
  return exitCodeOf(job);
}

function describeResult({ sizeBytes, copies }: CopyResult, { out }: Cli): void {
  for (const { location, path, sentFiles, error } of copies)
    if (path === null)
      out.line(`${out.style("bad", "No copy")}   ${visibleText(location)}: ${visibleText(error?.message ?? "")}`);
    else
      out.line(
        `${out.style("good", sentFiles === 0 ? "There" : "Copied")}  ${visibleText(path)} (${formatBytes(sizeBytes)})`,
      );
}
