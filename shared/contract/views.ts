import type { ArchiveFormat, Compression, DumpId, Section } from "../archive/toc-entry.ts";
import type { SchemaDifference } from "../compare/diff-schemas.ts";
import type { ErrorValue } from "../error/app-error.ts";
import type { BackupPlaces, Environment, HostAddress, PasswordSource, SshTunnel, SslMode } from "../profile/profile.ts";
import type { RowColumn } from "../rows/row-columns.ts";
import type { BackupCheck, LastProof } from "./backup-proof.ts";
import type { Manifest } from "./manifest.ts";
import type { PreflightReport } from "./preflight.ts";

/** What methods give: plain data for screens. No secret is ever part of one. */

export interface Hello {
  readonly version: string;
  readonly host: "electron" | "browser";
  readonly platform: string;
  readonly capabilities: Capabilities;
  /** First start on this home: no profile, no backup, no job. */
  readonly isFresh: boolean;
}

/** Features ask for a capability, never for the host's name. */
export interface Capabilities {
  /** The host shows the system's own file dialogs (dialogs.*); else files.list is browsed. */
  readonly nativeDialogs: boolean;
  readonly keychain: boolean;
  /** Why there is no keychain, in plain words. */
  readonly keychainReason: string | null;
  readonly revealInFolder: boolean;
  readonly notifications: boolean;
  /** Folders with programs to run may be set from here (settings.set toolFolders); a browser may not. */
  readonly choosesToolFolders: boolean;
}

export interface Settings {
  readonly theme: "system" | "light" | "dark";
  /** null: the home's own. */
  readonly backupsFolder: string | null;
  readonly toolFolders: readonly string[];
  readonly notifications: boolean;
}

/** A database that could be backed up, found without asking anybody. */
export interface FoundDatabase {
  /** Opaque; backup.start takes it. */
  readonly id: string;
  readonly database: string;
  /** `localhost:5432`, a socket's folder, a service. */
  readonly where: string;
  readonly user: string | null;
  readonly serverVersion: string | null;
  readonly sizeBytes: number | null;
  readonly source: "running" | "pgpass" | "service" | "environment";
}

/** How a database is named in requests. A URL may hold a password on its way in; it never comes back. */
export type ConnectionChoice =
  | { readonly kind: "profile"; readonly name: string }
  | { readonly kind: "found"; readonly id: string }
  | { readonly kind: "url"; readonly url: string }
  | { readonly kind: "sample" };

export interface ProfileView {
  readonly name: string;
  readonly hosts: readonly HostAddress[];
  readonly database: string;
  readonly user: string;
  readonly sslMode: SslMode;
  readonly sslRootCert: string | null;
  readonly sslCert: string | null;
  readonly sslKey: string | null;
  /** null: reached directly. */
  readonly tunnel: SshTunnel | null;
  readonly passwordSource: PasswordSource;
  readonly environment: Environment;
  readonly colour: string | null;
  readonly places: BackupPlaces;
}

/** The key an SSH server shows, for a person to compare with what its keeper says. */
export interface HostKeyView {
  readonly server: string;
  readonly keyType: string;
  readonly fingerprint: string;
  readonly isTrusted: boolean;
}

/** How far the files of a backup in an archive class are from being readable. */
export interface ThawView {
  readonly files: number;
  /** Nobody has asked for them. */
  readonly frozen: number;
  readonly ongoing: number;
  /** Until when all can be read; null: they need no thawing. */
  readonly readyUntil: string | null;
}

/** What is kept on this machine's disk of archives in storages. */
export interface ArchiveCache {
  readonly bytes: number;
  readonly mostBytes: number;
}

/** One step of a connection test, in order; the first that fails ends it. */
export interface ConnectionTestStep {
  readonly step:
    | "sshName"
    | "sshPort"
    | "sshHostKey"
    | "sshLogin"
    | "name"
    | "port"
    | "tls"
    | "login"
    | "database"
    | "privileges";
  readonly state: "passed" | "failed" | "skipped";
  readonly message: string;
  readonly error: ErrorValue | null;
}

/** A backup in a folder, or an archive made elsewhere. */
export interface BackupView {
  /** The manifest's id; null for an archive without one. */
  readonly id: string | null;
  readonly path: string;
  readonly database: string;
  readonly profile: string | null;
  readonly server: { readonly host: string; readonly port: number; readonly version: string } | null;
  readonly startedAt: string;
  readonly elapsedMs: number | null;
  readonly sizeBytes: number;
  readonly tables: number | null;
  readonly rows: number | null;
  readonly format: Manifest["format"];
  readonly compression: Compression;
  readonly hasGlobals: boolean;
  readonly warnings: number;
  /** For whom it is encrypted; empty: it is not, or nobody knows. */
  readonly recipients: readonly string[];
  /** What the last check of it found, wherever that ran, as it stands beside the backup; left out: nothing that counts. */
  readonly lastProof?: LastProof;
  /** The backup before it was in this place when it was made, and is gone, though no Lifeboat deleted it; left out: not so. */
  readonly missingBefore?: { readonly id: string; readonly madeAt: string | null };
  /** In an archive class of its storage, so it may have to be thawed first; left out: it is not. */
  readonly isArchived?: boolean;
}

