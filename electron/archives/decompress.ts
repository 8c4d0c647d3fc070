import { pipeline, Readable } from "node:stream";
import { createInflate, createZstdDecompress } from "node:zlib";
import { Lz4Error, Lz4FrameDecoder } from "../../shared/archive/lz4.ts";
import type { Compression } from "../../shared/archive/toc-entry.ts";
import { AppError } from "../../shared/error/app-error.ts";

const outputBytes = 128 * 1024;

/**
 * Decompresses one stream of a data block. Memory stays the same however much comes out: nothing is produced before
 * the consumer has taken what was there, and the consumer may stop at any time.
 * zstd and lz4 as pg_dump writes them carry no checksum of the content, so a changed byte inside a value can pass here.
 * @param where for errors: `in the data block at byte 4711`
 * @throws archive.truncated where the stream ends too early, archive.damaged where it is not what it should be or
 *   goes on behind its end; errors of `parts` as they are
 */
export function decompress(
  parts: AsyncIterable<Uint8Array>,
  compression: Compression,
  where: string,
): AsyncIterable<Uint8Array> {
  if (compression === "none") return parts;
  if (compression === "lz4") return throughLz4(parts, where);
  return through(compression, parts, where);
}

async function* through(
  compression: "gzip" | "zstd",
  parts: AsyncIterable<Uint8Array>,
  where: string,
): AsyncGenerator<Uint8Array> {
  // What pg_dump calls gzip is a zlib stream.
  const options = { chunkSize: outputBytes };
  const stream = compression === "gzip" ? createInflate(options) : createZstdDecompress(options);
  const output: AsyncIterable<Uint8Array> = stream;
  let taken = 0;
  async function* counted(): AsyncGenerator<Uint8Array> {
    for await (const part of parts) {
      taken += part.length;
      yield part;
    }
  }
  // The callback is there because pipeline wants one; the error comes out of the loop as well.
  pipeline(Readable.from(counted(), { highWaterMark: 1 }), stream, () => {});
  try {
    yield* output;
  } catch (error) {
    throw error instanceof AppError ? error : streamError(error, where);
  }
  if (stream.bytesWritten < taken) throw damaged(where, "bytes behind the end of the compressed stream");
}

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
