/** What a look at a database before a backup gives. */

/** A table whose rows pg_dump writes: ordinary tables and partitions, not the members of extensions. */
export interface DataTable {
  readonly schema: string;
  readonly name: string;
  readonly oid: number;
  /** With its TOAST; from the last ANALYZE where a lock keeps us from looking. */
  readonly sizeBytes: number;
  /** From the last ANALYZE or VACUUM; 0 when there was none. */
  readonly estimatedRows: number;
}

/** Which server and database this is. */
export interface ServerIdentity {
  readonly versionNum: number;
  /** As the server writes it: `15.18 (Debian 15.18-0+deb12u1)`. */
  readonly version: string;
  /** Differs between any two clusters that were not copied from each other; null where the role may not ask. */
  readonly systemIdentifier: string | null;
  readonly databaseOid: number;
  readonly encoding: string;
  readonly collate: string;
  readonly isStandby: boolean;
}

/** Something a person should know before a backup. */
export interface PreflightFinding {
  /** `stop`: the backup would fail. `warning`: it would lack something or carry a risk. `note`: good to know. */
  readonly level: "stop" | "warning" | "note";
  /** Stable: `preflight.tablesUnreadable` and the like. */
  readonly code: string;
  readonly message: string;
  /** What to do, null where nothing needs doing. */
  readonly remedy: string | null;
  /** What it is about, named as PostgreSQL writes it. */
  readonly objects: string[];
}

export interface PreflightReport {
  readonly server: ServerIdentity;
  readonly database: string;
  readonly databaseBytes: number;
  /** Every table whose rows a whole backup holds, by name. */
  readonly tables: DataTable[];
  /** Stops first, then warnings, then notes. */
  readonly findings: PreflightFinding[];
}
