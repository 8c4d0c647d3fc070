import { type Command, Option } from "commander";
import type { VerifyResult } from "../../../shared/contract/job-results.ts";
import { formatNumberOf } from "../../../shared/text/format.ts";
import { visibleText } from "../../../shared/text/visible-text.ts";
import type { VerifyRequest } from "../../jobs/run-verify.ts";
import { type Cli, type ExitCode, exitCodeOf } from "../cli.ts";
import { resultOf } from "../ended-job.ts";
import {
  addIdentityOption,
  addOutputOptions,
  addProgressOptions,
  chosenKeys,
  identityFile,
  progressMode,
} from "../options.ts";

interface VerifyOptions {
  readonly level: VerifyRequest["level"];
  readonly identity?: string;
  readonly progress?: string;
  readonly quiet?: boolean;
}

/** `lifeboat verify`: is the backup what was written, and can all of it be read? */
export function define(command: Command, cli: Cli): void {
  addIdentityOption(addProgressOptions(addOutputOptions(command)))
    .description("Check a backup without a server.")
    .argument("<archive>", "a file, s3://bucket/key, or a backup's id")
    .addOption(
      new Option(
        "--level <level>",
        "checksum: the stored bytes are those that were written; read: every row is decoded and counted too, and pg_restore reads the whole",
      )
        .choices(["checksum", "read"])
        .default("read"),
    )
    .addHelpText(
      "after",
      "\nWhat is found is kept in a small file beside a backup of Lifeboat, so that every machine knows it.\n" +
        "\nExample:\n  lifeboat verify /backups/shop/shop_20261121T020000Z.dump",
    )
    .action((archive: string, options: VerifyOptions) => verify(archive, options, cli));
}

async function verify(argument: string, options: VerifyOptions, cli: Cli): Promise<ExitCode> {
  const { resolveArchive } = await import("../../backup/resolve-archive.ts");
  const { startVerify } = await import("../../jobs/run-verify.ts");
  const path = await resolveArchive(argument, cli.home);
  const request = { path, level: options.level, ...identityFile(options) };
  const access = { home: cli.home, env: cli.env, keys: await chosenKeys(cli, options) };
  const reporter = cli.out.progress(progressMode(options));
  const job = await startVerify(request, access, await cli.jobs(), {
    signal: cli.signal,
    onChange: (changed) => reporter.update(changed),
  }).finally(() => reporter.end());
  const result = resultOf<VerifyResult>(job);
  cli.out.document({ jobId: job.id, state: job.state, ...result });
  describeResult(result, cli);
  return exitCodeOf(job);
}

function describeResult(result: VerifyResult, cli: Cli): void {
  const { out } = cli;
  const good = (text: string): void => out.line(`  ${out.style("good", "yes")}  ${text}`);
  out.line(visibleText(result.path));
  if (result.checksum === "matches") good("Every byte is as it was written.");
  if (result.rows !== null && result.tables !== null) {
    const counts = `${formatNumberOf(result.rows, "row")} in ${formatNumberOf(result.tables, "table")}`;
    good(result.rowCounts === "match" ? `${counts} were read, as many as were written.` : `${counts} were read.`);
  }
  if (result.pgRestore === "readWhole") good("pg_restore reads the whole of it.");
  for (const note of result.notes) out.line(`  ${out.style("warn", "note")} ${visibleText(note)}`);
}
