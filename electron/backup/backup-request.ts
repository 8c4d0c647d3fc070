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
  /** Folders, absolute. The dump goes to the first, copies to the others. */
  locations: z.array(z.string()).min(1),
  /** Storages that get a copy each, as openStorage takes them: `s3://bucket/prefix` or a saved storage's name. */
  storages: z.array(z.string()).exactOptional(),
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
  /** Roles, tablespaces and their settings in a script beside the archive. */
  globals: z.boolean(),
  /** age recipients (`age1…`) that dump and globals are encrypted for; left out or empty: they are not. */
  recipients: patterns.exactOptional(),
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

/** Where the dump goes; the others get copies. The schema lets no request be without one. */
export function firstLocation(request: BackupRequest): string {
  const [first] = request.locations;
  if (first === undefined) throw new Error("a backup request without a location");
  return first;
}

/** What may not be written by two jobs at once: the database's files in each location. */
export function backupLocks(request: BackupRequest): string[] {
  return [...request.locations, ...(request.storages ?? [])].map(
    (location) => `backup:${location}:${request.database}`,
  );
}
