import { AppError } from "../error/app-error.ts";
import { INT_BYTES, INT_SIZE, readInt, writeInt } from "./encoding.ts";
import { MAX_TOC_ENTRIES, MAX_TOC_STRING_BYTES } from "./limits.ts";
import { refuseForeignFile } from "./sniff.ts";
import type { DecodeText } from "./text-decoding.ts";
import type { ArchiveHeader, Compression } from "./toc-entry.ts";

/** Versions this reader knows, as minor numbers of 1.x: PostgreSQL 9.0 to 19. */
export const OLDEST_VERSION = 12;
export const NEWEST_VERSION = 16;

const formatCustom = 1;
/** The toc.dat of a directory archive says so too. */
const formatTar = 3;
const algorithms: readonly Compression[] = ["none", "gzip", "lz4", "zstd"];
/** Where the header says how data is compressed, and since when it does so in one byte: PostgreSQL 16. */
const compressionAt = 11;
const firstAlgorithmVersion = 15;

/** The bytes given end before the thing that was being read does; more of the file may help. */
export class BytesMissing {
  readonly needed: number;
  constructor(needed: number) {
    this.needed = needed;
  }
}

/** An error about the file's own bytes, naming the place. */
export function damagedAt(position: number, what: string): AppError {
  return new AppError("archive.damaged", "The archive is damaged.", { detail: `At byte ${position}: ${what}.` });
}

/** An error about a size that no real archive has, naming the place. */
export function limitAt(position: number, what: string): AppError {
  return new AppError("archive.limitExceeded", "The archive claims a size that no real dump has.", {
    detail: `At byte ${position}: ${what}.`,
  });
}

/** An error about bytes that should follow and do not. */
export function truncatedAt(position: number, what: string): AppError {
  return new AppError("archive.truncated", "The archive ends too early.", { detail: `At byte ${position}: ${what}.` });
}

/** Length of the string at `position`: -1 is NULL. Throws BytesMissing when the length itself is cut. */
export function readLength(bytes: Uint8Array, position: number): number {
  if (position + INT_BYTES > bytes.length) throw new BytesMissing(position + INT_BYTES);
  const length = readInt(bytes, position);
  if (length >= 0 && length <= MAX_TOC_STRING_BYTES) return length;
  if (length === -1) return -1;
  if (length > 0) throw limitAt(position, `a text of ${length} bytes`);
  throw damagedAt(position, "a text without a valid length");
}

/** What readHeader found: the header, the minor version, and where the first entry begins. */
export interface HeaderRead {
  readonly header: ArchiveHeader;
  readonly version: number;
  readonly end: number;
}

/**
 * Reads the header of a custom archive (ReadHead in pg_backup_archiver.c). `decode` sees only the database name and
 * the two version texts, which stand before the ENCODING entry that would tell their encoding.
 * A toc.dat's format comes out as "tar", whichever of the two it belongs to.
 * @throws archive.notAnArchive, archive.unsupportedFormat, archive.unsupportedVersion, archive.damaged,
 *   archive.limitExceeded, and BytesMissing when `bytes` ends inside the header
 */
export function readHeader(bytes: Uint8Array, decode: DecodeText): HeaderRead {
  refuseForeignFile(bytes);
  if (bytes.length < 11) throw new BytesMissing(64);
  const [major, version] = [bytes[5]!, bytes[6]!];
  if (major !== 1 || version < OLDEST_VERSION || version > NEWEST_VERSION) {
    const newer = major > 1 || (major === 1 && version > NEWEST_VERSION);
    throw new AppError(
      "archive.unsupportedVersion",
      `The archive has version ${major}.${version}; Lifeboat reads 1.${OLDEST_VERSION} to 1.${NEWEST_VERSION}.`,
      newer ? {} : { hint: "Open it with the pg_restore of the PostgreSQL version that wrote it." },
    );
  }
  const [intSize, offsetSize, format] = [bytes[8]!, bytes[9]!, bytes[10]!];
  if (intSize !== INT_SIZE) throw damagedAt(8, `integers of ${intSize} bytes`);
  if (offsetSize !== 8 && offsetSize !== 4) throw damagedAt(9, `file offsets of ${offsetSize} bytes`);
  if (format !== formatCustom && format !== formatTar) throw damagedAt(10, `archive format ${format}`);

  let position = compressionAt;
  const int = (): number => {
    if (position + INT_BYTES > bytes.length) throw new BytesMissing(position + INT_BYTES);
    const value = readInt(bytes, position);
    if (Number.isNaN(value)) throw damagedAt(position, "not a number");
    position += INT_BYTES;
    return value;
  };
  const text = (): string | null => {
    const length = readLength(bytes, position);
    const start = position + INT_BYTES;
    if (length === -1) {
      position = start;
      return null;
    }
    if (start + length > bytes.length) throw new BytesMissing(start + length);
    position = start + length;
    return decode(bytes, start, position);
  };

  let compression: Compression | undefined;
  if (version >= firstAlgorithmVersion) {
    if (position >= bytes.length) throw new BytesMissing(position + 1);
    compression = algorithms[bytes[position++]!];
  } else {
    // Up to 1.14 it is zlib's level: -1 is its default, 0 no compression.
    const level = int();
    if (level >= -1 && level <= 9) compression = level === 0 ? "none" : "gzip";
  }
  if (compression === undefined) throw damagedAt(compressionAt, "unknown compression");

  const createdAt = readTime(position, int);
  const database = text();
  const serverVersion = text();
  const dumpVersion = text();
  const countAt = position;
  const tocCount = int();
  if (tocCount < 0) throw damagedAt(countAt, `${tocCount} entries`);
  if (tocCount > MAX_TOC_ENTRIES) throw limitAt(countAt, `${tocCount} entries`);

  const archiveVersion = `${major}.${version}`;
  return {
    header: {
      format: format === formatCustom ? "custom" : "tar",
      archiveVersion,
      compression,
      intSize,
      offsetSize,
      createdAt,
      database,
      serverVersion,
      dumpVersion,
      tocCount,
    },
    version,
    end: position,
  };
}

/**
 * Writes another compression into an archive's header, whose length stays the same (WriteHead in pg_backup_archiver.c).
 * @param bytes of an archive that readHeader has read
 * @param level that an archive up to 1.14 names; null: zlib's default
 * @throws archive.unsupportedVersion for what such an archive cannot say
 */
export function writeCompression(bytes: Uint8Array, method: Compression, level: number | null): void {
  if (bytes[6]! >= firstAlgorithmVersion) {
    bytes[compressionAt] = algorithms.indexOf(method);
    return;
  }
  if (method !== "none" && method !== "gzip")
    throw new AppError(
      "archive.unsupportedVersion",
      `An archive of version 1.${bytes[6]} cannot be compressed with ${method}.`,
    );
  writeInt(bytes, compressionAt, method === "none" ? 0 : (level ?? -1));
}

const two = (value: number) => String(value).padStart(2, "0");

/** C's struct tm as seven integers: local time of the dumping host; the zone is not stored. */
function readTime(position: number, int: () => number): string {
  const [second, minute, hour, day, month, year] = [int(), int(), int(), int(), int(), int()];
  int(); // tm_isdst
  const valid =
    second >= 0 && second <= 61 && minute >= 0 && minute <= 59 && hour >= 0 && hour <= 23 && day >= 1 && day <= 31;
  if (!valid || month < 0 || month > 11 || year < 0 || year > 8099) throw damagedAt(position, "an impossible time");
  return `${year + 1900}-${two(month + 1)}-${two(day)}T${two(hour)}:${two(minute)}:${two(second)}`;
}
