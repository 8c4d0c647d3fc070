import { pipeline, Readable } from "node:stream";
import { createGunzip, createInflate, gunzipSync, inflateSync, zstdDecompressSync } from "node:zlib";
import { MAX_UNPACKED_BYTES, MAX_UNPACKED_RATIO } from "../../shared/archive/limits.ts";
import { Lz4Error, Lz4FrameDecoder } from "../../shared/archive/lz4.ts";
import { AppError } from "../../shared/error/app-error.ts";
import { type StreamDecoder, UnpackError } from "./unpack/stream-decoder.ts";
import { openZstdFrames } from "./zstd-decoder.ts";

/** How much is decompressed before any of it is given out: little for whoever wants the first rows at once. */
const usualPieceBytes = 128 * 1024;
/** The same where all of a table is wanted: fewer turns between the threads. */
export const largePieceBytes = 512 * 1024;
/** Pieces that are decompressed while one is worked on. */
const piecesAhead = 4;
/** Compressed bytes of a stream that is decompressed in one go, and the most that may come out of it that way. */
const smallBytes = 32 * 1024;
const atOnceBytes = 1024 * 1024;

/** Compressed bytes in parts, and whether more of them are to come. */
export interface CompressedParts {
  readonly parts: AsyncGenerator<Uint8Array>;
  readonly isOver: () => boolean;
}

/**
 * How a stream is compressed. What pg_dump calls gzip is a zlib stream in a custom archive, and gzip in files. bzip2 and xz
 * stand around whole dumps alone.
 */
export type Codec = "none" | "zlib" | "gzip" | "zstd" | "lz4" | "bzip2" | "xz";

const inNode = {
  zlib: { atOnce: inflateSync, open: createInflate },
  gzip: { atOnce: gunzipSync, open: createGunzip },
  zstd: { atOnce: zstdDecompressSync, open: openZstdFrames },
} as const;

export interface DecompressOptions {
  /** May come out of a stream that is much smaller. */
  readonly mostBytes?: number;
  /** Comes out at once, at most. */
  readonly pieceBytes?: number;
}

/**
 * Decompresses one stream of a data block or a file. Memory stays the same however much comes out: nothing is produced before
 * the consumer has taken what was there, and the consumer may stop at any time.
 * zstd and lz4 as pg_dump writes them carry no checksum of the content, so a changed byte inside a value can pass here; the
 * zstd frames that we write do.
 * @param where for errors: `in the data block at byte 4711`
 * @throws archive.truncated where the stream ends too early, archive.damaged where it is not what it should be or
 *   goes on behind its end, archive.limitExceeded for a bomb; errors of `parts` as they are
 */
export function decompress(
  compressed: CompressedParts,
  codec: Codec,
  where: string,
  { mostBytes = MAX_UNPACKED_BYTES, pieceBytes = usualPieceBytes }: DecompressOptions = {},
): AsyncIterable<Uint8Array> {
  if (codec === "none") return compressed.parts;
  if (codec === "lz4") return throughLz4(compressed.parts, where);
  if (codec === "bzip2" || codec === "xz") return throughDecoder(compressed.parts, codec, where, mostBytes);
  return throughNode(compressed, codec, where, { mostBytes, pieceBytes });
}

async function* throughNode(
  { parts, isOver }: CompressedParts,
  codec: keyof typeof inNode,
  where: string,
  options: Required<DecompressOptions>,
): AsyncGenerator<Uint8Array> {
  const first = await parts.next();
  if (first.done) throw truncated(where);
  try {
    if (isOver() && first.value.length <= smallBytes) {
      const whole = decompressAtOnce(first.value, codec, where);
      if (whole !== null) {
        yield whole;
        return;
      }
    }
    yield* throughStream(first.value, parts, codec, where, options);
  } catch (error) {
    throw error instanceof AppError ? error : streamError(error, where);
  } finally {
    // A stream that was never read from, or that needed no more, leaves it open.
    await parts.return(undefined);
  }
}

/** For the many small tables and large objects, where a stream costs more than its bytes; null where that takes one. */
function decompressAtOnce(bytes: Uint8Array, codec: keyof typeof inNode, where: string): Uint8Array | null {
  try {
    const answer: unknown = inNode[codec].atOnce(bytes, { maxOutputLength: atOnceBytes, info: true });
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- documented for `info`, absent from the types
    const { buffer, engine } = answer as { buffer: Buffer; engine: { bytesWritten: number } };
    if (engine.bytesWritten === bytes.length) return buffer;
    // Further frames, as far as is known here.
    if (codec === "zstd") return null;
    throw tooLong(where);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ERR_BUFFER_TOO_LARGE") return null;
    throw error;
  }
}

