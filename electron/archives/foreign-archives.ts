import { open, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { ArchiveHeader } from "../../shared/archive/toc-entry.ts";
import { openArchive } from "./open-archive.ts";

/** An archive in a backups folder that has no manifest of ours. */
export interface ForeignArchive {
  readonly path: string;
  readonly header: ArchiveHeader;
  readonly sizeBytes: number;
  readonly modifiedAt: string;
}

const most = 200;

/** Custom archives in a folder and the folders in it, told by their first bytes; those in `known` left out. */
export async function listForeignArchives(folder: string, known: ReadonlySet<string>): Promise<ForeignArchive[]> {
  const found: ForeignArchive[] = [];
  /* oxlint-disable no-await-in-loop -- one file after another: a folder may hold thousands */
  for (const path of await listFiles(folder)) {
    if (known.has(path) || path.endsWith(".partial") || found.length >= most) continue;
    const archive = (await isCustomArchive(path)) ? await openArchive(path).catch(() => null) : null;
    if (archive === null) continue;
    const { mtime } = await stat(path);
    found.push({ path, header: archive.header, sizeBytes: archive.sizeBytes, modifiedAt: mtime.toISOString() });
    await archive.close();
  }
  /* oxlint-enable no-await-in-loop */
  return found;
}

/** `PGDMP`, the first five bytes of every custom archive (pg_backup_archiver.c, ReadHead). */
export async function isCustomArchive(path: string): Promise<boolean> {
  const file = await open(path, "r").catch(() => null);
  if (file === null) return false;
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(5), 0, 5, 0);
    return bytesRead === 5 && buffer.toString("latin1") === "PGDMP";
  } catch {
    return false;
  } finally {
    await file.close();
  }
}

async function listFiles(folder: string): Promise<string[]> {
  const top = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const folders = top.filter((entry) => entry.isDirectory() && !entry.name.endsWith(".dir"));
  const inner = await Promise.all(
    folders.map(async ({ name }) => {
      const path = join(folder, name);
      const entries = await readdir(path, { withFileTypes: true }).catch(() => []);
      return entries.filter((entry) => entry.isFile()).map((entry) => join(path, entry.name));
    }),
  );
  return [...top.filter((entry) => entry.isFile()).map((entry) => join(folder, entry.name)), ...inner.flat()];
}
