import type { Toc, TocPart } from "./toc.ts";
import type { DumpId, TocEntry } from "./toc-entry.ts";

/** The tables of contents of several databases as one, in their order. No two of them share a dump ID. */
export class JoinedToc implements Toc {
  readonly parts: readonly TocPart[];
  readonly length: number;
  /** Where all have the same; else each part has its own. */
  readonly encoding: string | null;

  constructor(parts: readonly TocPart[]) {
    this.parts = parts;
    this.length = parts.reduce((sum, { toc }) => sum + toc.length, 0);
    const encodings = new Set(parts.map(({ toc }) => toc.encoding));
    this.encoding = encodings.size === 1 ? (parts[0]?.toc.encoding ?? null) : null;
  }

  at(index: number): TocEntry {
    let left = index;
    for (const { toc } of this.parts) {
      if (left < toc.length) return toc.at(left);
      left -= toc.length;
    }
    throw new RangeError(`no entry at ${index}`);
  }

  byDumpId(id: DumpId): TocEntry | undefined {
    return this.parts.find(({ toc }) => toc.indexOf(id) >= 0)?.toc.byDumpId(id);
  }

  indexOf(id: DumpId): number {
    let before = 0;
    for (const { toc } of this.parts) {
      const index = toc.indexOf(id);
      if (index >= 0) return before + index;
      before += toc.length;
    }
    return -1;
  }

  *[Symbol.iterator](): Iterator<TocEntry> {
    for (const { toc } of this.parts) yield* toc;
  }
}
