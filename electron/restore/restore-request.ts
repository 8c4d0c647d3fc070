import { z } from "zod";
import { connectionTargetSchema } from "../../shared/contract/connection-target.ts";
import { AppError } from "../../shared/error/app-error.ts";

const choiceSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("everything") }),
  z.object({
    kind: z.literal("objects"),
    tables: z.array(z.object({ schema: z.string().nullable(), name: z.string() })),
    schemas: z.array(z.string()),
    dumpIds: z.array(z.number().int()),
  }),
]);

const restoreRequestSchema = z.object({
  /** The archive's file, absolute. */
  archive: z.string(),
  /** File with the key of an encrypted archive; left out: the known keys. */
  identityFile: z.string().exactOptional(),
  /** The database meant in a script of several; left out: that of the chosen entries. */
  database: z.string().exactOptional(),
  /** Where to connect; holds no secret. Its database is the target of as-is, and only the way in for a new database. */
  target: connectionTargetSchema,
  /** Into the sample: it is started before the restore is planned, and the target is then its own. */
  sample: z.boolean().exactOptional(),
  choice: choiceSchema,
  mode: z.enum(["new-database", "as-is", "beside", "replace", "swap"]),
  /** Of `beside`: the schema that the tables come under, and the name of the one table; left out: Lifeboat's proposal. */
  place: z.object({ schema: z.string().min(1), name: z.string().min(1).nullable() }).exactOptional(),
  /** null: `<database>_restored_<time>`. */
  newDatabaseName: z.string().min(1).nullable(),
  /** null: as many as help, four at most. */
  jobs: z.number().int().min(1).nullable(),
  singleTransaction: z.boolean(),
  transactionSize: z.number().int().min(1).nullable(),
  noOwner: z.boolean(),
  noPrivileges: z.boolean(),
  /** Roles of the archive → roles of the target that take their place as owners and in privileges. */
  roleMap: z.record(z.string(), z.string()),
});

/** One restore, as it is stored in the job and run again by a retry. */
export type RestoreRequest = z.infer<typeof restoreRequestSchema>;

/** Everything of an archive as it was, into a database of its own. */
export const defaultRestoreOptions = {
  choice: { kind: "everything" },
  mode: "new-database",
  newDatabaseName: null,
  jobs: null,
  singleTransaction: false,
  transactionSize: null,
  noOwner: false,
  noPrivileges: false,
  roleMap: {},
} satisfies Partial<RestoreRequest>;

/** A stored request, checked. Throws job.notRetryable where it is not one (an older or newer Lifeboat wrote it). */
export function parseRestoreRequest(value: unknown): RestoreRequest {
  const parsed = restoreRequestSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new AppError("job.notRetryable", "The job's request cannot be read by this version.", {
    detail: parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`).join("; "),
  });
}
