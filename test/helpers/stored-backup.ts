import { createHash } from "node:crypto";
import { basename, dirname } from "node:path";
import { encodeFileName, formatStamp } from "../../electron/storage/backup-folder.ts";
import { copyBackup } from "../../electron/storage/copy-backup.ts";
import { createLocalStorage } from "../../electron/storage/local-storage.ts";
import { piecesOf, type Storage } from "../../electron/storage/storage.ts";
import type { Manifest } from "../../shared/contract/manifest.ts";
import { makeManifest } from "./manifests.ts";

export interface MadeBackup {
  readonly id: string;
  /** Of its manifest, from the storage's root. */
  readonly path: string;
  readonly files: readonly string[];
}

/** Writes the files of a backup and its manifest into any storage, without a server: their content is no archive. */
export async function putBackup(
  storage: Storage,
  startedAt: string,
  {
    database = "shop",
    format = "custom",
    changes = {},
  }: { database?: string; format?: Manifest["format"]; changes?: Partial<Manifest> } = {},
): Promise<MadeBackup> {
  const stamp = formatStamp(new Date(startedAt));
  const name = encodeFileName(database);
  const stem = `${name}_${stamp}`;
  const archives = format === "directory" ? [`${stem}.dir/toc.dat`, `${stem}.dir/1.dat`] : [`${stem}.dump`];
  const id = `${stamp.replaceAll(/[TZ]/g, "")}-${createHash("sha256").update(stem).digest("hex").slice(0, 8)}`;
  const files = [...archives, `${stem}.globals.sql`];
  const manifest = makeManifest({
    id,
    database,
    startedAt: new Date(startedAt).toISOString(),
    endedAt: new Date(startedAt).toISOString(),
    format,
    files: files.map((path) => ({
      path,
      role: path.endsWith(".sql") ? "globals" : "archive",
      sizeBytes: content(path).length,
      sha256: hash(content(path)),
      chunkBytes: 1_048_576,
      chunks: [hash(content(path))],
    })),
    ...changes,
  });
  for (const path of files) await storage.write(`${name}/${path}`, piecesOf(content(path)));
  const path = `${name}/${stem}.manifest.json`;
  await storage.write(path, piecesOf(JSON.stringify(manifest)));
  return { id, path, files: files.map((file) => `${name}/${file}`) };
}

const content = (path: string) => `content of ${path}`;
const hash = (text: string) => createHash("sha256").update(text).digest("hex");

/** Copies a backup of this machine into a storage. @returns where its archive lies, as an ARCHIVE argument takes it */
export async function copyInto(storage: Storage, manifestPath: string): Promise<string> {
  const { signal } = new AbortController();
  const folder = createLocalStorage(dirname(manifestPath));
  const { archivePath } = await copyBackup(folder, basename(manifestPath), storage, { signal });
  return `${storage.address}/${archivePath}`;
}

/** All files of a storage, sorted. */
export async function pathsIn(storage: Storage): Promise<string[]> {
  const paths: string[] = [];
  for await (const { path } of storage.list("", { recursive: true })) paths.push(path);
  return paths.toSorted();
}
