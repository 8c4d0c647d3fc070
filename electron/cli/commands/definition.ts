import type { Command } from "commander";
import { visibleLines } from "../../../shared/text/visible-text.ts";
import { findObject } from "../../archives/find-object.ts";
import { definitionOf, scriptOf } from "../../archives/object-definition.ts";
import type { Cli } from "../cli.ts";
import { addDatabaseOption, addIdentityOption, addOutputOptions, openChosenArchive } from "../options.ts";

interface ChosenArchive {
  readonly identity?: string;
  readonly database?: string;
}

/** `lifeboat definition`: the SQL that makes an object. */
export function define(command: Command, cli: Cli): void {
  addDatabaseOption(addIdentityOption(addOutputOptions(command)))
    .description("Print the SQL that makes an object, and what belongs to it. Nothing is executed.")
    .argument("<archive>", "a file, a backup's id, s3://bucket/key, or sftp://user@host/path")
    .argument("<object>", 'schema.name as SQL writes it (public."Odd; name"), or a dump ID')
    .addHelpText(
      "after",
      "\nA table comes with its defaults, constraints, indexes, triggers, owned sequences, comments and privileges.\n" +
        "\nExample:\n  lifeboat definition shop.dump public.orders\n  lifeboat definition shop.dump 'public.order_total(integer)'",
    )
    .action((archive: string, object: string, options: ChosenArchive) => definition(archive, object, options, cli));
}

async function definition(argument: string, object: string, options: ChosenArchive, cli: Cli): Promise<void> {
  const { archive } = await openChosenArchive(argument, options, cli);
  try {
    const entry = findObject(archive.toc, object);
    const entries = definitionOf(archive.toc, entry);
    const sql = scriptOf(entries);
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
