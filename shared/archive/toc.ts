import type { DumpId, TocEntry } from "./toc-entry.ts";

/**
 * An archive's table of contents, in the archive's order. Entries are views made on demand and decode their fields
 * when asked: keep and compare dump IDs, not entry objects, and do not spread them (`{...entry}` is empty).
 */
export interface Toc extends Iterable<TocEntry> {
  readonly length: number;
  /** PostgreSQL's name of the encoding of all texts, from the ENCODING entry; null where the archive has none. */
  readonly encoding: string | null;
  /** Of a script of several databases, the tables of contents that this one is made of. */
  readonly parts?: readonly TocPart[];
  /** @throws RangeError for an index outside the table of contents, which is a defect of the caller */
  at(index: number): TocEntry;
  byDumpId(id: DumpId): TocEntry | undefined;
  /** Position of the entry with this dump ID, -1 where there is none. */
  indexOf(id: DumpId): number;
}

/** One database's table of contents in that of a whole server. */
export interface TocPart {
  /** Null for what belongs to the whole server: roles and tablespaces. */
  readonly database: string | null;
  readonly toc: Toc;
}
