import { closeSync, existsSync, openSync, renameSync } from "node:fs";
import { hostname } from "node:os";
import { dirname } from "node:path";
import { DatabaseSync, type SQLInputValue } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import { AppError } from "../../shared/error/app-error.ts";
import type { Job, JobId, JobState } from "../../shared/job/job.ts";
import { isEnded } from "../../shared/job/transitions.ts";
import { makePrivateFolder } from "../storage/durable-file.ts";
import type { RecordedChild } from "./end-process.ts";
import { type JobRow, readJobRow, toColumn } from "./job-row.ts";
import { migrate } from "./job-schema.ts";

/** The fields of a job that change after it was stored. */
export type JobChange = Partial<
  Pick<Job, "state" | "startedAt" | "endedAt" | "steps" | "progress" | "error" | "result" | "cancelRequestedAt">
>;

/** Job records on disk. Several processes may hold one open; each call is one transaction. All throw `job.storeFailed`. */
export interface JobStore {
  /** Where a damaged database was moved to when this one was opened; null as a rule. */
  readonly setAside: string | null;
  /** True where another connection has written since this was asked last. */
  changedElsewhere(): boolean;
  /** Stores a new job and takes its locks, or does neither and gives the job that holds one of them. */
  insert(job: Job): { readonly holder: Job; readonly lock: string } | null;
  /**
   * Writes the changed fields only. An end also gives back the job's locks and forgets its children and, where the job
   * could clean up after itself, its partial files.
   */
  change(id: JobId, change: JobChange): void;
  /** Like `change`, where the job has not ended meanwhile; false where it has. */
  changeUnended(id: JobId, change: JobChange): boolean;
  list(options: { readonly limit: number; readonly states: readonly JobState[] }): Job[];
  /** Jobs whose id begins so, at most two: enough to tell none, one and several apart. */
  startingWith(prefix: string): Job[];
  /** The time a cancel was asked for, by whichever process; null where none was. */
  cancelRequestedAt(id: JobId): string | null;
  addChild(id: JobId, child: RecordedChild): void;
  addPartial(id: JobId, path: string): void;
  childrenOf(id: JobId): RecordedChild[];
  partialsOf(id: JobId): string[];
  /** Partial files of interrupted jobs. */
  leftovers(): string[];
  forgetLeftover(path: string): void;
  close(): void;
}

// SQLite's result codes (sqlite3.h): another process is at it; the file is damaged, or is no database at all.
const busyCode = 5;
const corruptCode = 11;
const notADatabaseCode = 26;
const patienceMs = 5000;

const columns: ReadonlyMap<string, string> = new Map(
  Object.entries({
    state: "state",
    startedAt: "started_at",
    endedAt: "ended_at",
    steps: "steps",
    progress: "progress",
    error: "error",
    result: "result",
    cancelRequestedAt: "cancel_requested_at",
  } satisfies Record<keyof JobChange, string>),
);
const jsonFields = new Set<string>(["steps", "progress", "error", "result"]);

/**
 * Opens the store (file 0600, made where there is none). A damaged database is renamed, never deleted, and a new one begun.
 * Throws `job.storeNewer`, `job.storeFailed`.
 */
export async function openJobStore(path: string): Promise<JobStore> {
  try {
    await makePrivateFolder(dirname(path));
    // Made here, not by SQLite, for its mode; the write-ahead log takes the same mode over.
    closeSync(openSync(path, "a", 0o600));
    return storeOver(await openPatiently(path), null);
  } catch (error) {
    if (!isDamage(error)) throw storeFailure(error, path);
  }
  try {
    const aside = setAside(path);
    closeSync(openSync(path, "a", 0o600));
    return storeOver(await openPatiently(path), aside);
  } catch (error) {
    throw storeFailure(error, path);
  }
}

/** SQLite does not wait by itself while another process turns the write-ahead log on or takes it up again. */
async function openPatiently(path: string): Promise<DatabaseSync> {
  const giveUpAt = Date.now() + patienceMs;
  for (;;) {
    try {
      return open(path);
    } catch (error) {
      if (resultCode(error) !== busyCode || Date.now() > giveUpAt) throw error;
    }
    await sleep(20);
  }
}

