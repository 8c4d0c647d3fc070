import type { ErrorValue } from "../error/app-error.ts";
import type { StorageSettings } from "../storage/settings.ts";
import type { BackupListing } from "./views.ts";

/** What methods of storages and keys give. No secret is ever part of one. */

/** A saved storage. */
export interface StorageView {
  readonly name: string;
  readonly preset: string | null;
  readonly settings: StorageSettings;
  /** `s3://bucket/prefix`, a folder's path, `sftp://user@host/path`. */
  readonly address: string;
  /** The policy that was chosen for it, as parseRetentionPolicy reads it. */
  readonly retention: string | null;
  /** Profiles whose backups go there. */
  readonly usedBy: readonly string[];
}

/** What a storage must be able to do, in the order in which it is tried. */
export type StorageTestStep =
  | "reach"
  | "login"
  | "list"
  | "write"
  | "range"
  | "condition"
  | "multipart"
  | "delete"
  | "lock";

export interface StorageTestStepView {
  readonly step: StorageTestStep;
  /** `weak`: it does not work, and Lifeboat gets along without. */
  readonly state: "ok" | "weak" | "failed" | "skipped";
  readonly message: string;
}

export interface StorageTestView {
  readonly ok: boolean;
  readonly steps: readonly StorageTestStepView[];
  /** null: it was not reached, or does not say. */
  readonly facts: {
    /** `on`: what is overwritten or deleted can be had back. */
    readonly versioning: "on" | "off" | "unknown";
    readonly objectLock: "on" | "off" | "unknown";
    /** How new objects are held by default: `COMPLIANCE, 30 days`. */
    readonly defaultRetention: string | null;
    /** How the backups written from here are held. */
    readonly ownRetention: string | null;
    readonly freeBytes: number | null;
  } | null;
  readonly error: ErrorValue | null;
}

/** The backups in a storage. */
export interface StorageBackups extends BackupListing {
  /** Ids of those that no pruning takes. */
  readonly pinned: readonly string[];
  /** Archives named like ours that have no manifest beside them. */
  readonly withoutManifest: readonly string[];
}

/** What a file of a storage is, as far as its name tells. */
export type StoredFileKind = "backup" | "manifest" | "globals" | "pin" | "record" | "archive" | "unfinished" | "other";

export interface StorageEntry {
  readonly name: string;
  /** From the storage's root. */
  readonly path: string;
  readonly kind: "folder" | StoredFileKind;
  /** As archive.open takes it; null where it cannot be looked into. */
  readonly archive: string | null;
  readonly sizeBytes: number | null;
  readonly modifiedAt: string | null;
  /** It has to be thawed before it can be read. */
  readonly isArchived: boolean;
}

/** A folder of a storage: its folders, then its files, by name. */
export interface StorageFolder {
  readonly folder: string;
  readonly address: string;
  readonly entries: readonly StorageEntry[];
  /** There are more than are shown. */
  readonly isCut: boolean;
}

/** A backup and what a policy makes of it. */
export interface PlannedBackupView {
  readonly id: string;
  readonly database: string;
  readonly madeAt: string;
  /** Of its manifest, from the storage's root. */
  readonly path: string;
  readonly sizeBytes: number;
  readonly verdict: "kept" | "due";
  readonly reasons: readonly string[];
}

export interface PrunePreview {
  readonly backups: readonly PlannedBackupView[];
  /** Why nothing goes of a database; null for all of them. */
  readonly holds: readonly { readonly database: string | null; readonly reason: string }[];
  readonly dueBytes: number;
  /** As in DeletionPreview. */
  readonly keepsVersions: boolean;
}

/** A backup that Object Lock holds. */
export interface HeldBackup {
  /** Of its manifest, from the storage's root. */
  readonly path: string;
  readonly mode: "GOVERNANCE" | "COMPLIANCE" | "legal hold";
  /** null: until somebody lifts it. */
  readonly until: string | null;
}

/** What deleting one backup would take with it. */
export interface DeletionPreview {
  readonly id: string;
  readonly database: string;
  readonly madeAt: string;
  readonly sizeBytes: number;
  /** From the storage's root, the manifest among them. */
  readonly files: readonly string[];
  readonly isPinned: boolean;
  /** Why Object Lock keeps it, in words; null: it does not. */
  readonly lockedBecause: string | null;
  /** What is deleted stays there as an older version, until a rule of the bucket removes it. */
  readonly keepsVersions: boolean;
  /** Other good backups of the same that stay in this storage. */
  readonly othersLeft: number;
  /** The newest of them. */
  readonly newestLeft: string | null;
}

/** An encryption key that is known here. */
export interface KeyView {
  readonly name: string;
  /** Public: `age1…`, or an SSH key, `ssh-…`. */
  readonly recipient: string;
  readonly createdAt: string;
  /** null: nobody has tried its recovery kit, of an SSH key its private key's file, so it does not count as recoverable. */
  readonly kitTriedAt: string | null;
  /** Where its secret half is; `memory`: until Lifeboat ends; null: not here, or the keychain does not answer. */
  readonly keptIn: "keychain" | "memory" | null;
}

/** A recovery kit that was written: paths of this machine. */
export interface SavedKit {
  readonly text: string;
  readonly page: string;
}
