import { type Command, InvalidArgumentError, Option } from "commander";
import { takesEveryRow } from "../../../shared/rows/row-filter.ts";
import { formatNumberOf } from "../../../shared/text/format.ts";
import { findTableData } from "../../archives/find-object.ts";
import type { Cli } from "../cli.ts";
import { addIdentityOption, collect, openChosenArchive } from "../options.ts";
import { createRowWriter, type RowFormat } from "../row-writer.ts";

interface RowsOptions {
  readonly limit: number;
  readonly where: string[];
  readonly search?: string;
  readonly format: RowFormat;
  readonly identity?: string;
}

/** `lifeboat rows`: rows of a table straight from the archive. */
export function define(command: Command, cli: Cli): void {
  addIdentityOption(command)
    .description("Print rows of a table straight from the archive. Nothing is restored or executed.")
    .argument("<archive>", "a file, a backup's id, s3://bucket/key, or sftp://user@host/path")
    .argument("<table>", 'schema.name as SQL writes it (public."Odd; name"), or a dump ID')
    .option("--limit <n>", "how many rows to print; all for every row", readLimit, 100)
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
        'table: for people; csv: RFC 4180, NULL is empty and an empty text is ""; json: one array a line',
      )
        .choices(["table", "csv", "json"])
        .default("table"),
    )
    .addHelpText(
      "after",
      "\nOperators: = != < <= > >= contains like ~ in (1, 2) is null, is not null. Values are compared by the column's type:\n" +
        "numbers exactly, dates and times as such (by the clock where one of the two has no zone), true and t alike, all\n" +
        "else by code point; contains and --search in upper and lower case alike; ~ takes a regular expression.\n" +
        "\nExample:\n  lifeboat rows shop.dump public.orders\n" +
        "  lifeboat rows shop.dump public.orders --where 'total >= 100' --where 'note is not null' --limit all --format csv > orders.csv",
    )
    .action((archive: string, table: string, options: RowsOptions) => printRows(archive, table, options, cli));
}

function readLimit(text: string): number {
  if (text === "all") return Number.POSITIVE_INFINITY;
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("It must be a whole number or all.");
}

async function printRows(argument: string, table: string, options: RowsOptions, cli: Cli): Promise<void> {
  const { columnsOf, readRows } = await import("../../rows/read-rows.ts");
  const { archive } = await openChosenArchive(argument, options, cli);
  try {
    const { dumpId } = findTableData(archive.toc, table);
    const filter = { where: options.where, search: options.search ?? null };
    const isFiltered = !takesEveryRow(filter);
    let left = options.limit;
    let isMore = false;
    // One row more than asked for tells whether there are more.
    const batches = readRows(archive, dumpId, filter, { signal: cli.signal, limit: left + 1 });
    const names = columnsOf(archive, dumpId).map(({ name }) => name);
    const writer = createRowWriter(options.format, names, cli.out);
    for await (const { rows } of batches) {
      const shown = rows.length > left ? rows.slice(0, left) : rows;
      if (shown.length > 0) writer.write(shown);
      isMore = rows.length > left;
      left -= shown.length;
      // With a filter, looking for one more could mean reading all the rest.
      if (isMore || (left === 0 && isFiltered)) break;
    }
    writer.end();
    if (options.format !== "table") return;
    const count = formatNumberOf(options.limit, "row");
    if (isMore) cli.out.note(`These are ${count} of more; --limit all prints every row.`);
    else if (left === 0 && isFiltered) cli.out.note(`These are ${count} that match; --limit all looks for more.`);
  } finally {
    await archive.close();
  }
}
