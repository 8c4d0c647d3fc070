import { open, readdir } from "node:fs/promises";
import { join } from "node:path";
import { readTocFile } from "../../shared/archive/toc-reader.ts";
import type { DataEntry, StoredFile } from "../../shared/contract/manifest.ts";
import { AppError } from "../../shared/error/app-error.ts";
import { splitPath } from "../../shared/storage/location.ts";
import { nodeDecoding } from "../archives/node-decoding.ts";
import { digestFile } from "../storage/digest-file.ts";
import { syncFolder } from "../storage/durable-file.ts";
import { hashChunkBytes } from "../storage/part-sums.ts";
import type { Storage } from "../storage/storage.ts";
import { storageError } from "../storage/storage-error.ts";
import { type CopyTextCounter, createCopyTextCounter } from "./copy-text-counter.ts";
import type { CopyTextCounts } from "./copy-text-tally.ts";
import type { RowCounting } from "./counting-thread.ts";
import type { DumpObserver, ReceivedDump } from "./received-dump.ts";

const DATA_FILE = /^(\d+)\.dat(\.(gz|zst|lz4))?$/;

/**
 * Counts the rows of a directory archive, which pg_dump writes itself, from several connections: so this is a second
 * pass over its files. Only reads.
 * @param folder of the archive, from the storage's root
 * Throws storage.*, archive.*, backup.incomplete where a table's file is missing.
 */
export async function collectDirectoryDump(
  storage: Storage,
  folder: string,
  observer: DumpObserver,
  counting: RowCounting,
  signal: AbortSignal,
): Promise<ReceivedDump> {
  const names: string[] = [];
  for await (const { path } of storage.list(folder, { signal })) names.push(splitPath(path).name);
  const toc = Buffer.from(await storage.read(`${folder}/toc.dat`, { signal }));
  const head = readTocFile(toc, nodeDecoding);
  const compression = head.header.compression;
  const byDumpId = new Map(names.map((name) => [Number(DATA_FILE.exec(name)?.[1] ?? Number.NaN), name]));
  const data: DataEntry[] = [];
  const incomplete: string[] = [];

  for (const entry of head.toc) {
    if (entry.copyStatement === null) continue;
    signal.throwIfAborted();
    const name = byDumpId.get(entry.dumpId);
    if (name === undefined)
      throw new AppError("backup.incomplete", `pg_dump wrote no file for ${entry.namespace ?? ""}.${entry.tag}.`);
    const stored = name === `${entry.dumpId}.dat` ? "none" : compression;
    const counts = await countPieces(
      storage.readStream(`${folder}/${name}`, { signal }),
      createCopyTextCounter(stored, counting),
    );
    if (counts === null) incomplete.push(`${entry.namespace ?? ""}.${entry.tag}`);
    else observer.tableFinished(entry.oid, entry.dumpId, counts.rawBytes, counts.rows);
    data.push({
      dumpId: entry.dumpId,
      namespace: entry.namespace,
      tag: entry.tag,
      desc: entry.desc,
      offset: null,
      length: null,
      rawBytes: counts?.rawBytes ?? null,
      rows: counts?.rows ?? null,
    });
  }

  return { tocBytes: null, tocEntries: head.toc.length, compression, data, incomplete };
}

/** Syncs and hashes the files of a directory archive; their paths are relative to the folder. Throws storage.*. */
export async function sealDirectory(
  folder: string,
  options: { readonly signal: AbortSignal; readonly onBytes: (bytes: number) => void },
): Promise<Omit<StoredFile, "role">[]> {
  const files: Omit<StoredFile, "role">[] = [];
  for (const name of await listFiles(folder)) {
    await syncFile(join(folder, name));
    const digest = await digestFile(join(folder, name), options);
    files.push({ path: name, ...digest, chunks: [...digest.chunks], chunkBytes: hashChunkBytes });
  }
  await syncFolder(folder);
  return files;
}

async function listFiles(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch((error) => Promise.reject(storageError(error, folder)));
  return names.toSorted();
}

/** pg_dump has synced it as a rule; this does not depend on its options. */
async function syncFile(path: string): Promise<void> {
  try {
    const file = await open(path, "r+");
    try {
      await file.sync();
    } finally {
      await file.close();
    }
  } catch (error) {
    throw storageError(error, path);
  }
}

async function countPieces(
  pieces: AsyncIterable<Uint8Array>,
  counter: CopyTextCounter,
): Promise<CopyTextCounts | null> {
  for await (const piece of pieces) {
    counter.push(Buffer.from(piece.buffer, piece.byteOffset, piece.length), 0, piece.length);
    await counter.drained();
  }
  return counter.finish();
}
