import type { Compression } from "../../shared/archive/toc-entry.ts";
import { errnoOf } from "../storage/storage-error.ts";
import { type CopyTextCounts, createCopyTextTally } from "./copy-text-tally.ts";
import type { CountedTable, RowCounting } from "./counting-thread.ts";
import { type Compressed, decoderFor } from "./decoders.ts";

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

/**
 * Data up to this size is decompressed in one call and in this thread: handing each of 20,000 small tables to another
 * one would cost more. Larger data goes to the counting thread, in pieces of this size: smaller ones cost more messages.
 */
const STAGING_BYTES = 256 * 1024;

/**
 * A counter for data compressed so.
 *
 * @param thread counts what is large
 */
export function createCopyTextCounter(compression: Compression, thread: RowCounting): CopyTextCounter {
  return compression === "none" ? createPlainTextCounter() : createCompressedCounter(compression, thread);
}

/** A counter for text that is not compressed. */
export function createPlainTextCounter(): CopyTextCounter {
  const tally = createCopyTextTally();
  return {
    push: (bytes, start, end) => tally.add(bytes, start, end),
    drained: () => null,
    finish: async () => tally.total(),
    soFar: () => tally.soFar(),
  };
}

function createCompressedCounter(compression: Compressed, thread: RowCounting): CopyTextCounter {
  // Made when the first byte comes, and large only when the data is: most tables of a large schema are tiny.
  let staging: Uint8Array = new Uint8Array(0);
  let staged = 0;
  let large: CountedTable | null = null;

  function passOn(piece: Uint8Array): Uint8Array {
    large ??= thread.open(compression);
    return large.push(piece);
  }

  return {
    push(bytes, start, end) {
      let at = start;
      while (at < end) {
        if (staged === staging.length) staging = grow(staging, end - at);
        const take = Math.min(end - at, staging.length - staged);
        staging.set(bytes.subarray(at, at + take), staged);
        staged += take;
        at += take;
        if (staged < STAGING_BYTES) continue;
        staging = passOn(staging);
        staged = 0;
      }
    },
    drained: () => large?.drained() ?? null,
    soFar: () => large?.soFar() ?? { rows: 0, rawBytes: 0 },
    async finish() {
      if (large === null) {
        try {
          const raw = decoderFor(compression).atOnce(Buffer.from(staging.buffer, 0, staged));
          const tally = createCopyTextTally();
          tally.add(raw, 0, raw.length);
          return tally.total();
        } catch (error) {
          if (errnoOf(error) !== "ERR_BUFFER_TOO_LARGE") return null;
        }
      }
      large ??= thread.open(compression);
      large.push(staging.slice(0, staged));
      return large.finish();
    },
  };
}

/** Room for `more` bytes, at least doubled, never above the size of a piece. */
function grow(staging: Uint8Array, more: number): Uint8Array {
  const grown = new Uint8Array(Math.min(STAGING_BYTES, Math.max(staging.length * 2, staging.length + more)));
  grown.set(staging);
  return grown;
}