async function* throughStream(
  first: Uint8Array,
  parts: AsyncGenerator<Uint8Array>,
  codec: keyof typeof inNode,
  where: string,
  { mostBytes, pieceBytes }: Required<DecompressOptions>,
): AsyncGenerator<Uint8Array> {
  // The second is Transform's, to which Node hands all of them on; the types of its zlib do not know that.
  const options = { chunkSize: pieceBytes, readableHighWaterMark: piecesAhead * pieceBytes };
  const stream = inNode[codec].open(options);
  const output: AsyncIterable<Uint8Array> = stream;
  let taken = 0;
  async function* counted(): AsyncGenerator<Uint8Array> {
    taken += first.length;
    yield first;
    for await (const part of parts) {
      taken += part.length;
      yield part;
    }
  }
  // The callback is there because pipeline wants one; the error comes out of the loop as well.
  pipeline(Readable.from(counted(), { highWaterMark: 1 }), stream, () => {});
  let given = 0;
  for await (const bytes of output) {
    given += bytes.length;
    refuseBomb(given, taken, where, mostBytes);
    yield bytes;
  }
  if (stream.bytesWritten < taken) throw tooLong(where);
}

/** What Node does not know; loaded where a file needs it. */
async function* throughDecoder(
  parts: AsyncIterable<Uint8Array>,
  codec: "bzip2" | "xz",
  where: string,
  mostBytes: number,
): AsyncGenerator<Uint8Array> {
  let given = 0;
  let taken = 0;
  function* counted(pieces: Iterable<Uint8Array>): Generator<Uint8Array> {
    for (const bytes of pieces) {
      given += bytes.length;
      refuseBomb(given, taken, where, mostBytes);
      if (bytes.length > 0) yield bytes;
    }
  }
  try {
    const decoder = await openDecoder(codec);
    for await (const part of parts) {
      taken += part.length;
      yield* counted(decoder.push(part));
    }
    yield* counted(decoder.end());
  } catch (error) {
    throw error instanceof UnpackError ? unpackError(error, where) : error;
  }
}

async function openDecoder(codec: "bzip2" | "xz"): Promise<StreamDecoder> {
  if (codec === "xz") return new (await import("./unpack/xz.ts")).XzDecoder();
  return new (await import("./unpack/bzip2.ts")).Bzip2Decoder();
}

function unpackError({ code, message }: UnpackError, where: string): AppError {
  if (code === "archive.damaged") return damaged(where, message);
  if (code === "archive.truncated") return truncated(where);
  const detail = `The compressed stream ${where}: ${message}.`;
  return code === "archive.limitExceeded"
    ? new AppError(code, "The archive's data needs more memory to unpack than any dump does.", { detail })
    : new AppError(code, "The archive is compressed in a way that Lifeboat does not read.", {
        detail,
        hint: "Unpack it with the program that made it, then open what comes out.",
      });
}

/** A byte of LZ4 stands for 255 at most, so that no stream of it is a bomb by the limits there are. */
async function* throughLz4(parts: AsyncIterable<Uint8Array>, where: string): AsyncGenerator<Uint8Array> {
  const decoder = new Lz4FrameDecoder();
  try {
    for await (const part of parts) yield* decoder.push(part);
  } catch (error) {
    throw error instanceof Lz4Error ? damaged(where, error.message) : error;
  }
  if (!decoder.ended) throw truncated(where);
}

function streamError(error: unknown, where: string): unknown {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  if (code === "Z_BUF_ERROR") return truncated(where);
  if (/^(Z_|ZSTD_|ERR_ZSTD)/.test(code)) return damaged(where, error instanceof Error ? error.message : code);
  return error;
}

function tooLong(where: string): AppError {
  return damaged(where, "bytes behind the end of the compressed stream");
}

/** @throws archive.limitExceeded */
function refuseBomb(given: number, taken: number, where: string, mostBytes: number): void {
  if (given > mostBytes && given > taken * MAX_UNPACKED_RATIO) throw bomb(given, taken, where);
}

function bomb(given: number, taken: number, where: string): AppError {
  return new AppError("archive.limitExceeded", "The archive's data unpacks to more than any dump does.", {
    detail: `The compressed stream ${where}: over ${given} bytes from ${taken}.`,
    hint: "Nothing more of it is read. Where you know that it is good, restore it with pg_restore.",
  });
}

function truncated(where: string): AppError {
  return new AppError("archive.truncated", "The archive's data ends too early.", {
    detail: `The compressed stream ${where} is not whole.`,
  });
}

function damaged(where: string, what: string): AppError {
  return new AppError("archive.damaged", "The archive's data is damaged.", {
    detail: `The compressed stream ${where}: ${what}.`,
  });
}
