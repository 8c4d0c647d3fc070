import { INT_BYTES, OFFSET_NO_DATA, OFFSET_NOT_SET, writeInt } from "./encoding.ts";
import { alwaysTaken } from "./excerpt.ts";
import type { DumpId } from "./toc-entry.ts";
import type { ArchiveHead } from "./toc-reader.ts";

/** Position of the format in the header, and its value for a custom archive (ReadHead in pg_backup_archiver.c). */
const formatAt = 10;
const custom = 1;
const compressionAt = 11;
/** From archive version 1.15 on the compression is one byte, before that an integer. */
const byteCompressionSince = 15;

/**
 * The head of a custom archive of chosen entries out of an archive of another format: entries in the original's order with
 * their dump IDs, no compression, and no data offsets, because nobody knows how long the data is before it has passed. Data
 * blocks are to follow in the order they are restored in, as pg_dump itself writes into a pipe.
 */
export function buildStreamedHead(archive: ArchiveHead, ids: readonly DumpId[]): Uint8Array {
  const { bytes, headerBytes, header, toc } = archive;
  const chosen = new Set(ids);
  const start = bytes.slice(0, headerBytes);
  start[formatAt] = custom;
  if (Number(header.archiveVersion.slice(2)) >= byteCompressionSince) start[compressionAt] = 0;
  else writeInt(start, compressionAt, 0);

  const parts: Uint8Array[] = [start];
  let entryAt = headerBytes;
  let count = 0;
  for (const entry of toc) {
    const field = archive.dataField(entry.dumpId);
    if (field === null) throw new Error(`entry ${entry.dumpId} is not in its own table of contents`);
    if (chosen.has(entry.dumpId) || alwaysTaken.has(entry.desc)) {
      const offset = new Uint8Array(1 + header.offsetSize);
      offset[0] = entry.hasData && chosen.has(entry.dumpId) ? OFFSET_NOT_SET : OFFSET_NO_DATA;
      parts.push(bytes.subarray(entryAt, field.begin), offset);
      count++;
    }
    entryAt = field.end;
  }
  writeInt(start, headerBytes - INT_BYTES, count);
  return join(parts);
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
