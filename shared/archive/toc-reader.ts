import { ColumnarToc } from "./columnar-toc.ts";
import { INT_BYTES, NULL_LENGTH, OFFSET_NO_DATA, OFFSET_NOT_SET, readInt } from "./encoding.ts";
import { BytesMissing, damagedAt, type HeaderRead, limitAt, readHeader, readLength, truncatedAt } from "./header.ts";
import { MAX_TOC_BYTES } from "./limits.ts";
import { chooseDecoder, type TextDecoding } from "./text-decoding.ts";
import type { Toc } from "./toc.ts";
import { column, TocColumns } from "./toc-columns.ts";
import type { ArchiveHeader, DumpId } from "./toc-entry.ts";

/** Everything before the first data block of a custom archive. */
export interface ArchiveHead {
  readonly header: ArchiveHeader;
  readonly toc: Toc;
  /** Bytes of header and table of contents, which is where the first data block begins. */
  readonly tocBytes: number;
  /**
   * Position of an entry's data offset: one state byte and `header.offsetSize` bytes, of fixed width whatever they
   * say, so that they can be patched in place. Null where there is no such entry.
   */
  offsetFieldAt(dumpId: DumpId): number | null;
}

/**
 * Reads header and table of contents of a custom archive, versions 1.12 to 1.16 (ReadHead and ReadToc in
 * pg_backup_archiver.c). Texts are decoded when an entry is asked for them, so `bytes` must not change afterwards.
 * @throws archive.truncated when `bytes` ends before the table of contents does, so that a caller who has more can read
 *   it; archive.damaged, archive.limitExceeded, archive.unsupportedVersion, archive.unsupportedFormat,
 *   archive.notAnArchive
 */
export function readArchiveHead(bytes: Uint8Array, decode: TextDecoding): ArchiveHead {
  const scan = new HeadScan(decode);
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

  constructor(decode: TextDecoding) {
    this.#decode = decode;
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
      tocBytes: columns.end,
      offsetFieldAt(dumpId) {
        const index = toc.indexOf(dumpId);
        return index < 0 ? null : columns.get(index, column.offsetAt);
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

/**
 * Reads entries into `columns`, from where it ends until all are there.
 * @throws BytesMissing, with all whole entries kept in `columns`
 */
function readEntries(bytes: Uint8Array, columns: TocColumns, { version, header }: HeaderRead): void {
  const size = bytes.length;
  let position = columns.end;

  const int = (): number => {
    if (position + INT_BYTES > size) throw new BytesMissing(position + INT_BYTES);
    const value = readInt(bytes, position);
    if (Number.isNaN(value)) throw damagedAt(position, "not a number");
    position += INT_BYTES;
    return value;
  };
  /** Steps over a string and returns where it began. */
  const string = (): number => {
    const at = position;
    const length = readLength(bytes, at);
    const end = length === NULL_LENGTH ? at + INT_BYTES : at + INT_BYTES + length;
    if (end > size) throw new BytesMissing(end);
    position = end;
    return at;
  };
  /** Steps over a string that many entries share and returns its number; 0 for NULL. */
  const shared = (): number => {
    const at = string();
    const begin = at + INT_BYTES;
    if (position === begin && bytes[at] === 1) return 0;
    return columns.names.intern(bytes, begin, position);
  };

  while (columns.length < header.tocCount) {
    const at = position;
    const dumpId = int();
    if (dumpId <= 0) throw damagedAt(at, `dump ID ${dumpId}`);
    const hadDumper = int() === 0 ? 0 : 1;
    const tableOidAt = string();
    string(); // oid
    const tagAt = string();
    const desc = shared();
    const sectionAt = position;
    const section = int();
    if (section < 1 || section > 4) throw damagedAt(sectionAt, `section ${section}`);
    const definitionAt = string();
    const dropAt = string();
    const copyAt = string();
    const namespace = shared();
    const tablespaceAt = string();
    if (version >= 14) string(); // table access method
    if (version >= 16) int(); // relkind
    const owner = shared();
    string(); // WITH OIDS, of the past
    const dependenciesAt = position;
    while (bytes[string()] !== 1); // a NULL ends the list
    const offsetAt = position;
    position += 1 + header.offsetSize;
    if (position > size) throw new BytesMissing(position);
    const offsetState = bytes[offsetAt]!;
    if (offsetState < OFFSET_NOT_SET || offsetState > OFFSET_NO_DATA)
      throw damagedAt(offsetAt, `data offset of state ${offsetState}`);
    const flags = hadDumper | (section << 1) | (offsetState << 4);
    const row = columns.add(position);
    const { cells } = columns;
    cells[row + column.dumpId] = dumpId;
    cells[row + column.flags] = flags;
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
  }
}
