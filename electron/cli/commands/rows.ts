import { resolve } from "node:path";
import { type Command, InvalidArgumentError, Option } from "commander";
import type { ExportResult } from "../../../shared/contract/job-results.ts";
import { AppError } from "../../../shared/error/app-error.ts";
import { takesEveryRow } from "../../../shared/rows/row-filter.ts";
import { type ExportFormat, exportFormats } from "../../../shared/rows/row-format.ts";
import { isRemoteLocation } from "../../../shared/storage/location.ts";
import { formatBytes, formatNumberOf } from "../../../shared/text/format.ts";
import { visibleText } from "../../../shared/text/visible-text.ts";
import type { Archive } from "../../archives/archive.ts";
import { findTableData } from "../../archives/find-object.ts";
import type { Hold } from "../../archives/held-source.ts";
import { type Cli, type ExitCode, exitCodeOf } from "../cli.ts";
import { resultOf } from "../ended-job.ts";
import {
  addDatabaseOption,
  addIdentityOption,
  addProgressOptions,
  chosenKeys,
  collect,
  identityFile,
  openChosenArchive,
  progressMode,
} from "../options.ts";
import { createRowTable } from "../row-table.ts";

interface RowsOptions {
  readonly limit?: number;
  readonly where: string[];
  readonly search?: string;
  readonly format?: "table" | ExportFormat;
  readonly output?: string;
  readonly overwrite?: boolean;
  readonly identity?: string;
  readonly database?: string;
  readonly progress?: string;
  readonly quiet?: boolean;
}

/** Rows that are printed where nobody says how many. */
const usualLimit = 100;

/** `lifeboat rows`: rows of a table straight from the archive, on the terminal or into a file. */
export function define(command: Command, cli: Cli): void {
  addDatabaseOption(addProgressOptions(addIdentityOption(command)))
    .description("Print or export rows of a table straight from the archive. Nothing is restored or executed.")
    .argument("<archive>", "a file, a backup's id, s3://bucket/key, or sftp://user@host/path")
    .argument("<table>", 'schema.name as SQL writes it (public."Odd; name"), or a dump ID')
    .option("--limit <n>", `how many rows; all for every row (default: ${usualLimit}, all with --output)`, readLimit)
    .option(
      "--where <condition>",
      "only rows that match: column, operator, value; again for more, all of which must hold",
      collect,
      [],
    )
    .option("--search <text>", "only rows that hold this text in any column, in upper or lower case")
    .addOption(
      new Option(
        "--format <format>",
        'table: for people; csv: RFC 4180, NULL is empty and an empty text is ""; json: one array a line; jsonl: one ' +
          "object a line, numbers and json as such; sql: INSERT statements; parquet: with --output alone (default: table, or " +
          "by the name of --output)",
      ).choices(["table", ...exportFormats]),
    )
    .option("--output <file>", "write them to this file, which has its name once it is whole")
    .option("--overwrite", "replace the file of --output")
    .addHelpText(
      "after",
      "\nOperators: = != < <= > >= contains like ~ in (1, 2) is null, is not null. Values are compared by the column's type:\n" +
        "numbers exactly, dates and times as such (by the clock where one of the two has no zone), true and t alike, all\n" +
        "else by code point; contains and --search in upper and lower case alike; ~ takes a regular expression.\n" +
        "\nExamples:\n  lifeboat rows shop.dump public.orders\n" +
        "  lifeboat rows shop.dump public.orders --where 'total >= 100' --where 'note is not null' --output orders.csv",
    )
    .action((archive: string, table: string, options: RowsOptions) => rows(archive, table, options, cli));
}

function readLimit(text: string): number {
  if (text === "all") return Number.POSITIVE_INFINITY;
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("It must be a whole number or all.");
}

async function rows(argument: string, table: string, options: RowsOptions, cli: Cli): Promise<ExitCode> {
  if (options.output !== undefined) return exportToFile(argument, table, options, options.output, cli);
  const { format = "table" } = options;
  if (format === "parquet")
    throw new AppError("usage.invalid", "Parquet is written to a file alone.", { hint: "Name one with --output." });
  // What is only looked at is shown all the same, and of what lies far away no more is fetched for it.
  const tell = isRemoteLocation(argument) ? undefined : tellOnce(cli);
  const { archive } = await openChosenArchive(argument, options, cli, format === "table" ? tell : "refuse");
  try {
    if (format === "table") await printTable(archive, table, options, cli);
    else await printRows(archive, table, format, options, cli);
    return 0;
  } finally {
    await archive.close();
  }
}

