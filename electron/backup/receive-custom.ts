import { createHash } from "node:crypto";
import { setImmediate } from "node:timers/promises";
import { createDataScanner, type DataScanner } from "../../shared/archive/data-scanner.ts";
import {
  BLOCK_BLOBS,
  BLOCK_DATA,
  blockHeader,
  integerBytes,
  oidBytes,
  writeOffset,
} from "../../shared/archive/encoding.ts";
import { writeCompression } from "../../shared/archive/header.ts";
import type { Toc } from "../../shared/archive/toc.ts";
import type { TocEntry } from "../../shared/archive/toc-entry.ts";
import { type ArchiveHead, readArchiveHead } from "../../shared/archive/toc-reader.ts";
import type { DumpOptions } from "../../shared/command/dump-command.ts";
import type { DataEntry } from "../../shared/contract/manifest.ts";
import { AppError } from "../../shared/error/app-error.ts";
import { nodeDecoding } from "../archives/node-decoding.ts";
import { type CopyTextCounter, createCopyTextCounter } from "./copy-text-counter.ts";
import type { RowCounting } from "./counting-thread.ts";
import { createPacker, type StreamPacker } from "./pack-streams.ts";
import type { DumpObserver, DumpSink, ReceivedDump } from "./received-dump.ts";
import { releasePiece } from "./release-memory.ts";

/**
 * Takes pg_dump's custom archive to the file in one pass: compresses its data, notes where each entry's data lies, counts
 * rows, and at the end puts the data offsets into the table of contents, which pg_dump itself can only do in a file
 * it can seek in. The result holds what `pg_dump --file` writes, with the data in longer chunks. Where the sink takes no
 * change (it encrypts, or the table of contents is too long to hold back from an upload), the offsets are in what is
 * returned alone, and pg_restore finds blocks by reading, as behind any pipe.
 * Throws archive.* when the stream is not a custom archive or is damaged, backup.incomplete when it ends too early.
 * @param pieces uncompressed, or compressed with what is asked for already; their memory is given back
 */
export async function receiveCustomDump(
  pieces: AsyncIterable<Buffer>,
  compression: DumpOptions["compression"],
  sink: DumpSink,
  observer: DumpObserver,
  counting: RowCounting,
): Promise<ReceivedDump> {
  const parts: Buffer[] = [];
  let received = 0;
  let tryAgainAt = 0;
  let opened: OpenedDump | null = null;

  for await (const piece of pieces) {
    observer.received(piece.length);
    if (opened) {
      await opened.index.push(piece);
      releasePiece(piece);
      continue;
    }
    parts.push(piece);
    received += piece.length;
    if (received < tryAgainAt) continue;
    // A large table of contents is tried again each time it has doubled, not at every piece.
    tryAgainAt = received * 2;
    opened = await openDump(Buffer.concat(parts), compression, sink, observer, counting);
  }
  opened ??= await openDump(Buffer.concat(parts), compression, sink, observer, counting);
  if (!opened) throw new AppError("backup.incomplete", "pg_dump stopped before it had written the table of contents.");

  const { head, isHeld, index } = opened;
  const { data, incomplete } = await index.finish();
  incomplete.push(...missingFrom(data, head.toc));
  const headBytes = isHeld ? withOffsets(head, opened.headBytes, data) : opened.headBytes;
  if (isHeld) sink.head?.replace(headBytes);
  return {
    tocBytes: head.tocBytes,
    tocEntries: head.toc.length,
    tocDigest: createHash("sha256").update(headBytes).digest("hex"),
    compression: compression.method,
    data,
    incomplete,
  };
}

/** A dump whose table of contents has arrived, and is written. */
interface OpenedDump {
  readonly head: ArchiveHead;
  readonly headBytes: Buffer;
  /** The sink takes others for them at the end. */
  readonly isHeld: boolean;
  readonly index: DataIndex;
}

/** null: the table of contents has not arrived whole yet. */
async function openDump(
  bytes: Buffer,
  compression: DumpOptions["compression"],
  sink: DumpSink,
  observer: DumpObserver,
  counting: RowCounting,
): Promise<OpenedDump | null> {
  const head = tryReadHead(bytes);
  if (!head) return null;
  observer.tablesKnown(tableOids(head.toc));
  const { method, level } = compression;
  const packer = createPacker({ method, level, within: "archive" }, sink);
  // The reader keeps the bytes that came.
  const headBytes = Buffer.from(bytes.subarray(0, head.tocBytes));
  writeCompression(headBytes, method, level);
  packer.put(headBytes);
  const isHeld = sink.head?.expect(head.tocBytes) ?? false;
  const index = createDataIndex(head, packer, observer, counting);
  await index.push(bytes.subarray(head.tocBytes));
  return { head, headBytes, isHeld, index };
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
  readonly kind: "data" | "blobs";
  readonly counter: CopyTextCounter | null;
  /** Where it begins in the file, once that is written. */
  readonly begin: Promise<number>;
}

