import { z } from "zod";
import type { JobId } from "../job/job.ts";
import {
  folderSettingsSchema,
  s3SettingsSchema,
  savedStorageSchema,
  sftpSettingsSchema,
  storageNameSchema,
} from "../storage/settings.ts";
import { gives } from "./method.ts";
import { localPath } from "./named-paths.ts";
import type {
  DeletionPreview,
  HeldBackup,
  KeyView,
  PrunePreview,
  SavedKit,
  StorageBackups,
  StorageFolder,
  StorageTestView,
  StorageView,
} from "./storage-views.ts";

const name = storageNameSchema;
const secret = z.string().max(2000);
const passphrase = z.string().min(1).max(2000);
/** Empty for an SSH private key that is under none. */
const kitPassphrase = z.string().max(2000);
const keyName = z.string().min(1).max(64);
const recipient = z.string().min(1).max(4000);

/** As it is saved, but with what names files of this machine marked as such. */
const storage = savedStorageSchema.extend({
  settings: z.discriminatedUnion("kind", [
    s3SettingsSchema.extend({ caFile: localPath.nullable() }),
    folderSettingsSchema.extend({ path: localPath }),
    sftpSettingsSchema.extend({ keyFile: localPath.nullable() }),
  ]),
});

const pruneChoice = {
  name,
  /** As parseRetentionPolicy reads it. */
  keep: z.string().min(1).max(200),
  /** null: all. */
  database: z.string().max(200).nullable(),
  /** Whose days count: an IANA name. */
  timeZone: z.string().min(1).max(100),
};

/** A recovery kit: a file of this machine, or its text as it was pasted. */
const kit = z.discriminatedUnion("from", [
  z.strictObject({ from: z.literal("file"), path: localPath }),
  z.strictObject({ from: z.literal("text"), text: z.string().min(1).max(100_000) }),
]);

/** Saved storages and what lies in them, encryption keys and their recovery kits. Spread into `methods`. */
export const storageMethods = {
  "storages.list": gives<readonly StorageView[]>()(z.strictObject({})),
  /** Its secret goes to the keychain, else into this process's memory, and never comes back; left out: it stays. */
  "storages.save": gives<{ readonly secretKeptIn: "keychain" | "memory" | "nowhere" }>()(
    z.strictObject({ storage, isNew: z.boolean(), secret: secret.optional() }),
  ),
  /** Forgets it and its secret; what is stored there stays. */
  "storages.remove": gives<null>()(z.strictObject({ name })),
  /** Tries it, saved or not; each step is told in the topic storageTests under the same id. */
  "storages.test": gives<StorageTestView>()(
    z.strictObject({ storage, testId: z.string().min(1).max(64), secret: secret.optional() }),
  ),
  /** Its backups, as backups.list gives those of a folder. */
  "storages.backups": gives<StorageBackups>()(z.strictObject({ name })),
  /** What is there, from the storage's root; empty for the root itself. */
  "storages.browse": gives<StorageFolder>()(z.strictObject({ name, at: z.string().max(1024) })),
  /** What a policy would delete now, and why; changes nothing. */
  "storages.prunePreview": gives<PrunePreview>()(z.strictObject(pruneChoice)),
  /** Deletes what was agreed to and is still due. */
  "storages.prune": gives<{ readonly jobId: JobId }>()(
    z.strictObject({ ...pruneChoice, agreed: z.array(z.string().max(1024)).min(1).max(100_000) }),
  ),
  /** The policy that is shown and offered for it; null for none. */
  "storages.setRetention": gives<null>()(z.strictObject({ name, keep: z.string().min(1).max(200).nullable() })),
  /** What deleting one backup would take with it; changes nothing. */
  "storages.deletePreview": gives<DeletionPreview>()(z.strictObject({ name, id: z.string().min(8).max(200) })),
  /** Deletes one backup; the reason where it was kept after all. */
  "storages.deleteBackup": gives<{ readonly keptBecause: string | null }>()(
    z.strictObject({ name, id: z.string().min(8).max(200) }),
  ),
  /** Which of some backups Object Lock holds, by the paths of their manifests from the storage's root. */
  "storages.holds": gives<readonly HeldBackup[]>()(
    z.strictObject({ name, manifests: z.array(z.string().min(1).max(1024)).max(500) }),
  ),
  /** Copies what is whole in one and missing in the other; null: this computer's backups folder. Nothing is deleted. */
  "storages.mirror": gives<{ readonly jobId: JobId }>()(
    z.strictObject({ from: name.nullable(), to: name.nullable(), database: z.string().max(200).nullable() }),
  ),
  /** Sends a file of this machine into a folder of a storage, as it is. */
  "storages.upload": gives<{ readonly jobId: JobId }>()(
    z.strictObject({ name, at: z.string().max(1024), file: localPath }),
  ),
  /** Fetches a file of a storage into a folder of this machine, as it is. */
  "storages.download": gives<{ readonly jobId: JobId }>()(
    z.strictObject({ name, path: z.string().min(1).max(1024), folder: localPath }),
  ),
  "storages.pin": gives<null>()(z.strictObject({ name, id: z.string().min(8).max(200), isPinned: z.boolean() })),

  "keys.list": gives<readonly KeyView[]>()(z.strictObject({})),
  /** Makes a key; its secret half goes to the keychain, else into this process's memory. */
  "keys.create": gives<KeyView>()(z.strictObject({ name: keyName })),
  /** Takes a recipient in, an SSH public key or `age1…`, of which the secret half stays elsewhere. */
  "keys.add": gives<KeyView>()(z.strictObject({ recipient, name: keyName })),
  /** Writes the recovery kit of a key into a folder: a text file, and a page to print. */
  "keys.saveKit": gives<SavedKit>()(z.strictObject({ recipient, passphrase, folder: localPath })),
  /** Opens a kit, or an SSH private key, of a known key without the keychain, and writes down that it was tried. */
  "keys.tryKit": gives<KeyView>()(z.strictObject({ kit, passphrase: kitPassphrase })),
  /** Takes a key in from its kit, or from an SSH private key. */
  "keys.importKit": gives<KeyView>()(z.strictObject({ kit, passphrase: kitPassphrase, name: keyName })),
} as const;
