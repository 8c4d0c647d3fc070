import { createReadStream } from "node:fs";
import { open, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Compression } from "../../shared/archive/toc-entry.ts";
import { readTocFile } from "../../shared/archive/toc-reader.ts";
import type { DataEntry, StoredFile } from "../../shared/contract/manifest.ts";
import { AppError } from "../../shared/error/app-error.ts";
import { nodeDecoding } from "../archives/node-decoding.ts";
import { syncFolder } from "../storage/durable-file.ts";
import { digestFile, hashChunkBytes } from "../storage/hashed-file.ts";
import { storageError } from "../storage/storage-error.ts";
import { type CopyTextCounts, createCopyTextCounter } from "./copy-text-counter.ts";
import type { DumpObserver, ReceivedDump } from "./received-dump.ts";

/** A directory archive after pg_dump has written it: its index and its files, paths relative to the folder. */
export interface CollectedDirectory extends ReceivedDump {
  readonly files: readonly Omit<StoredFile, "role">[];
}

const DATA_FILE = /^(\d+)\.dat(\.(gz|zst|lz4))?$/;

/**
 * Syncs, hashes and counts a directory archive. pg_dump writes such an archive itself, from several connections, so
 * this is a second pass over its files. Throws storage.*, archive.*, backup.incomplete where a table's file is missing.
 */
export async function collectDirectoryDump(
  folder: string,
  observer: DumpObserver,
  signal: AbortSignal,
): Promise<CollectedDirectory> {
  const found = await readdir(folder).catch((error) => Promise.reject(storageError(error, folder)));
  const names = found.toSorted();
  const head = readTocFile(await readFile(join(folder, "toc.dat")), nodeDecoding);
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
    const counts = await countFile(join(folder, name), name === `${entry.dumpId}.dat` ? "none" : compression);
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

  const files: Omit<StoredFile, "role">[] = [];
  for (const name of names) {
    await makeDurable(join(folder, name));
    const digest = await digestFile(join(folder, name), { signal, onBytes: (bytes) => observer.received(bytes) });
    files.push({ path: name, ...digest, chunks: [...digest.chunks], chunkBytes: hashChunkBytes });
  }
  await syncFolder(folder);
  return { tocBytes: null, tocEntries: head.toc.length, compression, data, incomplete, files };
}

/** pg_dump has synced what it wrote (unless told not to); the mode is ours to set: it makes files readable by all. */
async function makeDurable(path: string): Promise<void> {
  const file = await open(path, "r+");
  try {
    await file.chmod(0o600);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function countFile(path: string, compression: Compression): Promise<CopyTextCounts | null> {
  const counter = createCopyTextCounter(compression);
  for await (const piece of createReadStream(path, { highWaterMark: 256 * 1024 }) as AsyncIterable<Buffer>) {
    counter.push(piece, 0, piece.length);
    await counter.drained();
  }
  return counter.finish();
}
