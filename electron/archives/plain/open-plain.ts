import { readTocFile } from "../../../shared/archive/toc-reader.ts";
import { AppError } from "../../../shared/error/app-error.ts";
import type { Archive } from "../archive.ts";
import { createClusterArchive } from "../cluster-archive.ts";
import { createArchive } from "../create-archive.ts";
import { nodeDecoding } from "../node-decoding.ts";
import type { ArchiveSource } from "../open-source.ts";
import { PlainScriptData } from "./plain-data.ts";
import { loadPlainIndex, type PlainIndexPart } from "./plain-index.ts";

/**
 * Opens a plain script of pg_dump or pg_dumpall. It is read through once, to find what stands where; the index is kept.
 * Restored is what is chosen, as a custom archive made of it: no psql ever reads the script, so that none of its commands
 * can run here.
 * @param source which the archive owns from then on
 * @param writtenAt tells its time, asked for where it is read through; it counts where it does not say itself when it was begun, as it does with pg_dump --verbose alone
 * @param indexFolder where indexes are kept; null: nowhere
 * @throws as openArchive
 */
export async function openPlainArchive(
  path: string,
  source: ArchiveSource,
  writtenAt: () => Promise<Date>,
  indexFolder: string | null,
): Promise<Archive> {
  const { parts, damage } = await loadPlainIndex(source, source.isFile ? path : null, writtenAt, indexFolder);
  const found = damage === null ? null : new AppError(damage.code, damage.message, { detail: damage.detail });
  const archives = parts.map((part) => ({ database: part.database, archive: openPart(path, source, part, found) }));
  const [first, ...others] = archives;
  if (first === undefined) throw new AppError("archive.notAnArchive", "The script holds no database.");
  return others.length === 0 ? first.archive : createClusterArchive([first, ...others]);
}

function openPart(path: string, source: ArchiveSource, part: PlainIndexPart, damage: AppError | null): Archive {
  const head = readTocFile(part.toc, nodeDecoding);
  const { sizeBytes, isEncrypted } = source;
  return createArchive(
    {
      path,
      sizeBytes,
      isEncrypted,
      opensByPath: false,
      header: { ...head.header, format: "plain" },
      toc: head.toc,
      tocBytes: head.tocBytes,
      hasOffsets: true,
      damage,
    },
    new PlainScriptData(source, head, part.data),
  );
}
