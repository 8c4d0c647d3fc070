import { diffSchemas, type SchemaDiff } from "../../shared/compare/diff-schemas.ts";
import type { Archive } from "../archives/archive.ts";
import { severalDatabases } from "../archives/cluster-archive.ts";

export interface ArchivesDiff extends SchemaDiff {
  /** What has to be known to read it, in sentences. */
  readonly notes: readonly string[];
}

/**
 * What differs between the definitions in two archives; a live database is one by withLiveSchema.
 * @throws archive.databaseUnclear
 */
export function diffArchives(archive: Archive, other: Archive): ArchivesDiff {
  for (const { databases } of [archive, other]) if (databases.length > 0) throw severalDatabases(databases);
  return { ...diffSchemas(archive.toc, other.toc), notes: versionNotes(archive, other) };
}

/** Another major writes some definitions otherwise, though nothing about them changed. */
function versionNotes(archive: Archive, other: Archive): string[] {
  const versions = [archive, other].map(({ header }) => header.dumpVersion?.split(/[ .]/)[0] ?? "");
  if (versions[0] === versions[1]) return [];
  return [
    `The definitions were written by different versions of pg_dump (${versions.join(" and ")}): some may read differently though nothing changed.`,
  ];
}