export interface BackupListing {
  readonly location: string;
  /** Newest first. */
  readonly backups: readonly BackupView[];
  readonly damaged: readonly { readonly path: string; readonly error: ErrorValue }[];
  readonly unfinished: readonly string[];
}

/** What checks of one backup found, wherever they ran, as it stands beside it. */
export interface BackupChecks {
  /** The newest ones that count, newest first. */
  readonly checks: readonly BackupCheck[];
  /** Files of older checks, which were not read. */
  readonly olderCount: number;
  /** Files that count for nothing: their paths from the backup's folder, and why. */
  readonly refused: readonly { readonly path: string; readonly why: string }[];
  /** The last word on the backup; null: there is none. */
  readonly last: LastProof | null;
}

/** An opened archive. */
export interface ArchiveView {
  /** Opaque; valid until archive.close or the window goes. */
  readonly handle: string;
  readonly path: string;
  readonly sizeBytes: number;
  readonly format: ArchiveFormat;
  readonly archiveVersion: string;
  readonly compression: Compression;
  /** Local time of the dumping host, no zone. */
  readonly createdAt: string;
  readonly database: string | null;
  /** Of a pg_dumpall script those that hold anything, in its order; empty for what is of one database. */
  readonly databases: readonly string[];
  readonly serverVersion: string | null;
  readonly dumpVersion: string | null;
  readonly entryCount: number;
  readonly backup: BackupView | null;
}

/**
 * Every entry of an archive, column by column because there may be 100,000: entry i is at index i of each.
 * Texts that repeat are numbers into `texts`; -1 is NULL.
 */
export interface EntryColumns {
  readonly texts: readonly string[];
  readonly dumpId: readonly DumpId[];
  readonly desc: readonly number[];
  readonly namespace: readonly number[];
  /** In a script of several databases the one of each entry, -1 for what is of the whole server; else empty. */
  readonly database: readonly number[];
  readonly owner: readonly number[];
  readonly tag: readonly string[];
  readonly section: readonly Section[];
  /** Stored bytes of the entry's data; -1 where it has none or the archive does not say. */
  readonly dataBytes: readonly number[];
  /** Rows as the manifest counted them; -1 where unknown. */
  readonly rows: readonly number[];
  /** Dump ID of the object an entry is a part of (a table's index, key, rows, comment), 0 where it stands for itself. */
  readonly partOf: readonly DumpId[];
  /** Dump ID of the partitioned table that a table is attached to, 0 for everything else. */
  readonly partitionOf: readonly DumpId[];
}

/** A page of a table's rows, with the types that the archive's definitions give its columns. */
export interface RowsPage {
  readonly columns: readonly RowColumn[];
  /**
   * PostgreSQL's text, null for NULL. Values longer than 4,000 characters are cut, unless the whole was asked for; `cut`
   * holds row and column of them.
   */
  readonly rows: readonly (readonly (string | null)[])[];
  readonly cut: readonly (readonly [row: number, column: number])[];
  /**
   * There are no more rows after these. With a filter, a page ends after a moment: fewer rows than asked for, or none, do not
   * mean that there are no more.
   */
  readonly isEnd: boolean;
  /** Rows of the table looked at so far. */
  readonly readRows: number;
  /** Bytes of the archive that were read are not those that were backed up, in a sentence: values may be wrong. */
  readonly damage: string | null;
}

/** A page of the large objects of a database. It ends after a moment: fewer than asked for do not mean that there are no more. */
export interface LargeObjectsPage {
  readonly objects: readonly {
    readonly oid: number;
    readonly sizeBytes: number;
    /** null where the archive does not say. */
    readonly owner: string | null;
    readonly comment: string | null;
  }[];
  /** As far as they were read. */
  readonly foundCount: number;
  readonly foundBytes: number;
  /** There are no more after these. */
  readonly isEnd: boolean;
}

/** An entry with why it is named. */
export interface ExplainedEntry {
  readonly dumpId: DumpId;
  readonly name: string;
  readonly because: string;
}

/** What an object needs and what needs it. */
export interface Relations {
  readonly needs: readonly ExplainedEntry[];
  readonly neededBy: readonly ExplainedEntry[];
}

/** What a restore would do; `planId` starts exactly this. */
export interface RestorePlanView {
  readonly planId: string;
  readonly from: string;
  readonly database: string;
  readonly where: string;
  readonly isNewDatabase: boolean;
  /** Of a pg_dumpall script, each into a new one of its own; empty where one database is restored. */
  readonly databases: readonly {
    readonly name: string;
    readonly restoredAs: string;
    readonly tables: number;
    readonly entryCount: number;
  }[];
  readonly environment: Environment;
  readonly tables: readonly { readonly schema: string | null; readonly name: string; readonly rows: number | null }[];
  readonly entryCount: number;
  readonly added: readonly ExplainedEntry[];
  readonly kept: readonly ExplainedEntry[];
  readonly offered: readonly ExplainedEntry[];
  readonly warnings: readonly string[];
  readonly sql: readonly string[];
  /** Ready to copy, without secrets. */
  readonly commands: readonly string[];
  readonly toolReason: string;
  readonly bytesToRead: number;
  /** All of it comes twice: to be compared before anything is touched, then to be restored. */
  readonly readsTwice: boolean;
  /** What of the target is touched, in sentences; empty where `isNewDatabase` says it all. */
  readonly touches: readonly string[];
  /** How it is undone; null where the mode says it. */
  readonly undo: string | null;
  /** Why a person has to confirm; null where nobody has to. */
  readonly confirmation: string | null;
  /** What has to be typed to confirm; null where a click is enough. */
  readonly typeToConfirm: string | null;
}