function open(path: string): DatabaseSync {
  const database = new DatabaseSync(path, { timeout: patienceMs });
  try {
    database.exec("PRAGMA journal_mode = WAL");
    // No fsync at each commit: it would stall the event loop a backup streams through. A killed process loses nothing; after
    // a power cut the last moments may be missing, and backups prove themselves by their manifests.
    database.exec("PRAGMA synchronous = NORMAL");
    migrate(database, path);
    database.prepare("SELECT count(*) FROM jobs WHERE ended_at IS NULL").get();
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

function setAside(path: string): string {
  const aside = `${path}.damaged-${new Date().toISOString().replaceAll(":", "")}`;
  renameSync(path, aside);
  // The log belongs to the damaged file; beside a new one it would damage that too.
  for (const suffix of ["-wal", "-shm"]) if (existsSync(path + suffix)) renameSync(path + suffix, aside + suffix);
  return aside;
}

function storeOver(database: DatabaseSync, aside: string | null): JobStore {
  const path = database.location() ?? "";
  const prepare = (sql: string) => database.prepare(sql);
  const insertJob = prepare(
    `INSERT INTO jobs (id, kind, state, title, request, created_at, owner_host, owner_pid, owner_start, locks, steps, retry_of)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const insertLock = prepare("INSERT INTO locks (name, job_id) VALUES (?, ?)");
  const lockHolder = prepare("SELECT j.* FROM locks l JOIN jobs j ON j.id = l.job_id WHERE l.name = ?");
  const cancelTime = prepare("SELECT cancel_requested_at FROM jobs WHERE id = ?");
  const forget = ["locks", "children"].map((table) => prepare(`DELETE FROM ${table} WHERE job_id = ?`));
  const forgetPartials = prepare("DELETE FROM partials WHERE job_id = ?");
  // A job of a machine that was given up may still be at it, so only those whose process is provably gone count: those that
  // were swept on their own host.
  const leftovers = prepare(
    "SELECT DISTINCT p.path FROM partials p JOIN jobs j ON j.id = p.job_id WHERE j.state = 'interrupted' AND j.owner_host = ?",
  );
  const forgetLeftover = prepare(
    "DELETE FROM partials WHERE path = ? AND job_id IN (SELECT id FROM jobs WHERE state = 'interrupted')",
  );

  const dataVersion = prepare("PRAGMA data_version");
  let seenVersion = dataVersion.get()?.["data_version"];

  function guard<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw storeFailure(error, path);
    }
  }

  function transaction<T>(work: () => T): T {
    return guard(() => {
      database.exec("BEGIN IMMEDIATE");
      try {
        const result = work();
        database.exec("COMMIT");
        return result;
      } catch (error) {
        // A full disk may have ended the transaction already.
        if (database.isTransaction) database.exec("ROLLBACK");
        throw error;
      }
    });
  }

  function write(id: JobId, change: JobChange, condition: string): boolean {
    const fields = Object.entries(change);
    const assignments = fields.map(([field]) => `${columns.get(field)} = ?`);
    const values = fields.map(([field, value]): SQLInputValue => {
      if (jsonFields.has(field)) return toColumn(value);
      return typeof value === "string" ? value : null;
    });
    const { changes } = prepare(`UPDATE jobs SET ${assignments.join(", ")} WHERE id = ? ${condition}`).run(
      ...values,
      id,
    );
    const written = Number(changes) > 0;
    if (written && change.state !== undefined && isEnded(change.state)) {
      for (const table of forget) table.run(id);
      if (change.state !== "interrupted") forgetPartials.run(id);
    }
    return written;
  }

  function jobs(sql: string, ...values: SQLInputValue[]): Job[] {
    return guard(() =>
      prepare(sql)
        .all(...values)
        .map((row: JobRow) => readJobRow(row))
        .filter((job) => job !== null),
    );
  }

  return {
    setAside: aside,
    changedElsewhere: () =>
      guard(() => {
        // SQLite counts what other connections commit, this one's own writes do not change it (sqlite.org, pragma data_version).
        const version = dataVersion.get()?.["data_version"];
        const changed = version !== seenVersion;
        seenVersion = version;
        return changed;
      }),
    insert: (job) =>
      transaction(() => {
        for (const lock of job.locks) {
          const row = lockHolder.get(lock);
          const holder = row === undefined ? null : readJobRow(row);
          if (holder !== null) return { holder, lock };
        }
        const { owner } = job;
        insertJob.run(
          job.id,
          job.kind,
          job.state,
          job.title,
          toColumn(job.request),
          job.createdAt,
          owner.host,
          owner.pid,
          owner.processStart,
          toColumn(job.locks),
          toColumn(job.steps),
          job.retryOf,
        );
        for (const lock of new Set(job.locks)) insertLock.run(lock, job.id);
        return null;
      }),
    change: (id, change) => void transaction(() => write(id, change, "")),
    changeUnended: (id, change) => transaction(() => write(id, change, "AND ended_at IS NULL")),
    list: ({ limit, states }) =>
      jobs(
        `SELECT * FROM jobs WHERE state IN (${states.map(() => "?").join(", ")}) ORDER BY id DESC LIMIT ?`,
        ...states,
        limit,
      ),
    // Ids hold no wildcard; anything else in the text is taken out before it gets here.
    startingWith: (prefix) => jobs("SELECT * FROM jobs WHERE id GLOB ? ORDER BY id LIMIT 2", `${prefix}*`),
    cancelRequestedAt: (id) =>
      guard(() => {
        const time = cancelTime.get(id)?.["cancel_requested_at"];
        return typeof time === "string" ? time : null;
      }),
    addChild: (id, child) =>
      guard(
        () => void prepare("INSERT OR IGNORE INTO children VALUES (?, ?, ?)").run(id, child.pid, child.processStart),
      ),
    addPartial: (id, partial) =>
      guard(() => void prepare("INSERT OR IGNORE INTO partials VALUES (?, ?)").run(id, partial)),
    childrenOf: (id) =>
      guard(() => {
        const rows = prepare("SELECT pid, process_start FROM children WHERE job_id = ?").all(id);
        return rows.map((row) => ({ pid: Number(row["pid"]), processStart: String(row["process_start"]) }));
      }),
    partialsOf: (id) =>
      guard(() =>
        prepare("SELECT path FROM partials WHERE job_id = ?")
          .all(id)
          .map((row) => String(row["path"])),
      ),
    leftovers: () => guard(() => leftovers.all(hostname()).map((row) => String(row["path"]))),
    forgetLeftover: (partial) => guard(() => void forgetLeftover.run(partial)),
    close: () => database.close(),
  };
}

function isDamage(error: unknown): boolean {
  const code = resultCode(error);
  return code === corruptCode || code === notADatabaseCode;
}

/** The primary result code: the low byte, without what an extended code adds. */
function resultCode(error: unknown): number | null {
  return error instanceof Error && "errcode" in error && typeof error.errcode === "number" ? error.errcode & 255 : null;
}

function storeFailure(error: unknown, path: string): unknown {
  if (error instanceof AppError || !(error instanceof Error)) return error;
  return new AppError("job.storeFailed", "The list of jobs could not be read or written.", {
    detail: `${path}: ${error.message}`,
    cause: error,
  });
}
