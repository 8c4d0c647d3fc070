import { INT_BYTES, OFFSET_NO_DATA, writeInt, writeOffset } from "./encoding.ts";
import type { DumpId } from "./toc-entry.ts";
import type { ArchiveHead } from "./toc-reader.ts";

/** A part of an archive, made into an archive of its own: its new head, then these ranges of the original. */
export interface Excerpt {
  readonly head: Uint8Array;
  /** Data blocks in the original, in the order they are to follow the head. */
  readonly blocks: readonly { readonly offset: number; readonly length: number }[];
  readonly sizeBytes: number;
}

/** They set the session up, so pg_restore runs them whatever its list says (_tocEntryRequired, REQ_SPECIAL). */
export const alwaysTaken: ReadonlySet<string> = new Set(["ENCODING", "STDSTRINGS", "SEARCHPATH"]);

/**
 * Takes entries out of a custom archive. What comes out is a valid custom archive of them alone, in the original's
 * order, with its data offsets set; entries keep their dump IDs, so a use-list for the original fits it, and depend on
 * entries that are not there, which pg_restore passes over. Nothing is decompressed: data blocks are copied.
 *
 * pg_restore can read it from a pipe, where it meets the data blocks in the order it restores them in: that is the
 * order of `ids`.
 *
 * @param ids dump IDs of the archive, each once
 * @param blockAt where the data blocks of those entries lie; where there is none, no data comes
 */
export function planExcerpt(
  archive: ArchiveHead,
  ids: readonly DumpId[],
  blockAt: ReadonlyMap<DumpId, { readonly offset: number; readonly length: number }>,
): Excerpt {
  const chosen = new Set(ids);
  const parts: Uint8Array[] = [archive.bytes.slice(0, archive.headerBytes)];
  const offsetFields = new Map<DumpId, number>();
  const withoutData: number[] = [];
  let headBytes = archive.headerBytes;
  let entryAt = archive.headerBytes;
  for (const entry of archive.toc) {
    const { dumpId } = entry;
    const offsetAt = archive.offsetFieldAt(dumpId);
    if (offsetAt === null) throw new Error(`entry ${dumpId} has no offset field: not a custom archive`);
    // The offset is an entry's last field: a state byte, then the offset itself.
    const end = offsetAt + 1 + archive.header.offsetSize;
    if (chosen.has(dumpId) || alwaysTaken.has(entry.desc)) {
      parts.push(archive.bytes.subarray(entryAt, end));
      offsetFields.set(dumpId, headBytes + offsetAt - entryAt);
      if (!chosen.has(dumpId)) withoutData.push(headBytes + offsetAt - entryAt);
      headBytes += end - entryAt;
    }
    entryAt = end;
  }

  const head = concat(parts, headBytes);
  writeInt(head, archive.headerBytes - INT_BYTES, parts.length - 1);
  // Taken for its SQL alone, should a damaged archive say that it has data.
  for (const field of withoutData) head[field] = OFFSET_NO_DATA;
  const blocks: { offset: number; length: number }[] = [];
  let position = headBytes;
  for (const id of ids) {
    const field = offsetFields.get(id);
    const block = blockAt.get(id);
    if (field === undefined || block === undefined) continue;
    writeOffset(head, field, position, archive.header.offsetSize);
    blocks.push(block);
    position += block.length;
  }
  return { head, blocks, sizeBytes: position };
}

function concat(parts: readonly Uint8Array[], sizeBytes: number): Uint8Array {
  const whole = new Uint8Array(sizeBytes);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
