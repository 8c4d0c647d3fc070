import { resolve } from "node:path";
import type { Command } from "commander";
import { countTables } from "../../../shared/contract/manifest.ts";
import { isS3Location } from "../../../shared/storage/location.ts";
import { formatBytes, formatCount, formatNumberOf, formatTime } from "../../../shared/text/format.ts";
import { visibleText } from "../../../shared/text/visible-text.ts";
import { type LocationListing, listBackups, type StoredBackup } from "../../storage/backup-folder.ts";
import type { Cli } from "../cli.ts";
import { addOutputOptions } from "../options.ts";
import type { Output } from "../output.ts";
import { addPinCommands } from "../pin-commands.ts";
import type { Cell } from "../table.ts";

/** `lifeboat backups`: what is in a folder, newest first; `backups pin` and `unpin`. */
export function define(command: Command, cli: Cli): void {
  addOutputOptions(command)
    .description("List the backups in a folder: the default one, or the one named; or in a bucket.")
    .option("--in <location>", "a folder, s3://bucket/prefix, or a saved storage's name")
    .option("--database <name>", "only this database's")
    .addHelpText("after", "\nExample:\n  lifeboat backups --in /backups --database shop")
    .action((options: { in?: string; database?: string }) => listAll(options, cli));
  addPinCommands(command, cli);
}

async function listAll(options: { in?: string; database?: string }, cli: Cli): Promise<void> {
  const { out } = cli;
  const location = options.in ?? cli.home.backupsFolder;
  const listing = await listLocation(location, cli);
  const backups = listing.backups.filter(
    ({ manifest }) => options.database === undefined || manifest.database === options.database,
  );
  out.document(backups.map(({ manifest, archivePath, archive }) => ({ path: archivePath, archive, ...manifest })));
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
        { title: "" },
      ],
      backups.map(describeRow),
    );
  for (const { error } of listing.unreadable) out.note(`${visibleText(error.message)} ${error.hint ?? ""}`);
  noteAll(listing.unfinished, "unfinished file", "left by a backup that was cut or is still running", out);
  noteAll(listing.withoutManifest, "archive", "without a manifest: readable, but nothing says what it should be", out);
}

async function listLocation(location: string, cli: Cli): Promise<LocationListing> {
  const { openSavedStorages } = await import("../../storage/saved-storages.ts");
  const saved = (await openSavedStorages(cli.home).list()).find(({ name }) => name === location);
  if (saved?.settings.kind === "folder") return listBackups(saved.settings.path);
  if (saved === undefined && !isS3Location(location)) return listBackups(resolve(location));
  const { openStorage } = await import("../../storage/open-storage.ts");
  const { openManifestCache } = await import("../../storage/manifest-cache.ts");
  const { listStoredBackups } = await import("../../storage/stored-backups.ts");
  const storage = await openStorage(location, cli);
  const cache = await openManifestCache(cli.home);
  try {
    return await listStoredBackups(storage, cache, cli.signal);
  } finally {
    cache.close();
    await storage.close();
  }
}

function noteAll(paths: readonly string[], what: string, why: string, out: Output): void {
  if (paths.length === 0) return;
  out.note(`${formatNumberOf(paths.length, what)}, ${why}:`);
  for (const path of paths) out.note(`  ${visibleText(path)}`);
}

const archiveSigns = { present: "", missing: "the file is gone", otherSize: "the file was changed" } as const;

function describeRow({ manifest, archive }: StoredBackup): Cell[] {
  const { tables, rows } = countTables(manifest);
  return [
    manifest.id,
    manifest.database,
    formatTime(manifest.startedAt),
    formatBytes(manifest.files.reduce((sum, file) => sum + file.sizeBytes, 0)),
    String(tables),
    rows === null ? "" : formatCount(rows),
    `${manifest.format}, ${manifest.compression.method}`,
    { text: archiveSigns[archive], style: "bad" },
  ];
}
