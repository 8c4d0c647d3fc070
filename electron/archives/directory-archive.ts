import { lstat, readdir } from "node:fs/promises";
import { basename, join } from "node:path";
import { MAX_TOC_BYTES } from "../../shared/archive/limits.ts";
import { isMemberName, memberSuffixes } from "../../shared/archive/member-names.ts";
import type { DumpId, TocEntry } from "../../shared/archive/toc-entry.ts";
import { type ArchiveHead, readTocFile } from "../../shared/archive/toc-reader.ts";
import { AppError } from "../../shared/error/app-error.ts";
import { storageError } from "../storage/storage-error.ts";
import type { Archive } from "./archive.ts";
import { holdsLargeObjects } from "./archive-data.ts";
import { type ArchiveMembers, type Member, readMember } from "./archive-members.ts";
import type { ByteSource } from "./byte-source.ts";
import { createArchive } from "./create-archive.ts";
import { decompress } from "./decompress.ts";
import { MemberData } from "./member-data.ts";
import { nodeDecoding } from "./node-decoding.ts";
import { openHeldFile } from "./open-source.ts";

const statAtOnce = 64;

/** Put between a stored file and whoever reads it, by its path. */
export type HoldFile = (stored: ByteSource, path: string) => ByteSource;

/** The folder of a directory archive, wherever it lies. */
export interface ArchiveFolder {
  /** How it is called. */
  readonly path: string;
  /** pg_restore can be given it as it is. */
  readonly isFolder: boolean;
  /** Sizes of the archive's files by name; other files are no part of it. */
  readonly files: ReadonlyMap<string, number>;
  /** @param name one of `files` */
  readonly open: (name: string) => Promise<ByteSource>;
  readonly close: () => Promise<void>;
}

/**
 * Opens a directory archive on this machine.
 * @param hold put between each file and whoever reads it
 * @throws as readDirectoryArchive
 */
export async function openDirectoryArchive(path: string, hold: HoldFile = (stored) => stored): Promise<Archive> {
  return readDirectoryArchive({
    path,
    isFolder: true,
    files: await listFiles(path),
    open: (name) => openHeldFile(join(path, basename(name)), hold),
    close: async () => {},
  });
}

/**
 * Reads a directory archive: `toc.dat` and a file for each table and each large object, each of them compressed or not. All
 * names in it are checked here, because pg_restore may be given the folder as it is.
 * @param folder which the archive owns from then on
 * @throws archive.notAnArchive where the folder is none, archive.hostile, and as openArchive
 */
export async function readDirectoryArchive(folder: ArchiveFolder): Promise<Archive> {
  try {
    return await readFolder(folder);
  } catch (error) {
    await folder.close();
    throw error;
  }
}

async function readFolder(folder: ArchiveFolder): Promise<Archive> {
  const { path, files } = folder;
  const members = folderMembers(folder);
  const tocFile = await members.find("toc.dat");
  if (tocFile === null)
    throw new AppError("archive.notAnArchive", "It is a folder, not an archive of pg_dump.", { detail: path });
  const { head, tocBytes } = await readToc(members, tocFile);
  const data = new MemberData(members, head, async () => sizes);
  const { indexed, damage } = await checkNames(head, data);
  const sizes = new Map<DumpId, number>();
  for (const entry of head.toc) {
    const size = entry.hasData ? sizeOf(entry, head, files, indexed) : null;
    if (size !== null) sizes.set(entry.dumpId, size);
  }
  let sizeBytes = 0;
  for (const size of files.values()) sizeBytes += size;
  return createArchive(
    {
      path,
      sizeBytes,
      isEncrypted: false,
      opensByPath: folder.isFolder,
      header: { ...head.header, format: "directory" },
      toc: head.toc,
      tocBytes,
      hasOffsets: true,
      damage,
    },
    data,
  );
}

/**
 * Sizes of the archive's files by name; other files are no part of it.
 * @throws archive.hostile for what is no plain file: pg_restore would follow it out of the folder
 */
async function listFiles(path: string): Promise<Map<string, number>> {
  const entries = await readdir(path, { withFileTypes: true }).catch((error) => {
    throw storageError(error, path);
  });
  const names = entries.filter(({ name }) => isMemberName(name));
  const odd = names.find((entry) => !entry.isFile());
  if (odd !== undefined)
    throw new AppError("archive.hostile", "The folder holds something else where pg_dump writes a file.", {
      detail: join(path, odd.name),
    });
  const files = new Map<string, number>();
  for (let at = 0; at < names.length; at += statAtOnce) {
    const some = names.slice(at, at + statAtOnce);
    // oxlint-disable-next-line no-await-in-loop -- a folder may hold 100,000 files
    const sizes = await Promise.all(some.map(async ({ name }) => (await lstat(join(path, name))).size)).catch(
      (error) => {
        throw storageError(error, path);
      },
    );
    for (const [index, { name }] of some.entries()) files.set(name, sizes[index] ?? 0);
  }
  return files;
}

function folderMembers({ files, open, close }: ArchiveFolder): ArchiveMembers {
  return { find: async (name) => findFile(files, name), open: ({ name }) => open(name), close };
}

function findFile(files: ReadonlyMap<string, number>, name: string): Member | null {
  for (const [suffix, codec] of memberSuffixes) {
    const length = files.get(name + suffix);
    if (length !== undefined) return { name: name + suffix, offset: 0, length, codec };
  }
  return null;
}

async function readToc(members: ArchiveMembers, file: Member): Promise<{ head: ArchiveHead; tocBytes: number }> {
  const parts: Uint8Array[] = [];
  let tocBytes = 0;
  for await (const part of decompress(readMember(members, file), file.codec, `in ${file.name}`)) {
    tocBytes += part.length;
    if (tocBytes > MAX_TOC_BYTES)
      throw new AppError("archive.limitExceeded", `The table of contents is over ${MAX_TOC_BYTES} bytes.`);
    parts.push(part);
  }
  return { head: readTocFile(Buffer.concat(parts, tocBytes), nodeDecoding), tocBytes };
}

/**
 * Looks at every name that pg_restore would open.
 * @returns the large objects' names by the entry that indexes them, and the first file that cannot be read
 * @throws archive.hostile
 */
async function checkNames(head: ArchiveHead, data: MemberData) {
  const indexed = new Map<DumpId, readonly string[]>();
  let damage: AppError | null = null;
  for (const entry of head.toc) {
    if (!entry.hasData) continue;
    try {
      // oxlint-disable-next-line no-await-in-loop -- few, one after another
      if (holdsLargeObjects(entry))
        indexed.set(
          entry.dumpId,
          (await data.readIndex(entry)).map((one) => one.member),
        );
      // oxlint-disable-next-line no-await-in-loop -- as above
      else await data.range(entry);
    } catch (error) {
      if (!(error instanceof AppError) || error.code === "archive.hostile") throw error;
      damage ??= error;
    }
  }
  return { indexed, damage };
}

function sizeOf(
  entry: TocEntry,
  head: ArchiveHead,
  files: ReadonlyMap<string, number>,
  indexed: ReadonlyMap<DumpId, readonly string[]>,
): number | null {
  const names = [head.memberOf(entry.dumpId) ?? "", ...(indexed.get(entry.dumpId) ?? [])];
  const found = names.map((name) => findFile(files, name)?.length ?? 0);
  return findFile(files, names[0] ?? "") === null ? null : found.reduce((sum, length) => sum + length, 0);
}
