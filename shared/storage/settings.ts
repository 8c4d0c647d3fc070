import { z } from "zod";
import { storageClasses } from "./storage-classes.ts";

/** A name that no path, URL or option can be taken for: letters, digits, `.`, `_` and `-`, from a letter or digit on. */
export const storageNameSchema = z.string().regex(/^[\p{L}\p{N}][\p{L}\p{N}._-]{0,63}$/u);

const text = z.string().min(1);

/** How fast content may go there and come from there; left out: as fast as it can. */
const maxBytesPerSecond = z.int().positive().exactOptional();

/** Where an S3-compatible storage is and how it wants to be spoken to. Holds no secret. */
export const s3SettingsSchema = z.object({
  kind: z.literal("s3"),
  bucket: text,
  /** Folder of the bucket that is the storage's root, without slashes at its ends; empty for the whole bucket. */
  prefix: z.string(),
  /** URL; null for AWS, or what AWS_ENDPOINT_URL_S3 and the AWS profile say. */
  endpoint: z.url({ protocol: /^https?$/ }).nullable(),
  /** Null for what AWS_REGION and the AWS profile say. */
  region: text.nullable(),
  /** `path`: https://host/bucket/key; `virtual`: https://bucket.host/key; `auto`: path wherever an endpoint is named. */
  style: z.enum(["auto", "path", "virtual"]),
  /** PEM file with the certificates of a private authority. */
  caFile: text.nullable(),
  /** Whether uploads carry a checksum that not every storage understands; `auto`: on AWS alone. */
  checksums: z.enum(["auto", "whenRequired", "whenSupported"]),
  /** Of an upload; 10,000 nearly everywhere. */
  mostParts: z.int().min(1).max(10_000),
  maxBytesPerSecond,
  /** Left out: the bucket's own. From GLACIER and DEEP_ARCHIVE, data has to be thawed before it can be read. */
  storageClass: z.enum(storageClasses).exactOptional(),
  /** By the storage, with a key of its own or one of its key service (null: its default). Left out: the bucket's own. */
  serverSideEncryption: z
    .discriminatedUnion("method", [
      z.object({ method: z.literal("AES256") }),
      z.object({ method: z.literal("aws:kms"), keyId: text.nullable() }),
    ])
    .exactOptional(),
  /**
   * How long what is written is held against deletion by Object Lock; left out: as the bucket does by itself. Of GOVERNANCE
   * whoever has the right to can delete it earlier, of COMPLIANCE nobody can, nor shorten the time.
   */
  lock: z.object({ days: z.int().min(1).max(36_500), mode: z.enum(["GOVERNANCE", "COMPLIANCE"]) }).exactOptional(),
  /** `chain`: environment, AWS profile, SSO, the machine's role; `keychain`: this key, its secret in the keychain. */
  credentials: z.discriminatedUnion("from", [
    z.object({ from: z.literal("chain"), profile: text.nullable() }),
    z.object({ from: z.literal("keychain"), accessKeyId: text }),
  ]),
});

export const folderSettingsSchema = z.object({ kind: z.literal("folder"), path: text });

/** A folder of another machine, through SSH. */
export const sftpSettingsSchema = z.object({
  kind: z.literal("sftp"),
  host: text,
  port: z.int().min(1).max(65535),
  user: text,
  /** Absolute, or from the user's home there. */
  path: z.string(),
  /** Private key; null for the agent's keys and ssh's usual ones. */
  keyFile: text.nullable(),
  /** `password`: it is in the keychain, as a key's passphrase is. Left out: the key that is named, else the agent. */
  authentication: z.enum(["agent", "key", "password"]).exactOptional(),
  maxBytesPerSecond,
});

export const storageSettingsSchema = z.discriminatedUnion("kind", [
  s3SettingsSchema,
  folderSettingsSchema,
  sftpSettingsSchema,
]);

export const savedStorageSchema = z.object({
  name: storageNameSchema,
  /** Which preset it was made with, for its hints; null for none. */
  preset: text.nullable(),
  settings: storageSettingsSchema,
  /** Which of its backups are to stay, as parseRetentionPolicy reads it; left out: nothing was chosen. */
  retention: text.exactOptional(),
});

export type S3Settings = z.infer<typeof s3SettingsSchema>;
export type SftpSettings = z.infer<typeof sftpSettingsSchema>;
export type StorageSettings = z.infer<typeof storageSettingsSchema>;
export type SavedStorage = z.infer<typeof savedStorageSchema>;
