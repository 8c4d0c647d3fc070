import type { Command } from "commander";
import type { TocEntry } from "../../../shared/archive/toc-entry.ts";
import { AppError } from "../../../shared/error/app-error.ts";
import { visibleLines } from "../../../shared/text/visible-text.ts";
import { findObject } from "../../archives/find-object.ts";
import { definitionOf, globalsOf, scriptOf } from "../../archives/object-definition.ts";
import type { Cli } from "../cli.ts";
import { addDatabaseOption, addIdentityOption, addOutputOptions, openChosenArchive } from "../options.ts";

interface DefinitionOptions {
  readonly globals?: boolean;
  readonly identity?: string;
  readonly database?: string;
}

/** `lifeboat definition`: the SQL that makes an object. */
export function define(command: Command, cli: Cli): void {
  addDatabaseOption(addIdentityOption(addOutputOptions(command)))
    .description("Print the SQL that makes an object, and what belongs to it. Nothing is executed.")
    .argument("<archive>", "a file, a backup's id, s3://bucket/key, or sftp://user@host/path")
    .argument("[object]", 'schema.name as SQL writes it (public."Odd; name"), or a dump ID')
    .option("--globals", "instead of an object: all roles and tablespaces of a pg_dumpall script, ready for psql")
    .addHelpText(
      "after",
      "\nA table comes with its defaults, constraints, indexes, triggers, owned sequences, comments and privileges.\n" +
        "\nExample:\n  lifeboat definition shop.dump public.orders\n  lifeboat definition shop.dump 'public.order_total(integer)'\n  lifeboat definition all.sql --globals",
    )
    .action((archive: string, object: string | undefined, options: DefinitionOptions) => {
      if ((object === undefined) === (options.globals === undefined))
        throw new AppError("usage.invalid", "Name one object, or say --globals.");
      if (object === undefined && options.database !== undefined)
        throw new AppError("usage.invalid", "--database does not go with --globals: they are of the whole server.");
      return object === undefined ? globals(archive, options, cli) : definition(archive, object, options, cli);
    });
}

/** What a pg_dumpall script says of the whole server. @throws archive.objectNotFound where it says nothing */
async function globals(argument: string, options: DefinitionOptions, cli: Cli): Promise<void> {
  const { archive } = await openChosenArchive(argument, options, cli);
  try {
    const entries = globalsOf(archive.toc);
    if (entries.length === 0)
      throw new AppError("archive.objectNotFound", "The archive holds no roles and tablespaces.", {
        hint: "Scripts of pg_dumpall do, and the .globals.sql file beside a backup that was made with --globals.",
      });
    const sql = scriptOf(entries);
    cli.out.document({ sql, entries: entries.map(documentOf) });
    print(sql, cli);
  } finally {
    await archive.close();
  }
}

async function definition(argument: string, object: string, options: DefinitionOptions, cli: Cli): Promise<void> {
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
      entries: entries.map(documentOf),
    });
    print(sql, cli);
  } finally {
    await archive.close();
  }
}

function documentOf({ dumpId, desc, namespace, tag, owner, definition: text }: TocEntry): Record<string, unknown> {
  return { dumpId, desc, namespace, tag, owner, definition: text };
}

/** A file gets the SQL as it is; a terminal must not obey what is in it. */
function print(sql: string, { out }: Cli): void {
  out.line((process.stdout.isTTY ? visibleLines(sql) : sql).trimEnd());
}
