import { createHash } from "node:crypto";
import type { DumpId } from "../../shared/archive/toc-entry.ts";
import type { Manifest, StoredFile } from "../../shared/contract/manifest.ts";
import { isRemoteLocation } from "../../shared/storage/location.ts";
import type { Archive } from "../archives/archive.ts";
import { holdsLargeObjects } from "../archives/archive-data.ts";
import { mostCacheBytes, openBlockCache } from "../archives/block-cache.ts";
import { type ArchiveAccess, openStoredArchive } from "../archives/open-stored-archive.ts";
import { chunkBytes as plainChunkBytes, sealedChunkBytes, tagBytes } from "../encryption/payload.ts";
import { changedPart, hasParts, holdTo, otherSize, type Stretch, touchedParts } from "../storage/hold-to.ts";
import { unlessManifestChanged } from "../storage/manifest-proof.ts";
import { openArchivePlace, readManifestBeside } from "../storage/open-stored-backup.ts";
import type { Storage } from "../storage/storage.ts";

/**
 * So much of an archive far away is fetched to be compared first, and is then on this machine's disk, from where it is
 * restored. Of more than the disk keeps, most would have to come twice.
 */
export const mostFetchedFirst = (mostCacheBytes / 4) * 3;

/**
 * Whether so many bytes of an archive far away come twice, to be compared and then to be restored: what is restored in place
 * is compared before anything is touched, and of more than the disk keeps most is gone by then.
 */
export function comesTwice(bytes: number, isApart: boolean): boolean {
  return !isApart && bytes > mostCacheBytes;
}

/**
 * Compares what is about to be read of a backup for some entries, its table of contents and their data, with the hashes in its
 * manifest: no compression but gzip has a checksum, so that a changed byte of a value would go into the database unseen.
 * An archive in a bucket or on an SFTP server is fetched as far as these entries need it.
 * @param mostBytes that are fetched for it; what is more is left to whoever reads it with `hold`
 * @returns whether it was compared: not without a manifest, and not what is too much to be fetched twice
 * @throws verify.sizeMismatch, verify.checksumMismatch, backup.manifestChanged, storage.*, and as openStoredArchive
 */
export async function holdChosen(
  path: string,
  ids: readonly DumpId[],
  access: ArchiveAccess,
  signal: AbortSignal,
  mostBytes = Number.POSITIVE_INFINITY,
): Promise<"matches" | "noManifest" | "tooMuch"> {
  if (isRemoteLocation(path)) return holdFar(path, ids, access, signal, mostBytes);
  const { storage, name } = await openArchivePlace(path, access);
  try {
    // As opening has it: a damaged manifest keeps no archive shut, one that somebody changed does.
    const found = await readManifestBeside({ storage, name }, signal, access.keys).catch(unlessManifestChanged);
    if (found === null) return "noManifest";
    const { archive } = await openStoredArchive(path, access);
    try {
      await holdFiles(storage, found.manifest, archive, ids, signal);
    } finally {
      await archive.close();
    }
    return "matches";
  } finally {
    await storage.close();
  }
}

/** Through the very door that a restore uses. */
async function holdFar(
  location: string,
  ids: readonly DumpId[],
  access: ArchiveAccess,
  signal: AbortSignal,
  mostBytes: number,
): Promise<"matches" | "noManifest" | "tooMuch"> {
  const { archive, manifest } = await openStoredArchive(location, { ...access, hold: "refuse" });
  try {
    if (manifest === null) return "noManifest";
    const { sizeBytes, bytes } = await archive.excerpt(ids, { signal });
    if ((sizeBytes ?? archive.sizeBytes) > mostBytes) return "tooMuch";
    const cache = openBlockCache(access.home);
    for await (const _ of bytes) {
      signal.throwIfAborted();
      // What the disk could not follow would have to come again.
      await cache.settle();
    }
    return "matches";
  } finally {
    await archive.close();
  }
}

