import { rm } from "node:fs/promises";
import { join } from "node:path";
import { formatName } from "../../shared/command/names.ts";
import { AppError } from "../../shared/error/app-error.ts";
import {
  buildCheck,
  buildDelete,
  buildOpening,
  buildUpdate,
  changedRows,
  copyInserted,
  copyUpdated,
  type HeldRows,
  missingRows,
} from "../../shared/put-back/put-back-sql.ts";
import type { Home } from "../home.ts";
import type { Session } from "../postgres/connect.ts";
import { sqlStateOf } from "../postgres/query-error.ts";
import { makePrivateFolder, syncFolder } from "../storage/durable-file.ts";
import type { PutBackPlan } from "./put-back-plan.ts";
import { loadSteps, runSteps, ScriptFile } from "./script-file.ts";

/** What came of a put-back that was committed. */
export interface PutBackDone {
  /** Rows that are there and not as the archive has them: a trigger or a rule changed or stopped them. */
  readonly differing: number;
  /** The script that takes it back. */
  readonly undo: string;
}

/**
 * Runs a plan's script in one transaction. The undo script is on disk before the commit, and gone again where the commit
 * fails.
 * @param name of the undo script, without its ending
 * @throws restore.planOutdated, restore.dataRejected, postgres.*, connection.*, job.cancelled
 */
export async function runPutBack(session: Session, plan: PutBackPlan, home: Home, name: string): Promise<PutBackDone> {
  const undo = join(home.undoFolder, `${name}.sql`);
  const last = plan.steps.length - 1;
  try {
    await runSteps(session, plan.script, plan.steps.slice(0, last));
    const differing = await countDiffering(session, plan);
    await makePrivateFolder(home.undoFolder);
    await writeUndo(session, plan, undo);
    await runSteps(session, plan.script, plan.steps.slice(last));
    return { differing, undo };
  } catch (error) {
    await removeScript(undo);
    throw explain(error, formatName(plan.table.schema, plan.table.name));
  }
}

/**
 * Runs an undo script that was kept.
 * @param table for people
 * @throws restore.planOutdated where a row has changed since, storage.notFound, postgres.*, connection.*, job.cancelled
 */
export async function runUndo(session: Session, script: string, table: string): Promise<void> {
  const steps = await loadSteps(script).catch((error: unknown) => {
    throw new AppError("storage.notFound", "The undo script is not there any more.", { detail: script, cause: error });
  });
  try {
    await runSteps(session, script, steps);
  } catch (error) {
    throw explain(error, table);
  }
}

/** Removes a script and what stands beside it. */
export async function removeScript(path: string): Promise<void> {
  await rm(path, { force: true });
  await rm(`${path}.steps.json`, { force: true });
}

async function countDiffering(session: Session, { table, missing, changed }: PutBackPlan): Promise<number> {
  const count = async (rows: HeldRows): Promise<number> => {
    const [row] = await session.query<{ rows: number }>(buildCheck(table, rows));
    return row?.rows ?? 0;
  };
  const inserted = missing > 0 ? await count(missingRows) : 0;
  return inserted + (changed > 0 ? await count(changedRows) : 0);
}

/** What came is deleted again first, then what was changed gets its old values. */
async function writeUndo(session: Session, plan: PutBackPlan, path: string): Promise<void> {
  const { table, missing, changed, request } = plan;
  const script = await ScriptFile.create(path);
  try {
    await script.comment(
      `Takes back what Lifeboat put back into ${formatName(table.schema, table.name)} of ${plan.database}. Stops where one of the rows has changed since.`,
    );
    await script.comment("Sequences stay where they are. Run it with psql -X -v ON_ERROR_STOP=1.");
    await script.add(buildOpening(request.bypassTriggers));
    if (missing > 0) await script.add(buildDelete(table), session.copyOut(copyInserted(table)));
    const places = table.columns.flatMap((_, place) => (table.keyPlaces.includes(place) ? [] : [place]));
    if (changed > 0) await script.add(buildUpdate(table, places), session.copyOut(copyUpdated(table)));
    await script.add([{ sql: "COMMIT" }]);
  } finally {
    await script.close();
  }
  await script.saveSteps();
  await syncFolder(join(path, ".."));
}

/** The server's words name values (DETAIL: Key (email)=…), which stay in the job's own detail. */
function explain(error: unknown, table: string): unknown {
  if (!(error instanceof AppError)) return error;
  const state = sqlStateOf(error) ?? "";
  const detail = { detail: error.detail, cause: error };
  if (state === "LB001")
    return new AppError(
      "restore.planOutdated",
      `Rows of ${table} have changed since they were looked at. Nothing was done.`,
      { ...detail, hint: "Compare again, then decide." },
    );
  if (/^(23|22|P0)/.test(state))
    return new AppError("restore.dataRejected", `The server refused the rows of ${table}. Nothing was done.`, {
      ...detail,
      hint: "Put back first what they refer to, or choose other rows.",
    });
  return error;
}
