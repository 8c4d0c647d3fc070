import { AppError } from "../error/app-error.ts";
import { ColumnarToc } from "./columnar-toc.ts";
import { INT_BYTES, NULL_LENGTH, OFFSET_NO_DATA, OFFSET_NOT_SET, readInt } from "./encoding.ts";
import { BytesMissing, damagedAt, type HeaderRead, limitAt, readHeader, readLength, truncatedAt } from "./header.ts";
import { MAX_TOC_BYTES, MAX_TOC_STRING_BYTES } from "./limits.ts";
import { chooseDecoder, type TextDecoding } from "./text-decoding.ts";
import type { Toc } from "./toc.ts";
import { column, TocColumns } from "./toc-columns.ts";
import type { ArchiveHeader, DumpId } from "./toc-entry.ts";

/** Everything before the first data block of a custom archive. */
export interface ArchiveHead {
  readonly header: ArchiveHeader;
  readonly toc: Toc;
  /** Header and table of contents as they stand in the archive, not to be changed. */
  readonly bytes: Uint8Array;
  /** Bytes of the header, which ends with the number of entries: the first entry begins there. */
  readonly headerBytes: number;
  /** Bytes of header and table of contents, which is where the first data block begins. */
  readonly tocBytes: number;
  /** The table of contents says where each data block begins. It does not when pg_dump wrote to a pipe. */
  readonly hasOffsets: boolean;
  /**
   * Position of an entry's data offset: one state byte and `header.offsetSize` bytes, of fixed width whatever they
   * say, so that they can be patched in place. Null where there is no such entry.
   */
  readonly offsetFieldAt: (dumpId: DumpId) => number | null;
  /**
   * Where an entry's last field begins and ends, which says where its data is: the data offset in a custom archive, the
   * name of a member in a toc.dat. Null where there is no such entry.
   */
  readonly dataField: (dumpId: DumpId) => { readonly begin: number; readonly end: number } | null;
  /** The member with an entry's data as a toc.dat names it (`4012.dat`), unchecked; null where there is none. */
  readonly memberOf: (dumpId: DumpId) => string | null;
}

/**
 * Reads header and table of contents of a custom archive, versions 1.12 to 1.16 (ReadHead and ReadToc in
 * pg_backup_archiver.c). Texts are decoded when an entry is asked for them, so `bytes` must not change afterwards.
 * @throws archive.truncated when `bytes` ends before the table of contents does, so that a caller who has more can read
 *   it; archive.damaged, archive.limitExceeded, archive.unsupportedVersion, archive.unsupportedFormat,
 *   archive.notAnArchive
 */
export function readArchiveHead(bytes: Uint8Array, decode: TextDecoding): ArchiveHead {
  return readWhole(new HeadScan(decode), bytes);
}

/**
 * Reads the toc.dat of a directory or tar archive. Its entries name a member each where a custom archive has an offset,
 * so `dataOffset` is null throughout and there are no offset fields to patch.
 * @throws as readArchiveHead
 */
export function readTocFile(bytes: Uint8Array, decode: TextDecoding): ArchiveHead {
  return readWhole(new HeadScan(decode, "tar"), bytes);
}

function readWhole(scan: HeadScan, bytes: Uint8Array): ArchiveHead {
  const needed = scan.advance(bytes);
  if (needed !== 0) throw scan.truncated(bytes.length);
  return scan.head();
}

/** Reads the head of an archive as more and more of it becomes known, without reading any entry twice. */
export class HeadScan {
  readonly #decode: TextDecoding;
  #bytes: Uint8Array = new Uint8Array(0);
  #start: HeaderRead | null = null;
  readonly #columns = new TocColumns();
  readonly #format: "custom" | "tar";

  constructor(decode: TextDecoding, format: "custom" | "tar" = "custom") {
    this.#decode = decode;
    this.#format = format;
  }

