/**
 * The primitive encodings of pg_dump's archives: integers, strings, data offsets, block types.
 * Source: WriteInt, ReadInt, WriteStr, WriteOffset in PostgreSQL's src/bin/pg_dump/pg_backup_archiver.c and
 * pg_backup_custom.c.
 */

/** Bytes of an integer: one sign byte (0 or 1) and a little-endian magnitude of four bytes, the only size ever written. */
export const INT_BYTES = 5;
export const INT_SIZE = 4;

/** First byte of a data block in a custom archive; the dump ID follows as an integer. */
export const BLOCK_DATA = 1;
export const BLOCK_BLOBS = 3;
/** Bytes of a block's own header: type byte and dump ID. */
export const BLOCK_HEADER_BYTES = 1 + INT_BYTES;

/** State byte of an entry's data offset in a custom archive. The field keeps its width whatever the state. */
export const OFFSET_NOT_SET = 1;
export const OFFSET_SET = 2;
export const OFFSET_NO_DATA = 3;

/** Length that a string has in place of NULL. */
export const NULL_LENGTH = -1;

/**
 * Reads the integer at `position`. The caller has made sure that INT_BYTES are there.
 * @returns NaN where the sign byte is neither 0 nor 1, which no pg_dump writes
 */
export function readInt(bytes: Uint8Array, position: number): number {
  const sign = bytes[position];
  const magnitude =
    (bytes[position + 1]! |
      (bytes[position + 2]! << 8) |
      (bytes[position + 3]! << 16) |
      (bytes[position + 4]! << 24)) >>>
    0;
  if (sign === 0) return magnitude;
  return sign === 1 ? -magnitude : Number.NaN;
}

/** Reads an OID written as an integer: those above 2^31 were written as negative numbers. NaN as for readInt. */
export function readOid(bytes: Uint8Array, position: number): number {
  const value = readInt(bytes, position);
  return value < 0 ? value >>> 0 : value;
}

/** Reads an unsigned little-endian number of up to eight bytes; exact up to 2^53, larger ones come out as Infinity. */
export function readUnsigned(bytes: Uint8Array, position: number, size: number): number {
  let value = 0;
  for (let index = size - 1; index >= 0; index--) value = value * 256 + bytes[position + index]!;
  return Number.isSafeInteger(value) ? value : Number.POSITIVE_INFINITY;
}

/** Writes an integer as WriteInt does. */
export function writeInt(target: Uint8Array, position: number, value: number): void {
  const magnitude = Math.abs(value);
  target[position] = value < 0 ? 1 : 0;
  for (let index = 0; index < INT_SIZE; index++)
    target[position + 1 + index] = Math.floor(magnitude / 256 ** index) % 256;
}

/** An integer in bytes of its own. */
export function integerBytes(value: number): Uint8Array {
  const bytes = new Uint8Array(INT_BYTES);
  writeInt(bytes, 0, value);
  return bytes;
}

/** An OID in bytes of its own: those above 2^31 are written as the negative numbers that C's int makes of them. */
export function oidBytes(oid: number): Uint8Array {
  return integerBytes(oid | 0);
}

/** A data block's header: its type and the dump ID. */
export function blockHeader(type: number, dumpId: number): Uint8Array {
  const bytes = new Uint8Array(BLOCK_HEADER_BYTES);
  bytes[0] = type;
  writeInt(bytes, 1, dumpId);
  return bytes;
}

/** Writes a data offset that is known: state byte and `offsetSize` bytes, little-endian without a sign. */
export function writeOffset(target: Uint8Array, position: number, offset: number, offsetSize: number): void {
  target[position] = OFFSET_SET;
  for (let index = 0; index < offsetSize; index++)
    target[position + 1 + index] = Math.floor(offset / 256 ** index) % 256;
}
