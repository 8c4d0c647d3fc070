import { finished } from "node:stream/promises";
import { parseCopyTable } from "../../shared/archive/copy-statement.ts";
import type { Compression } from "../../shared/archive/toc-entry.ts";
import type { DumpOptions } from "../../shared/command/dump-command.ts";
import type { DataEntry } from "../../shared/contract/manifest.ts";
import { AppError } from "../../shared/error/app-error.ts";
import { countLineFeeds } from "../../shared/lanes/count-lines.ts";
import { decoderFor, writeTo } from "./decoders.ts";
import { createPacker } from "./pack-streams.ts";
import type { DumpObserver, DumpSink, ReceivedDump } from "./received-dump.ts";

/**
 * Writes pg_dump's plain SQL to the file, compressed as asked, and counts the rows of each COPY block as readPlainDump does.
 * Throws as that.
 * @param pieces uncompressed, or lz4 that pg_dump has written itself
 */
export function receivePlainDump(
  pieces: AsyncIterable<Buffer>,
  { method, level }: DumpOptions["compression"],
  sink: DumpSink,
  observer: DumpObserver,
): Promise<ReceivedDump> {
  const packer = createPacker({ method, level, within: "file" }, sink);
  async function* written(): AsyncGenerator<Buffer> {
    packer.beginStream(() => {});
    for await (const piece of pieces) {
      packer.add(piece, 0, piece.length);
      await packer.room();
      yield piece;
    }
    packer.endStream();
    await packer.finish();
  }
  return readPlainDump(written(), method === "lz4" ? method : "none", observer).then((dump) => ({
    ...dump,
    compression: method,
  }));
}

/**
 * Reads plain SQL through, counts the rows of each COPY block, and insists on the closing comment: a plain dump that was
 * cut looks like a shorter one, and psql restores it without a word.
 * Throws backup.incomplete when the comment is missing.
 */
export async function readPlainDump(
  pieces: AsyncIterable<Buffer>,
  compression: Compression,
  observer: DumpObserver,
): Promise<ReceivedDump> {
  const scanner = createPlainScanner();
  const decompressor = compression === "none" ? null : decoderFor(compression).open();
  decompressor?.on("data", (raw: Buffer) => scanner.push(raw));
  const decompressed = decompressor ? finished(decompressor) : null;
  decompressed?.catch(() => {});

  for await (const piece of pieces) {
    observer.received(piece.length);
    if (!decompressor) scanner.push(piece);
    else await writeTo(decompressor, piece);
  }
  decompressor?.end();
  const whole = await Promise.resolve(decompressed).then(
    () => scanner.isComplete(),
    () => false,
  );
  if (!whole) throw new AppError("backup.incomplete", "pg_dump stopped before it had written the end of the dump.");
  return { tocBytes: null, tocEntries: null, compression, data: scanner.data, incomplete: [] };
}

const LINE_FEED = 10;
/** pg_dump.c, the last comment of a plain dump. */
const CLOSING_COMMENT = "-- PostgreSQL database dump complete";
const DATA_COMMENT = /^-- Data for Name: .*; Type: TABLE DATA; /;
/** The line that ends a COPY. No row is like it, because COPY doubles backslashes. */
const END_LINE = Buffer.from("\\.\n");
const END_LINE_AFTER_ROW = Buffer.from("\n\\.\n");

interface OpenCopy {
  readonly schema: string | null;
  readonly table: string;
  rows: number;
  rawBytes: number;
  atLineStart: boolean;
}

/** Follows the SQL; a COPY counts only under pg_dump's own comment, because function bodies may hold any text. */
function createPlainScanner() {
  const data: DataEntry[] = [];
  let carry = Buffer.alloc(0);
  let underDataComment = false;
  let statement: string[] = [];
  let copy: OpenCopy | null = null;
  let tail = "";

  function takeLine(line: string): void {
    if (statement.length === 0 && !line.startsWith("COPY ")) {
      if (DATA_COMMENT.test(line)) underDataComment = true;
      else if (line !== "" && !line.startsWith("--")) underDataComment = false;
      return;
    }
    if (!underDataComment) return;
    // A name may hold a line feed, so the statement may take several lines.
    statement.push(line);
    if (!line.endsWith(" FROM stdin;")) return;
    const table = parseCopyTable(statement.join("\n"));
    if (table) copy = { schema: table.schema, table: table.name, rows: 0, rawBytes: 0, atLineStart: true };
    statement = [];
    underDataComment = false;
  }

  /** Counts rows from `at` on. Gives where to go on, or -1 where a part of the end line may still be to come. */
  function takeRows(open: OpenCopy, bytes: Buffer, at: number): number {
    const end = findEndLine(bytes, at, open.atLineStart);
    // Without an end line in sight all is rows, but for the last bytes, which may be the beginning of one.
    const stop = end === -1 ? Math.max(at, bytes.length - END_LINE.length) : end;
    open.rows += countLineFeeds(bytes, at, stop);
    open.rawBytes += stop - at;
    if (stop > at) open.atLineStart = bytes[stop - 1] === LINE_FEED;
    if (end === -1) {
      carry = Buffer.from(bytes.subarray(stop));
      return -1;
    }
    const { schema, table, rows, rawBytes } = open;
    data.push({
      dumpId: data.length + 1,
      namespace: schema,
      tag: table,
      desc: "TABLE DATA",
      offset: null,
      length: null,
      rawBytes,
      rows,
    });
    copy = null;
    return end + END_LINE.length;
  }

  function push(piece: Buffer): void {
    const bytes = carry.length === 0 ? piece : Buffer.concat([carry, piece]);
    carry = Buffer.alloc(0);
    let at = 0;
    while (at !== -1 && at < bytes.length) {
      if (copy) at = takeRows(copy, bytes, at);
      else {
        const end = bytes.indexOf(LINE_FEED, at);
        if (end === -1) {
          carry = Buffer.from(bytes.subarray(at));
          break;
        }
        takeLine(bytes.toString("utf8", at, end));
        at = end + 1;
      }
    }
    tail = (tail + piece.toString("latin1", Math.max(piece.length - 400, 0))).slice(-400);
  }

  return { data, push, isComplete: () => copy === null && tail.includes(CLOSING_COMMENT) };
}

function findEndLine(bytes: Buffer, from: number, atLineStart: boolean): number {
  if (atLineStart && bytes.subarray(from, from + END_LINE.length).equals(END_LINE)) return from;
  const found = bytes.indexOf(END_LINE_AFTER_ROW, from);
  return found === -1 ? -1 : found + 1;
}
