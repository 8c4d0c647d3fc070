import type { ErrorValue } from "../error/app-error.ts";
import type { FailedEntry } from "../restore/judge.ts";
import type { Manifest } from "./manifest.ts";

/** What finished jobs leave in their records, by kind. */

export interface BackupResult {
  /** The backup's own id, as in its manifest. */
  readonly id: string;
  readonly database: string;
  /** Where it lies: in the first of the places asked for that has it. A path, or `s3://bucket/key`. */
  readonly path: string;
  readonly manifestPath: string;
  readonly sizeBytes: number;
  readonly tables: number;
  readonly rows: number | null;
  readonly elapsedMs: number;
  /** `pg_dump 15.18` */
  readonly tool: string;
  readonly warnings: Manifest["warnings"];
  /** The other places, each with its own verdict. */
  readonly copies: readonly BackupCopy[];
}

/** What became of a backup in one more place. */
export interface BackupCopy {
  readonly location: string;
  readonly path: string | null;
  readonly error: string | null;
  /** The command that copies it there from where it lies; null where it is there. */
  readonly retry: string | null;
}

/** What a finished copying leaves in its record. */
export interface CopyResult {
  readonly id: string;
  readonly database: string;
  /** The archive, as it was named. */
  readonly from: string;
  /** Of all the backup's files. */
  readonly sizeBytes: number;
  readonly copies: readonly {
    readonly location: string;
    /** Of the archive there; null where it could not be copied. */
    readonly path: string | null;
    readonly sentFiles: number;
    /** Files that were there already, whole. */
    readonly foundFiles: number;
    readonly error: ErrorValue | null;
  }[];
}

/** What a finished mirroring leaves in its record. */
export interface MirrorResult {
  /** The places' addresses. */
  readonly from: string;
  readonly to: string;
  readonly copied: readonly {
    readonly id: string;
    readonly database: string;
    /** Of the archive in the target. */
    readonly path: string;
    readonly sizeBytes: number;
  }[];
  /** How many were whole in both before. */
  readonly there: number;
  /** Those that are not there afterwards: not whole in the source, or not to be copied. */
  readonly failed: readonly {
    /** null: its manifest cannot be read. */
    readonly id: string | null;
    readonly database: string | null;
    /** In the source. */
    readonly path: string;
    readonly error: ErrorValue;
  }[];
  /** What later checks found, brought beside backups that were in both; left out: there was nothing to bring. */
  readonly checks?: BroughtAlong;
  /** The same of later pins. */
  readonly pins?: BroughtAlong;
  /** Left out after a failure that the others would have met, too. */
  readonly notTried: number;
}

/** What an upload or a download of one file leaves in its record. */
export interface TransferResult {
  readonly from: string;
  /** Where it lies now. */
  readonly path: string;
  readonly sizeBytes: number;
}

/** What a finished export leaves in its record. */
export interface ExportResult {
  /** The archive, as it was named. */
  readonly archive: string;
  /** Whose rows, or what else was saved. */
  readonly table: string;
  /** `bytes`: one large object or value as it is. */
  readonly format: string;
  readonly path: string;
  /** null where bytes were saved as they are. */
  readonly rows: number | null;
  readonly sizeBytes: number;
  /** Not all of the table's rows were asked for. */
  readonly isFiltered: boolean;
  readonly elapsedMs: number;
}

/** Small files that a mirror brought beside backups that were in both places. */
export interface BroughtAlong {
  /** Files. */
  readonly copied: number;
  /** Backups of which not all are there now. */
  readonly failed: readonly { readonly id: string; readonly path: string; readonly error: ErrorValue }[];
}

/** What a verification found; a job ends with it only where nothing is wrong. */
export interface VerifyResult {
  readonly path: string;
  readonly level: "checksum" | "read";
  /** Every stored file has the hash that was written down. */
  readonly checksum: "matches" | "noManifest";
  readonly tables: number | null;
  readonly rows: number | null;
  /** The rows of every table are as many as were written down. */
  readonly rowCounts: "match" | "noManifest" | "notRead";
  readonly pgRestore: "readWhole" | "missing" | "notApplicable" | "notRead";
  /** The file beside the backup that says so, from its storage's root; null: there is none. */
  readonly record: string | null;
  readonly notes: readonly string[];
}

