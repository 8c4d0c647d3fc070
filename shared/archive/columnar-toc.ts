import { INT_BYTES, NULL_LENGTH, OFFSET_NO_DATA, OFFSET_SET, readInt, readUnsigned } from "./encoding.ts";
import { damagedAt } from "./header.ts";
import { chooseDecoder, type DecodeText, type TextDecoding } from "./text-decoding.ts";
import type { Toc } from "./toc.ts";
import { column, type TocColumns } from "./toc-columns.ts";
import type { ArchiveHeader, DumpId, Section, TocEntry } from "./toc-entry.ts";

const sections: readonly Section[] = ["none", "none", "pre-data", "data", "post-data"];

/**
 * The table of contents over the archive's own bytes. Texts are substrings of one Latin-1 string of the whole, which
 * costs a copy of the bytes once and next to nothing for each text; only texts with a byte above 127 are decoded.
 */
export class ColumnarToc implements Toc {
  readonly encoding: string | null;
  readonly #bytes: Uint8Array;
  readonly #columns: TocColumns;
  readonly #header: ArchiveHeader;
  readonly #decoding: TextDecoding;
  readonly #decode: DecodeText;
  readonly #names: (string | null | undefined)[] = [];
  readonly #indexes: Map<DumpId, number> | Int32Array;
  #latin1: string | null = null;

  /** @throws archive.damaged when two entries have the same dump ID */
  constructor(bytes: Uint8Array, columns: TocColumns, header: ArchiveHeader, decoding: TextDecoding) {
    this.#bytes = bytes.subarray(0, columns.end);
    this.#columns = columns;
    this.#header = header;
    this.#decoding = decoding;
    this.#indexes = indexByDumpId(columns);
    this.#decode = chooseDecoder(null, decoding);
    this.encoding = this.#findEncoding();
    this.#decode = chooseDecoder(this.encoding, decoding);
  }

  get length(): number {
    return this.#columns.length;
  }

