import { NameTable } from "./name-table.ts";

/** What is kept of each entry: numbers, positions of its texts in the archive's bytes, and numbers of shared names. */
export const column = {
  dumpId: 0,
  /** Bit 0: hadDumper; bits 1 to 3: section; bits 4 and 5: state of the data offset. */
  flags: 1,
  /** The oid follows the table oid. */
  tableOidAt: 2,
  tagAt: 3,
  desc: 4,
  definitionAt: 5,
  dropAt: 6,
  copyAt: 7,
  namespace: 8,
  /** The table access method follows the tablespace. */
  tablespaceAt: 9,
  owner: 10,
  dependenciesAt: 11,
  offsetAt: 12,
} as const;

const width = 13;

/**
 * Entries of a table of contents as one array of numbers, 52 bytes for each entry. It grows with what was really
 * read, never with what the file claims.
 */
export class TocColumns {
  cells = new Uint32Array(width * 256);
  length = 0;
  /** Where the last whole entry ends, in bytes of the archive. */
  end = 0;
  /** An entry with data does not say where it is. */
  isMissingOffsets = false;
  readonly names = new NameTable();

  /** Makes room for one entry that ends at `end`, and returns where its cells begin. */
  add(end: number): number {
    const row = this.length * width;
    if (row + width > this.cells.length) {
      const larger = new Uint32Array(this.cells.length * 2);
      larger.set(this.cells);
      this.cells = larger;
    }
    this.length++;
    this.end = end;
    return row;
  }

  get(index: number, which: number): number {
    return this.cells[index * width + which]!;
  }
}
