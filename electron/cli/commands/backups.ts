import { resolve } from "node:path";
import type { Command } from "commander";
import { type BackupSummary, summarizeManifest } from "../../../shared/contract/backup-summary.ts";
import { isRemoteLocation } from "../../../shared/storage/location.ts";
import type { SavedStorage } from "../../../shared/storage/settings.ts";
import { formatBytes, formatCount, formatNumberOf, formatTime } from "../../../shared/text/format.ts";
import { visibleText } from "../../../shared/text/visible-text.ts";
import { type LocationListing, listBackups, type StoredBackup } from "../../storage/backup-folder.ts";
import type { ManifestCache } from "../../storage/manifest-cache.ts";
import type { Storage } from "../../storage/storage.ts";
import type { SummaryListing } from "../../storage/stored-summaries.ts";
import type { Cli } from "../cli.ts";
import { addOutputOptions } from "../options.ts";
import type { Output } from "../output.ts";
import { addPinCommands } from "../pin-commands.ts";
import type { Cell } from "../table.ts";

/** `lifeboat backups`: what is in a folder, newest first; `backups pin` and `unpin`. */
export function define(command: Command, cli: Cli): void {
  addOutputOptions(command)
    .description("List the backups in a folder: the default one, or the one named; in a bucket, or on an SFTP server.")
    .option("--in <location>", "a folder, s3://bucket/prefix, sftp://user@host/folder, or a saved storage's name")
    .option("--database <name>", "only this database's")
    .addHelpText("after", "\nExample:\n  lifeboat backups --in /backups --database shop")
    .action((options: { in?: string; database?: string }) => listAll(options, cli));
  addPinCommands(command, cli);
}

async function listAll(options: { in?: string; database?: string }, cli: Cli): Promise<void> {
  const { out } = cli;
  const location = options.in ?? cli.home.backupsFolder;
  const isWanted = ({ database }: { readonly database: string }) =>
    options.database === undefined || database === options.database;
  const listing = await listLocation(location, cli);
  const backups = listing.backups.filter(({ summary }) => isWanted(summary));
  if (listing.whole !== null)
    out.document(
      listing.whole
        .filter(({ manifest }) => isWanted(manifest))
        .map(({ manifest, archivePath, archive }) => ({ path: archivePath, archive, ...manifest })),
    );
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

/** A listing, with the manifests where they are at hand or asked for. */
interface Listed extends SummaryListing {
  readonly whole: readonly StoredBackup[] | null;
}

async function listLocation(location: string, cli: Cli): Promise<Listed> {
  const { openSavedStorages } = await import("../../storage/saved-storages.ts");
  const saved = (await openSavedStorages(cli.home).list()).find(({ name }) => name === location);
  const folder = folderOf(location, saved);
  if (folder !== null) return withSummaries(await listBackups(folder));
  const { openStorage } = await import("../../storage/open-storage.ts");
  const { openManifestCache } = await import("../../storage/manifest-cache.ts");
  const storage = await openStorage(location, cli);
  const cache = await openManifestCache(cli.home);
  try {
    return await listStorage(storage, cache, cli);
  } finally {
    cache.close();
    await storage.close();
  }
}

function folderOf(location: string, saved: SavedStorage | undefined): string | null {
  if (saved?.settings.kind === "folder") return saved.settings.path;
  return saved === undefined && !isRemoteLocation(location) ? resolve(location) : null;
}

/** JSON gives the manifests as they are, and so they are all read; the table needs what an index holds. */
async function listStorage(storage: Storage, cache: ManifestCache, { out, signal }: Cli): Promise<Listed> {
  if (out.json) {
    const { listStoredBackups } = await import("../../storage/stored-backups.ts");
    return withSummaries(await listStoredBackups(storage, cache, signal));
  }
  const { listSummaries } = await import("../../storage/stored-summaries.ts");
  return { ...(await listSummaries(storage, cache, signal)), whole: null };
}

function withSummaries(listing: LocationListing): Listed {
  const backups = listing.backups.map(({ manifest, ...place }) => ({ summary: summarizeManifest(manifest), ...place }));
  return { ...listing, backups, whole: listing.backups };
}

function noteAll(paths: readonly string[], what: string, why: string, out: Output): void {
  if (paths.length === 0) return;
  out.note(`${formatNumberOf(paths.length, what)}, ${why}:`);
  for (const path of paths) out.note(`  ${visibleText(path)}`);
}

const archiveSigns = { present: "", missing: "the file is gone", otherSize: "the file was changed" } as const;

function describeRow({ summary, archive }: { summary: BackupSummary; archive: StoredBackup["archive"] }): Cell[] {
  return [
    summary.id,
    summary.database,
    formatTime(summary.startedAt),
    formatBytes(summary.sizeBytes),
    String(summary.tables),
    summary.rows === null ? "" : formatCount(summary.rows),
    `${summary.format}, ${summary.compression}`,
    { text: archiveSigns[archive], style: "bad" },
  ];
}
