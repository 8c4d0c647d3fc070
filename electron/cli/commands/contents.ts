import type { Command } from "commander";
import type { TocEntry } from "../../../shared/archive/toc-entry.ts";
import { formatBytes, formatNumberOf } from "../../../shared/text/format.ts";
import { visibleText } from "../../../shared/text/visible-text.ts";
import type { Archive } from "../../archives/archive.ts";
import { dataSizes } from "../../archives/data-sizes.ts";
import type { Cli } from "../cli.ts";
import { addDatabaseOption, addIdentityOption, addOutputOptions, openChosenArchive } from "../options.ts";

interface ChosenArchive {
  readonly identity?: string;
  readonly database?: string;
}

/** `lifeboat contents`: what is in an archive. */
export function define(command: Command, cli: Cli): void {
  addDatabaseOption(addIdentityOption(addOutputOptions(command)))
    .description("List every entry of an archive, whoever made it. Nothing is restored or executed.")
    .argument("<archive>", "a file, a backup's id, s3://bucket/key, or sftp://user@host/path")
    .addHelpText(
      "after",
      "\nExample:\n  lifeboat contents shop.dump\n  lifeboat contents shop.dump --json\n  lifeboat contents all.sql --database shop",
    )
    .action((argument: string, options: ChosenArchive) => contents(argument, options, cli));
}

async function contents(argument: string, options: ChosenArchive, cli: Cli): Promise<void> {
  const { archive, manifest } = await openChosenArchive(argument, options, cli);
  try {
    const dataBytes = await dataSizes(archive, manifest);
    if (cli.out.json) printDocument(archive, dataBytes, cli);
    else printTable(archive, dataBytes, cli);
  } finally {
    await archive.close();
  }
}

function printDocument(archive: Archive, dataBytes: ReadonlyMap<number, number>, cli: Cli): void {
  const { header } = archive;
  cli.out.document({
    archive: archive.path,
    format: header.format,
    archiveVersion: header.archiveVersion,
    serverVersion: header.serverVersion,
    dumpVersion: header.dumpVersion,
    database: header.database,
    createdAt: header.createdAt,
    compression: header.compression,
    hasOffsets: archive.hasOffsets,
    isEncrypted: archive.isEncrypted,
    sizeBytes: archive.sizeBytes,
    ...(archive.databases.length === 0 ? {} : { databases: archive.databases }),
    entries: Array.from(archive.toc, (entry) => entryDocument(archive, entry, dataBytes)),
  });
}

function entryDocument(
  archive: Archive,
  entry: TocEntry,
  dataBytes: ReadonlyMap<number, number>,
): Record<string, unknown> {
  const { dumpId, desc, namespace, tag, owner, section, tableOid, oid, dependencies, hasData } = entry;
  const size = dataBytes.get(dumpId) ?? null;
  const said = { dumpId, desc, namespace, tag, owner, section, tableOid, oid, dependencies, hasData, dataBytes: size };
  return archive.databases.length === 0 ? said : { database: archive.databaseOf(dumpId), ...said };
}

function describeDatabases({ databases, header }: Archive): string {
  if (databases.length === 0) return header.database ?? "a database";
  return `a server with ${formatNumberOf(databases.length, "database")}`;
}

function printTable(archive: Archive, dataBytes: ReadonlyMap<number, number>, cli: Cli): void {
  const { out } = cli;
  const { header } = archive;
  const how = archive.isEncrypted ? ", encrypted" : "";
  const where = archive.hasOffsets || archive.isEncrypted ? how : ", without data offsets (written to a pipe)";
  out.line(
    [
      `${out.style("bold", visibleText(describeDatabases(archive)))}, dumped ${header.createdAt.replace("T", " ")}`,
      `server ${visibleText(header.serverVersion ?? "unknown")}, pg_dump ${visibleText(header.dumpVersion ?? "unknown")}`,
      `${header.format} archive ${header.archiveVersion}, ${header.compression}, ${formatBytes(archive.sizeBytes)}${where}`,
      formatNumberOf(archive.toc.length, "entry", "entries"),
      "",
    ].join("\n"),
  );
  const isCluster = archive.databases.length > 0;
  const rows = Array.from(archive.toc, (entry) => {
    const size = dataBytes.get(entry.dumpId);
    const data = size === undefined ? (entry.hasData ? "yes" : "") : formatBytes(size);
    const said = [entry.desc, entry.namespace ?? "", entry.tag, entry.owner ?? "", data];
    const id = String(entry.dumpId);
    return isCluster ? [id, archive.databaseOf(entry.dumpId) ?? "", ...said] : [id, ...said];
  });
  out.table(
    [
      { title: "id", align: "right" },
      ...(isCluster ? [{ title: "database" }] : []),
      { title: "kind" },
      { title: "schema" },
      { title: "name" },
      { title: "owner" },
      { title: "data", align: "right" },
    ],
    rows,
  );
}
