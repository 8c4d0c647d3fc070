import { parseCopyColumns } from "../../shared/archive/copy-statement.ts";
import { CopyTextReader } from "../../shared/archive/copy-text.ts";
import { InsertTextReader } from "../../shared/archive/insert-text.ts";
import { tableColumns } from "../../shared/archive/table-columns.ts";
import type { Toc } from "../../shared/archive/toc.ts";
import type { DumpId, TocEntry } from "../../shared/archive/toc-entry.ts";
import { formatName } from "../../shared/command/names.ts";
import { AppError } from "../../shared/error/app-error.ts";
import type { Archive, DataRange } from "./archive.ts";
import { type ArchiveData, type ArchiveFacts, holdsLargeObjects, isCopied, nameOf, noRows } from "./archive-data.ts";
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

  function insertReader(entry: TocEntry, where: string): InsertTextReader {
    return new InsertTextReader({
      tableColumns: tableColumns(toc, entry),
      encoding: toc.encoding,
      hasEscapes: hasEscapes(toc),
      decode: nodeDecoding,
      where,
    });
  }

  /** INSERT statements are read as far as the first row. */
  async function insertedColumns(entry: TocEntry): Promise<string[]> {
    const reader = insertReader(entry, whereIs(await data.range(entry)));
    for await (const bytes of data.read(entry)) {
      reader.push(bytes);
      if (reader.columns !== null) return [...reader.columns];
    }
    reader.end();
    const known = tableColumns(toc, entry) ?? [];
    return known.filter(({ isGenerated }) => !isGenerated).map(({ name }) => name);
  }

  async function columns(id: DumpId): Promise<string[]> {
    const entry = dataEntry(id);
    if (holdsLargeObjects(entry)) throw noRows();
    const { copyStatement } = entry;
    return isCopied(copyStatement) ? copiedColumns(entry, copyStatement) : insertedColumns(entry);
  }

  async function rowReader(
    entry: TocEntry,
    signal: AbortSignal | undefined,
  ): Promise<CopyTextReader | InsertTextReader> {
    if (holdsLargeObjects(entry)) throw noRows();
    const { copyStatement } = entry;
    const count = isCopied(copyStatement) ? copiedColumns(entry, copyStatement).length : null;
    const where = whereIs(await data.range(entry, signal));
    if (count === null) return insertReader(entry, where);
    return new CopyTextReader({ columns: count, encoding: toc.encoding, decode: nodeDecoding, where });
  }

  const archive: Archive = {
    ...facts,
    databases: [],
    databaseOf: () => null,
    database(name) {
      if (facts.header.database === name) return archive;
      throw new AppError("archive.objectNotFound", `The archive has no database ${formatName(null, name)}.`, {
        hint: "It holds one database; leave its name out.",
      });
    },
    partOf: () => archive,
    columns,
    dataRange: async (id) => data.range(dataEntry(id)),
    storedSizes: () => data.sizes(),
    async *readData(id, options = {}) {
      yield* data.read(dataEntry(id), options.signal);
    },
    storedData: async (id, options = {}) => data.stored(dataEntry(id), options.signal),
    async *readRows(id, { limit, signal } = {}) {
      const entry = dataEntry(id);
      const reader = await rowReader(entry, signal);
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
  return archive;
}

/** @throws archive.damaged */
function copiedColumns(entry: TocEntry, copyStatement: string): string[] {
  const names = parseCopyColumns(copyStatement);
  if (names === null)
    throw new AppError("archive.damaged", `The column list of ${nameOf(entry)} cannot be read.`, {
      detail: copyStatement.slice(0, 1000),
    });
  return names;
}

/** `SET standard_conforming_strings = 'off';` */
function hasEscapes(toc: Toc): boolean {
  for (const { desc, definition } of toc) if (desc === "STDSTRINGS") return definition?.includes("'off'") === true;
  return false;
}

/** A place as errors name it: `in the data block at byte 4711`, `in the file 4012.dat.gz`. */
export function whereIs({ member, offset }: DataRange): string {
  return member === null ? `in the data block at byte ${offset}` : `in ${member}`;
}
