/**
 * pg_dump's archive model: what one entry of an archive's table of contents says.
 * Field meanings are those of PostgreSQL's src/bin/pg_dump/pg_backup_archiver.h (struct _tocEntry).
 */

/** The part of a restore an entry belongs to (teSection). */
export type Section = "none" | "pre-data" | "data" | "post-data";

/** Identifies an entry inside its archive. Everything is keyed by it, never by a name. */
export type DumpId = number;

/** One entry of the table of contents. `null` is PostgreSQL's NULL, which differs from an empty string. */
export interface TocEntry {
  readonly dumpId: DumpId;
  /** pg_dump had data to write for it: a TABLE DATA, BLOBS and the like. */
  readonly hadDumper: boolean;
  /** Oid of the catalogue the object lives in, 0 where there is none. */
  readonly tableOid: number;
  /** The object's own oid, 0 where there is none. */
  readonly oid: number;
  /** Name of the object as text, unquoted; for constraints and the like `table name`. Not unique, not parseable. */
  readonly tag: string;
  /** Kind of object: TABLE, TABLE DATA, INDEX, FK CONSTRAINT, ACL and so on. */
  readonly desc: string;
  readonly section: Section;
  /** SQL that creates the object. */
  readonly definition: string | null;
  readonly dropStatement: string | null;
  /** `COPY schema.table (columns) FROM stdin;` of a data entry; null in `--inserts` dumps. */
  readonly copyStatement: string | null;
  readonly namespace: string | null;
  readonly tablespace: string | null;
  readonly tableAccessMethod: string | null;
  readonly owner: string | null;
  readonly dependencies: readonly DumpId[];
  /** There is a data block (or was: an archive written to a pipe does not say where). */
  readonly hasData: boolean;
  /** Where the data block begins in a custom archive, in bytes; null where the archive does not say. */
  readonly dataOffset: number | null;
}

/** How pg_dump writes a dump: the values of its --format. A pg_dumpall script is plain too. */
export type ArchiveFormat = "custom" | "directory" | "tar" | "plain";

/** Compression of an archive's data blocks. */
export type Compression = "none" | "gzip" | "lz4" | "zstd";

/** What stands before the table of contents. */
export interface ArchiveHeader {
  readonly format: ArchiveFormat;
  /** Archive version as written, for example `1.14`. */
  readonly archiveVersion: string;
  readonly compression: Compression;
  /** Bytes of an integer and of a file offset in this archive. */
  readonly intSize: number;
  readonly offsetSize: number;
  /** Local time of the dumping host, no zone stored: `2026-11-21T02:00:00`. */
  readonly createdAt: string;
  readonly database: string | null;
  readonly serverVersion: string | null;
  readonly dumpVersion: string | null;
  readonly tocCount: number;
}