/** A backup that was to be deleted, and what became of it. */
export interface PrunedBackup {
  readonly id: string;
  readonly database: string;
  readonly madeAt: string;
  /** Of its manifest, from the storage's root. */
  readonly path: string;
  readonly sizeBytes: number;
  /** `kept`: it was due when it was looked at, and no longer; `failed`: some or all of it is still there. */
  readonly outcome: "deleted" | "kept" | "failed";
  /** Why it was due, why it was kept after all, or what failed. */
  readonly reason: string;
}

/** What a finished pruning leaves in its record. */
export interface PruneResult {
  readonly location: string;
  readonly keep: string;
  readonly backups: readonly PrunedBackup[];
  readonly freedBytes: number;
  /** Files that an earlier pruning, cut short, had left behind. */
  readonly leftoversDeleted: number;
  /** On this machine: what was to go and why, and what became of it. */
  readonly recordFile: string;
}

/** Rows of a restored table: how many the archive holds, how many the target has. */
export interface RestoredTable {
  /** The new database it is in, where several were restored at once. */
  readonly database?: string;
  readonly schema: string | null;
  readonly name: string;
  /** null: nobody knows. */
  readonly rowsExpected: number | null;
  /** null: the table could not be counted, or is not there. */
  readonly rowsRestored: number | null;
}

/** What became of one database of a pg_dumpall script of which all were restored. */
export interface RestoredDatabase {
  /** In the script. */
  readonly name: string;
  /** The new database; null: nothing of it came, and it was dropped again. */
  readonly restoredAs: string | null;
  readonly state: "succeeded" | "finishedWithErrors" | "failed";
}

/** What a finished restore leaves in its record. */
export interface RestoreResult {
  readonly target: {
    readonly host: string;
    readonly port: number;
    /** null: several, each a new one: `databases`. */
    readonly database: string | null;
    readonly created: boolean;
  };
  readonly archive: string;
  readonly entriesChosen: number;
  readonly entriesRestored: number;
  readonly tables: readonly RestoredTable[];
  /** What was chosen and is not there, each with its reason. */
  readonly failed: readonly FailedEntry[];
  /** Sentences: harmless errors, tables that were not analyzed. */
  readonly notes: readonly string[];
  readonly warnings: readonly string[];
  readonly command: readonly string[];
  readonly phases: readonly { readonly name: string; readonly elapsedMs: number }[];
  readonly elapsedMs: number;
  /** Of `beside`: where the tables came. */
  readonly beside?: {
    readonly schema: string;
    readonly tables: readonly { readonly from: string; readonly to: string }[];
    /** The script that drops them again, on this machine. */
    readonly undo: string;
  };
  /** Of `replace`: what was replaced, what hung on it, and the backup of what it was. */
  readonly replaced?: {
    readonly tables: readonly string[];
    readonly dependants: readonly string[];
    readonly safetyBackup: { readonly id: string; readonly path: string };
  };
  /** Of `swap`: the database that has the live one's name now, and what the one before is called. */
  readonly swapped?: { readonly database: string; readonly old: string };
  /** Of every database of a pg_dumpall script: what became of each, in the script's order. */
  readonly databases?: readonly RestoredDatabase[];
  /** With `databases`: how the script's roles and tablespaces are read, which were not run, in a sentence. */
  readonly globals?: string;
}

/** What finished put-backs leave in their records, and those that took one back. */
export type PutBackResult =
  | {
      readonly kind: "rows";
      readonly target: { readonly host: string; readonly port: number; readonly database: string };
      readonly archive: string;
      readonly table: string;
      readonly inserted: number;
      readonly updated: number;
      /** Rows that a trigger or a rule made otherwise than the archive has them, or stopped. */
      readonly differing: number;
      /** The script that takes it back, on this machine. */
      readonly undo: string;
      readonly warnings: readonly string[];
      readonly elapsedMs: number;
    }
  | {
      readonly kind: "undo";
      readonly table: string;
      /** Tables were dropped again, not rows taken out. */
      readonly wholeTables?: boolean;
      readonly elapsedMs: number;
    };
