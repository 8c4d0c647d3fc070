import { z } from "zod";

/**
 * The manifest: the file beside a backup that says what it is and proves that it is whole. It is written last;
 * a data file without one is not a backup of ours. Version 1. Plain JSON, readable in a text editor.
 */

const bytes = z.number().int().nonnegative();
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

/** One stored file of a backup: the archive itself, a member of a directory archive, or the globals script. */
export const storedFileSchema = z.object({
  /** Path relative to the manifest's folder, with forward slashes. */
  path: z.string().min(1),
  role: z.enum(["archive", "globals"]),
  sizeBytes: bytes,
  /**
   * Of the whole. Left out where the file went straight to storages: its first bytes were set last, so nothing has passed
   * over all of it in order. `chunks` cover every byte all the same.
   */
  sha256: sha256.exactOptional(),
  /** SHA-256 of each `chunkBytes` long part in order, so that any range can be checked without reading the whole. */
  chunkBytes: bytes,
  chunks: z.array(sha256),
  /**
   * Of an age file: its header and the nonce behind it, which hold the key that every 64 KiB of the rest is sealed with. So a
   * range can be held to the manifest by this and the tags in it.
   */
  head: z.object({ bytes, sha256 }).exactOptional(),
});

/** Where one entry's data lies and what is in it. */
export const dataEntrySchema = z.object({
  dumpId: z.number().int(),
  namespace: z.string().nullable(),
  tag: z.string(),
  desc: z.string(),
  /** First byte of the data block in the archive, and its length with the block's own header and end mark. */
  offset: bytes.nullable(),
  length: bytes.nullable(),
  /** Uncompressed COPY text or large object bytes. */
  rawBytes: bytes.nullable(),
  /** Rows of a table; null where the data is not COPY text. */
  rows: bytes.nullable(),
});

export const manifestSchema = z.object({
  manifestVersion: z.literal(1),
  /** Unique for ever; what `lifeboat backups` lists and ARCHIVE arguments take. */
  id: z.string().min(8),
  database: z.string(),
  startedAt: z.iso.datetime(),
  endedAt: z.iso.datetime(),
  format: z.enum(["custom", "directory", "tar", "plain"]),
  compression: z.object({ method: z.enum(["none", "gzip", "lz4", "zstd"]), level: z.number().int().nullable() }),
  server: z.object({
    version: z.string(),
    versionNum: z.number().int(),
    /** pg_control's system identifier as decimal text; null where the role may not read it. */
    systemIdentifier: z.string().nullable(),
    databaseOid: z.number().int().nullable(),
    encoding: z.string(),
    collate: z.string().nullable(),
    host: z.string(),
    port: z.number().int(),
  }),
  tool: z.object({ name: z.string(), version: z.string() }),
  lifeboatVersion: z.string(),
  /** The very argv that ran, without secrets. */
  command: z.array(z.string()),
  options: z.record(z.string(), z.unknown()),
  /** Left out: the files are not encrypted. Sizes and hashes are of the stored bytes, `tocBytes` and `data` of the plain ones. */
  encryption: z
    .object({
      method: z.enum(["age", "gpg"]),
      /** Of age: `age1…` and SSH public keys. Of gpg: the keys' fingerprints. */
      recipients: z.array(z.string()),
      /** For whoever knows it; then there are no recipients, because age allows no mixture. */
      passphrase: z.literal(true).exactOptional(),
    })
    .exactOptional(),
  files: z.array(storedFileSchema).min(1),
  /** Bytes before the first data block of a custom archive (header and table of contents), else null. */
  tocBytes: bytes.nullable(),
  tocEntries: z.number().int().nonnegative().nullable(),
  data: z.array(dataEntrySchema),
  warnings: z.array(z.object({ code: z.string(), message: z.string(), detail: z.string().optional() })),
  /** The backup of the same database that was the newest in the first place when this one began; null: there was none; left out: it could not be looked for. */
  previousId: z.string().nullable().exactOptional(),
  /**
   * Where that was: a folder's real path as `host:/backups`, a bucket as `https://endpoint/bucket/prefix`, `sftp://…`. Left
   * out: there was none. Early manifests have the path alone, or `s3://…`, which fits other places too and is held to none.
   */
  previousIn: z.string().exactOptional(),
  /** SHA-256 of the plain first `tocBytes` bytes of a custom archive. */
  tocDigest: sha256.exactOptional(),
  /**
   * Who wrote it: HMAC-SHA-256 over the canonical bytes of all the rest, by a key that only holders of an identity can
   * derive. `key` is the identity's recipient. Left out where only the recipient was there.
   */
  proof: z.object({ method: z.literal("hmac-sha256"), key: z.string(), mac: sha256 }).exactOptional(),
});

export type StoredFile = z.infer<typeof storedFileSchema>;
export type DataEntry = z.infer<typeof dataEntrySchema>;
export type Manifest = z.infer<typeof manifestSchema>;

/** How many tables have data in the backup, and their rows; null where those of some table were not counted. */
export function countTables(manifest: Manifest): { tables: number; rows: number | null } {
  const tables = manifest.data.filter((entry) => entry.desc === "TABLE DATA");
  let rows: number | null = 0;
  for (const table of tables) rows = rows === null || table.rows === null ? null : rows + table.rows;
  return { tables: tables.length, rows };
}
