import { lstat, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import type { DumpId, TocEntry } from "../../shared/archive/toc-entry.ts";
import { AppError } from "../../shared/error/app-error.ts";
import { syncFolder } from "../storage/durable-file.ts";
import { storageError } from "../storage/storage-error.ts";
import type { Archive } from "./archive.ts";
import { holdsLargeObjects } from "./archive-data.ts";

/** The data of an entry, read from its beginning to its end. */
export interface SurveyedData {
  readonly dumpId: DumpId;
  readonly desc: string;
  readonly namespace: string | null;
  readonly tag: string;
  /** Rows that could be read; null for large objects. */
  readonly rows: number | null;
  /** Why it is not whole; null where it is. */
  readonly broken: { readonly code: string; readonly message: string; readonly detail: string | null } | null;
}

/**
 * Reads all data of an archive, each entry for itself, so that one that is damaged does not hide the others. As much is
 * found as the format tells: lz4, no compression at all, and zstd as pg_dump writes it have no checksum of the values.
 * @throws what is no matter of the archive: storage.*, the signal's reason
 */
export async function surveyArchive(archive: Archive, signal: AbortSignal | undefined): Promise<SurveyedData[]> {
  const found: SurveyedData[] = [];
  for (const entry of archive.toc) {
    if (!entry.hasData) continue;
    const { dumpId, desc, namespace, tag } = entry;
    // oxlint-disable-next-line no-await-in-loop -- one pass over one file
    found.push({ dumpId, desc, namespace, tag, ...(await readWhole(archive, entry, signal)) });
  }
  return found;
}

async function readWhole(
  archive: Archive,
  entry: TocEntry,
  signal: AbortSignal | undefined,
): Promise<Pick<SurveyedData, "rows" | "broken">> {
  const hasRows = !holdsLargeObjects(entry);
  let rows = 0;
  try {
    if (holdsLargeObjects(entry)) {
      for await (const { bytes } of archive.readLargeObjects(entry.dumpId, { signal })) for await (const _ of bytes);
    } else for await (const batch of archive.readRows(entry.dumpId, { signal })) rows += batch.length;
    return { rows: hasRows ? rows : null, broken: null };
  } catch (error) {
    signal?.throwIfAborted();
    if (!(error instanceof AppError) || !error.code.startsWith("archive.")) throw error;
    const { code, message, detail } = error;
    return { rows: hasRows ? rows : null, broken: { code, message, detail: detail ?? null } };
  }
}

/**
 * Writes an archive's definitions and the data that is whole as a custom archive, which is read by any pg_restore. The file
 * has its name only when all of it is on the disk.
 * @returns its size in bytes
 * @throws storage.conflict where the file exists, storage.*, archive.*
 */
export async function writeSalvage(
  archive: Archive,
  survey: readonly SurveyedData[],
  path: string,
  signal: AbortSignal | undefined,
): Promise<number> {
  const broken = new Set(survey.flatMap(({ dumpId, broken: why }) => (why === null ? [] : [dumpId])));
  const ids = Array.from(archive.toc, ({ dumpId }) => dumpId).filter((id) => !broken.has(id));
  const there = await lstat(path).catch(() => null);
  if (there !== null) throw new AppError("storage.conflict", `There is a file ${path} already.`);
  const partial = `${path}.partial`;
  let sizeBytes = 0;
  const file = await open(partial, "wx", 0o600).catch((error) => {
    throw storageError(error, partial);
  });
  try {
    try {
      const { bytes } = await archive.excerpt(ids, { signal });
      for await (const part of bytes) {
        await file.writeFile(part);
        sizeBytes += part.length;
      }
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(partial, path);
  } catch (error) {
    await rm(partial, { force: true });
    throw error instanceof AppError || signal?.aborted === true ? error : storageError(error, partial);
  }
  await syncFolder(dirname(path));
  return sizeBytes;
}
