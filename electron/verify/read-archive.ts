import { Readable } from "node:stream";
import { formatName } from "../../shared/command/names.ts";
import type { Manifest } from "../../shared/contract/manifest.ts";
import { AppError } from "../../shared/error/app-error.ts";
import { holdsLargeObjects, isCopied } from "../archives/archive-data.ts";
import { streamSource } from "../archives/open-source.ts";
import { type ArchiveAccess, openStoredArchive, openStoredBytes } from "../archives/open-stored-archive.ts";
import { collectDirectoryDump } from "../backup/collect-directory.ts";
import { createPlainTextCounter } from "../backup/copy-text-counter.ts";
import { withCountingThread } from "../backup/counting-thread.ts";
import { readPlainDump } from "../backup/receive-plain.ts";
import { receiveTarDump } from "../backup/receive-tar.ts";
import type { DumpObserver, DumpSink, ReceivedDump } from "../backup/received-dump.ts";
import { openArchivePlace } from "../storage/open-stored-backup.ts";

/** One table's data as it was read from the archive. */
export interface ReadTable {
  readonly dumpId: number;
  readonly namespace: string | null;
  readonly tag: string;
  /** null for large objects. */
  readonly rows: number | null;
}

interface ReadOptions {
  readonly signal: AbortSignal;
  readonly onBytes: (bytes: number) => void;
  /** What opens it, wherever it lies and whether it is encrypted. */
  readonly access: ArchiveAccess;
}

const nowhere: DumpSink = { write: async () => {}, head: null };

/**
 * Decodes every data block with our own reader and counts the rows.
 * @param manifest of what it should be; null: of what it is itself
 * Throws archive.* where a block is cut or damaged, backup.incomplete where the end is missing.
 */
export async function readWholeArchive(
  path: string,
  manifest: Pick<Manifest, "format" | "compression"> | null,
  options: ReadOptions,
): Promise<ReadTable[]> {
  if (manifest === null || manifest.format === "custom") return readEntries(path, options);
  const { format } = manifest;
  const observer: DumpObserver = {
    received: options.onBytes,
    tablesKnown() {},
    tableRunning() {},
    tableFinished() {},
  };
  const dump =
    format === "directory"
      ? await readDirectory(path, options, observer)
      : await readStream(path, options, (stream) =>
          format === "tar"
            ? receiveTarDump(stream, nowhere, observer)
            : readPlainDump(stream, manifest.compression.method, observer),
        );
  if (dump.incomplete.length > 0)
    throw new AppError("archive.damaged", "The data of some tables is not whole.", {
      detail: dump.incomplete.join(", "),
    });
  return dump.data.map(({ dumpId, namespace, tag, rows }) => ({ dumpId, namespace, tag, rows }));
}

async function readDirectory(path: string, options: ReadOptions, observer: DumpObserver): Promise<ReceivedDump> {
  const { storage, name } = await openArchivePlace(path, options.access);
  try {
    return await withCountingThread((counting) =>
      collectDirectoryDump(storage, name, observer, counting, options.signal),
    );
  } finally {
    await storage.close();
  }
}

async function readStream<Result>(
  path: string,
  options: ReadOptions,
  read: (stream: Readable) => Promise<Result>,
): Promise<Result> {
  const { signal } = options;
  const source = await openStoredBytes(path, options.access);
  try {
    return await read(Readable.from(streamSource(source, signal), { objectMode: false }));
  } finally {
    await source.close();
  }
}

/** Entry by entry, which every format can be read by. */
async function readEntries(path: string, options: ReadOptions): Promise<ReadTable[]> {
  const { archive } = await openStoredArchive(path, options.access);
  try {
    if (archive.damage !== null) throw archive.damage;
    const tables: ReadTable[] = [];
    for (const entry of archive.toc) {
      if (!entry.hasData) continue;
      const { dumpId, namespace, tag } = entry;
      options.onBytes((await archive.dataRange(dumpId)).length);
      if (holdsLargeObjects(entry)) {
        for await (const object of archive.readLargeObjects(dumpId, options))
          for await (const _ of object.bytes) options.signal.throwIfAborted();
        tables.push({ dumpId, namespace, tag, rows: null });
      } else if (!isCopied(entry.copyStatement)) {
        let rows = 0;
        for await (const batch of archive.readRows(dumpId, options)) rows += batch.length;
        tables.push({ dumpId, namespace, tag, rows });
      } else {
        const counter = createPlainTextCounter();
        for await (const bytes of archive.readData(dumpId, options)) counter.push(bytes, 0, bytes.length);
        const counts = await counter.finish();
        if (counts === null)
          throw new AppError("archive.truncated", `The data of ${formatName(namespace, tag)} ends too early.`);
        tables.push({ dumpId, namespace, tag, rows: counts.rows });
      }
    }
    return tables;
  } finally {
    await archive.close();
  }
}
