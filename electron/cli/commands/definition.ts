import type { Command } from "commander";
import type { TocEntry } from "../../../shared/archive/toc-entry.ts";
import { formatName } from "../../../shared/command/names.ts";
import { visibleLines, visibleText } from "../../../shared/text/visible-text.ts";
import { findObject } from "../../archives/find-object.ts";
import { definitionOf } from "../../archives/object-definition.ts";
import { openArchive } from "../../archives/open-archive.ts";
import type { Cli } from "../cli.ts";
import { addOutputOptions } from "../options.ts";

/** `lifeboat definition`: the SQL that makes an object. */
export function define(command: Command, cli: Cli): void {
  addOutputOptions(command)
    .description("Print the SQL that makes an object, and what belongs to it. Nothing is executed.")
    .argument("<archive>", "a file, or a backup's id")
    .argument("<object>", 'schema.name as SQL writes it (public."Odd; name"), or a dump ID')
    .addHelpText(
      "after",
      "\nA table comes with its defaults, constraints, indexes, triggers, owned sequences, comments and privileges.\n" +
        "\nExample:\n  lifeboat definition shop.dump public.orders\n  lifeboat definition shop.dump 'public.order_total(integer)'",
    )
    .action((archive: string, object: string) => definition(archive, object, cli));
}

async function definition(argument: string, object: string, cli: Cli): Promise<void> {
  const { resolveArchive } = await import("../../backup/resolve-archive.ts");
  const { path } = await resolveArchive(argument, cli.home);
  const archive = await openArchive(path);
  try {
    const entry = findObject(archive.toc, object);
    const entries = definitionOf(archive.toc, entry);
    const sql = entries.map(withHeading).join("\n");
    cli.out.document({
      dumpId: entry.dumpId,
      desc: entry.desc,
      namespace: entry.namespace,
      tag: entry.tag,
      owner: entry.owner,
      sql,
      entries: entries.map(({ dumpId, desc, namespace, tag, owner, definition: text }) => {
        return { dumpId, desc, namespace, tag, owner, definition: text };
      }),
    });
    // A file gets the SQL as it is; a terminal must not obey what is in it.
    cli.out.line((process.stdout.isTTY ? visibleLines(sql) : sql).trimEnd());
  } finally {
    await archive.close();
  }
}

function withHeading(entry: TocEntry): string {
  const facts = [`dump ID ${entry.dumpId}`];
  if (entry.owner) facts.push(`owner ${entry.owner}`);
  if (entry.tablespace) facts.push(`tablespace ${entry.tablespace}`);
  if (entry.tableAccessMethod) facts.push(`access method ${entry.tableAccessMethod}`);
  const name = isPlainName(entry) ? formatName(entry.namespace || null, entry.tag) : entry.tag;
  // In a comment, a line end would let the rest of a name be taken for SQL.
  return `-- ${visibleText(`${entry.desc} ${name} (${facts.join(", ")})`)}\n${(entry.definition ?? "").trim()}\n`;
}

/** Tags such as `orders orders_pkey` and `add(integer)` are no names to be quoted. */
function isPlainName(entry: TocEntry): boolean {
  return /^(TABLE|VIEW|MATERIALIZED VIEW|FOREIGN TABLE|SEQUENCE|INDEX|TYPE|DOMAIN|SCHEMA|EXTENSION)$/.test(entry.desc);
}
