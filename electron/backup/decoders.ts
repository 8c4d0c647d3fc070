import { Transform } from "node:stream";
import { createUnzip, unzipSync } from "node:zlib";
import { Lz4FrameDecoder } from "../../shared/archive/lz4.ts";
import type { Compression } from "../../shared/archive/toc-entry.ts";
import { decompressZstdFrames, openZstdFrames } from "../archives/zstd-decoder.ts";

/** How pg_dump's compressed bytes become text again, as a stream and, for little data, in one call. */
export interface Decoder {
  open(): Transform;
  /** What is written to its stream and what comes out are kept nowhere in it, and are not the same memory. */
  readonly keepsNothing: boolean;
  /** Throws ERR_BUFFER_TOO_LARGE where a few bytes become very many: then the stream is the way. */
  atOnce(bytes: Buffer): Buffer;
}

/**
 * Writes to a decoder's stream. Gives what to wait for before the next write, null where it takes more at once. A stream
 * that has failed or has seen its end takes everything and waits for nothing: its own verdict tells.
 */
export function writeTo(stream: Transform, piece: Uint8Array): Promise<void> | null {
  if (stream.destroyed || stream.readableEnded || stream.write(piece)) return null;
  const wait = waits.get(stream) ?? waitFor(stream);
  waits.set(stream, wait);
  return wait;
}

/**
 * The same for a piece whose memory is used again: resolves when the stream has done with it, or has failed or seen its end.
 */
export function passTo(stream: Transform, piece: Uint8Array): Promise<void> {
  if (stream.destroyed || stream.readableEnded) return Promise.resolve();
  return new Promise((resolve) => {
    const wake = (): void => {
      for (const event of ENDING) stream.off(event, wake);
      resolve();
    };
    for (const event of ENDING) stream.on(event, wake);
    stream.write(piece, wake);
  });
}

/** Many pieces may be written before the first wait is over: they share it, and its listeners. */
const waits = new WeakMap<Transform, Promise<void>>();

function waitFor(stream: Transform): Promise<void> {
  return new Promise((resolve) => {
    const wake = (): void => {
      for (const event of WAKING) stream.off(event, wake);
      waits.delete(stream);
      resolve();
    };
    for (const event of WAKING) stream.on(event, wake);
  });
}

/** `end` too: zlib takes no more where something lies behind the compressed data, and then never drains. */
const WAKING = ["drain", "end", "close"] as const;
const ENDING = ["end", "close"] as const;

/** Small enough to be counted while it is in a processor's cache, large enough for few calls. */
const CHUNK_BYTES = 256 * 1024;
const AT_ONCE_OUTPUT_BYTES = 8 * 1024 * 1024;

/** What pg_dump's data is compressed with, where it is. */
export type Compressed = Exclude<Compression, "none">;

/** The decoder for a compression. */
export function decoderFor(compression: Compressed): Decoder {
  return decoders[compression];
}

const decoders: Readonly<Record<Compressed, Decoder>> = {
  // Unzip takes both wrappers of deflate: zlib's in a custom archive, gzip's in files.
  gzip: {
    keepsNothing: true,
    open: () => createUnzip({ chunkSize: CHUNK_BYTES }),
    atOnce: (bytes) => unzipSync(bytes, { maxOutputLength: AT_ONCE_OUTPUT_BYTES }),
  },
  zstd: {
    keepsNothing: true,
    open: () => openZstdFrames({ chunkSize: CHUNK_BYTES }),
    atOnce: (bytes) => decompressZstdFrames(bytes, { maxOutputLength: AT_ONCE_OUTPUT_BYTES }),
  },
  lz4: { keepsNothing: false, open: openLz4, atOnce: decodeLz4AtOnce },
};

function decodeLz4AtOnce(bytes: Buffer): Buffer {
  const decoder = new Lz4FrameDecoder();
  const whole = Buffer.concat(decoder.push(bytes));
  if (!decoder.ended) throw new Error("the LZ4 frame is not whole");
  return whole;
}

function openLz4(): Transform {
  const decoder = new Lz4FrameDecoder();
  return new Transform({
    transform(piece: Buffer, _encoding, done) {
      try {
        for (const block of decoder.push(piece)) this.push(block);
        done();
      } catch (error) {
        done(error instanceof Error ? error : new Error(String(error)));
      }
    },
    flush(done) {
      done(decoder.ended ? null : new Error("the LZ4 frame is not whole"));
    },
  });
}
