import { BLOCK_BLOBS, BLOCK_DATA, blockHeader, integerBytes, oidBytes } from "../../shared/archive/encoding.ts";
import { buildStreamedHead } from "../../shared/archive/streamed-excerpt.ts";
import type { DumpId } from "../../shared/archive/toc-entry.ts";
import type { ArchiveHead } from "../../shared/archive/toc-reader.ts";
import type { ArchiveExcerpt, ExcerptOptions } from "./archive.ts";
import { type ArchiveData, holdsLargeObjects } from "./archive-data.ts";

/**
 * Chosen entries of an archive that is no custom archive, as one, written as pg_dump writes into a pipe: data decompressed,
 * in the order of `ids`. Memory stays the same however much data there is.
 * @throws while `bytes` is read: what reading the data throws
 */
export function streamExcerpt(
  head: ArchiveHead,
  data: ArchiveData,
  ids: readonly DumpId[],
  options: ExcerptOptions,
): ArchiveExcerpt {
  async function* bytes(): AsyncGenerator<Uint8Array> {
    yield buildStreamedHead(head, ids);
    if (options.headOnly === true) return;
    for (const id of ids) {
      const entry = head.toc.byDumpId(id);
      if (!entry?.hasData) continue;
      if (holdsLargeObjects(entry)) {
        yield blockHeader(BLOCK_BLOBS, id);
        for await (const object of data.readLargeObjects(entry, options.signal)) {
          yield oidBytes(object.oid);
          yield* chunks(object.bytes);
        }
        yield integerBytes(0);
      } else {
        yield blockHeader(BLOCK_DATA, id);
        yield* chunks(data.read(entry, options.signal));
      }
    }
  }
  return { sizeBytes: null, bytes: bytes() };
}

/** Runs of `int length, bytes`, and a length of 0. */
async function* chunks(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const part of bytes) {
    if (part.length === 0) continue;
    yield integerBytes(part.length);
    yield part;
  }
  yield integerBytes(0);
}
