import { createHash } from "node:crypto";
import { type Dirent } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { Manifest } from "../../shared/contract/manifest.ts";
import type { ManifestStanding } from "../../shared/contract/manifest-standing.ts";
import { AppError } from "../../shared/error/app-error.ts";
import { judgeManifest, type ProofKeys } from "./manifest-proof.ts";
import { openWithoutWaiting } from "./open-without-waiting.ts";
import { errnoOf, storageError } from "./storage-error.ts";

/**
 * How a backup's files are named, from the root of wherever they lie: `shop/shop_20261121T020000Z.dump` with its manifest and
 * globals beside it.
 */
export interface BackupNames {
  readonly folder: string;
  /** What all its files begin with, before a dot. */
  readonly stem: string;
  /** The archive: a file, or a folder for the directory format. */
  readonly archive: string;
  readonly globals: string;
  readonly manifest: string;
}

/** A finished backup found in a location. */
export interface StoredBackup {
  readonly manifest: Manifest;
  readonly manifestPath: string;
  readonly archivePath: string;
  /** SHA-256 of the manifest's bytes. */
  readonly digest: string;
  /** Who wrote the manifest, as far as it is known. */
  readonly standing: ManifestStanding;
  /** Whether the archive is there with the size it was written with; its bytes are for `lifeboat verify` to check. */
  readonly archive: "present" | "missing" | "otherSize";
  /** In an archive class, so it may have to be thawed before it can be read; left out: it is not. */
  readonly archived?: true;
}

/** What a location holds, told apart: whole backups, what cannot be read, and files that a cut backup left behind. */
export interface LocationListing {
  /** Newest first. */
  readonly backups: readonly StoredBackup[];
  /** Manifests, and folders that this user may not look into. */
  readonly unreadable: readonly { readonly path: string; readonly error: AppError }[];
  readonly unfinished: readonly string[];
  /** Archives named like backups of ours that have no manifest: copied without it, or cut before their last step. */
  readonly withoutManifest: readonly string[];
  /** Manifests of backups that no pruning takes. */
  readonly pinned: readonly string[];
  /** Files beside backups that say what checks of them found; `backup-proofs.ts` reads them. */
  readonly proofs: readonly string[];
}

/** Why a backup cannot be trusted whose archive is not as its manifest says. */
export function archiveError(archive: "missing" | "otherSize"): AppError {
  if (archive === "otherSize")
    return new AppError("verify.sizeMismatch", "The backup's file has another size than when it was written.");
  return new AppError("backup.notFound", "The backup's file is gone; only its manifest is left.", {
    hint: "Look for a copy of the file, and put it back beside the manifest.",
  });
}

const MANIFEST_SUFFIX = ".manifest.json";
const PARTIAL_SUFFIX = ".partial";
/** What every name of ours ends in: a database may be called `shop.dir` or `shop.partial`, and so its folder. */
const STEM = String.raw`_\d{8}T\d{6}Z`;
const DIRECTORY_ARCHIVE = new RegExp(String.raw`${STEM}\.dir(\.partial)?$`);
const PROOF = new RegExp(String.raw`${STEM}\.proof\.\d{8}T\d{6}Z-[0-9a-f]{8}\.json$`);
const UNFINISHED = new RegExp(String.raw`${STEM}\.[a-z.]+\.partial$`);
const ARCHIVE = new RegExp(String.raw`^(.*${STEM})\.(dir|(dump|tar|sql(\.(gz|zst|lz4))?)(\.(age|gpg))?)$`, "s");

/** @param extension with its dot, for example `.dump`; with `.age` or `.gpg` behind it the globals are encrypted too */
export function backupNames(database: string, startedAt: Date, extension: string): BackupNames {
  const folder = encodeFileName(database);
  const stem = `${folder}/${folder}_${formatStamp(startedAt)}`;
  return {
    folder,
    stem,
    archive: `${stem}${extension}`,
    globals: `${stem}.globals.sql${/\.(?:age|gpg)$/.exec(extension)?.[0] ?? ""}`,
    manifest: `${stem}${MANIFEST_SUFFIX}`,
  };
}

