import { performance } from "node:perf_hooks";
import type { CopyRow } from "../../shared/archive/copy-text.ts";
import { formatName } from "../../shared/command/names.ts";
import { findTableData } from "../archives/find-object.ts";
import { openArchive } from "../archives/open-archive.ts";
import { loadManifestBeside } from "../storage/backup-folder.ts";
import { storyTable } from "./story.ts";

/** A table's data in the archive. */
export interface ArchivedTable {
  readonly schema: string | null;
  readonly name: string;
  /** Counted while the backup was written. */
  readonly rows: number | null;
  /** COPY text before compression. */
  readonly rawBytes: number | null;
  /** Its data block in the archive. */
  readonly storedBytes: number;
}

/** What is seen in an archive without a server. */
export interface ArchiveView {
  readonly entries: number;
  readonly openedInMs: number;
  readonly tables: readonly ArchivedTable[];
  readonly rows: {
    readonly table: string;
    readonly columns: readonly string[];
    readonly first: readonly CopyRow[];
    readonly readInMs: number;
  };
}

const rowsShown = 5;

/**
 * Opens the archive with our own reader: its tables, and the first rows of the story's one.
 * @throws archive.*, storage.*
 */
export async function lookInside(path: string, signal: AbortSignal): Promise<ArchiveView> {
  const startedAt = performance.now();
  const archive = await openArchive(path);
  const openedInMs = performance.now() - startedAt;
  try {
    const manifest = await loadManifestBeside(path);
    const known = new Map(manifest?.data.map((entry) => [entry.dumpId, entry]));
    const tables: ArchivedTable[] = [];
    for (const { dumpId, desc, hasData, namespace, tag } of archive.toc) {
      if (desc !== "TABLE DATA" || !hasData) continue;
      const { rows = null, rawBytes = null } = known.get(dumpId) ?? {};
      // One file, read from front to back.
      // oxlint-disable-next-line no-await-in-loop
      const storedBytes = (await archive.dataRange(dumpId)).length;
      tables.push({ schema: namespace, name: tag, rows, rawBytes, storedBytes });
    }
    const readAt = performance.now();
    const table = formatName(storyTable.schema, storyTable.name);
    const { dumpId } = findTableData(archive.toc, table);
    const first: CopyRow[] = [];
    for await (const batch of archive.readRows(dumpId, { limit: rowsShown, signal })) first.push(...batch);
    const readInMs = performance.now() - readAt;
    return {
      entries: archive.toc.length,
      openedInMs,
      tables,
      rows: { table, columns: await archive.columns(dumpId), first, readInMs },
    };
  } finally {
    await archive.close();
  }
}
