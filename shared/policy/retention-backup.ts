/** A backup in one storage, as far as retention looks at it. */
export interface RetentionBackup {
  /** Unique among those given. */
  readonly id: string;
  readonly database: string;
  /**
   * What it is a backup of: only backups of the same can stand in for each other. Null where nobody knows any more, as
   * with a file without its manifest: such a one is the newest of every series of its database.
   */
  readonly series: string | null;
  /** ISO time with zone: when the backup began, so what is in it is as old. */
  readonly madeAt: string;
  /** Why it is not good, in words (`unfinished`, `files are missing`); null for a good one. */
  readonly fault: string | null;
  /** When it was last proved that it can be read; null for never. */
  readonly provedAt: string | null;
  readonly pinned: boolean;
  /** Ids of backups without which it cannot be restored. */
  readonly dependsOn: readonly string[];
}

/** A backup with its time as a number, for comparing. */
export interface TimedBackup extends RetentionBackup {
  readonly timeMs: number;
}
