import { performance } from "node:perf_hooks";
import { quoteIdentifier } from "../../shared/command/names.ts";
import type { RestoreResult } from "../../shared/contract/job-results.ts";
import type { JobOutcome } from "../../shared/job/job.ts";
import type { JobContext } from "../jobs/job-context.ts";
import { withSession } from "../postgres/connect.ts";
import type { RestoreServices } from "../restore/plan-restore.ts";
import { runRestore } from "../restore/restore-objects.ts";
import type { RestorePlan, SwapPlan } from "../restore/restore-plan.ts";
import { undoRestore } from "../restore/undo-restore.ts";
import { forgetUnfinished, noteUnfinished } from "../restore/unfinished.ts";
import { exchangeDatabases } from "./exchange-databases.ts";
import { readProperties, readTablespace, statementFor } from "./properties.ts";

/**
 * Restores a whole database beside the live one and, where nothing is missing, gives it the live one's name. The live one is
 * kept. Where something is missing the restored one is kept for a look, and nothing is swapped.
 * @throws as runRestore and exchangeDatabases; the live database is as it was, the restored one dropped again
 */
export async function restoreSwap(
  context: JobContext,
  plan: RestorePlan,
  swap: SwapPlan,
  services: RestoreServices,
): Promise<JobOutcome> {
  const startedAt = performance.now();
  const { home, connection } = services;
  const { restore, live, fresh, old } = swap;
  const note = { kind: "scratch", jobId: context.jobId, host: plan.host, port: plan.port, database: fresh } as const;
  await noteUnfinished(home, note);
  let isKept = false;
  try {
    const outcome = await runRestore(context, restore, services);
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- runRestore has just written it
    const result = outcome.result as RestoreResult;
    const flaws = await findFlaws(context, fresh, services);
    const elapsedMs = Math.round(performance.now() - startedAt);
    if (outcome.state !== "succeeded" || flaws.length > 0) {
      isKept = true;
      const notes = [...result.notes, ...flaws, `Nothing was swapped. What came is in the database ${fresh}.`];
      return { state: "finishedWithErrors", result: { ...result, notes, elapsedMs } };
    }
    context.step("Swapping");
    const tablespace = await withSession(
      connection.target,
      connection.password,
      sessionOptions(context, live),
      (session) => readTablespace(session, live),
    );
    // Moving files is not for a transaction.
    if (tablespace !== null)
      await withSession(
        connection.target,
        connection.password,
        sessionOptions(context, "postgres"),
        async (session) => {
          await session.query(`alter database ${quoteIdentifier(fresh)} set tablespace ${quoteIdentifier(tablespace)}`);
        },
      );
    // As they are now, which may be another minute than when they were shown.
    const properties = await withSession(
      connection.target,
      connection.password,
      sessionOptions(context, live),
      (session) => readProperties(session, live),
    );
    const statements = properties.map((property) => statementFor(property, fresh));
    await exchangeDatabases(context, connection, { live, fresh, old }, statements);
    isKept = true;
    const target = { ...result.target, database: live, created: false };
    return { state: "succeeded", result: { ...result, target, elapsedMs, swapped: { database: live, old } } };
  } finally {
    const gone = isKept ? { lines: [], isUndone: true } : await undoRestore(restore, services);
    for (const line of gone.lines) context.log(line);
    if (gone.isUndone) await forgetUnfinished(home, note);
  }
}

/** What pg_restore may leave without a word. */
async function findFlaws(context: JobContext, fresh: string, { connection }: RestoreServices): Promise<string[]> {
  return withSession(connection.target, connection.password, sessionOptions(context, fresh), async (session) => {
    const rows = await session.query<{ name: string }>(
      "select indexrelid::pg_catalog.regclass::text as name from pg_catalog.pg_index where not indisvalid order by 1",
    );
    return rows.map(({ name }) => `The index ${name} is not valid.`);
  });
}

function sessionOptions({ jobId, signal }: JobContext, database: string) {
  return { database, applicationName: `lifeboat:${jobId}`, signal };
}
