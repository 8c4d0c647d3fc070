import { JoinedToc } from "../../shared/archive/joined-toc.ts";
import type { DumpId } from "../../shared/archive/toc-entry.ts";
import { formatName } from "../../shared/command/names.ts";
import { AppError } from "../../shared/error/app-error.ts";
import type { Archive } from "./archive.ts";

/** One part of pg_dumpall's script. */
export interface ClusterPart {
  /** Null for what belongs to the whole server: roles and tablespaces. */
  readonly database: string | null;
  readonly archive: Archive;
}

/**
 * The parts of a pg_dumpall script as one archive, which owns them from then on: its table of contents is that of all, what
 * is asked of an entry is asked of its part, and a choice of entries to restore must be of one database.
 */
export function createClusterArchive(parts: readonly [ClusterPart, ...ClusterPart[]]): Archive {
  const [{ archive: first }] = parts;
  const toc = new JoinedToc(parts.map(({ database, archive }) => ({ database, toc: archive.toc })));
  const databases = parts.flatMap(({ database }) => (database === null ? [] : [database]));

  /** @throws archive.objectNotFound */
  function partOf(id: DumpId): Archive {
    const part = parts.find(({ archive }) => archive.toc.indexOf(id) >= 0);
    if (part === undefined) throw new AppError("archive.objectNotFound", `The archive has no entry ${id}.`);
    return part.archive;
  }

  // Only what pg_dump writes of a database says who wrote it.
  const { header } = parts.find(({ archive }) => archive.header.dumpVersion !== null)?.archive ?? first;

  return {
    ...first,
    header: { ...header, database: null, tocCount: toc.length },
    toc,
    tocBytes: parts.reduce((sum, { archive }) => sum + archive.tocBytes, 0),
    databases,
    databaseOf: (id) => parts.find(({ archive }) => archive.toc.indexOf(id) >= 0)?.database ?? null,
    database(name) {
      const part = parts.find(({ database }) => database === name);
      if (part !== undefined) return part.archive;
      throw new AppError("archive.objectNotFound", `The script has no database ${formatName(null, name)}.`, {
        hint: `It has: ${listed(databases)}`,
      });
    },
    partOf,
    dataRange: (id) => inPart(id, (part) => part.dataRange(id)),
    async storedSizes() {
      const sizes = await Promise.all(parts.map(({ archive }) => archive.storedSizes()));
      return new Map(sizes.flatMap((each) => [...each]));
    },
    async *readData(id, options) {
      yield* partOf(id).readData(id, options);
    },
    storedData: (id, options) => inPart(id, (part) => part.storedData(id, options)),
    async *readRows(id, options) {
      yield* partOf(id).readRows(id, options);
    },
    async *readLargeObjects(id, options) {
      yield* partOf(id).readLargeObjects(id, options);
    },
    columns: (id) => inPart(id, (part) => part.columns(id)),
    async excerpt(ids, options) {
      const [one, ...more] = new Set(ids.map(partOf));
      if (one === undefined || more.length > 0) throw severalDatabases(databases);
      return one.excerpt(ids, options);
    },
    close: () => first.close(),
  };

  async function inPart<Result>(id: DumpId, ask: (part: Archive) => Promise<Result>): Promise<Result> {
    return ask(partOf(id));
  }
}

/** The error where one database has to be meant and several may be. */
export function severalDatabases(databases: readonly string[]): AppError {
  return new AppError(
    "archive.databaseUnclear",
    "The script holds several databases, and it is not said which is meant.",
    {
      detail: listed(databases),
    },
  );
}

function listed(databases: readonly string[]): string {
  const names = databases.slice(0, 20).map((name) => formatName(null, name));
  const more = databases.length > names.length ? ` and ${databases.length - names.length} more` : "";
  return `${names.join(", ")}${more}`;
}