/** The name that a file or folder has until it is whole. */
export function partialOf(path: string): string {
  return `${path}${PARTIAL_SUFFIX}`;
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

/**
 * Every backup in a location and one level of folders below it. A location that does not exist yet is empty.
 * @param keys to check the manifests' proofs by; left out: they are not checked
 */
export async function listBackups(location: string, keys?: ProofKeys): Promise<LocationListing> {
  const { found, unreadable } = await walkLocation(location);
  const { manifests, ...others } = sortPaths(found);
  const backups: StoredBackup[] = [];
  for (const path of manifests)
    await loadBackup(path, keys).then(
      (backup) => backups.push(backup),
      (error) => unreadable.push({ path, error: storageError(error, path) }),
    );
  return { backups: backups.toSorted(newestFirst), unreadable, ...others };
}

/** Order of a listing. */
export function newestFirst(a: StoredBackup, b: StoredBackup): number {
  return a.manifest.startedAt < b.manifest.startedAt ? 1 : -1;
}

/** What a location's paths are, by their names: manifests, files that a cut backup left, archives without a manifest. */
export function sortPaths(
  found: readonly string[],
): { manifests: string[] } & Pick<LocationListing, "unfinished" | "withoutManifest" | "pinned" | "proofs"> {
  const paths = new Set(found);
  const manifests = found.filter((path) => path.endsWith(MANIFEST_SUFFIX));
  return {
    manifests,
    pinned: manifests.filter((path) => paths.has(pinPathOf(path))),
    proofs: found.filter((path) => PROOF.test(path)),
    unfinished: found.filter((path) => UNFINISHED.test(path)),
    withoutManifest: found.filter((path) => {
      const beside = manifestPathBeside(path);
      return beside !== null && !paths.has(beside);
    }),
  };
}

/**
 * The backups whose id begins so. An id begins with the time in the file's name, so only manifests of that time are read.
 * What cannot be read is passed over.
 */
export async function findBackupsById(location: string, idStart: string): Promise<StoredBackup[]> {
  const time = idStart.split("-", 1)[0] ?? "";
  const { found } = await walkLocation(location);
  const candidates = found.filter((path) => {
    const stamp = /_(\d{8})T(\d{6})Z\.manifest\.json$/.exec(path);
    return stamp !== null && `${stamp[1]}${stamp[2]}`.startsWith(time);
  });
  const backups = await Promise.all(candidates.map((path) => loadBackup(path).catch(() => null)));
  return backups.filter((backup) => backup !== null).filter(({ manifest }) => manifest.id.startsWith(idStart));
}

/** Paths of everything in a location and one level of folders below it, directory archives as one. */
async function walkLocation(
  location: string,
): Promise<{ found: string[]; unreadable: { path: string; error: AppError }[] }> {
  const found: string[] = [];
  const unreadable: { path: string; error: AppError }[] = [];
  for (const entry of await listFolder(location)) {
    const path = join(location, entry.name);
    found.push(path);
    if (DIRECTORY_ARCHIVE.test(entry.name) || !(await isFolder(path, entry))) continue;
    // One folder of another user (lost+found is in every ext4's root) does not make the others invisible.
    const inner = await listFolder(path).catch((error) => storageError(error, path));
    if (inner instanceof AppError) unreadable.push({ path, error: inner });
    else found.push(...inner.map((innerEntry) => join(path, innerEntry.name)));
  }
  return { found, unreadable };
}

/**
 * The newest backup of a database in a location that is as wanted, or null; a manifest is read only when those newer than
 * it were not. What cannot be read is passed over: this is for estimates, not for proof.
 */
export async function findNewestBackup(
  location: string,
  database: string,
  isWanted: (manifest: Manifest) => boolean,
): Promise<StoredBackup | null> {
  const folder = join(location, encodeFileName(database));
  const entries = await listFolder(folder).catch(() => []);
  const names = entries.map((entry) => entry.name).filter((name) => name.endsWith(MANIFEST_SUFFIX));
  for (const name of names.toSorted().toReversed()) {
    const backup = await loadBackup(join(folder, name)).catch(() => null);
    if (backup !== null && backup.manifest.database === database && isWanted(backup.manifest)) return backup;
  }
  return null;
}

/** Reads one manifest, and says how it stands where keys are given. Throws backup.manifestInvalid or storage.*. */
export async function loadBackup(manifestPath: string, keys?: ProofKeys): Promise<StoredBackup> {
  const text = await readManifestFile(manifestPath).catch((error) => Promise.reject(storageError(error, manifestPath)));
  const { manifest, standing } = await examineManifest(text, manifestPath, keys);
  const archivePath = join(dirname(manifestPath), archiveNameOf(manifest));
  const digest = createHash("sha256").update(text).digest("hex");
  return { manifest, digest, standing, manifestPath, archivePath, archive: await lookAtArchive(archivePath, manifest) };
}

async function lookAtArchive(path: string, manifest: Manifest): Promise<StoredBackup["archive"]> {
  const found = await stat(path).catch(() => null);
  if (found === null) return "missing";
  if (manifest.format === "directory") return found.isDirectory() ? "present" : "missing";
  const written = manifest.files.find((file) => file.role === "archive")?.sizeBytes;
  return found.size === written ? "present" : "otherSize";
}

/**
 * The manifest of an archive, or null where there is none beside it. One that describes another file of the same stem
 * says nothing about this one. Throws backup.manifestInvalid and, where keys are given, backup.manifestChanged.
 */
export async function loadManifestBeside(archivePath: string, keys?: ProofKeys): Promise<Manifest | null> {
  const manifestPath = manifestPathBeside(archivePath);
  if (manifestPath === null) return null;
  try {
    const manifest = await parseManifest(await readManifestFile(manifestPath), manifestPath, keys);
    return archiveNameOf(manifest) === basename(archivePath) ? manifest : null;
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return null;
    throw storageError(error, manifestPath);
  }
}

/** Of a backup of 10 TB with a million tables it is half as much. */
const mostManifestBytes = 512 * 1024 * 1024;

async function readManifestFile(path: string): Promise<string> {
  const file = await openWithoutWaiting(path);
  try {
    const found = await file.stat();
    if (found.isFile() && found.size <= mostManifestBytes) return await file.readFile("utf8");
    const what = found.isFile() ? "is longer than any manifest" : "is no file";
    throw new AppError("backup.manifestInvalid", `${path} ${what}.`);
  } finally {
    await file.close();
  }
}

/** A manifest's path or name without its ending: what the names of all files of its backup begin with. */
export function stemOf(manifestPath: string): string {
  return manifestPath.replace(/\.manifest\.json$/, "");
}

/** The small file beside a backup that says it is to stay. It lies in the storage, so it holds on every machine. */
export function pinPathOf(manifestPath: string): string {
  return `${stemOf(manifestPath)}.pin`;
}

/** Whether a file says what a check of a backup found, by its name. */
export function isProofPath(path: string): boolean {
  return PROOF.test(path);
}

/** Where the manifest of an archive would be, by the archive's path alone; null for what is not named as ours are. */
export function manifestPathBeside(archivePath: string): string | null {
  const stem = ARCHIVE.exec(archivePath)?.[1];
  return stem === undefined ? null : `${stem}${MANIFEST_SUFFIX}`;
}

/** A directory archive's members are listed one by one; the archive is the folder they are in. */
export function archiveNameOf(manifest: Manifest): string {
  const path = manifest.files.find((file) => file.role === "archive")?.path ?? "";
  return manifest.format === "directory" ? (path.split("/")[0] ?? path) : path;
}

/**
 * A manifest's text, checked.
 * @param keys where something is going to be done by it: one that is not as it was written is refused then
 * Throws backup.manifestInvalid, backup.manifestChanged.
 */
export async function parseManifest(text: string, path: string, keys?: ProofKeys): Promise<Manifest> {
  const { manifest, standing } = await examineManifest(text, path, keys);
  if (standing !== "changed") return manifest;
  throw isNamedAs(manifest, path)
    ? new AppError("backup.manifestChanged", `${path} is not as it was written: its proof does not match.`)
    : new AppError("backup.manifestChanged", `${path} is the manifest of another backup: ${archiveNameOf(manifest)}.`);
}

/**
 * The same for looking at it: what is known of its writer is told, not insisted on. One that carries a proof and does not
 * lie where its backup's would is another backup's.
 * Throws backup.manifestInvalid.
 */
export async function examineManifest(
  text: string,
  path: string,
  keys?: ProofKeys,
): Promise<{ manifest: Manifest; standing: ManifestStanding }> {
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
  if (!parsed.data.files.some((file) => file.role === "archive"))
    throw new AppError("backup.manifestInvalid", `${path} does not name an archive.`);
  const manifest = parsed.data;
  const isSwapped = manifest.proof !== undefined && !isNamedAs(manifest, path);
  return { manifest, standing: isSwapped ? "changed" : await judgeManifest(value, keys) };
}

/** Whether a manifest lies where its backup's would: the names of all files of a backup begin alike. */
function isNamedAs(manifest: Manifest, path: string): boolean {
  const stem = (path.split(/[/\\]/).at(-1) ?? "").slice(0, -MANIFEST_SUFFIX.length);
  return manifest.files.every((file) => file.path.startsWith(`${stem}.`));
}

/** A manifest may come from anywhere: its paths must stay below its own folder. */
function isInside(path: string): boolean {
  return !/^([/\\]|[A-Za-z]:)/.test(path) && !path.split(/[/\\]/).includes("..") && !path.includes("\0");
}

/** A database's folder may be a link to another disk. */
async function isFolder(path: string, entry: Dirent): Promise<boolean> {
  if (!entry.isSymbolicLink()) return entry.isDirectory();
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

async function listFolder(folder: string): Promise<Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return [];
    throw storageError(error, folder);
  }
}