  /**
   * @param bytes the archive from its first byte on, at least as long as the last time
   * @returns 0 when the head is complete, else a guess of how many bytes of the archive it takes
   * @throws as readArchiveHead, save archive.truncated
   */
  advance(bytes: Uint8Array): number {
    this.#bytes = bytes;
    try {
      if (this.#start === null) {
        this.#start = readHeader(bytes, chooseDecoder(null, this.#decode));
        insistOnFormat(this.#start.header, this.#format);
        this.#columns.end = this.#start.end;
      }
      readEntries(bytes, this.#columns, this.#start);
      return 0;
    } catch (error) {
      if (!(error instanceof BytesMissing)) throw error;
      if (error.needed > MAX_TOC_BYTES)
        throw limitAt(this.#columns.end, `a table of contents of over ${MAX_TOC_BYTES} bytes`);
      return Math.min(MAX_TOC_BYTES, Math.max(error.needed, this.#guess()));
    }
  }

  /** The error for a file that has no more bytes to give. */
  truncated(sizeBytes: number): Error {
    const found = this.#start === null ? "inside the header" : this.#foundText(this.#start);
    return truncatedAt(sizeBytes, `the file ends ${found}`);
  }

  head(): ArchiveHead {
    if (this.#start === null) throw new Error("the head is not complete");
    const { header } = this.#start;
    const bytes = this.#bytes;
    const columns = this.#columns;
    const toc = new ColumnarToc(bytes, columns, header, this.#decode);
    return {
      header,
      toc,
      bytes: bytes.subarray(0, columns.end),
      headerBytes: this.#start.end,
      tocBytes: columns.end,
      hasOffsets: !columns.isMissingOffsets,
      offsetFieldAt(dumpId) {
        const index = toc.indexOf(dumpId);
        return index < 0 || header.format !== "custom" ? null : columns.get(index, column.offsetAt);
      },
      dataField(dumpId) {
        const index = toc.indexOf(dumpId);
        if (index < 0) return null;
        const begin = columns.get(index, column.offsetAt);
        return { begin, end: header.format === "custom" ? begin + 1 + header.offsetSize : toc.skipText(begin) };
      },
      memberOf(dumpId) {
        const index = toc.indexOf(dumpId);
        if (index < 0 || header.format === "custom") return null;
        return toc.textAt(columns.get(index, column.offsetAt)) || null;
      },
    };
  }

  #foundText({ header }: HeaderRead): string {
    return `after ${this.#columns.length} of ${header.tocCount} entries of its table of contents`;
  }

  /** Size of the whole from the mean size of the entries seen so far, and a tenth for later ones being longer. */
  #guess(): number {
    const { length, end } = this.#columns;
    if (this.#start === null || length === 0) return 65_536;
    const mean = (end - this.#start.end) / length;
    return Math.ceil(this.#start.end + mean * this.#start.header.tocCount * 1.1) + 65_536;
  }
}

function insistOnFormat(header: ArchiveHeader, wanted: "custom" | "tar"): void {
  if (header.format === wanted) return;
  if (wanted === "tar") throw damagedAt(10, "a custom archive in place of a toc.dat");
  throw new AppError(
    "archive.unsupportedFormat",
    "This is the toc.dat of a directory or tar archive, without the data that belongs to it.",
    { hint: "Open the folder or the tar file it belongs to." },
  );
}

/**
 * Reads entries into `columns`, from where it ends until all are there.
 * @throws BytesMissing, with all whole entries kept in `columns`
 */
function readEntries(bytes: Uint8Array, columns: TocColumns, { version, header }: HeaderRead): void {
  const { names } = columns;
  const hasAccessMethod = version >= 14;
  const hasRelationKind = version >= 16;
  const isCustom = header.format === "custom";
  const offsetBytes = 1 + header.offsetSize;
  let position = columns.end;
  let [desc, namespace, owner] = [0, 0, 0];
  while (columns.length < header.tocCount) {
    const dumpId = intAt(bytes, position);
    if (dumpId <= 0) throw damagedAt(position, `dump ID ${dumpId}`);
    const hadDumper = intAt(bytes, position + INT_BYTES) === 0 ? 0 : 1;
    const tableOidAt = position + 2 * INT_BYTES;
    const tagAt = skipText(bytes, skipText(bytes, tableOidAt));
    const descAt = skipText(bytes, tagAt);
    const sectionAt = skipText(bytes, descAt);
    const section = intAt(bytes, sectionAt);
    if (section < 1 || section > 4) throw damagedAt(sectionAt, `section ${section}`);
    const definitionAt = sectionAt + INT_BYTES;
    const dropAt = skipText(bytes, definitionAt);
    const copyAt = skipText(bytes, dropAt);
    const namespaceAt = skipText(bytes, copyAt);
    const tablespaceAt = skipText(bytes, namespaceAt);
    let ownerAt = skipText(bytes, tablespaceAt);
    if (hasAccessMethod) ownerAt = skipText(bytes, ownerAt);
    if (hasRelationKind) {
      intAt(bytes, ownerAt);
      ownerAt += INT_BYTES;
    }
    const withOidsAt = skipText(bytes, ownerAt);
    const dependenciesAt = skipText(bytes, withOidsAt);
    let offsetAt = skipText(bytes, dependenciesAt);
    // A NULL, the only text with a sign, ends the list.
    for (let last = dependenciesAt; bytes[last] === 0; ) {
      last = offsetAt;
      offsetAt = skipText(bytes, offsetAt);
    }
    const end = isCustom ? offsetAt + offsetBytes : skipText(bytes, offsetAt);
    if (end > bytes.length) throw new BytesMissing(end);
    const offsetState = isCustom ? bytes[offsetAt]! : memberState(bytes, offsetAt);
    if (offsetState < OFFSET_NOT_SET || offsetState > OFFSET_NO_DATA)
      throw damagedAt(offsetAt, `data offset of state ${offsetState}`);

    // Neighbours mostly have the same kind, schema and owner.
    desc = names.intern(bytes, descAt, sectionAt, desc);
    namespace = names.intern(bytes, namespaceAt, tablespaceAt, namespace);
    owner = names.intern(bytes, ownerAt, withOidsAt, owner);
    if (offsetState === OFFSET_NOT_SET) columns.isMissingOffsets = true;
    const row = columns.add(end);
    const { cells } = columns;
    cells[row + column.dumpId] = dumpId;
    cells[row + column.flags] = hadDumper | (section << 1) | (offsetState << 4);
    cells[row + column.tableOidAt] = tableOidAt;
    cells[row + column.tagAt] = tagAt;
    cells[row + column.desc] = desc;
    cells[row + column.definitionAt] = definitionAt;
    cells[row + column.dropAt] = dropAt;
    cells[row + column.copyAt] = copyAt;
    cells[row + column.namespace] = namespace;
    cells[row + column.tablespaceAt] = tablespaceAt;
    cells[row + column.owner] = owner;
    cells[row + column.dependenciesAt] = dependenciesAt;
    cells[row + column.offsetAt] = offsetAt;
    position = end;
  }
}

/** An entry without data has an empty member name in a toc.dat, or none (pg_backup_directory.c, _ReadExtraToc). */
function memberState(bytes: Uint8Array, position: number): number {
  return readInt(bytes, position) > 0 ? OFFSET_NOT_SET : OFFSET_NO_DATA;
}

function intAt(bytes: Uint8Array, position: number): number {
  if (position + INT_BYTES > bytes.length) throw new BytesMissing(position + INT_BYTES);
  const value = readInt(bytes, position);
  if (Number.isNaN(value)) throw damagedAt(position, "not a number");
  return value;
}

/** Where the text at `position` ends. This is where the time of reading goes, so the common case comes first. */
function skipText(bytes: Uint8Array, position: number): number {
  const begin = position + INT_BYTES;
  if (begin <= bytes.length && bytes[position] === 0) {
    const length =
      bytes[position + 1]! | (bytes[position + 2]! << 8) | (bytes[position + 3]! << 16) | (bytes[position + 4]! << 24);
    if (length >= 0 && length <= MAX_TOC_STRING_BYTES && begin + length <= bytes.length) return begin + length;
  }
  const length = readLength(bytes, position);
  if (length === NULL_LENGTH) return begin;
  throw new BytesMissing(begin + length);
}
