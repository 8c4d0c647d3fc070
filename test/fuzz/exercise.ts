import { rm } from "node:fs/promises";
import type { Archive } from "../../electron/archives/archive.ts";
import { dataSizes } from "../../electron/archives/data-sizes.ts";
import { findTableData } from "../../electron/archives/find-object.ts";
import { definitionOf, scriptOf } from "../../electron/archives/object-definition.ts";
import { openArchive } from "../../electron/archives/open-archive.ts";
import { surveyArchive, writeSalvage } from "../../electron/archives/salvage.ts";
import type { KeyRing } from "../../electron/encryption/key-ring.ts";
import { createRowPages } from "../../electron/rows/row-pages.ts";
import { loadManifestBeside } from "../../electron/storage/backup-folder.ts";
import { readDependencyGraph } from "../../shared/archive/dependency-graph.ts";
import { entryColumns } from "../../shared/archive/entry-columns.ts";
import { named, relationsOf } from "../../shared/archive/relations.ts";
import { selectFrom } from "../../shared/archive/selection.ts";
import type { TocEntry } from "../../shared/archive/toc-entry.ts";
import { formatName } from "../../shared/command/names.ts";
import { AppError } from "../../shared/error/app-error.ts";
import { everyRow } from "../../shared/rows/row-filter.ts";

/** Entries looked at one by one; more of them take time and find nothing new. */
const mostEntries = 60;
const mostRows = 300;

/**
 * Codes an archive may be refused with, whatever is in it; names that are empty cannot be asked for. `tool.missing`: what begins
 * like a message of gpg's, which cannot be started here.
 */
const expected =
  /^(archive|encryption|storage)\.|^(backup\.manifestInvalid|restore\.nothingSelected|tool\.missing|usage\.invalid)$/;

/**
 * Does with an archive all that a person could do short of restoring it: contents, definitions, what belongs together, rows,
 * large objects, salvage. Every step may refuse it; none may fail in another way.
 * @param scratch a path for what is salvaged
 * @returns the codes it was refused with; none for what is whole
 * @throws anything that is not an AppError of the expected codes, or that tells of a file outside of the archive
 */
export async function exercise(path: string, keys: KeyRing, scratch: string): Promise<string[]> {
  const codes = new Set<string>();
  const attempt = async (work: () => unknown): Promise<void> => {
    try {
      await work();
    } catch (error) {
      codes.add(expectedCode(error));
    }
  };
  await attempt(() => loadManifestBeside(path));
  await attempt(async () => {
    const archive = await openArchive(path, { keys });
    try {
      await lookInto(archive, attempt);
      await salvage(archive, scratch, attempt);
    } finally {
      await archive.close();
    }
  });
  return [...codes];
}

type Attempt = (work: () => unknown) => Promise<void>;

async function lookInto(archive: Archive, attempt: Attempt): Promise<void> {
  const { toc } = archive;
  await attempt(async () => {
    const graph = readDependencyGraph(toc);
    entryColumns(toc, graph, { bytes: await dataSizes(archive, null), rows: new Map() }, (id) =>
      archive.databaseOf(id),
    );
    const everything = selectFrom(graph, { kind: "everything" });
    named(graph, everything.added);
    for (const { dumpId, entry } of someEntries(toc)) {
      await attempt(() => scriptOf(definitionOf(toc, entry, graph)));
      await attempt(() => relationsOf(graph, dumpId));
      await attempt(() => {
        const plan = selectFrom(graph, { kind: "objects", tables: [], schemas: [], dumpIds: [dumpId] });
        return [named(graph, plan.added), named(graph, plan.offered)];
      });
    }
  });
  const pages = createRowPages(archive);
  for (const { dumpId, entry } of someEntries(toc)) {
    await attempt(() => describeEntry(entry));
    if (!entry.hasData) continue;
    await attempt(() => archive.dataRange(dumpId));
    await attempt(async () => {
      let rows = 0;
      for await (const batch of archive.readRows(dumpId, { limit: mostRows })) rows += batch.length;
      if (rows > mostRows) throw new Error(`${rows} rows where ${mostRows} were asked for`);
    });
    await attempt(() => pages.read(dumpId, everyRow, 1, 5));
    await attempt(() => findTableData(toc, formatName(entry.namespace, entry.tag)));
  }
  pages.close();
}

/** What is whole of it makes an archive that is whole. */
async function salvage(archive: Archive, scratch: string, attempt: Attempt): Promise<void> {
  await attempt(async () => {
    const survey = await surveyArchive(archive, undefined);
    await rm(scratch, { force: true });
    await writeSalvage(archive, survey, scratch, undefined);
    const again = await openArchive(scratch).catch((error: unknown) =>
      failed("The salvaged archive does not open", error),
    );
    try {
      const broken = (await surveyArchive(again, undefined)).find((each) => each.broken !== null);
      if (broken !== undefined) failed(`What was salvaged of ${broken.desc} ${broken.tag} is not whole`, broken.broken);
    } finally {
      await again.close();
    }
  });
}

function* someEntries(toc: Archive["toc"]): Generator<{ dumpId: number; entry: TocEntry }> {
  const step = Math.max(1, Math.floor(toc.length / mostEntries));
  for (let index = 0; index < toc.length; index += step) {
    const entry = toc.at(index);
    yield { dumpId: entry.dumpId, entry };
  }
}

function describeEntry(entry: TocEntry): unknown {
  const { oid, tableOid, tag, desc, section, definition, dropStatement, copyStatement, namespace, tablespace } = entry;
  const { tableAccessMethod, owner, dependencies, dataOffset, hadDumper } = entry;
  return [oid, tableOid, tag, desc, section, definition, dropStatement, copyStatement, namespace, tablespace].concat(
    tableAccessMethod,
    owner,
    dependencies.length,
    dataOffset,
    String(hadDumper),
  );
}

function expectedCode(error: unknown): string {
  if (!(error instanceof AppError) || !expected.test(error.code)) throw error;
  // Node's permission model forbids to read anything but the case: whoever is refused there, tried.
  for (let each: unknown = error; each instanceof Error; each = each.cause)
    if ("code" in each && each.code === "ERR_ACCESS_DENIED")
      failed("Something outside of the archive was to be read", each);
  if (error.message === "") failed("An error says nothing", error);
  return error.code;
}

function failed(what: string, cause: unknown): never {
  const said =
    cause instanceof Error
      ? `${cause.message} ${cause instanceof AppError ? (cause.detail ?? "") : ""}`
      : JSON.stringify(cause);
  throw new Error(`${what}: ${said}`, { cause });
}
