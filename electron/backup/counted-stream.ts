import type { CopyTextCounts } from "./copy-text-tally.ts";
import { createCopyTextTally } from "./copy-text-tally.ts";
import { type Compressed, decoderFor, passTo } from "./decoders.ts";
import { releaseMemory } from "./release-memory.ts";

/** One table's compressed data, decompressed and counted in this thread (the decompression itself in libuv's). */
export interface CountedStream {
  /** Resolves when these bytes are done with, so that others may take their place in memory. */
  write(bytes: Uint8Array): Promise<void>;
  soFar(): CopyTextCounts;
  /** No more bytes come. null: the data does not decompress or does not end in COPY's end mark. */
  finish(): Promise<CopyTextCounts | null>;
}

/** A counter for one table. */
export function openCountedStream(compression: Compressed): CountedStream {
  const tally = createCopyTextTally();
  const decoder = decoderFor(compression);
  const stream = decoder.open();
  let writing = Promise.resolve();
  const ended = new Promise<boolean>((resolve) => {
    stream.once("end", () => resolve(true));
    stream.once("error", () => resolve(false));
  });
  stream.on("data", (raw: Buffer<ArrayBuffer>) => {
    tally.add(raw, 0, raw.length);
    // More may be decoded into what is left behind these bytes; a full buffer is done with.
    if (decoder.keepsNothing && raw.byteOffset + raw.length === raw.buffer.byteLength) releaseMemory(raw.buffer);
  });
  return {
    write(bytes) {
      writing = writing.then(() => passTo(stream, decoder.keepsNothing ? bytes : Buffer.from(bytes)));
      return writing;
    },
    soFar: () => tally.soFar(),
    async finish() {
      await writing;
      stream.end();
      return (await ended) ? tally.total() : null;
    },
  };
}
