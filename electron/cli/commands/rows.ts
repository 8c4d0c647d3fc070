import { type Command, InvalidArgumentError, Option } from "commander";
import { parseRowCondition } from "../../../shared/archive/row-condition.ts";
import { formatNumberOf } from "../../../shared/text/format.ts";
import { findTableData } from "../../archives/find-object.ts";
import type { Cli } from "../cli.ts";
import { addIdentityOption, openChosenArchive } from "../options.ts";
import { createRowWriter, type RowFormat } from "../row-writer.ts";

interface RowsOptions {
  readonly limit: number;
  readonly where?: string;
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
    .option("--where <condition>", "only rows that match: column, = != < <= > >= ~ like or is null, value")
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
      "\nExample:\n  lifeboat rows shop.dump public.orders\n" +
        "  lifeboat rows shop.dump public.orders --where 'total >= 100' --limit all --format csv > orders.csv",
    )
    .action((archive: string, table: string, options: RowsOptions) => rows(archive, table, options, cli));
}

function readLimit(text: string): number {
  if (text === "all") return Number.POSITIVE_INFINITY;
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("It must be a whole number or all.");
}

async function rows(argument: string, table: string, options: RowsOptions, cli: Cli): Promise<void> {
  const { archive } = await openChosenArchive(argument, options, cli);
  try {
    const { dumpId } = findTableData(archive.toc, table);
    const columns = archive.columns(dumpId);
    const test = options.where === undefined ? null : parseRowCondition(options.where, columns);
    const writer = createRowWriter(options.format, columns, cli.out);
    let left = options.limit;
    let isMore = false;
    // One row more than asked for tells whether there are more.
    const limit = test === null ? left + 1 : undefined;
    for await (const batch of archive.readRows(dumpId, { limit })) {
      const wanted = test === null ? batch : batch.filter(test);
      const shown = wanted.length > left ? wanted.slice(0, left) : wanted;
      if (shown.length > 0) writer.write(shown);
      isMore = wanted.length > left;
      left -= shown.length;
      // With a condition, looking for one more could mean reading all the rest.
      if (isMore || (left === 0 && test !== null)) break;
    }
    writer.end();
    if (options.format !== "table") return;
    const count = formatNumberOf(options.limit, "row");
    if (isMore) cli.out.note(`These are ${count} of more; --limit all prints every row.`);
    else if (left === 0 && test !== null) cli.out.note(`These are ${count} that match; --limit all looks for more.`);
  } finally {
    await archive.close();
  }
}
