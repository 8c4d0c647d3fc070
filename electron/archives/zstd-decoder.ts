import type { TransformCallback } from "node:stream";
import { ZstdDecompress, type ZstdOptions, zstdDecompressSync } from "node:zlib";
import { ZstdFrameCutter } from "../../shared/archive/zstd-frames.ts";

/** Node's decoder, which stops behind the first frame, for streams of several: pg_dump writes one, we and pzstd write many. */
class ZstdFramesDecompress extends ZstdDecompress {
  readonly #cutter = new ZstdFrameCutter();

  override _transform(piece: Buffer, encoding: BufferEncoding, done: TransformCallback): void {
    const parts = this.#cutter.cut(piece);
    const next = (index: number, error?: Error | null): void => {
      const part = parts[index];
      if (error || part === undefined) done(error);
      // oxlint-disable-next-line no-underscore-dangle -- what a Transform is made of has that name
      else super._transform(viewOf(part), encoding, (failure) => next(index + 1, failure));
    };
    next(0);
  }

  override _flush(done: TransformCallback): void {
    if (this.#cutter.isBetweenFrames) done();
    else done(Object.assign(new Error("unexpected end of file"), { code: "Z_BUF_ERROR" }));
  }
}

function viewOf({ buffer, byteOffset, length }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, length);
}

/** A stream that decompresses zstd frames, as many as come. */
export function openZstdFrames(options: ZstdOptions): ZstdDecompress {
  return new ZstdFramesDecompress(options);
}

/**
 * Decompresses all frames in one call. Throws ERR_BUFFER_TOO_LARGE where more comes out of them than `maxOutputLength`, and
 * what Node's decoder throws.
 */
export function decompressZstdFrames(
  bytes: Uint8Array,
  { maxOutputLength }: { readonly maxOutputLength: number },
): Buffer {
  const texts: Buffer[] = [];
  let left = maxOutputLength;
  for (const frame of new ZstdFrameCutter().cut(bytes)) {
    // Node takes no limit of nothing, by which even an empty frame would be refused.
    const text = zstdDecompressSync(frame, { maxOutputLength: Math.max(1, left) });
    left -= text.length;
    if (left < 0)
      throw Object.assign(new RangeError("more comes out than is allowed"), { code: "ERR_BUFFER_TOO_LARGE" });
    texts.push(text);
  }
  return texts.length === 1 ? texts[0]! : Buffer.concat(texts);
}
