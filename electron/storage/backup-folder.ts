import { type Dirent } from "node:fs";
import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Manifest } from "../../shared/contract/manifest.ts";
import { AppError } from "../../shared/error/app-error.ts";
import { errnoOf, storageError } from "./storage-error.ts";

/** How a backup's files are named: `LOCATION/shop/shop_20261121T020000Z.dump` with its manifest and globals beside it. */
export interface BackupPaths {
  readonly folder: string;
  /** The archive: a file, or a folder for the directory format. */
  readonly archive: string;
  /** Where it is written until it is whole. */
  readonly partial: string;
  readonly globals: string;
  readonly globalsPartial: string;
  readonly manifest: string;
}

/** A finished backup found in a location. */
export interface StoredBackup {
  readonly manifest: Manifest;
  readonly manifestPath: string;
  readonly archivePath: string;
}

/** What a location holds, told apart: whole backups, unreadable manifests, and files that a cut backup left behind. */
export interface LocationListing {
  /** Newest first. */
  readonly backups: readonly StoredBackup[];
  readonly damaged: readonly { readonly manifestPath: string; readonly error: AppError }[];
  readonly unfinished: readonly string[];
}

const MANIFEST_SUFFIX = ".manifest.json";
const PARTIAL_SUFFIX = ".partial";

/** @param extension with its dot, for example `.dump` */
export function backupPaths(location: string, database: string, startedAt: Date, extension: string): BackupPaths {
  const name = encodeFileName(database);
  const folder = join(location, name);
  const stem = join(folder, `${name}_${formatStamp(startedAt)}`);
  return {
    folder,
    archive: `${stem}${extension}`,
    partial: `${stem}${extension}${PARTIAL_SUFFIX}`,
    globals: `${stem}.globals.sql`,
    globalsPartial: `${stem}.globals.sql${PARTIAL_SUFFIX}`,
    manifest: `${stem}${MANIFEST_SUFFIX}`,
  };
}

/** `20261121T020000Z`: UTC, sorts as text, legal in every file system. */
export function formatStamp(time: Date): string {
  return `${time.toISOString().slice(0, 19).replaceAll(/[-:]/g, "")}Z`;
}

/**
 * A database's name as one file name that works on every system: letters, digits, `.`, `_`, `-` stay, the rest is
 * percent-encoded; so are a leading dot or dash and the names Windows keeps for devices.
 */
export function encodeFileName(name: string): string {
  const encoded = name.replaceAll(/[^\p{L}\p{N}._-]/gu, encodeCharacter).replace(/^[.-]/, encodeCharacter);
  return /^(con|prn|aux|nul|com\d|lpt\d)$/i.test(encoded.split(".")[0] ?? "")
    ? `${encodeCharacter(encoded.slice(0, 1))}${encoded.slice(1)}`
    : encoded;
}

function encodeCharacter(character: string): string {
  return [...new TextEncoder().encode(character)]
    .map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, "0")}`)
    .join("");
}

/** Every backup in a location and one level of folders below it. A location that does not exist yet is empty. */
export async function listBackups(location: string): Promise<LocationListing> {
  const backups: StoredBackup[] = [];
  const damaged: { manifestPath: string; error: AppError }[] = [];
  const unfinished: string[] = [];
  for (const { folder, entry } of await listTwoLevels(location)) {
    const path = join(folder, entry.name);
    if (entry.name.endsWith(PARTIAL_SUFFIX)) unfinished.push(path);
    else if (entry.name.endsWith(MANIFEST_SUFFIX)) {
      try {
        backups.push(await loadBackup(path));
      } catch (error) {
        damaged.push({ manifestPath: path, error: storageError(error, path) });
      }
    }
  }
  backups.sort((a, b) => (a.manifest.startedAt < b.manifest.startedAt ? 1 : -1));
  return { backups, damaged, unfinished };
}

/**
 * Removes what backups of this database that were cut in an earlier run left in its folder. Called after a whole backup
 * is in place, under the database's lock, so nothing that is still being written is met.
 * @returns the removed paths
 */
export async function removeStalePartials(paths: BackupPaths): Promise<string[]> {
  const removed: string[] = [];
  for (const entry of await listFolder(paths.folder)) {
    if (!entry.name.endsWith(PARTIAL_SUFFIX)) continue;
    const path = join(paths.folder, entry.name);
    await rm(path, { recursive: true, force: true });
    removed.push(path);
  }
  return removed;
}

/** Reads one manifest. Throws backup.manifestInvalid or storage.*. */
export async function loadBackup(manifestPath: string): Promise<StoredBackup> {
  const text = await readFile(manifestPath, "utf8").catch((error) => Promise.reject(storageError(error, manifestPath)));
  const manifest = await parseManifest(text, manifestPath);
  const archive = manifest.files.find((file) => file.role === "archive");
  const folder = join(manifestPath, "..");
  return { manifest, manifestPath, archivePath: join(folder, archivePathOf(manifest, archive?.path ?? "")) };
}

/** The manifest beside an archive, or null where there is none. Throws backup.manifestInvalid. */
export async function loadManifestBeside(archivePath: string): Promise<Manifest | null> {
  const manifestPath = manifestPathOf(archivePath);
  if (manifestPath === null) return null;
  try {
    return await parseManifest(await readFile(manifestPath, "utf8"), manifestPath);
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return null;
    throw storageError(error, manifestPath);
  }
}

function manifestPathOf(archivePath: string): string | null {
  const match = /^(.*_\d{8}T\d{6}Z)\.(dump|dir|tar|sql(\.(gz|zst|lz4))?)\/?$/s.exec(archivePath);
  return match ? `${match[1]}${MANIFEST_SUFFIX}` : null;
}

/** A directory archive's members are listed one by one; the archive is the folder they are in. */
function archivePathOf(manifest: Manifest, firstPath: string): string {
  return manifest.format === "directory" ? (firstPath.split("/")[0] ?? firstPath) : firstPath;
}

async function parseManifest(text: string, path: string): Promise<Manifest> {
  // Loaded when first needed: most commands never meet a manifest, and the checker is half of their start-up time.
  const { manifestSchema } = await import("../../shared/contract/manifest.ts");
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new AppError("backup.manifestInvalid", `${path} is not readable as JSON.`, { cause: error });
  }
  const parsed = manifestSchema.safeParse(value);
  if (!parsed.success)
    throw new AppError("backup.manifestInvalid", `${path} does not describe a backup.`, {
      detail: parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`).join("; "),
    });
  const escaping = parsed.data.files.find((file) => !isInside(file.path));
  if (escaping)
    throw new AppError("backup.manifestInvalid", `${path} names a file outside its folder.`, { detail: escaping.path });
  return parsed.data;
}

/** A manifest may come from anywhere: its paths must stay below its own folder. */
function isInside(path: string): boolean {
  return !/^([/\\]|[A-Za-z]:)/.test(path) && !path.split(/[/\\]/).includes("..") && !path.includes("\0");
}

async function listTwoLevels(location: string): Promise<{ folder: string; entry: Dirent }[]> {
  const top = await listFolder(location);
  const found = top.filter((entry) => !entry.isSymbolicLink()).map((entry) => ({ folder: location, entry }));
  for (const entry of top) {
    if (!entry.isDirectory() || entry.name.endsWith(PARTIAL_SUFFIX) || entry.name.endsWith(".dir")) continue;
    const folder = join(location, entry.name);
    for (const inner of await listFolder(folder)) found.push({ folder, entry: inner });
  }
  return found;
}

async function listFolder(folder: string): Promise<Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return [];
    throw storageError(error, folder);
  }
}
