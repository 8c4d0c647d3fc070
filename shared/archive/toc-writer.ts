import { INT_BYTES, INT_SIZE, NULL_LENGTH, writeInt } from "./encoding.ts";

/** What the header of a toc.dat says. Texts hold a byte in each character. */
export interface TocFileHeader {
  /** 14, 15 or 16, of archive version 1.x. */
  readonly version: number;
  /** Local time. */
  readonly createdAt: Date;
  readonly database: string | null;
  readonly serverVersion: string | null;
  readonly dumpVersion: string | null;
}

/** An entry to write. Texts hold a byte in each character. */
export interface TocFileEntry {
  readonly dumpId: number;
  readonly desc: string;
  readonly tag: string;
  /** 1 none, 2 pre-data, 3 data, 4 post-data. */
  readonly section: number;
  readonly definition: string | null;
  readonly dropStatement: string;
  readonly copyStatement: string | null;
  readonly namespace: string | null;
  readonly tablespace: string | null;
  readonly tableAccessMethod: string | null;
  readonly relationKind: number;
  readonly owner: string | null;
  readonly dependencies: readonly number[];
  /** Name of the member with its data; null where it has none. */
  readonly member: string | null;
}

const offsetSize = 8;
const tarFormat = 3;
const firstByteCompression = 15;
const firstRelationKind = 16;

/** Writes a toc.dat (WriteHead and WriteToc in pg_backup_archiver.c), without compression. */
export function writeTocFile(header: TocFileHeader, entries: readonly TocFileEntry[]): Uint8Array {
  const out = new Writer();
  const { version, createdAt } = header;
  out.bytes("PGDMP");
  for (const byte of [1, version, 0, INT_SIZE, offsetSize, tarFormat]) out.byte(byte);
  if (version >= firstByteCompression) out.byte(0);
  else out.int(0);
  out.int(createdAt.getSeconds());
  out.int(createdAt.getMinutes());
  out.int(createdAt.getHours());
  out.int(createdAt.getDate());
  out.int(createdAt.getMonth());
  out.int(createdAt.getFullYear() - 1900);
  out.int(-1);
  for (const text of [header.database, header.serverVersion, header.dumpVersion]) out.text(text);
  out.int(entries.length);
  for (const entry of entries) writeEntry(out, entry, version);
  return out.whole();
}

function writeEntry(out: Writer, entry: TocFileEntry, version: number): void {
  out.int(entry.dumpId);
  out.int(entry.member === null ? 0 : 1);
  out.text("0");
  out.text("0");
  out.text(entry.tag);
  out.text(entry.desc);
  out.int(entry.section);
  out.text(entry.definition);
  out.text(entry.dropStatement);
  out.text(entry.copyStatement);
  out.text(entry.namespace);
  out.text(entry.tablespace);
  out.text(entry.tableAccessMethod);
  if (version >= firstRelationKind) out.int(entry.relationKind);
  out.text(entry.owner);
  out.text("false");
  for (const id of entry.dependencies) out.text(String(id));
  out.text(null);
  out.text(entry.member ?? "");
}

class Writer {
  #bytes = new Uint8Array(64 * 1024);
  #length = 0;

  byte(value: number): void {
    this.#room(1);
    this.#bytes[this.#length++] = value;
  }

  int(value: number): void {
    this.#room(INT_BYTES);
    writeInt(this.#bytes, this.#length, value);
    this.#length += INT_BYTES;
  }

  text(text: string | null): void {
    this.int(text === null ? NULL_LENGTH : text.length);
    if (text !== null) this.bytes(text);
  }

  bytes(latin1: string): void {
    this.#room(latin1.length);
    for (let index = 0; index < latin1.length; index++) this.#bytes[this.#length + index] = latin1.charCodeAt(index);
    this.#length += latin1.length;
  }

  whole(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  #room(count: number): void {
    if (this.#length + count <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + count));
    larger.set(this.#bytes);
    this.#bytes = larger;
  }
}
