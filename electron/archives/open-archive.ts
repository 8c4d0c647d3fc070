import type { Manifest } from "../../shared/contract/manifest.ts";
import type { KeyRing } from "../encryption/key-ring.ts";
import { loadManifestBeside } from "../storage/backup-folder.ts";
import type { Archive } from "./archive.ts";
import { createArchive } from "./create-archive.ts";
import { CustomData } from "./custom-data.ts";
import { knownBlocks } from "./known-blocks.ts";
import { type ArchiveSource, openSource } from "./open-source.ts";
import { readHead } from "./read-head.ts";

/**
 * Opens an archive and reads its table of contents. Nothing in it is executed; every length is checked.
 * @param keys what opens encrypted archives
 * @throws archive.notAnArchive, archive.unsupportedFormat, archive.unsupportedVersion, archive.truncated,
 *   archive.damaged, archive.limitExceeded, archive.keyMissing, encryption.*, secrets.unavailable, storage.notFound,
 *   storage.permissionDenied, storage.failed
 */
export async function openArchive(path: string, keys?: KeyRing): Promise<Archive> {
  return readArchive(path, await openSource(path, keys), () => loadManifestBeside(path));
}

/**
 * The same from a source, which the archive owns from then on.
 * @param path how the archive is called
 * @param loadManifest its manifest, asked for where the table of contents does not say where the data is
 * @throws as openArchive
 */
export async function readArchive(
  path: string,
  source: ArchiveSource,
  loadManifest: () => Promise<Manifest | null>,
): Promise<Archive> {
  try {
    const head = await readHead(source);
    const manifest = head.hasOffsets ? null : await loadManifest().catch(() => null);
    const { header, toc, tocBytes, hasOffsets } = head;
    const { sizeBytes, isEncrypted, isFile } = source;
    const facts = {
      path,
      sizeBytes,
      isEncrypted,
      opensByPath: isFile,
      header,
      toc,
      tocBytes,
      hasOffsets,
      damage: null,
    };
    return createArchive(facts, new CustomData(source, head, knownBlocks(manifest, tocBytes, sizeBytes)));
  } catch (error) {
    await source.close();
    throw error;
  }
}
