import { availableParallelism } from "node:os";
import {
  constants,
  crc32,
  deflate,
  deflateRaw,
  deflateSync,
  gzipSync,
  zstdCompress,
  zstdCompressSync,
} from "node:zlib";
import type { Compression } from "../../shared/archive/toc-entry.ts";
import { releaseResult } from "./release-memory.ts";

/** Makes one compressed stream of pieces that are compressed at the same time, each in a thread of Node's pool. */
export interface StreamCompressor {
  /**
   * Called for piece after piece; what the answers give, one behind the other, is the stream. They are the caller's own.
   * @param piece that must not change until the answer is there; the last one may be empty
   */
  compress(piece: Uint8Array, isLast: boolean): Uint8Array | Promise<Uint8Array>;
}

/** What a stream is, and where it stands: in a custom archive, or as a file of its own. */
export interface StreamShape {
  readonly method: Compression;
  /** null: the usual one. */
  readonly level: number | null;
  /** What pg_dump calls gzip is a zlib stream in an archive (RFC 1950), and gzip in a file (RFC 1952). */
  readonly within: "archive" | "file";
}

/**
 * How long the pieces should be. Up to zstd's level 15 longer ones come out no shorter, or longer, and take more time and
 * memory; above it, where it looks back far and with care, they come out shorter (`node test/bench/pieces.ts`).
 */
export function pieceBytesOf({ method, level }: StreamShape): number {
  return method === "zstd" && level !== null && level > 15 ? 4 * MEGABYTE : MEGABYTE / 2;
}

const MEGABYTE = 1024 * 1024;

/** Begins a stream. lz4 is passed on as it comes: Node cannot write it, so pg_dump has. */
export function openStream(shape: StreamShape): StreamCompressor {
  switch (shape.method) {
    case "zstd":
      return openZstd(shape.level ?? 3);
    case "gzip":
      return openDeflate(shape.level ?? 6, shape.within);
    default:
      return { compress: (piece) => Buffer.from(piece) };
  }
}

/** So few bytes are compressed at once, in this thread: a turn of the pool takes longer. */
const AT_ONCE_BYTES = 32 * 1024;

/**
 * A frame for each piece (RFC 8878, 3), with the checksum that pg_dump leaves out: whoever decompresses it, pg_restore among
 * them, notices a byte that has changed. pg_restore takes a new frame where a chunk begins (compress_zstd.c,
 * ReadDataFromArchiveZstd), so each piece must be a chunk of its own.
 */
function openZstd(level: number): StreamCompressor {
  let isBegun = false;
  return {
    compress(piece, isLast) {
      // Nothing behind a frame is nothing; an empty stream is an empty frame, as pg_dump writes it.
      if (isBegun && isLast && piece.length === 0) return NOTHING;
      isBegun = true;
      const options = {
        params: { [constants.ZSTD_c_compressionLevel]: level, [constants.ZSTD_c_checksumFlag]: 1 },
        pledgedSrcSize: piece.length,
        chunkSize: boundOf(piece.length),
      };
      if (piece.length <= AT_ONCE_BYTES) return zstdCompressSync(piece, options);
      return inPool((done) => zstdCompress(piece, options, done));
    },
  };
}

/** What stands around deflated data. */
interface Wrapper {
  readonly start: Uint8Array;
  /** Takes the next piece into the sum; it must not change until this resolves. */
  add(piece: Uint8Array): Promise<unknown> | null;
  /** Called once all of it is added. */
  end(): Promise<Uint8Array>;
}

/** How far deflate looks back (RFC 1951, 2). */
const WINDOW_BYTES = 32 * 1024;

/**
 * One deflate stream. Each piece knows the end of the one before, as a stream would, and ends at a byte's border (zlib's
 * Z_SYNC_FLUSH), as pigz does it.
 */
function openDeflate(level: number, within: StreamShape["within"]): StreamCompressor {
  let wrapper: Wrapper | null = null;
  let before: Uint8Array | null = null;
  return {
    compress(piece, isLast) {
      // Most tables of a large schema, and many large objects, are tiny.
      if (before === null && isLast && piece.length <= AT_ONCE_BYTES)
        return within === "archive" ? deflateSync(piece, { level }) : gzipSync(piece, { level });
      const options = {
        level,
        finishFlush: isLast ? constants.Z_FINISH : constants.Z_SYNC_FLUSH,
        chunkSize: boundOf(piece.length),
        ...(before === null ? {} : { dictionary: before }),
      };
      wrapper ??= within === "archive" ? zlibWrapper(level) : gzipWrapper();
      const start = before === null ? wrapper.start : NOTHING;
      before = Uint8Array.from(piece.subarray(-WINDOW_BYTES));
      const packing = inPool((done) => deflateRaw(piece, options, done));
      return around(start, packing, wrapper.add(piece), isLast ? wrapper : null);
    },
  };
}