async function holdFiles(
  storage: Storage,
  manifest: Manifest,
  archive: Archive,
  ids: readonly DumpId[],
  signal: AbortSignal,
): Promise<void> {
  const files = manifest.files.filter(({ role }) => role === "archive");
  const [only] = files;
  // Of a gpg file nobody knows which stored bytes a stretch is in; all of it was read to open it anyway.
  const isGpg = manifest.encryption?.method === "gpg";
  if (manifest.format === "custom" && only !== undefined && hasParts(only) && !isGpg)
    return holdStretches(storage, only, await stretchesOf(archive, only, ids), signal);
  const members = manifest.format === "directory" ? await membersOf(archive, ids) : null;
  for (const file of files) {
    const member = file.path.split("/").at(-1) ?? file.path;
    if (members !== null && !members(member)) continue;
    const pieces = storage.readStream(file.path, { signal });
    for await (const _ of holdTo(file, pieces, `${storage.address}/${file.path}`));
  }
}

/** Which files of a directory archive are read for these entries. */
async function membersOf(archive: Archive, ids: readonly DumpId[]): Promise<(member: string) => boolean> {
  const named = new Set<string>(["toc.dat"]);
  let hasLargeObjects = false;
  for (const id of ids) {
    const entry = archive.toc.byDumpId(id);
    if (!entry?.hasData) continue;
    hasLargeObjects ||= holdsLargeObjects(entry);
    // oxlint-disable-next-line no-await-in-loop -- answered from what opening has read
    named.add((await archive.dataRange(id)).member ?? "");
  }
  return (member) => named.has(member) || (hasLargeObjects && member.startsWith("blob"));
}

/** Of a custom archive: its beginning and the blocks of these entries, in bytes of the file as it is stored. */
async function stretchesOf(archive: Archive, file: StoredFile, ids: readonly DumpId[]): Promise<Stretch[]> {
  const toStored = archive.isEncrypted ? inSealedChunks(archive.sizeBytes, file.sizeBytes) : (same: Stretch) => same;
  const found: Stretch[] = [toStored({ start: 0, end: archive.tocBytes })];
  for (const id of ids) {
    if (archive.toc.byDumpId(id)?.hasData !== true) continue;
    // oxlint-disable-next-line no-await-in-loop -- a search, if any, goes through the archive in its order
    const { offset, length } = await archive.dataRange(id);
    found.push(toStored({ start: offset, end: offset + length }));
  }
  return found;
}

/** An age file is a header and chunks, each a tag longer than what is in it. */
function inSealedChunks(plainBytes: number, storedBytes: number): (plain: Stretch) => Stretch {
  const chunks = Math.max(1, Math.ceil(plainBytes / plainChunkBytes));
  const payloadAt = storedBytes - plainBytes - chunks * tagBytes;
  return ({ start, end }) => ({
    start: start === 0 ? 0 : payloadAt + Math.floor(start / plainChunkBytes) * sealedChunkBytes,
    end: Math.min(storedBytes, payloadAt + Math.ceil(end / plainChunkBytes) * sealedChunkBytes),
  });
}

/** Reads each part that a stretch touches once. */
async function holdStretches(
  storage: Storage,
  file: StoredFile,
  stretches: readonly Stretch[],
  signal: AbortSignal,
): Promise<void> {
  const { path, chunkBytes, chunks, sizeBytes } = file;
  const name = `${storage.address}/${path}`;
  const found = await storage.stat(path, { signal });
  if (found.sizeBytes !== sizeBytes) throw otherSize(name, `${found.sizeBytes} bytes, written were ${sizeBytes}`);
  for (const part of touchedParts(file, stretches)) {
    const hash = createHash("sha256");
    const range = { offset: part * chunkBytes, length: Math.min(chunkBytes, sizeBytes - part * chunkBytes) };
    for await (const piece of storage.readStream(path, { ...range, signal })) hash.update(piece);
    if (hash.digest("hex") !== chunks[part]) throw changedPart(name, file, part);
  }
}
