import { parseCopyColumns } from "../../shared/archive/copy-statement.ts";
import { CopyTextReader } from "../../shared/archive/copy-text.ts";
import type { DumpId, TocEntry } from "../../shared/archive/toc-entry.ts";
import { AppError } from "../../shared/error/app-error.ts";
import type { Archive, DataRange } from "./archive.ts";
import { type ArchiveData, type ArchiveFacts, nameOf, noRows } from "./archive-data.ts";
import { nodeDecoding } from "./node-decoding.ts";

/** An archive out of what its format says and how it reads data: what all formats have in common. It owns `data`. */
export function createArchive(facts: ArchiveFacts, data: ArchiveData): Archive {
  const { toc } = facts;

  /** @throws archive.objectNotFound, archive.noData */
  function dataEntry(id: DumpId): TocEntry {
    const entry = toc.byDumpId(id);
    if (entry === undefined) throw new AppError("archive.objectNotFound", `The archive has no entry ${id}.`);
    if (!entry.hasData) throw new AppError("archive.noData", `The archive holds no data of ${nameOf(entry)}.`);
    return entry;
  }

  function columns(id: DumpId): string[] {
    const entry = dataEntry(id);
    const { copyStatement } = entry;
    if (copyStatement === null || copyStatement === "") throw noRows(entry);
    const names = parseCopyColumns(copyStatement);
    if (names === null)
      throw new AppError("archive.damaged", `The column list of ${nameOf(entry)} cannot be read.`, {
        detail: copyStatement.slice(0, 1000),
      });
    return names;
  }

  return {
    ...facts,
    columns,
    dataRange: async (id) => data.range(dataEntry(id)),
    storedSizes: () => data.sizes(),
    async *readData(id, options = {}) {
      yield* data.read(dataEntry(id), options.signal);
    },
    async *readRows(id, { limit, signal } = {}) {
      const entry = dataEntry(id);
      const count = columns(id).length;
      const where = whereIs(await data.range(entry, signal));
      const reader = new CopyTextReader({ columns: count, encoding: toc.encoding, decode: nodeDecoding, where });
      let left = limit ?? Number.POSITIVE_INFINITY;
      if (left <= 0) return;
      for await (const bytes of data.read(entry, signal)) {
        const rows = reader.push(bytes);
        if (rows.length >= left) {
          yield rows.slice(0, left);
          return;
        }
        left -= rows.length;
        if (rows.length > 0) yield rows;
      }
      reader.end();
    },
    async *readLargeObjects(id, options = {}) {
      yield* data.readLargeObjects(dataEntry(id), options.signal);
    },
    excerpt: (ids, options = {}) => data.excerpt(ids, options),
    close: () => data.close(),
  };
}

/** A place as errors name it: `in the data block at byte 4711`, `in the file 4012.dat.gz`. */
export function whereIs({ member, offset }: DataRange): string {
  return member === null ? `in the data block at byte ${offset}` : `in ${member}`;
}
