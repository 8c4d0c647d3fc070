import { createHash } from "node:crypto";
import { createDataScanner, type DataScanner } from "../../shared/archive/data-scanner.ts";
import { writeOffset } from "../../shared/archive/encoding.ts";
import type { Toc } from "../../shared/archive/toc.ts";
import type { Compression, TocEntry } from "../../shared/archive/toc-entry.ts";
import { type ArchiveHead, readArchiveHead } from "../../shared/archive/toc-reader.ts";
import type { DataEntry } from "../../shared/contract/manifest.ts";
import { AppError } from "../../shared/error/app-error.ts";
import { nodeDecoding } from "../archives/node-decoding.ts";
import { type CopyTextCounter, createCopyTextCounter } from "./copy-text-counter.ts";
import type { RowCounting } from "./counting-thread.ts";
import type { DumpObserver, DumpSink, ReceivedDump } from "./received-dump.ts";

/**
 * Takes pg_dump's custom archive to the file in one pass: notes where each entry's data lies, counts
 * rows, and at the end puts the data offsets into the table of contents, which pg_dump itself can only do in a file
 * it can seek in. The result is byte for byte what `pg_dump --file` writes. Where the sink takes no change (it encrypts, or
 * the table of contents is too long to hold back from an upload), the offsets are in what is returned alone, and pg_restore finds blocks by reading, as behind any pipe.
 * Throws archive.* when the stream is not a custom archive or is damaged, backup.incomplete when it ends too early.
 */
export async function receiveCustomDump(
  pieces: AsyncIterable<Buffer>,
  sink: DumpSink,
  observer: DumpObserver,
  counting: RowCounting,
): Promise<ReceivedDump> {
  const parts: Buffer[] = [];
  let received = 0;
  let tryAgainAt = 0;
  let opened: OpenedDump | null = null;
  let isHeld = false;

  for await (const piece of pieces) {
    observer.received(piece.length);
    await sink.write(piece);
    if (opened) {
      await opened.index.push(piece);
      continue;
    }
    parts.push(piece);
    received += piece.length;
    if (received < tryAgainAt) continue;
    // A large table of contents is tried again each time it has doubled, not at every piece.
    tryAgainAt = received * 2;
    opened = await openDump(Buffer.concat(parts), observer, counting);
    if (opened) isHeld = sink.head?.expect(opened.head.tocBytes) ?? false;
  }
  if (!opened) {
    opened = await openDump(Buffer.concat(parts), observer, counting);
    if (opened) isHeld = sink.head?.expect(opened.head.tocBytes) ?? false;
  }
  if (!opened) throw new AppError("backup.incomplete", "pg_dump stopped before it had written the table of contents.");

  const { head, headBytes, index } = opened;
  const { data, incomplete } = await index.finish();
  incomplete.push(...missingFrom(data, head.toc));
  if (isHeld) sink.head?.replace(withOffsets(head, headBytes, data));
  return {
    tocBytes: head.tocBytes,
    tocEntries: head.toc.length,
    tocDigest: createHash("sha256").update(headBytes).digest("hex"),
    compression: head.header.compression,
    data,
    incomplete,
  };
}

/** A dump whose table of contents has arrived. */
interface OpenedDump {
  readonly head: ArchiveHead;
  readonly headBytes: Buffer;
  readonly index: DataIndex;
}

/** null: the table of contents has not arrived whole yet. */
async function openDump(bytes: Buffer, observer: DumpObserver, counting: RowCounting): Promise<OpenedDump | null> {
  const head = tryReadHead(bytes);
  if (!head) return null;
  observer.tablesKnown(tableOids(head.toc));
  const index = createDataIndex(head, observer, counting);
  await index.push(bytes.subarray(head.tocBytes));
  return { head, headBytes: bytes.subarray(0, head.tocBytes), index };
}

function tryReadHead(bytes: Buffer): ArchiveHead | null {
  try {
    return readArchiveHead(bytes, nodeDecoding);
  } catch (error) {
    if (error instanceof AppError && error.code === "archive.truncated") return null;
    throw error;
  }
}

