import { basename, dirname } from "node:path";
import type { Manifest } from "../../shared/contract/manifest.ts";
import { AppError } from "../../shared/error/app-error.ts";
import { isRemoteLocation, splitArchiveLocation } from "../../shared/storage/location.ts";
import { archiveNameOf, manifestPathBeside, parseManifest } from "./backup-folder.ts";
import { manifestDigest } from "./backup-proofs.ts";
import { createLocalStorage } from "./local-storage.ts";
import type { ProofKeys } from "./manifest-proof.ts";
import { openStorage, type StorageContext } from "./open-storage.ts";
import type { Storage } from "./storage.ts";

/** The folder in which an archive lies, and the archive's name in it. */
export interface ArchivePlace {
  /** Belongs to whoever asked for it, and is to be closed. */
  readonly storage: Storage;
  readonly name: string;
}

/** A backup with its manifest, wherever it lies; the storage's root is its folder. */
export interface OpenedBackup extends ArchivePlace {
  readonly manifest: Manifest;
  readonly manifestPath: string;
}

/**
 * Opens the folder of the archive at a path, `s3://bucket/key` or `sftp://host/path`. Nothing is asked of it yet.
 * @throws usage.invalid where it names a bucket alone; what openStorage throws
 */
export async function openArchivePlace(archive: string, access: StorageContext): Promise<ArchivePlace> {
  if (!isRemoteLocation(archive)) return { storage: createLocalStorage(dirname(archive)), name: basename(archive) };
  const { place, name } = splitArchiveLocation(archive);
  return { storage: await openStorage(place, access), name };
}

/**
 * An archive's manifest, or null where there is none beside it, or one of another file.
 * @throws backup.manifestInvalid, and backup.manifestChanged where keys are given; storage.*
 */
export async function readManifestBeside(
  { storage, name }: ArchivePlace,
  signal?: AbortSignal,
  keys?: ProofKeys,
): Promise<{ manifest: Manifest; manifestPath: string; digest: string } | null> {
  const manifestPath = manifestPathBeside(name);
  if (manifestPath === null) return null;
  try {
    const bytes = await storage.read(manifestPath, { signal });
    const manifest = await parseManifest(
      Buffer.from(bytes).toString("utf8"),
      `${storage.address}/${manifestPath}`,
      keys,
    );
    return archiveNameOf(manifest) === name ? { manifest, manifestPath, digest: manifestDigest(bytes) } : null;
  } catch (error) {
    if (error instanceof AppError && error.code === "storage.notFound") return null;
    throw error;
  }
}

/**
 * Opens a backup by its archive.
 * @throws backup.notFound where there is no manifest, which alone says what belongs to it; as openArchivePlace
 */
export async function openStoredBackup(
  archive: string,
  access: StorageContext,
  signal?: AbortSignal,
): Promise<OpenedBackup> {
  const place = await openArchivePlace(archive, access);
  try {
    const found = await readManifestBeside(place, signal);
    if (found !== null) return { ...place, ...found };
    throw new AppError("backup.notFound", `There is no manifest beside ${archive}.`, {
      hint: "Only whole backups of Lifeboat can be copied, with the manifest that says what belongs to them.",
    });
  } catch (error) {
    await place.storage.close();
    throw error;
  }
}
