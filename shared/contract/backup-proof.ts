import { z } from "zod";

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const count = z.number().int().nonnegative();

/**
 * What one check of a backup found, in a small file of its own beside the backup. Such a file is written once and never
 * changed, so that they are a history together, which goes where the backup goes and holds on every machine. Version 1.
 */
export const backupProofSchema = z.object({
  proofVersion: z.literal(1),
  /** The manifest's id, and SHA-256 of its bytes: a proof of another backup, or of another manifest, is none of this one. */
  backupId: z.string(),
  manifestSha256: sha256,
  /** When the check ended: ISO time with zone. */
  at: z.iso.datetime(),
  /** `restore`: it was restored, and what came was compared. */
  level: z.enum(["checksum", "read", "restore"]),
  /** `partly`: a part could not be checked, and nothing wrong was found. */
  outcome: z.enum(["good", "partly", "bad"]),
  /** Null where they were not read. */
  tables: count.nullable(),
  rows: count.nullable(),
  /** What a bad one found. */
  error: z.object({ code: z.string(), message: z.string() }).nullable(),
  lifeboatVersion: z.string(),
  /** The machine's own name. */
  machine: z.string(),
  /** As a manifest has it: who wrote it holds an identity that the backup is encrypted for. */
  proof: z.object({ method: z.literal("hmac-sha256"), key: z.string(), mac: sha256 }).exactOptional(),
});

export type BackupProof = z.infer<typeof backupProofSchema>;

/** What is shown of one check. */
export type BackupCheck = Pick<
  BackupProof,
  "at" | "level" | "outcome" | "tables" | "rows" | "error" | "lifeboatVersion" | "machine"
>;

/** The last word on a backup, for lists. */
export type LastProof = Pick<BackupProof, "at" | "level" | "outcome" | "rows">;
