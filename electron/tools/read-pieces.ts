import type { Readable } from "node:stream";

/** The bytes of a stream as they come. Node's type for them is `any`, because a stream may be told to give text. */
export async function* readPieces(stream: Readable | null): AsyncGenerator<Buffer> {
  for await (const piece of stream ?? []) {
    if (!Buffer.isBuffer(piece)) throw new TypeError("the stream gives text, not bytes");
    yield piece;
  }
}
