import { setTimeout as sleep } from "node:timers/promises";
import { quoteIdentifier } from "../../shared/command/names.ts";
import { AppError } from "../../shared/error/app-error.ts";
import type { JobContext } from "../jobs/job-context.ts";
import { connect, type Session } from "../postgres/connect.ts";
import { sqlStateOf } from "../postgres/query-error.ts";
import type { ResolvedConnection } from "../profiles/resolve-connection.ts";

/** Which database gets which name. */
export interface DatabaseNames {
  /** Has the name now, and is called `old` then. */
  readonly live: string;
  /** Gets the name `live`. */
  readonly fresh: string;
  readonly old: string;
}

const tellEveryMs = 100;

/**
 * Renames both databases in one transaction. The first ALTER DATABASE locks the live one before it looks at who is connected,
 * and for five seconds waits for them to go (dbcommands.c, RenameDatabase; CountOtherDBBackends); whoever connects anew waits
 * for the lock and is not counted (postinit.c). So a second session disconnects everybody meanwhile, and there is no
 * moment in which a killed process leaves the database closed: the server rolls back by itself.
 * @param within more statements of the same transaction, before the renames
 * @throws restore.swapBlocked where a session does not go, postgres.*, connection.*, job.cancelled; nothing is changed then
 */
export async function exchangeDatabases(
  context: JobContext,
  { target, password }: ResolvedConnection,
  { live, fresh, old }: DatabaseNames,
  within: readonly string[] = [],
): Promise<void> {
  const options = { database: "postgres", applicationName: `lifeboat:${context.jobId}`, signal: context.signal };
  const renaming = await connect(target, password, options);
  try {
    const ending = await connect(target, password, options);
    try {
      const run = async (sql: string): Promise<void> => {
        context.log(sql);
        await renaming.query(sql);
      };
      await run("begin");
      // oxlint-disable-next-line no-await-in-loop -- one transaction
      for (const sql of within) await run(sql);
      const isDone = new AbortController();
      const renamed = run(`alter database ${quoteIdentifier(live)} rename to ${quoteIdentifier(old)}`).finally(() =>
        isDone.abort(),
      );
      await Promise.all([renamed, endSessions(context, ending, live, isDone.signal)]);
      await run(`alter database ${quoteIdentifier(fresh)} rename to ${quoteIdentifier(live)}`);
      await run("commit");
    } finally {
      await ending.close();
    }
  } catch (error) {
    if (!(error instanceof AppError) || sqlStateOf(error) !== "55006") throw error;
    throw new AppError("restore.swapBlocked", `A session of ${live} did not end in time. Nothing was swapped.`, {
      detail: error.detail,
      hint: "Stop what uses the database, then swap again.",
      cause: error,
    });
  } finally {
    await renaming.close();
  }
}

async function endSessions(context: JobContext, session: Session, database: string, done: AbortSignal): Promise<void> {
  while (!done.aborted) {
    // Never in the WHERE: the planner asks conditions in an order of its own, and would end everybody's sessions.
    // oxlint-disable-next-line no-await-in-loop -- again and again, until the other session has its lock
    const rows = await session.query<{ name: string; ended: boolean }>(
      `select ${describeSession} as name, pg_catalog.pg_terminate_backend(a.pid) as ended from pg_catalog.pg_stat_activity a
       where a.datname = $1 and a.pid <> pg_catalog.pg_backend_pid()`,
      [database],
    );
    for (const { name, ended } of rows) if (ended) context.log(`disconnected ${name}`);
    // oxlint-disable-next-line no-await-in-loop
    await sleep(tellEveryMs, undefined, { signal: done }).catch(() => {});
  }
}

const describeSession = `coalesce(nullif(a.application_name, ''), a.backend_type) || ' (' || coalesce(a.usename, '') || ', process ' || a.pid || ')'`;

/** Who is connected to a database, but for this session. @throws postgres.* */
export async function namesInUse(session: Session, database: string): Promise<string[]> {
  const rows = await session.query<{ name: string }>(
    `select ${describeSession} as name from pg_catalog.pg_stat_activity a
     where a.datname = $1 and a.pid <> pg_catalog.pg_backend_pid() order by 1`,
    [database],
  );
  return rows.map(({ name }) => name);
}
