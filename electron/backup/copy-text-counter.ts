import type { Transform } from "node:stream";
import type { Compression } from "../../shared/archive/toc-entry.ts";
import { errnoOf } from "../storage/storage-error.ts";
import { countLineFeeds } from "./count-lines.ts";
import { type Decoder, decoderFor, writeTo } from "./decoders.ts";

/** Counts of one table's COPY text. */
export interface CopyTextCounts {
  readonly rows: number;
  /** Uncompressed bytes without the end mark. */
  readonly rawBytes: number;
}

/** Takes one table's data as it is stored and counts its rows. */
export interface CopyTextCounter {
  /** bytes[start, end) are copied where they must outlive the call. */
  push(bytes: Uint8Array, start: number, end: number): void;
  /** Resolves when more may be pushed; null when that is now. */
  drained(): Promise<void> | null;
  /** No more bytes come. null: the text does not decompress or does not end in COPY's end mark. */
  finish(): Promise<CopyTextCounts | null>;
  /** Uncompressed bytes and rows seen so far. */
  soFar(): CopyTextCounts;
}

/** pg_dump closes a table's data with `\.` and two empty lines (pg_dump.c, dumpTableData_copy). */
const END_MARK = Buffer.from("\\.\n\n\n");
const END_MARK_LINE_FEEDS = 3;

/** Data up to this size is decompressed in one call: a stream for each of 20,000 small tables would cost more. */
const STAGING_BYTES = 64 * 1024;

/** A counter for data compressed so. */
export function createCopyTextCounter(compression: Compression): CopyTextCounter {
  const decoder = decoderFor(compression);
  return decoder ? createCompressedCounter(decoder) : createPlainCounter();
}

/** Counts line feeds and remembers the last bytes, to see the end mark. */
function createTally() {
  let lineFeeds = 0;
  let bytesSeen = 0;
  let tail = Buffer.alloc(0);
  return {
    add(bytes: Uint8Array, start: number, end: number): void {
      lineFeeds += countLineFeeds(bytes, start, end);
      bytesSeen += end - start;
      const last = Buffer.from(bytes.subarray(Math.max(start, end - END_MARK.length), end));
      tail = last.length === END_MARK.length ? last : Buffer.concat([tail, last]).subarray(-END_MARK.length);
    },
    soFar: (): CopyTextCounts => ({ rows: lineFeeds, rawBytes: bytesSeen }),
    total: (): CopyTextCounts | null =>
      tail.equals(END_MARK) ? { rows: lineFeeds - END_MARK_LINE_FEEDS, rawBytes: bytesSeen - END_MARK.length } : null,
  };
}

function createPlainCounter(): CopyTextCounter {
  const tally = createTally();
  return {
    push: (bytes, start, end) => tally.add(bytes, start, end),
    drained: () => null,
    finish: async () => tally.total(),
    soFar: tally.soFar,
  };
}

function createCompressedCounter(decoder: Decoder): CopyTextCounter {
  const tally = createTally();
  let staging = Buffer.allocUnsafe(STAGING_BYTES);
  let staged = 0;
  let stream: Transform | null = null;
  let ended: Promise<boolean> | null = null;
  let draining: Promise<void> | null = null;

  function openStream(): Transform {
    const opened = decoder.open();
    ended = new Promise((resolve) => {
      opened.once("end", () => resolve(true));
      opened.once("error", () => resolve(false));
    });
    opened.on("data", (raw: Buffer) => tally.add(raw, 0, raw.length));
    return opened;
  }

  function passOn(piece: Buffer): void {
    stream ??= openStream();
    draining = writeTo(stream, piece);
  }

  return {
    push(bytes, start, end) {
      let at = start;
      while (at < end) {
        const take = Math.min(end - at, STAGING_BYTES - staged);
        staging.set(bytes.subarray(at, at + take), staged);
        staged += take;
        at += take;
        if (staged === STAGING_BYTES) {
          passOn(staging);
          staging = Buffer.allocUnsafe(STAGING_BYTES);
          staged = 0;
        }
      }
    },
    drained: () => draining,
    soFar: tally.soFar,
    async finish() {
      const rest = staging.subarray(0, staged);
      if (stream === null) {
        try {
          const raw = decoder.atOnce(rest);
          tally.add(raw, 0, raw.length);
          return tally.total();
        } catch (error) {
          if (errnoOf(error) !== "ERR_BUFFER_TOO_LARGE") return null;
        }
      }
      if (rest.length > 0) passOn(rest);
      stream?.end();
      return (await ended) ? tally.total() : null;
    },
  };
}
