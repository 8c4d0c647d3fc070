import type { Excerpt } from "../../shared/archive/excerpt.ts";
import { truncatedAt } from "../../shared/archive/header.ts";
import type { ByteSource } from "./byte-source.ts";

const readBytes = 1024 * 1024;

/**
 * The bytes of an excerpt: its head, then its blocks out of the source, read ahead by one piece.
 * @throws archive.truncated where the source ends inside a block; what the source's read throws
 */
export async function* readExcerpt(
  source: ByteSource,
  excerpt: Excerpt,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  yield excerpt.head;
  const pieces = listPieces(excerpt);
  let next = pieces.next();
  let reading = next.done ? null : startRead(source, next.value);
  while (!next.done && reading !== null) {
    signal?.throwIfAborted();
    const piece = next.value;
    // oxlint-disable-next-line no-await-in-loop -- one piece ahead, no more: memory stays flat
    const bytes = await reading;
    next = pieces.next();
    reading = next.done ? null : startRead(source, next.value);
    if (bytes.length < piece.length)
      throw truncatedAt(piece.offset + bytes.length, "the file ends inside a data block");
    yield bytes;
  }
}

interface Piece {
  readonly offset: number;
  readonly length: number;
}

function startRead(source: ByteSource, { offset, length }: Piece): Promise<Uint8Array> {
  const reading = source.read(offset, length);
  // Comes out where it is awaited; a reader that stopped before does not care.
  reading.catch(() => {});
  return reading;
}

function* listPieces({ blocks }: Excerpt): Generator<Piece, undefined> {
  for (const { offset, length } of blocks)
    for (let at = offset; at < offset + length; at += readBytes)
      yield { offset: at, length: Math.min(readBytes, offset + length - at) };
}