/** Resolves when the piece is summed, too: its memory is filled anew then. */
async function around(
  start: Uint8Array,
  packing: Promise<Uint8Array>,
  summing: Promise<unknown> | null,
  ending: Wrapper | null,
): Promise<Uint8Array> {
  const [packed] = await Promise.all([packing, summing]);
  const whole = Buffer.concat([start, packed, (await ending?.end()) ?? NOTHING]);
  releaseResult(packed);
  return whole;
}

const NOTHING = new Uint8Array(0);

/** RFC 1950: two bytes that name the level, and the data's Adler-32. */
function zlibWrapper(level: number): Wrapper {
  let sum = Promise.resolve({ low: 1, high: 0 });
  return {
    start: deflateSync(NOTHING, { level }).subarray(0, 2),
    add(piece) {
      const own = adlerOf(piece);
      sum = Promise.all([sum, own]).then(([before, added]) => joinAdler(before, added, piece.length));
      // Told by end().
      sum.catch(() => {});
      return own;
    },
    async end() {
      const { low, high } = await sum;
      const end = Buffer.alloc(4);
      end.writeUInt16BE(high, 0);
      end.writeUInt16BE(low, 2);
      return end;
    },
  };
}

interface Adler {
  readonly low: number;
  readonly high: number;
}

/** The largest prime below 2^16 (RFC 1950, 9). */
const ADLER_BASE = 65521;

/** Node has no function for it, but stores it behind what it does not compress: a third of the time of a loop of ours. */
async function adlerOf(piece: Uint8Array): Promise<Adler> {
  const options = { level: 0, chunkSize: boundOf(piece.length) };
  const stored = await inPool((done) => deflate(piece, options, done));
  const sum = { high: stored.readUInt16BE(stored.length - 4), low: stored.readUInt16BE(stored.length - 2) };
  releaseResult(stored);
  return sum;
}

/** Of two runs of bytes, the second of which was summed from the start. */
function joinAdler(first: Adler, second: Adler, secondBytes: number): Adler {
  return {
    low: (first.low + second.low + ADLER_BASE - 1) % ADLER_BASE,
    high:
      (first.high + second.high + (secondBytes % ADLER_BASE) * ((first.low + ADLER_BASE - 1) % ADLER_BASE)) %
      ADLER_BASE,
  };
}

/** RFC 1952: no name, no time, no system told; the data's CRC-32 and length behind it. */
function gzipWrapper(): Wrapper {
  let sum = 0;
  let bytes = 0;
  return {
    start: Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255),
    add(piece) {
      sum = crc32(piece, sum);
      bytes += piece.length;
      return null;
    },
    async end() {
      const end = Buffer.alloc(8);
      end.writeUInt32LE(sum, 0);
      end.writeUInt32LE(bytes % 2 ** 32, 4);
      return end;
    },
  };
}

/** So much may come out of so much: a buffer of that length is filled in one turn of the pool. */
function boundOf(bytes: number): number {
  return bytes + (bytes >> 8) + 1024;
}

/**
 * Node's pool has four threads, and one is left to files: a piece at a high level takes a second, and several backups may run
 * at once.
 */
const MOST_IN_POOL = 3;
let inPoolNow = 0;
const waitingForPool: (() => void)[] = [];

/** How many pieces are worth being worked on at once. */
export const mostAtOnce = Math.min(availableParallelism(), MOST_IN_POOL);

async function inPool(work: (done: (error: Error | null, result: Buffer) => void) => void): Promise<Buffer> {
  if (inPoolNow === MOST_IN_POOL) await new Promise<void>((resolve) => waitingForPool.push(resolve));
  else inPoolNow += 1;
  try {
    return await new Promise((resolve, reject) => {
      work((error, result) => (error === null ? resolve(result) : reject(error)));
    });
  } finally {
    const next = waitingForPool.shift();
    // Its place goes to whoever waits for one.
    if (next === undefined) inPoolNow -= 1;
    else next();
  }
}