  at(index: number): TocEntry {
    if (!(index >= 0 && index < this.#columns.length)) throw new RangeError(`no entry at ${index}`);
    return new ColumnarEntry(this, index);
  }

  byDumpId(id: DumpId): TocEntry | undefined {
    const index = this.indexOf(id);
    return index < 0 ? undefined : new ColumnarEntry(this, index);
  }

  indexOf(id: DumpId): number {
    if (this.#indexes instanceof Map) return this.#indexes.get(id) ?? -1;
    return (this.#indexes[id] ?? 0) - 1;
  }

  *[Symbol.iterator](): Iterator<TocEntry> {
    for (let index = 0; index < this.#columns.length; index++) yield new ColumnarEntry(this, index);
  }

  number(index: number, which: number): number {
    return this.#columns.get(index, which);
  }

  /** A text that many entries share; made once. */
  name(index: number, which: number): string | null {
    const name = this.#columns.get(index, which);
    const known = this.#names[name];
    if (known !== undefined) return known;
    return (this.#names[name] = this.textAt(this.#columns.names.positionOf(name)));
  }

  /** The text whose length stands at `position`. */
  textAt(position: number): string | null {
    const length = readInt(this.#bytes, position);
    return length === NULL_LENGTH ? null : this.#text(position + INT_BYTES, position + INT_BYTES + length);
  }

  /** Where the text that begins at `position` ends. */
  skipText(position: number): number {
    return position + INT_BYTES + Math.max(0, readInt(this.#bytes, position));
  }

  /** An oid or dump ID, written as decimal text; 0 where there is none. */
  decimalAt(position: number): number {
    const end = this.skipText(position);
    let value = 0;
    for (let index = position + INT_BYTES; index < end; index++) {
      const digit = this.#bytes[index]! - 48;
      if (!(digit >= 0 && digit <= 9) || value > 0xffffffff) throw damagedAt(position, "a number that is not one");
      value = value * 10 + digit;
    }
    return value;
  }

  dependenciesAt(position: number): DumpId[] {
    const ids: DumpId[] = [];
    for (let at = position; this.#bytes[at] === 0; at = this.skipText(at)) ids.push(this.decimalAt(at));
    return ids;
  }

  offsetAt(position: number): number {
    return readUnsigned(this.#bytes, position + 1, this.#header.offsetSize);
  }

  hasAccessMethods(): boolean {
    return Number(this.#header.archiveVersion.slice(2)) >= 14;
  }

  #text(begin: number, end: number): string {
    const bytes = this.#bytes;
    for (let index = begin; index < end; index++) if (bytes[index]! > 127) return this.#decode(bytes, begin, end);
    this.#latin1 ??= this.#decoding.latin1(bytes, 0, bytes.length);
    return this.#latin1.substring(begin, end);
  }

  /** `SET client_encoding = 'UTF8';` */
  #findEncoding(): string | null {
    for (let index = 0; index < this.#columns.length; index++) {
      if (this.name(index, column.desc) !== "ENCODING") continue;
      const statement = this.textAt(this.number(index, column.definitionAt)) ?? "";
      return /^SET client_encoding = '(\w+)'/.exec(statement)?.[1] ?? null;
    }
    return null;
  }
}

/** One row of the columns. Only what is asked for is decoded, each time anew. */
class ColumnarEntry implements TocEntry {
  readonly #toc: ColumnarToc;
  readonly #index: number;

  constructor(toc: ColumnarToc, index: number) {
    this.#toc = toc;
    this.#index = index;
  }

  get dumpId(): DumpId {
    return this.#toc.number(this.#index, column.dumpId);
  }
  get hadDumper(): boolean {
    return (this.#toc.number(this.#index, column.flags) & 1) === 1;
  }
  get tableOid(): number {
    return this.#toc.decimalAt(this.#toc.number(this.#index, column.tableOidAt));
  }
  get oid(): number {
    return this.#toc.decimalAt(this.#toc.skipText(this.#toc.number(this.#index, column.tableOidAt)));
  }
  get tag(): string {
    return this.#toc.textAt(this.#toc.number(this.#index, column.tagAt)) ?? "";
  }
  get desc(): string {
    return this.#toc.name(this.#index, column.desc) ?? "";
  }
  get section(): Section {
    return sections[(this.#toc.number(this.#index, column.flags) >> 1) & 7]!;
  }
  get definition(): string | null {
    return this.#toc.textAt(this.#toc.number(this.#index, column.definitionAt));
  }
  get dropStatement(): string | null {
    return this.#toc.textAt(this.#toc.number(this.#index, column.dropAt));
  }
  get copyStatement(): string | null {
    return this.#toc.textAt(this.#toc.number(this.#index, column.copyAt));
  }
  get namespace(): string | null {
    return this.#toc.name(this.#index, column.namespace);
  }
  get tablespace(): string | null {
    return this.#toc.textAt(this.#toc.number(this.#index, column.tablespaceAt));
  }
  get tableAccessMethod(): string | null {
    if (!this.#toc.hasAccessMethods()) return null;
    return this.#toc.textAt(this.#toc.skipText(this.#toc.number(this.#index, column.tablespaceAt)));
  }
  get owner(): string | null {
    return this.#toc.name(this.#index, column.owner);
  }
  get dependencies(): readonly DumpId[] {
    return this.#toc.dependenciesAt(this.#toc.number(this.#index, column.dependenciesAt));
  }
  get hasData(): boolean {
    return this.#offsetState() !== OFFSET_NO_DATA;
  }
  get dataOffset(): number | null {
    if (this.#offsetState() !== OFFSET_SET) return null;
    return this.#toc.offsetAt(this.#toc.number(this.#index, column.offsetAt));
  }

  #offsetState(): number {
    return this.#toc.number(this.#index, column.flags) >> 4;
  }
}

/**
 * Index + 1 by dump ID. pg_dump numbers all objects it looks at, so the ids are dense enough for an array unless the
 * file is hostile.
 */
function indexByDumpId(columns: TocColumns): Map<DumpId, number> | Int32Array {
  let highest = 0;
  for (let index = 0; index < columns.length; index++) highest = Math.max(highest, columns.get(index, column.dumpId));
  if (highest > 1_000_000 + columns.length * 16) {
    const map = new Map<DumpId, number>();
    for (let index = 0; index < columns.length; index++) {
      const id = columns.get(index, column.dumpId);
      if (map.has(id)) throw twice(id);
      map.set(id, index);
    }
    return map;
  }
  const array = new Int32Array(highest + 1);
  for (let index = 0; index < columns.length; index++) {
    const id = columns.get(index, column.dumpId);
    if (array[id] !== 0) throw twice(id);
    array[id] = index + 1;
  }
  return array;

  function twice(id: DumpId): Error {
    const index = columns.length - 1;
    return damagedAt(columns.get(index, column.tableOidAt), `dump ID ${id} stands for two entries`);
  }
}