/** Thousands of tiny tables or large objects at most. */
const STEP_BYTES = 64 * 1024;

/** So many tables may be read to their end and not yet be counted. */
const MOST_CLOSING = 8;

/** Follows the data part, packs it, and keeps a DataEntry for each block, in the archive's order. */
function createDataIndex(
  head: ArchiveHead,
  packer: StreamPacker,
  observer: DumpObserver,
  counting: RowCounting,
): DataIndex {
  const counted: Promise<DataEntry>[] = [];
  const closing = new Set<Promise<unknown>>();
  const incomplete: string[] = [];
  const turns = createTurns();
  let block: OpenBlock | null = null;

  const scanner: DataScanner = createDataScanner(head.tocBytes, {
    blockStarted(dumpId, kind, offset) {
      const entry = head.toc.byDumpId(dumpId);
      if (!entry)
        throw new AppError("archive.damaged", "The archive has data that its table of contents does not name.", {
          detail: `byte ${offset}: dump ID ${dumpId}`,
        });
      const counter = isTableData(entry) ? createCopyTextCounter(head.header.compression, counting) : null;
      block = { entry, kind, counter, begin: positionIn(packer) };
      packer.put(blockHeader(kind === "blobs" ? BLOCK_BLOBS : BLOCK_DATA, dumpId));
    },
    streamStarted(largeObject) {
      if (largeObject !== null) packer.put(oidBytes(largeObject));
      const counter = block?.counter ?? null;
      packer.beginStream((piece) => counter?.push(piece, 0, piece.length));
    },
    payload: (bytes, start, end) => packer.add(bytes, start, end),
    streamEnded: () => packer.endStream(),
    blockEnded() {
      if (block === null) return;
      if (block.kind === "blobs") packer.put(integerBytes(0));
      const closed = closeBlock(block, positionIn(packer));
      // finish() tells of a failure; until then nobody listens.
      closed.catch(() => {});
      counted.push(closed);
      block = null;
    },
  });

  async function closeBlock({ entry, counter, begin }: OpenBlock, end: Promise<number>): Promise<DataEntry> {
    const counts = await (counter === null ? null : closingWith(counter.finish()));
    if (counter && !counts) incomplete.push(`${entry.namespace ?? ""}.${entry.tag}`);
    if (counts) observer.tableFinished(entry.oid, entry.dumpId, counts.rawBytes, counts.rows);
    const offset = await begin;
    return {
      dumpId: entry.dumpId,
      namespace: entry.namespace,
      tag: entry.tag,
      desc: entry.desc,
      offset,
      length: (await end) - offset,
      rawBytes: counts?.rawBytes ?? null,
      rows: counts?.rows ?? null,
    };
  }

  async function closingWith<Counts>(finished: Promise<Counts>): Promise<Counts> {
    closing.add(finished);
    try {
      return await finished;
    } finally {
      closing.delete(finished);
    }
  }

  return {
    async push(bytes) {
      // However much came at once: a pipe gives a megabyte where nobody has read for a while.
      for (let at = 0; at < bytes.length; at += STEP_BYTES) {
        scanner.push(bytes.subarray(at, at + STEP_BYTES));
        await packer.room();
        await turns.next();
      }
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
      await packer.finish();
      return { data: await Promise.all(counted), incomplete };
    },
  };
}

/** Where tiny streams follow each other nothing waits for another thread, and yet others must have their turn in this one. */
function createTurns(): { next(): Promise<void> } {
  let since = performance.now();
  return {
    async next() {
      if (performance.now() - since < LONGEST_TURN_MS) return;
      await setImmediate();
      since = performance.now();
    },
  };
}

const LONGEST_TURN_MS = 15;

/** Where what is put next will lie. */
function positionIn(packer: StreamPacker): Promise<number> {
  return new Promise((resolve) => packer.mark(resolve));
}

/** A copy: the bytes may still be on their way into the file. */
function withOffsets(head: ArchiveHead, headBytes: Buffer, data: readonly DataEntry[]): Buffer {
  const bytes = Buffer.from(headBytes);
  for (const { dumpId, offset } of data) {
    const position = head.offsetFieldAt(dumpId);
    if (position !== null && offset !== null) writeOffset(bytes, position, offset, head.header.offsetSize);
  }
  return bytes;
}
