import { stat } from "node:fs/promises";
import { dirname } from "node:path";
import { isWrapper, recogniseFile } from "../../shared/archive/sniff.ts";
import type { Manifest } from "../../shared/contract/manifest.ts";
import { AppError } from "../../shared/error/app-error.ts";
import type { KeyRing } from "../encryption/key-ring.ts";
import type { Home } from "../home.ts";
import { loadManifestBeside } from "../storage/backup-folder.ts";
import type { Archive } from "./archive.ts";
import type { ByteSource } from "./byte-source.ts";
import { createArchive } from "./create-archive.ts";
import { CustomData } from "./custom-data.ts";
import { openDirectoryArchive } from "./directory-archive.ts";
import { knownBlocks } from "./known-blocks.ts";
import { type ArchiveSource, openSource } from "./open-source.ts";
import { openPlainArchive } from "./plain/open-plain.ts";
import { readHead } from "./read-head.ts";
import { openTarArchive } from "./tar-archive.ts";
import { unwrapSource } from "./unwrap.ts";

/** Enough to tell what a file is. */
const sniffedBytes = 512;

/** What opening may need. */
export interface OpenOptions {
  /** What opens encrypted archives; left out: none is opened. */
  readonly keys?: KeyRing | undefined;
  /** Where what was found in a script is kept, so that it is read through but once; left out: nowhere. */
  readonly home?: Home | undefined;
  /** Put between each stored file and whoever reads it. */
  readonly hold?: ((stored: ByteSource, path: string) => ByteSource) | undefined;
  /** Is told the bytes that the archive reads from then on, of one that is a file. */
  readonly onSource?: ((source: ArchiveSource) => void) | undefined;
}

/**
 * Opens an archive in any format and reads its table of contents. Nothing in it is executed; every length is checked. For a
 * directory archive, its folder or the toc.dat in it.
 * @throws archive.notAnArchive, archive.unsupportedFormat, archive.unsupportedVersion, archive.truncated,
 *   archive.damaged, archive.limitExceeded, archive.hostile, archive.keyMissing, encryption.*, secrets.unavailable,
 *   storage.notFound, storage.permissionDenied, storage.failed
 */
export async function openArchive(path: string, options: OpenOptions = {}): Promise<Archive> {
  const found = await stat(path).catch(() => null);
  if (found?.isDirectory() === true) return openDirectoryArchive(path, options.hold);
  const source = await openSource(path, options.keys, options.hold);
  if (await isTocFile(source)) {
    await source.close();
    return openDirectoryArchive(dirname(path), options.hold);
  }
  const beside = { loadManifest: () => loadManifestBeside(path), modifiedAt: async () => found?.mtime ?? null };
  return readArchive(path, source, beside, options);
}

/** What is known of an archive's file from elsewhere, asked for where the file does not say it. */
export interface ArchiveFileFacts {
  /** Its manifest. May reject: then there is none that counts. */
  readonly loadManifest: () => Promise<Manifest | null>;
  /** When the stored file was last written. */
  readonly modifiedAt: () => Promise<Date | null>;
}

/**
 * The same from a source, which the archive owns from then on.
 * @param path how the archive is called
 * @throws as openArchive
 */
export async function readArchive(
  path: string,
  source: ArchiveSource,
  facts: ArchiveFileFacts,
  { home, onSource }: Pick<OpenOptions, "home" | "onSource"> = {},
): Promise<Archive> {
  let bytes = source;
  try {
    let kind = recogniseFile(await bytes.read(0, sniffedBytes));
    if (isWrapper(kind)) {
      bytes = await unwrapSource(source, kind);
      kind = recogniseFile(await bytes.read(0, sniffedBytes));
    }
    onSource?.(bytes);
    switch (kind) {
      case "plain":
        return await openPlainArchive(path, bytes, () => timeOf(facts), home?.cacheFolder ?? null);
      case "tar":
        return await openTarArchive(path, bytes);
      case "custom":
      case "tocFile":
        return await openCustomArchive(path, bytes, facts);
      default:
        throw new AppError("archive.unsupportedFormat", `The file is compressed twice, with ${kind} inside.`);
    }
  } catch (error) {
    await bytes.close();
    throw error;
  }
}

/** The table of contents of a directory archive lies beside its data: a person may choose either. */
export async function isTocFile(source: ByteSource): Promise<boolean> {
  try {
    return recogniseFile(await source.read(0, sniffedBytes)) === "tocFile";
  } catch {
    // Said better by whoever reads it.
    return false;
  }
}

/** When a backup was begun; of a file that came from elsewhere, when it was written. */
async function timeOf({ loadManifest, modifiedAt }: ArchiveFileFacts): Promise<Date> {
  const manifest = await loadManifest().catch(() => null);
  return manifest === null ? ((await modifiedAt().catch(() => null)) ?? new Date(0)) : new Date(manifest.startedAt);
}

async function openCustomArchive(
  path: string,
  source: ArchiveSource,
  { loadManifest }: ArchiveFileFacts,
): Promise<Archive> {
  const head = await readHead(source);
  const manifest = head.hasOffsets ? null : await loadManifest().catch(() => null);
  const { header, toc, tocBytes, hasOffsets } = head;
  const { sizeBytes, isEncrypted, isFile } = source;
  const facts = { path, sizeBytes, isEncrypted, opensByPath: isFile, header, toc, tocBytes, hasOffsets, damage: null };
  return createArchive(facts, new CustomData(source, head, knownBlocks(manifest, tocBytes, sizeBytes)));
}
