import { z } from "zod";
import { connectionTargetSchema } from "../../shared/contract/connection-target.ts";
import { AppError } from "../../shared/error/app-error.ts";

const rowsSchema = z.object({
  kind: z.literal("rows"),
  /** The archive's path or s3:// address. */
  archive: z.string(),
  /** File with the key of an encrypted archive; left out: the known keys. */
  identityFile: z.string().exactOptional(),
  target: connectionTargetSchema,
  /** As electron/compare's CompareRequest has them. */
  table: z.string(),
  liveTable: z.string().nullable(),
  key: z.array(z.string()).nullable(),
  renames: z.record(z.string(), z.string()),
  /** Rows that are gone: those with these keys, each as its texts in the key's order; null: all. */
  missing: z.array(z.array(z.string())).nullable(),
  /** Rows with other values, which get the archive's: in the same way. */
  changed: z.array(z.array(z.string())).nullable(),
  /** No trigger fires and no foreign key is checked (session_replication_role). */
  bypassTriggers: z.boolean(),
});

const undoSchema = z.object({
  kind: z.literal("undo"),
  target: connectionTargetSchema,
  /** For people: the table that rows were put back into, or the tables that came beside. */
  table: z.string(),
  /** Whole tables are dropped again; left out: rows are taken out. */
  wholeTables: z.boolean().exactOptional(),
  /** The script that was kept. */
  script: z.string(),
});

/** Rows of one table to be put back, as it is stored in the job. */
export type PutBackRequest = z.infer<typeof rowsSchema>;
/** A put-back to be taken back. */
export type UndoRequest = z.infer<typeof undoSchema>;

/** A stored request, checked. Throws job.notRetryable. */
export function parsePutBackRequest(value: unknown): PutBackRequest | UndoRequest {
  const parsed = z.discriminatedUnion("kind", [rowsSchema, undoSchema]).safeParse(value);
  if (parsed.success) return parsed.data;
  throw new AppError("job.notRetryable", "The job's request cannot be read by this version.");
}