/** The first difference says it all: rows may be wrong. */
function tellOnce(cli: Cli): Hold {
  let isTold = false;
  return ({ message, detail }) => {
    if (!isTold) cli.out.note(`warning: values may be wrong: ${message}${detail === undefined ? "" : ` (${detail})`}`);
    isTold = true;
  };
}

async function printTable(archive: Archive, table: string, options: RowsOptions, cli: Cli): Promise<void> {
  const { columnsOf, readRows } = await import("../../rows/read-rows.ts");
  const { dumpId } = findTableData(archive.toc, table);
  const filter = filterOf(options);
  const isFiltered = !takesEveryRow(filter);
  const limit = options.limit ?? usualLimit;
  let left = limit;
  let isMore = false;
  // One row more than asked for tells whether there are more.
  const batches = readRows(archive, dumpId, filter, { signal: cli.signal, limit: left + 1 });
  const printed = createRowTable(
    (await columnsOf(archive, dumpId)).map(({ name }) => name),
    cli.out,
  );
  for await (const { rows: found } of batches) {
    const shown = found.length > left ? found.slice(0, left) : found;
    printed.write(shown);
    isMore = found.length > left;
    left -= shown.length;
    // With a filter, looking for one more could mean reading all the rest.
    if (isMore || (left === 0 && isFiltered)) break;
  }
  printed.end();
  const count = formatNumberOf(limit, "row");
  if (isMore) cli.out.note(`These are ${count} of more; --limit all prints every row.`);
  else if (left === 0 && isFiltered) cli.out.note(`These are ${count} that match; --limit all looks for more.`);
}

async function printRows(
  archive: Archive,
  table: string,
  format: ExportFormat,
  options: RowsOptions,
  cli: Cli,
): Promise<void> {
  const { exportRows } = await import("../../rows/export-rows.ts");
  const { dumpId } = findTableData(archive.toc, table);
  const request = { format, filter: filterOf(options), limit: finite(options.limit ?? usualLimit) };
  for await (const { bytes } of await exportRows(archive, dumpId, request, cli.signal)) await cli.out.bytes(bytes);
}

async function exportToFile(
  argument: string,
  table: string,
  options: RowsOptions,
  output: string,
  cli: Cli,
): Promise<ExitCode> {
  const { resolveArchive } = await import("../../backup/resolve-archive.ts");
  const { startExport } = await import("../../jobs/run-export.ts");
  const path = resolve(output);
  const request = {
    archive: await resolveArchive(argument, cli.home),
    table: options.database === undefined ? table : await dumpIdOf(argument, table, options, cli),
    format: formatOf(options, path),
    where: options.where,
    search: options.search ?? null,
    limit: finite(options.limit ?? Number.POSITIVE_INFINITY),
    output: path,
    overwrite: options.overwrite === true,
    ...identityFile(options),
  };
  const access = { home: cli.home, env: cli.env, keys: await chosenKeys(cli, options) };
  const reporter = cli.out.progress(progressMode(options));
  const job = await startExport(request, access, await cli.jobs(), {
    signal: cli.signal,
    onChange: (changed) => reporter.update(changed),
  }).finally(() => reporter.end());
  const result = resultOf<ExportResult>(job);
  const { sizeBytes } = result;
  const count = result.rows ?? 0;
  cli.out.line(
    `${cli.out.style("good", "Exported")}  ${formatNumberOf(count, "row")} to ${visibleText(path)} (${formatBytes(sizeBytes)})`,
  );
  return exitCodeOf(job);
}

/** Which of the databases of a script is meant, a dump ID says as well. */
async function dumpIdOf(argument: string, table: string, options: RowsOptions, cli: Cli): Promise<string> {
  const { archive } = await openChosenArchive(argument, options, cli);
  try {
    return String(findTableData(archive.toc, table).dumpId);
  } finally {
    await archive.close();
  }
}

/** As --format says, else as the file's name does. */
function formatOf({ format }: RowsOptions, path: string): ExportFormat {
  if (format !== undefined && format !== "table") return format;
  const found = exportFormats.find((each) => path.toLowerCase().endsWith(`.${each}`));
  if (found !== undefined && format === undefined) return found;
  throw new AppError("usage.invalid", `What format shall ${path} have?`, {
    hint: `Give it a name that ends in .${exportFormats.join(", .")}, or say --format.`,
  });
}

function filterOf({ where, search }: RowsOptions): { where: string[]; search: string | null } {
  return { where, search: search ?? null };
}

function finite(limit: number): number | null {
  return Number.isFinite(limit) ? limit : null;
}
