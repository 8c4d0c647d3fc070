import { z } from "zod";
import { connectionTargetSchema } from "../../shared/contract/connection-target.ts";
import { AppError } from "../../shared/error/app-error.ts";

const patterns = z.array(z.string());

const backupRequestSchema = z.object({
  /** Where to connect; holds no secret. The password is looked up anew for each run. */
  target: connectionTargetSchema,
  /** Of the sample: it is started first, and the target is then its own. */
  sample: z.boolean().exactOptional(),
  /** The database to dump; the target's own one is only where the request came from. */
  database: z.string(),
  /** Folders, absolute. A directory archive needs one: pg_dump writes it itself. */
  locations: z.array(z.string()),
  /** Storages, as openStorage takes them: `s3://bucket/prefix` or a saved storage's name. */
  storages: z.array(z.string()).exactOptional(),
  /** How fast bytes may go to the storages, all together; left out: as fast as they can. */
  maxBytesPerSecond: z.number().int().positive().exactOptional(),
  format: z.enum(["custom", "directory", "tar", "plain"]),
  /** null: zstd where the client can write it, else gzip. */
  compression: z
    .object({ method: z.enum(["none", "gzip", "lz4", "zstd"]), level: z.number().int().nullable() })
    .nullable(),
  jobs: z.number().int().min(1),
  schemas: patterns,
  tables: patterns,
  excludeTables: patterns,
  excludeTableData: patterns,
  schemaOnly: z.boolean(),
  dataOnly: z.boolean(),
  /** Without large objects, which belong to no table. */
  noLargeObjects: z.boolean().exactOptional(),
  /** Roles, tablespaces and their settings in a script beside the archive. */
  globals: z.boolean(),
  /** age recipients (`age1…`, `ssh-…`) that dump and globals are encrypted for; left out or empty: they are not. */
  recipients: patterns.exactOptional(),
  /** Encrypted with the user's gpg instead, for these keys of their keyring: fingerprints. */
  gpg: patterns.exactOptional(),
  /** Encrypted with a passphrase instead, which is looked up anew for each run and never stored here. */
  passphrase: z.literal(true).exactOptional(),
});

/** One backup of one database, as it is stored in the job and run again by a retry. */
export type BackupRequest = z.infer<typeof backupRequestSchema>;

/** A whole database in the format everything works on; compression as the client can. */
export const defaultBackupOptions = {
  format: "custom",
  compression: null,
  jobs: 1,
  schemas: [],
  tables: [],
  excludeTables: [],
  excludeTableData: [],
  schemaOnly: false,
  dataOnly: false,
  globals: false,
} satisfies Partial<BackupRequest>;

/** A stored request, checked. Throws job.notRetryable where it is not one (an older or newer Lifeboat wrote it). */
export function parseBackupRequest(value: unknown): BackupRequest {
  const parsed = backupRequestSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new AppError("job.notRetryable", "The job's request cannot be read by this version.", {
    detail: parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`).join("; "),
  });
}

/** Every place that the backup is to go to, folders first. */
export function placesOf(request: BackupRequest): string[] {
  return [...request.locations, ...(request.storages ?? [])];
}

/** What is put behind the names of a backup's files. */
export function encryptedSuffix({ recipients, passphrase, gpg }: BackupRequest): "" | ".age" | ".gpg" {
  if (gpg?.length) return ".gpg";
  return recipients?.length || passphrase ? ".age" : "";
}

/** What may not be written by two jobs at once: the database's files in each location. */
export function backupLocks(request: BackupRequest): string[] {
  return placesOf(request).map((location) => `backup:${location}:${request.database}`);
}
