import { resolve } from "node:path";
import type { Command } from "commander";
import { countTables } from "../../../shared/contract/manifest.ts";
import { formatBytes, formatCount, formatNumberOf, formatTime } from "../../../shared/text/format.ts";
import { visibleText } from "../../../shared/text/visible-text.ts";
import { listBackups, type StoredBackup } from "../../storage/backup-folder.ts";
import type { Cli } from "../cli.ts";
import { addOutputOptions } from "../options.ts";

/** `lifeboat backups`: what is in a folder, newest first. */
export function define(command: Command, cli: Cli): void {
  addOutputOptions(command)
    .description("List the backups in a folder: the default one, or the one named.")
    .option("--in <location>", "a folder")
    .option("--database <name>", "only this database's")
    .addHelpText("after", "\nExample:\n  lifeboat backups --in /backups --database shop")
    .action((options: { in?: string; database?: string }) => listAll(options, cli));
}

async function listAll(options: { in?: string; database?: string }, cli: Cli): Promise<void> {
  const { out } = cli;
  const location = resolve(options.in ?? cli.home.backupsFolder);
  const listing = await listBackups(location);
  const backups = listing.backups.filter(
    ({ manifest }) => options.database === undefined || manifest.database === options.database,
  );
  out.document(backups.map(({ manifest, archivePath }) => ({ path: archivePath, ...manifest })));
  if (backups.length === 0) out.line(`There are no backups in ${visibleText(location)} yet.`);
  else
    out.table(
      [
        { title: "ID" },
        { title: "Database" },
        { title: "Made" },
        { title: "Size", align: "right" },
        { title: "Tables", align: "right" },
        { title: "Rows", align: "right" },
        { title: "Format" },
      ],
      backups.map(describeRow),
    );
  for (const { error } of listing.unreadable) out.note(`${visibleText(error.message)} ${error.hint ?? ""}`);
  if (listing.unfinished.length > 0) {
    out.note(
      `${formatNumberOf(listing.unfinished.length, "unfinished file")}, left by a backup that was cut or is still running:`,
    );
    for (const path of listing.unfinished) out.note(`  ${visibleText(path)}`);
  }
}

function describeRow({ manifest }: StoredBackup): string[] {
  const { tables, rows } = countTables(manifest);
  return [
    manifest.id,
    manifest.database,
    formatTime(manifest.startedAt),
    formatBytes(manifest.files.reduce((sum, file) => sum + file.sizeBytes, 0)),
    String(tables),
    rows === null ? "" : formatCount(rows),
    `${manifest.format}, ${manifest.compression.method}`,
  ];
}