/** The tables (by oid) whose data is in the dump as COPY text. */
export function tableOids(toc: Toc): ReadonlySet<number> {
  const oids = new Set<number>();
  for (const entry of toc) if (isTableData(entry)) oids.add(entry.oid);
  return oids;
}

function isTableData(entry: TocEntry): boolean {
  return entry.copyStatement !== null;
}

/** Entries (as `schema.name`) whose data the table of contents promises and the archive does not hold. */
export function missingFrom(
  data: readonly DataEntry[],
  toc: Toc,
  isPromised: (entry: TocEntry) => boolean = (entry) => entry.hasData,
): string[] {
  const held = new Set(data.map((entry) => entry.dumpId));
  const missing: string[] = [];
  for (const entry of toc)
    if (isPromised(entry) && !held.has(entry.dumpId)) missing.push(`${entry.namespace ?? ""}.${entry.tag}`);
  return missing;
}

interface DataIndex {
  push(bytes: Buffer): Promise<void>;
  finish(): Promise<{ data: DataEntry[]; incomplete: string[] }>;
}

/** The block in hand. */
interface OpenBlock {
  readonly entry: TocEntry;
  readonly offset: number;
  readonly counter: CopyTextCounter | null;
}

/** So many tables may be read to their end and not yet be counted. */
const MOST_CLOSING = 8;

/** Follows the data part and keeps a DataEntry for each block, in the archive's order. */
function createDataIndex(head: ArchiveHead, observer: DumpObserver, counting: RowCounting): DataIndex {
  const compression: Compression = head.header.compression;
  const counted: Promise<DataEntry>[] = [];
  const closing = new Set<Promise<DataEntry>>();
  const incomplete: string[] = [];
  let block: OpenBlock | null = null;

  const scanner: DataScanner = createDataScanner(head.tocBytes, {
    blockStarted(dumpId, _kind, offset) {
      const entry = head.toc.byDumpId(dumpId);
      if (!entry)
        throw new AppError("archive.damaged", "The archive has data that its table of contents does not name.", {
          detail: `byte ${offset}: dump ID ${dumpId}`,
        });
      block = { entry, offset, counter: isTableData(entry) ? createCopyTextCounter(compression, counting) : null };
    },
    payload(bytes, start, end) {
      block?.counter?.push(bytes, start, end);
    },
    streamEnded() {},
    blockEnded(end) {
      if (block) {
        const closed = closeBlock(block, end);
        closing.add(closed);
        // finish() tells of a failure; until then nobody listens.
        const forget = (): void => void closing.delete(closed);
        closed.then(forget, forget);
        counted.push(closed);
      }
      block = null;
    },
  });

  async function closeBlock({ entry, offset, counter }: OpenBlock, end: number): Promise<DataEntry> {
    const counts = await counter?.finish();
    if (counter && !counts) incomplete.push(`${entry.namespace ?? ""}.${entry.tag}`);
    if (counts) observer.tableFinished(entry.oid, entry.dumpId, counts.rawBytes, counts.rows);
    return {
      dumpId: entry.dumpId,
      namespace: entry.namespace,
      tag: entry.tag,
      desc: entry.desc,
      offset,
      length: end - offset,
      rawBytes: counts?.rawBytes ?? null,
      rows: counts?.rows ?? null,
    };
  }

  return {
    async push(bytes) {
      scanner.push(bytes);
      // What is still being counted of many tables in a row is in memory.
      if (closing.size > MOST_CLOSING) await Promise.all(closing);
      if (!block) return;
      const { entry, counter } = block;
      if (!counter) return;
      await counter.drained();
      const { rawBytes, rows } = counter.soFar();
      observer.tableRunning(entry.oid, entry.dumpId, rawBytes, rows);
    },
    async finish() {
      scanner.end();
      return { data: await Promise.all(counted), incomplete };
    },
  };
}

function withOffsets(head: ArchiveHead, headBytes: Buffer, data: readonly DataEntry[]): Buffer {
  for (const { dumpId, offset } of data) {
    const position = head.offsetFieldAt(dumpId);
    if (position !== null && offset !== null) writeOffset(headBytes, position, offset, head.header.offsetSize);
  }
  return headBytes;
}
