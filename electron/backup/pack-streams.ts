import { INT_BYTES, integerBytes, writeInt } from "../../shared/archive/encoding.ts";
import { mostAtOnce, openStream, pieceBytesOf, type StreamCompressor, type StreamShape } from "./compressors.ts";
import type { DumpSink } from "./received-dump.ts";
import { releaseResult } from "./release-memory.ts";

/**
 * Compresses what pg_dump gives uncompressed, on as many processors as there are, and writes it in its order. pg_dump itself
 * compresses in the one thread that also reads from the server, and is what a backup waits for then.
 */
export interface StreamPacker {
  /** Bytes that stand between streams, as they are. */
  put(bytes: Uint8Array): void;
  /** Calls with the position, in all that is written, of what is put next; when all before it has been. */
  mark(tell: (position: number) => void): void;
  /** @param seen gets the bytes of the stream, in long pieces; they are valid during the call only */
  beginStream(seen: (piece: Uint8Array) => void): void;
  /** bytes[start, end) of the stream; copied. Not many at once: what is taken is in memory until room() resolves. */
  add(bytes: Uint8Array, start: number, end: number): void;
  endStream(): void;
  /** Resolves when more may come. Throws what the sink throws. */
  room(): Promise<void>;
  /** Writes all that is left. Throws as room(). */
  finish(): Promise<void>;
}

type Item =
  | { readonly bytes: Uint8Array | Promise<Uint8Array>; readonly isWork: boolean }
  | { readonly tell: (position: number) => void };

/** Writes from the sink's beginning on. */
export function createPacker(shape: StreamShape, sink: Pick<DumpSink, "write">): StreamPacker {
  const pieceBytes = pieceBytesOf(shape);
  /** In a custom archive each piece has its length before it, and a length of 0 ends the stream. */
  const hasLengths = shape.within === "archive";
  const waiting: Item[] = [];
  /** Buffers that nobody reads any more. */
  const free: Uint8Array[] = [];
  let atWork = 0;
  let position = 0;
  let staging: Uint8Array = new Uint8Array(pieceBytes);
  let staged = 0;
  let stream: { readonly compressor: StreamCompressor; readonly seen: (piece: Uint8Array) => void } | null = null;

  function pack(isLast: boolean): void {
    if (stream === null) return;
    const piece = staging.subarray(0, staged);
    stream.seen(piece);
    const packed = stream.compressor.compress(piece, isLast);
    staged = 0;
    if (!(packed instanceof Promise)) {
      if (packed.length > 0) waiting.push({ bytes: framed(packed), isWork: false });
      return;
    }
    const used = staging;
    staging = free.pop() ?? new Uint8Array(pieceBytes);
    atWork += 1;
    const bytes = packed.then((result) => {
      if (free.length <= mostAtOnce) free.push(used);
      return framed(result);
    });
    // Told where it is awaited.
    bytes.catch(() => {});
    waiting.push({ bytes, isWork: true });
  }

  /** In memory of its own length: the compressor's may be as long as the worst case, and is not used any more. */
  function framed(packed: Uint8Array): Uint8Array {
    const start = hasLengths ? INT_BYTES : 0;
    const bytes = Buffer.allocUnsafeSlow(start + packed.length);
    if (hasLengths) writeInt(bytes, 0, packed.length);
    bytes.set(packed, start);
    releaseResult(packed);
    return bytes;
  }

  async function writeNext(): Promise<void> {
    const item = waiting.shift();
    if (item === undefined) return;
    if ("tell" in item) {
      item.tell(position);
      return;
    }
    const bytes = await item.bytes;
    if (item.isWork) atWork -= 1;
    position += bytes.length;
    await sink.write(bytes);
  }

  return {
    put(bytes) {
      waiting.push({ bytes, isWork: false });
    },
    mark(tell) {
      waiting.push({ tell });
    },
    beginStream(seen) {
      stream = { compressor: openStream(shape), seen };
    },
    add(bytes, start, end) {
      let at = start;
      while (at < end) {
        // Not before more comes: only the last piece may be short, and it is not to be empty.
        if (staged === pieceBytes) pack(false);
        const length = Math.min(end - at, pieceBytes - staged);
        staging.set(bytes.subarray(at, at + length), staged);
        staged += length;
        at += length;
      }
    },
    endStream() {
      pack(true);
      stream = null;
      if (hasLengths) waiting.push({ bytes: endMark, isWork: false });
    },
    async room() {
      while (waiting.length > 0) {
        const next = waiting[0]!;
        if (atWork <= mostAtOnce && "isWork" in next && next.isWork) return;
        // oxlint-disable-next-line no-await-in-loop -- in their order
        await writeNext();
      }
    },
    async finish() {
      // oxlint-disable-next-line no-await-in-loop -- in their order
      while (waiting.length > 0) await writeNext();
    },
  };
}

const endMark = integerBytes(0);
