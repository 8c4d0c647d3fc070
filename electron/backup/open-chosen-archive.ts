import type { Manifest } from "../../shared/contract/manifest.ts";
import { AppError } from "../../shared/error/app-error.ts";
import { isS3Location, parseS3Location, splitPath } from "../../shared/storage/location.ts";
import { type Archive, openArchive, readArchive } from "../archives/open-archive.ts";
import { archiveNameOf, manifestPathBeside, parseManifest } from "../storage/backup-folder.ts";
import type { StorageContext } from "../storage/open-storage.ts";
import type { Storage } from "../storage/storage.ts";
import { resolveArchive } from "./resolve-archive.ts";

/** An archive to look into, wherever it lies. The manifest is null for archives made elsewhere. */
export interface ChosenArchive {
  readonly archive: Archive;
  readonly manifest: Manifest | null;
}

/**
 * Opens what an ARCHIVE argument means: a path, a backup's id, or `s3://bucket/key`, of which only what is looked at is
 * read.
 * @throws as resolveArchive, openArchive, openStorage; storage.*
 */
export async function openChosenArchive(argument: string, context: StorageContext): Promise<ChosenArchive> {
  if (isS3Location(argument)) return openInBucket(argument, context);
  const { path, manifest } = await resolveArchive(argument, context.home);
  return { archive: await openArchive(path), manifest };
}

async function openInBucket(location: string, context: StorageContext): Promise<ChosenArchive> {
  const { bucket, path } = parseS3Location(location);
  const { folder, name } = splitPath(path);
  if (name === "") throw new AppError("usage.invalid", "This names a bucket, not an archive in it.");
  const { openStorage } = await import("../storage/open-storage.ts");
  const { openStoredSource } = await import("../archives/stored-source.ts");
  const storage = await openStorage(`s3://${bucket}${folder === "" ? "" : `/${folder}`}`, context);
  try {
    // Both at once: each is a journey. A damaged manifest does not close the archive; that speaks for itself.
    const [source, manifest] = await Promise.all([
      openStoredSource(storage, name),
      loadManifestOf(storage, name).catch(() => null),
    ]);
    return { archive: await readArchive(location, source), manifest };
  } catch (error) {
    await storage.close();
    throw error;
  }
}

async function loadManifestOf(storage: Storage, name: string): Promise<Manifest | null> {
  const path = manifestPathBeside(name);
  if (path === null) return null;
  const bytes = await storage.read(path);
  const manifest = await parseManifest(Buffer.from(bytes).toString("utf8"), path);
  return archiveNameOf(manifest) === name ? manifest : null;
}
