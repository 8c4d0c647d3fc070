import type { Command } from "commander";
import type { SchemaDiff, SchemaDifference } from "../../../shared/compare/diff-schemas.ts";
import { formatTarget } from "../../../shared/profile/target.ts";
import { formatCount, formatNumberOf } from "../../../shared/text/format.ts";
import { visibleLines, visibleText } from "../../../shared/text/visible-text.ts";
import type { Archive } from "../../archives/archive.ts";
import { diffArchives } from "../../compare/diff-archives.ts";
import type { Cli } from "../cli.ts";
import {
  addDatabaseOption,
  addIdentityOption,
  addOtherDatabaseOption,
  addOutputOptions,
  archiveOf,
  chosenConnection,
  chosenWith,
  openChosenArchive,
  openOtherArchive,
  refuseOtherDatabase,
} from "../options.ts";
import type { Cell } from "../table.ts";

interface DiffOptions {
  readonly with: string;
  readonly definitions?: boolean;
  readonly identity?: string;
  readonly database?: string;
  readonly withDatabase?: string;
}

/** `lifeboat diff`: the definitions in an archive against those in another one or in a live database. Changes nothing. */
export function define(command: Command, cli: Cli): void {
  addOtherDatabaseOption(addDatabaseOption(addOutputOptions(addIdentityOption(command))))
    .description(
      "Show which tables, columns, indexes and other objects differ. No rows are compared; nothing is changed.",
    )
    .argument("<archive>", "a file, a backup's id, s3://bucket/key, or sftp://user@host/path")
    .requiredOption("--with <archive|url|profile>", "another archive, or a database")
    .option("--definitions", "print both definitions of what differs")
    .addHelpText(
      "after",
      "\nAdded is what the other side has alone, removed what the archive has alone. Owners are not compared.\n" +
        "\nExamples:\n  lifeboat diff monday.dump --with tuesday.dump\n  lifeboat diff shop.dump --with shop --definitions\n  lifeboat diff all.sql --database shop --with tuesday.sql --with-database shop_old",
    )
    .action((archive: string, options: DiffOptions) => diff(archive, options, cli));
}

async function diff(argument: string, options: DiffOptions, cli: Cli): Promise<void> {
  const { archive } = await openChosenArchive(argument, options, cli);
  try {
    const location = await archiveOf(options.with, cli);
    if (location === null) await diffWithDatabase(archive, options, cli);
    else {
      const { archive: other } = await openOtherArchive(location, options, cli);
      try {
        report(archive, other, other.path, options, cli);
      } finally {
        await other.close();
      }
    }
  } finally {
    await archive.close();
  }
}

async function diffWithDatabase(archive: Archive, options: DiffOptions, cli: Cli): Promise<void> {
  refuseOtherDatabase(options);
  const { withLiveSchema } = await import("../../compare/live-schema.ts");
  const connection = await chosenConnection(cli, chosenWith(options.with));
  for (const warning of connection.warnings) cli.out.note(warning);
  const where = formatTarget(connection.target);
  await withLiveSchema(connection, cli.home, cli.signal, async (live) => report(archive, live, where, options, cli));
}

function report(archive: Archive, other: Archive, where: string, { definitions }: DiffOptions, { out }: Cli): void {
  const found = diffArchives(archive, other);
  const { differences, same, notes } = found;
  out.document({ archive: archive.path, with: where, ...counted(found), same, notes, differences });
  for (const note of notes) out.note(note);
  if (differences.length === 0) {
    out.line(`${out.style("good", "The same")}  ${formatNumberOf(same, "object")} in both.`);
    return;
  }
  const shown = differences.flatMap((difference): Cell[][] => [
    [wordOf(difference), difference.desc, difference.name, ""],
    ...difference.columns.map((column): Cell[] => ["", "", "", describeColumn(column)]),
  ]);
  out.table([{ title: "" }, { title: "what" }, { title: "name" }, { title: "columns" }], shown);
  const { added, removed, changed } = counted(found);
  out.line();
  out.line(
    `${formatCount(added)} added, ${formatCount(removed)} removed, ${formatCount(changed)} changed, ${formatCount(same)} the same.`,
  );
  if (definitions === true)
    for (const difference of differences) {
      out.line();
      out.line(out.style("bold", visibleText(`${difference.desc} ${difference.name}`)));
      for (const [side, text] of [
        ["archive", difference.before],
        ["other", difference.after],
      ] as const)
        out.line(`-- ${side}:\n${text === null ? "-- (not there)" : visibleLines(text)}`);
    }
}

function counted({ differences }: SchemaDiff): { added: number; removed: number; changed: number } {
  const count = (kind: SchemaDifference["kind"]) => differences.filter((each) => each.kind === kind).length;
  return { added: count("added"), removed: count("removed"), changed: count("changed") };
}

function wordOf({ kind }: SchemaDifference): Cell {
  return { text: kind, style: kind === "added" ? "good" : kind === "removed" ? "bad" : "warn" };
}

function describeColumn({ column, before, after }: SchemaDifference["columns"][number]): string {
  if (before === null) return `+ ${after ?? column}`;
  return after === null ? `- ${before}` : `${before} → ${after}`;
}
