import { damagedAt, truncatedAt } from "./header.ts";

/** Tar is made of records of this size: a header, then the member's bytes, filled up with zeros. */
export const TAR_RECORD_BYTES = 512;

/** A member of a tar file. */
export interface TarHeader {
  readonly name: string;
  readonly length: number;
  /** A regular file: no folder, link or device. */
  readonly isFile: boolean;
}

/**
 * Reads the header of a tar member (POSIX ustar; pg_dump's is in src/port/tar.c).
 * @param record null where the file ends before it is whole
 * @param position of the record, for errors
 * @returns null at the end mark, a record of zeros
 * @throws archive.truncated, archive.damaged
 */
export function readTarHeader(record: Uint8Array | null, position: number): TarHeader | null {
  if (record === null) throw truncatedAt(position, "the file ends where the header of a tar member should be");
  if (record.every((byte) => byte === 0)) return null;
  if (readOctal(record, 148, 8) !== checksumOf(record)) throw damagedAt(position, "not the header of a tar member");
  const length = readLength(record);
  if (!Number.isSafeInteger(length)) throw damagedAt(position, "a tar member without a readable size");
  const type = record[156];
  return { name: readName(record), length, isFile: type === 0 || type === 48 };
}

function readName(record: Uint8Array): string {
  let name = "";
  for (let at = 0; at < 100 && record[at] !== 0; at++) name += String.fromCharCode(record[at]!);
  return name;
}

/** Octal text, or base-256 with the top bit set for 8 GB and more (GNU and star). NaN or Infinity where it is neither. */
function readLength(record: Uint8Array): number {
  const first = record[124]!;
  if ((first & 0x80) === 0) return readOctal(record, 124, 12);
  if (first !== 0x80) return Number.NaN;
  let value = 0;
  for (let at = 125; at < 136; at++) value = value * 256 + record[at]!;
  return value;
}

function readOctal(record: Uint8Array, at: number, width: number): number {
  let text = "";
  for (let index = at; index < at + width; index++) text += String.fromCharCode(record[index]!);
  text = text.replaceAll(/[\0 ]/g, "");
  return /^[0-7]+$/.test(text) ? Number.parseInt(text, 8) : Number.NaN;
}

/** The sum of all bytes, with spaces in place of the checksum itself. */
function checksumOf(record: Uint8Array): number {
  let sum = 8 * 32;
  for (let at = 0; at < TAR_RECORD_BYTES; at++) if (at < 148 || at >= 156) sum += record[at]!;
  return sum;
}
