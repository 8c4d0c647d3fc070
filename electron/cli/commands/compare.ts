import { type Command, Option } from "commander";
import type { CompareRequest } from "../../compare/comparison.ts";
import type { Cli } from "../cli.ts";
import { parseNamePair, splitNames } from "../name-options.ts";
import {
  addDatabaseOption,
  addIdentityOption,
  addOtherDatabaseOption,
  addOutputOptions,
  archiveOf,
  chosenConnection,
  chosenWith,
  collect,
  openChosenArchive,
  openOtherArchive,
  refuseOtherDatabase,
  wholeNumber,
} from "../options.ts";

interface CompareOptions {
  readonly with: string;
  readonly key?: string;
  readonly map: string[];
  readonly liveTable?: string;
  readonly limit?: number;
  readonly way?: "here" | "server";
  readonly identity?: string;
  readonly database?: string;
  readonly withDatabase?: string;
}

/** `lifeboat compare`: a table's rows in an archive against those of the live table. Changes nothing. */
export function define(command: Command, cli: Cli): void {
  command
    .description(
      "Compare the rows of a table in an archive with those of the live table, or in another archive. Changes nothing.",
    )
    .argument("<archive>", "a file, a backup's id, or s3://bucket/key")
    .argument("<table>", 'schema.name as SQL writes it (public."Odd; name"), or a dump ID')
    .requiredOption("--with <url|profile|archive>", "the database with the live table, or another archive")
    .option("--key <columns>", "columns that make a unique key, separated by commas; none: whole rows")
    .option("--map <old=new>", "a column that was renamed since; may be given again", collect, [])
    .option("--live-table <name>", "the live table, where it is called otherwise now")
    .option("--limit <n>", "show so many rows of each kind", wholeNumber(1))
    .addOption(
      new Option(
        "--way <way>",
        "here: read both sides, with SELECT alone; server: through a temporary table (default: whichever fits)",
      ).choices(["here", "server"]),
    )
    .addHelpText(
      "after",
      "\nExample:\n  lifeboat compare backups/shop.dump public.orders --with shop --limit 20\n" +
        "  lifeboat compare backups/monday.dump public.orders --with backups/tuesday.dump",
    );
  addOtherDatabaseOption(addDatabaseOption(addOutputOptions(addIdentityOption(command)))).action(
    (archive: string, table: string, options: CompareOptions) => compare(archive, table, options, cli),
  );
}

async function compare(argument: string, table: string, options: CompareOptions, cli: Cli): Promise<void> {
  const { compareTable } = await import("../../compare/compare-table.ts");
  const { keepFirst } = await import("../../compare/first-differences.ts");
  const { formatTarget } = await import("../../../shared/profile/target.ts");
  const report = await import("../compare-report.ts");
  const request = parseRequest(table, options);
  const otherArchive = await archiveOf(options.with, cli);
  if (otherArchive !== null) return compareWithArchive(argument, request, otherArchive, options, cli);
  refuseOtherDatabase(options);
  const connection = await chosenConnection(cli, chosenWith(options.with));
  for (const warning of connection.warnings) cli.out.note(warning);
  const { archive } = await openChosenArchive(argument, options, cli, "refuse");
  try {
    const first = keepFirst(options.limit ?? 0);
    const { comparison, counts } = await compareTable(archive, connection, request, first, {
      signal: cli.signal,
      onPlanned: (planned) =>
        report.describeComparison(planned, archive.path, formatTarget(connection.target), cli.out),
    });
    report.describeCounts(counts, cli.out);
    report.describeRows(comparison, counts, first.rows, cli.out);
    const rows = options.limit === undefined ? null : first.rows;
    cli.out.document(report.comparisonDocument(comparison, counts, rows));
  } finally {
    await archive.close();
  }
}

async function compareWithArchive(
  argument: string,
  request: CompareRequest,
  otherArgument: string,
  options: CompareOptions,
  cli: Cli,
): Promise<void> {
  const { compareArchives } = await import("../../compare/compare-archives.ts");
  const { keepFirst } = await import("../../compare/first-differences.ts");
  const report = await import("../compare-report.ts");
  const { archive } = await openChosenArchive(argument, options, cli, "refuse");
  try {
    const { archive: other } = await openOtherArchive(otherArgument, options, cli, "refuse");
    try {
      const first = keepFirst(options.limit ?? 0);
      const { comparison, counts } = await compareArchives(archive, other, request, first, {
        signal: cli.signal,
        onPlanned: (planned) => report.describeComparison(planned, archive.path, other.path, cli.out, "Other"),
      });
      report.describeCounts(counts, cli.out, "other archive");
      report.describeRows(comparison, counts, first.rows, cli.out);
      const rows = options.limit === undefined ? null : first.rows;
      cli.out.document({ ...report.comparisonDocument(comparison, counts, rows), with: other.path });
    } finally {
      await other.close();
    }
  } finally {
    await archive.close();
  }
}

function parseRequest(table: string, options: CompareOptions): CompareRequest {
  const { key, way } = options;
  return {
    table,
    liveTable: options.liveTable ?? null,
    key: key === undefined ? null : key === "none" ? [] : splitNames(key),
    renames: new Map(options.map.map((pair) => parseNamePair("--map", pair))),
    way: way ?? null,
  };
}
