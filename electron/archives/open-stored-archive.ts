import { createHash } from "node:crypto";
import { stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { Manifest } from "../../shared/contract/manifest.ts";
import { AppError } from "../../shared/error/app-error.ts";
import {
  isRemoteLocation,
  placeAsArchive,
  splitArchiveLocation,
  withoutEndSlash,
} from "../../shared/storage/location.ts";
import type { KeyRing } from "../encryption/key-ring.ts";
import { archiveNameOf, loadManifestBeside, manifestPathBeside, parseManifest } from "../storage/backup-folder.ts";
import { unlessManifestChanged } from "../storage/manifest-proof.ts";
import type { StorageContext } from "../storage/open-storage.ts";
import type { Storage } from "../storage/storage.ts";
import type { Archive } from "./archive.ts";
import { openBlockCache } from "./block-cache.ts";
import type { ByteSource } from "./byte-source.ts";
import { type HoldFile, readDirectoryArchive } from "./directory-archive.ts";
import { type Hold, holdSource } from "./held-source.ts";
import { isTocFile, openArchive, readArchive } from "./open-archive.ts";
import { type ArchiveSource, type Beside, mostMetadataBytes, openSource, plainSource } from "./open-source.ts";

/** What opening an archive may need, wherever it lies. */
export interface ArchiveAccess extends StorageContext {
  /** What opens encrypted archives; left out: none is opened. */
  readonly keys?: KeyRing | undefined;
  /** The database meant in a script of several; left out: all of them. */
  readonly database?: string | undefined;
  /** Compares all that is read with the manifest's hashes; left out: the table of contents alone. */
  readonly hold?: Hold | undefined;
}

/** An opened archive, with its manifest where it has one. */
export interface StoredArchive {
  readonly archive: Archive;
  readonly manifest: Manifest | null;
}

/**
 * Opens the archive at a path or at `s3://bucket/key` or `sftp://host/path`, of which only what is looked at is read; of a
 * directory archive, the folder or the toc.dat in it.
 * @throws backup.manifestChanged, verify.checksumMismatch; archive.objectNotFound for a database it does not hold; as
 *   openArchive and openStorage; storage.*
 */
export async function openStoredArchive(location: string, access: ArchiveAccess): Promise<StoredArchive> {
  const found = await (isRemoteLocation(location) ? openRemote(location, access) : openFile(location, access));
  if (access.database === undefined) return found;
  try {
    return { ...found, archive: found.archive.database(access.database) };
  } catch (error) {
    await found.archive.close();
    throw error;
  }
}

/**
 * The plain bytes of what lies at such a place, in whatever format.
 * @throws as openSource and openStorage
 */
export async function openStoredBytes(location: string, access: ArchiveAccess): Promise<ArchiveSource> {
  if (!isRemoteLocation(location)) return openSource(location, access.keys);
  const { place, name } = splitArchiveLocation(location);
  const { openStorage } = await import("../storage/open-storage.ts");
  const { openStoredSource } = await import("./stored-source.ts");
  const storage = await openStorage(place, access);
  const stored = await openStoredSource(storage, name, openBlockCache(access.home)).catch(async (error: unknown) => {
    await storage.close();
    throw error;
  });
  return { ...(await plainSource(stored, access.keys, besideIn(storage, name))), isFile: false };
}

async function openFile(path: string, { keys, home, hold }: ArchiveAccess): Promise<StoredArchive> {
  // As its folder where it is the toc.dat of a directory archive.
  const whole = basename(path) === "toc.dat" ? dirname(path) : path;
  // A damaged manifest does not close the archive, that speaks for itself; one that somebody changed does.
  const manifest = await loadManifestBeside(whole, keys).catch(unlessManifestChanged);
  const isHeld = manifest !== null && hold !== undefined;
  const opened: { source: ArchiveSource | null } = { source: null };
  const archive = await openArchive(path, {
    keys,
    home,
    hold: isHeld ? holdFiles(dirname(whole), manifest, hold) : undefined,
    onSource: (source) => void (opened.source = source),
  });
  try {
    if (manifest !== null && !isHeld && opened.source !== null)
      await compareHead(archive.path, manifest, opened.source);
    return { archive, manifest };
  } catch (error) {
    await archive.close();
    throw error;
  }
}

/**
 * Each file of an archive by its own hashes. One that the manifest does not name came later.
 * @param folder of this machine that the manifest lies in; empty for a storage's root
 */
function holdFiles(folder: string, manifest: Manifest, hold: Hold): HoldFile {
  const files = new Map(manifest.files.map((file) => [folder === "" ? file.path : join(folder, file.path), file]));
  return (stored, path) => {
    const file = files.get(path);
    if (file !== undefined) return holdSource(stored, file, path, hold);
    const difference = new AppError("verify.checksumMismatch", `${path} was put there after the backup was made.`);
    if (hold === "refuse") throw difference;
    hold(difference, null);
    return stored;
  };
}

/** Changes whenever the archive does: size and time of a file, the version of an object. @throws storage.* */
export async function stateOfArchive(location: string, access: ArchiveAccess): Promise<string> {
  if (!isRemoteLocation(location)) {
    const { size, mtimeMs } = await stat(location);
    return `${size} ${mtimeMs}`;
  }
  const { storage, name } = await openPlaceOf(location, access);
  try {
    // A directory archive is a folder, whose table of contents is as good as all of it: pg_dump writes no other one twice.
    const { sizeBytes, etag } = await storage.stat(name).catch(async (error: unknown) => {
      unlessMissing(error);
      return storage.stat(`${name}/toc.dat`);
    });
    return `${sizeBytes} ${etag}`;
  } finally {
    await storage.close();
  }
}

function besideIn(storage: Storage, name: string): Beside {
  return { name, loadMetadata: () => storage.read(`${name}.metadata`, { length: mostMetadataBytes }) };
}

async function openPlaceOf(location: string, access: ArchiveAccess): Promise<{ storage: Storage; name: string }> {
  const { place, name } = splitArchiveLocation(location);
  const { openStorage } = await import("../storage/open-storage.ts");
  return { storage: await openStorage(place, access), name };
}

async function openRemote(location: string, access: ArchiveAccess): Promise<StoredArchive> {
  const { openStoredSource } = await import("./stored-source.ts");
  const { storage, name } = await openPlaceOf(location, access);
  try {
    // Both at once: each is a journey.
    const [stored, manifest] = await Promise.all([
      openStoredSource(storage, name, openBlockCache(access.home)).catch(unlessMissing),
      loadManifestOf(storage, name, access.keys).catch(unlessManifestChanged),
    ]);
    if (stored === null) return await openRemoteFolder(storage, name, location, manifest, access);
    const held = manifest === null ? stored : await holdRemote(stored, manifest, location, access.hold);
    const source = await plainSource(held, access.keys, besideIn(storage, name));
    const folder = await folderOfToc(location, source);
    if (folder !== null) {
      await source.close();
      return await openRemote(folder, access);
    }
    const facts = {
      loadManifest: async () => manifest,
      async modifiedAt() {
        const { modifiedAt } = await storage.stat(name);
        return modifiedAt === null ? null : new Date(modifiedAt);
      },
    };
    const archive = await readArchive(location, { ...source, isFile: false }, facts, { home: access.home });
    if (manifest !== null) await compareHead(location, manifest, source);
    return { archive, manifest };
  } catch (error) {
    await storage.close();
    throw error;
  }
}

/**
 * What lies far away is read in whole parts of some megabytes then; an age file is not: each 64 KiB of it has a tag that only
 * who knows the file's key can make, and the key is in its header, which is compared. So a changed byte is noticed where it
 * is decrypted, and another file in its place by its header.
 */
async function holdRemote(
  stored: ByteSource,
  manifest: Manifest,
  location: string,
  hold: Hold | undefined,
): Promise<ByteSource> {
  const file = manifest.files.find(({ role }) => role === "archive");
  if (file === undefined) return stored;
  // What gpg wrote is read whole, and only who made it knows how it is sealed.
  const isSealed = manifest.encryption?.method === "age";
  if (isSealed && file.head !== undefined) {
    const head = await stored.read(0, file.head.bytes);
    if (createHash("sha256").update(head).digest("hex") !== file.head.sha256)
      throw new AppError("verify.checksumMismatch", `${location} is not what was backed up: its header differs.`);
    return stored;
  }
  if (hold === undefined) return stored;
  // Without a hash of the header alone the first part, which holds it, is compared.
  return holdSource(stored, file, location, hold, isSealed ? 1 : undefined);
}

/** A person may choose a directory archive by the toc.dat in it. */
async function folderOfToc(location: string, source: ByteSource): Promise<string | null> {
  const [, folder] = /^(.+)\/toc\.dat$/.exec(location) ?? [];
  return folder !== undefined && (await isTocFile(source)) ? folder : null;
}

async function openRemoteFolder(
  storage: Storage,
  name: string,
  location: string,
  manifest: Manifest | null,
  access: ArchiveAccess,
): Promise<StoredArchive> {
  const { openStoredFolder } = await import("./stored-folder.ts");
  const path = withoutEndSlash(location);
  const isHeld = manifest !== null && access.hold !== undefined;
  const hold: HoldFile = isHeld ? holdFiles("", manifest, access.hold) : (stored) => stored;
  const folder = await openStoredFolder(storage, name, path, openBlockCache(access.home), hold);
  if (folder === null) {
    for await (const { path: inside } of storage.list(name)) if (inside !== name) throw placeAsArchive();
    throw new AppError("storage.notFound", `There is no ${storage.address}/${name}.`);
  }
  if (manifest !== null && !isHeld) await compareTocFile(storage, path, manifest);
  return { archive: await readDirectoryArchive(folder), manifest };
}

/** As compareHead, of the file that a directory archive has its table of contents in. */
async function compareTocFile(storage: Storage, path: string, manifest: Manifest): Promise<void> {
  const toc = manifest.files.find((file) => file.role === "archive" && file.path.endsWith("/toc.dat"));
  if (toc?.sha256 === undefined) return;
  const bytes = await storage.read(toc.path);
  if (createHash("sha256").update(bytes).digest("hex") !== toc.sha256) throw otherToc(path);
}

function unlessMissing(error: unknown): null {
  if (error instanceof AppError && error.code === "storage.notFound") return null;
  throw error;
}

/** An archive that was put in another's place is told before anything is done by its table of contents. */
async function compareHead(path: string, { tocDigest, tocBytes }: Manifest, source: ByteSource): Promise<void> {
  if (tocDigest === undefined || tocBytes === null) return;
  const head = await source.read(0, tocBytes);
  if (createHash("sha256").update(head).digest("hex") !== tocDigest) throw otherToc(path);
}

function otherToc(path: string): AppError {
  return new AppError("verify.checksumMismatch", `${path} is not what was backed up: its table of contents differs.`);
}

async function loadManifestOf(storage: Storage, name: string, keys?: KeyRing): Promise<Manifest | null> {
  const path = manifestPathBeside(name);
  if (path === null) return null;
  const bytes = await storage.read(path);
  const manifest = await parseManifest(Buffer.from(bytes).toString("utf8"), path, keys);
  return archiveNameOf(manifest) === name ? manifest : null;
}