/** The pg_dump that a backup of a server would be made with. */
export interface DumpToolView {
  /** Which one and why, one sentence; null where none fits. */
  readonly reason: string | null;
  readonly warnings: readonly string[];
  /** Why none fits. */
  readonly error: ErrorValue | null;
}

/** A look at a database before a backup. */
export interface PreflightView extends PreflightReport {
  readonly tool: DumpToolView;
}

/** One line of `lifeboat doctor`. */
export interface DoctorCheck {
  readonly area: "tools" | "keychain" | "folders" | "sample" | "backups" | "jobs";
  /** `attention`: it works, or can be done without, and there is something to know. */
  readonly state: "works" | "attention" | "broken";
  /** What was looked at, two or three words. */
  readonly subject: string;
  /** What was found, one sentence. */
  readonly message: string;
  /** What to do, where there is something. */
  readonly remedy: string | null;
}

export interface SampleView {
  readonly state: "absent" | "stopped" | "running";
  readonly version: string | null;
  /** Why the sample cannot run here. */
  readonly unavailable: string | null;
}

/** An entry of the app's own file browser (hosts without native dialogs), below the allowed roots only. */
export interface FolderView {
  readonly path: string;
  readonly parent: string | null;
  readonly roots: readonly { readonly path: string; readonly label: string }[];
  readonly entries: readonly {
    readonly name: string;
    readonly path: string;
    readonly kind: "folder" | "archive" | "file";
    readonly sizeBytes: number | null;
    readonly modifiedAt: string | null;
  }[];
}

/** A file that was opened in a window of this home. */
export interface RecentArchive {
  readonly path: string;
  readonly database: string | null;
  /** Local time of the dumping host. */
  readonly createdAt: string;
  readonly sizeBytes: number;
  readonly openedAt: string;
}

/** A row that differs between an archive and a live table; values as PostgreSQL's text, in the order of the columns. */
export interface ComparedRow {
  readonly kind: "missing" | "changed" | "added";
  /** Its key's values, whole, to name it by; null where it has none. */
  readonly key: readonly string[] | null;
  /** null: it is not in the archive. */
  readonly backup: readonly (string | null)[] | null;
  /** null: it is not in the live table. */
  readonly live: readonly (string | null)[] | null;
  /** Places of the columns that differ. */
  readonly changed: readonly number[];
}

/** How a table in an archive differs from the live one, or from that in another archive. Long values are cut. */
export interface CompareView {
  /** As SQL writes it. */
  readonly table: string;
  /** null: an archive that does not say. */
  readonly database: string | null;
  /** A server; the path of an archive. */
  readonly where: string;
  /** null: it was compared with another archive, where nothing can be put back. */
  readonly environment: Environment | null;
  /** By what rows found each other, one phrase; `hasKey` is false where whole rows were counted. */
  readonly key: string;
  readonly hasKey: boolean;
  readonly counts: {
    readonly missing: number;
    readonly changed: number;
    readonly added: number;
    readonly same: number;
  };
  readonly columns: readonly { readonly name: string; readonly isNumeric: boolean }[];
  /** The first of each kind. */
  readonly rows: readonly ComparedRow[];
  readonly notes: readonly string[];
}

/** How the definitions in an archive differ from those of a database or of another archive: the other side. */
export interface SchemaDiffView {
  /** Of the other side; null: an archive that does not say. */
  readonly database: string | null;
  /** A server; the path of an archive. */
  readonly where: string;
  readonly counts: {
    readonly changed: number;
    /** In the archive alone. */
    readonly removed: number;
    /** On the other side alone. */
    readonly added: number;
    readonly same: number;
  };
  /** The first of them, by kind of object and name; long definitions are cut. */
  readonly differences: readonly SchemaDifference[];
  /** Tables of both sides, by the entries with their rows in the archive. */
  readonly tables: readonly { readonly dumpId: DumpId; readonly name: string }[];
  readonly notes: readonly string[];
}

/** What putting rows back would do; `planId` starts exactly this. */
export interface PutBackPlanView {
  readonly planId: string;
  readonly table: string;
  readonly database: string;
  readonly where: string;
  readonly environment: Environment;
  readonly missing: number;
  readonly changed: number;
  readonly conflicts: readonly string[];
  readonly warnings: readonly string[];
  /** The script as psql takes it. */
  readonly sql: string;
  /** It is longer than what is shown. */
  readonly isSqlCut: boolean;
  /** What has to be typed to confirm; null where a click is enough. */
  readonly typeToConfirm: string | null;
}
