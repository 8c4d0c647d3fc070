import type { DatabaseSync } from "node:sqlite";
import { AppError } from "../../shared/error/app-error.ts";

/**
 * The store's schema, one step for each version: a released step is never changed, a new one is added. JSON columns hold
 * plain JSON. `locks.name` is the primary key, so SQLite itself refuses a second holder.
 */
const migrations = [
  `
  CREATE TABLE jobs (
    id TEXT PRIMARY KEY, kind TEXT NOT NULL, state TEXT NOT NULL, title TEXT NOT NULL, request TEXT NOT NULL,
    created_at TEXT NOT NULL, started_at TEXT, ended_at TEXT,
    owner_host TEXT NOT NULL, owner_pid INTEGER NOT NULL, owner_start TEXT NOT NULL,
    locks TEXT NOT NULL, steps TEXT NOT NULL, progress TEXT, error TEXT, result TEXT,
    cancel_requested_at TEXT, retry_of TEXT
  ) STRICT;
  CREATE INDEX jobs_unended ON jobs (state) WHERE ended_at IS NULL;
  CREATE TABLE locks (name TEXT PRIMARY KEY, job_id TEXT NOT NULL REFERENCES jobs (id)) STRICT, WITHOUT ROWID;
  CREATE TABLE children (
    job_id TEXT NOT NULL REFERENCES jobs (id), pid INTEGER NOT NULL, process_start TEXT NOT NULL,
    PRIMARY KEY (job_id, pid, process_start)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE partials (
    job_id TEXT NOT NULL REFERENCES jobs (id), path TEXT NOT NULL, PRIMARY KEY (job_id, path)
  ) STRICT, WITHOUT ROWID;
  `,
] as const;

/** Brings a database to this version's schema. Throws `job.storeNewer` where a newer Lifeboat has been there. */
export function migrate(database: DatabaseSync, path: string): void {
  if (versionOf(database) === migrations.length) return;
  // Read again inside: another process may have migrated while this one waited for the lock.
  database.exec("BEGIN IMMEDIATE");
  try {
    const version = versionOf(database);
    if (version > migrations.length)
      throw new AppError("job.storeNewer", "The list of jobs was written by a newer version of Lifeboat.", {
        detail: `${path} has schema ${version}; this version knows ${migrations.length}.`,
      });
    for (const step of migrations.slice(version)) database.exec(step);
    database.exec(`PRAGMA user_version = ${migrations.length}`);
    database.exec("COMMIT");
  } catch (error) {
    database.exec("ROLLBACK");
    throw error;
  }
}

function versionOf(database: DatabaseSync): number {
  const version = database.prepare("PRAGMA user_version").get()?.["user_version"];
  return typeof version === "number" ? version : 0;
}
