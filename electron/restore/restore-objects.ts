import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { writeUseList } from "../../shared/archive/use-list.ts";
import { displayCommand } from "../../shared/command/display.ts";
import { formatName } from "../../shared/command/names.ts";
import { buildRestoreArgs } from "../../shared/command/restore-command.ts";
import type { RestoredTable, RestoreResult } from "../../shared/contract/job-results.ts";
import { AppError } from "../../shared/error/app-error.ts";
import { failureOf } from "../../shared/error/classify.ts";
import type { JobOutcome } from "../../shared/job/job.ts";
import { type FailedEntry, type Judgement, judgeRestore, missingEntries } from "../../shared/restore/judge.ts";
import { createRestoreProgress } from "../../shared/restore/restore-progress.ts";
import type { Archive } from "../archives/archive.ts";
import { openStoredArchive } from "../archives/open-stored-archive.ts";
import type { JobContext } from "../jobs/job-context.ts";
import { connect, type Session } from "../postgres/connect.ts";
import { makePrivateFolder } from "../storage/durable-file.ts";
import type { ToolExit } from "../tools/run-tool.ts";
import { openToolConnection, type ToolConnection } from "../tools/tool-connection.ts";
import { checkList } from "./check-list.ts";
import {
  countArchivedRows,
  countRestoredRows,
  describeDifference,
  differingTables,
  targetsToCount,
} from "./count-rows.ts";
import { createDatabase, createSchemas } from "./create-target.ts";
import { followRestore } from "./follow-restore.ts";
import type { RestoreServices } from "./plan-restore.ts";
import { restoreOptions } from "./restore-command.ts";
import type { RestorePlan } from "./restore-plan.ts";
import { runPgRestore } from "./run-pg-restore.ts";
import { analyzeRestored, applyRoleMap, findAbsentObjects, findWrongSequences } from "./settle-restore.ts";
import { undoRestore } from "./undo-restore.ts";

/**
 * Runs a plan: pg_restore with a list of exactly the chosen entries, then everything it says and everything the archive
 * holds is compared with what is there. A database made here is dropped again unless something usable came; so are
 * objects in an existing database after a failure or a cancel.
 * @throws restore.lineIgnored, the failure of pg_restore, connection.*, job.cancelled
 */
export async function runRestore(
  context: JobContext,
  plan: RestorePlan,
  services: RestoreServices,
): Promise<JobOutcome> {
  const startedAt = performance.now();
  const clock = createClock();
  const listPath = join(services.home.runFolder, `restore-${context.jobId}.list`);
  const counting = new AbortController();
  let changed = false;
  let tools: ToolConnection | null = null;
  // One for all that is read of it, so that what lies far away is fetched once.
  let archive: Archive | null = null;
  let archived: Promise<Map<number, number>> | null = null;
  let session: Session | null = null;
  try {
    // Prepare: the list, proved to mean what it should before anything is changed.
    context.step("Preparing");
    for (const warning of plan.warnings) context.log(`warning: ${warning}`);
    context.log(plan.tool.reason);
    const { connection, home } = services;
    tools = await openToolConnection(
      connection.target,
      connection.password,
      home,
      `lifeboat:${context.jobId}`,
      context.signal,
    );
    await makePrivateFolder(home.runFolder);
    archive = (await openStoredArchive(plan.request.archive, services)).archive;
    await writeFile(listPath, writeUseList(plan.entries, plan.graph.entries), { flag: "wx", mode: 0o600 });
    await checkList(context, plan, listPath, archive);

    // Start.
    if (isNew(plan)) await createDatabase(context, plan, services, () => (changed = true));
    changed = true;
    await createSchemas(context, plan, services);
    archived = countArchivedRows(archive, plan.tables, AbortSignal.any([context.signal, counting.signal]));
    // Awaited below; a failure before that must not count as unhandled.
    archived.catch(() => {});
    clock.next("Preparing");
    const args = [
      tools.dbnameArgument(plan.database),
      ...buildRestoreArgs(restoreOptions(plan, listPath), plan.tool.version),
    ];
    context.log(displayCommand(plan.tool.path, args));
    if (plan.isStreamed) context.log("pg_restore gets what was chosen of the archive on its stdin.");

    // Follow.
    const exit = await followPgRestore(context, plan, services, archive, tools, args);
    clock.next("Restoring");

    // Finish: what came, what did not, and whether the rows are all there.
    if (exit.outcome !== "exited") throw failureOf("pg_restore", exit, "restore");
    const judgement = judgeRestore(exit, plan.graph, plan.entries, plan.chosen);
    if (judgement.state === "failed") throw failure(judgement, exit);
    context.step("Checking");
    session = await connect(connection.target, connection.password, {
      database: plan.database,
      applicationName: "lifeboat",
      signal: context.signal,
    });
    const settled = await settle(session, plan, judgement);
    const tables = await countRestoredRows(session, targetsToCount(plan.tables), await archived);
    const notes = [
      ...judgement.harmless,
      ...(await analyzeRestored(session, plan.graph, plan.entries, settled.missing)),
    ];
    const failed = [...settled.failed, ...describeDiffering(plan, tables, settled.failed)];
    clock.next("Checking");
    const lost = new Set(failed.flatMap(({ dumpId }) => dumpId ?? []));
    const chosen = plan.entries.length + plan.mapped.length;
    const result: RestoreResult = {
      target: { host: plan.host, port: plan.port, database: plan.database, created: isNew(plan) },
      archive: plan.request.archive,
      entriesChosen: chosen,
      entriesRestored: chosen - lost.size,
      tables,
      failed,
      notes,
      warnings: plan.warnings,
      command: [plan.tool.path, ...args],
      phases: clock.phases,
      elapsedMs: Math.round(performance.now() - startedAt),
    };
    for (const entry of failed) context.log(`not restored: ${entry.desc} ${entry.name}: ${entry.reason}`);
    return { state: failed.length === 0 ? "succeeded" : "finishedWithErrors", result };
  } catch (error) {
    await session?.close();
    session = null;
    const reason = tools?.explain(error) ?? error;
    throw changed ? await withUndo(reason, context, plan, services) : reason;
  } finally {
    // Clean up, in reverse.
    counting.abort();
    await archived?.catch(() => {});
    await archive?.close();
    await session?.close();
    await rm(listPath, { force: true });
    await tools?.dispose();
  }
}

async function followPgRestore(
  context: JobContext,
  plan: RestorePlan,
  services: RestoreServices,
  archive: Archive,
  tools: ToolConnection,
  args: readonly string[],
): Promise<ToolExit> {
  const entries = plan.entries.flatMap((id) => plan.graph.entries.get(id) ?? []);
  const progress = createRestoreProgress(entries, plan.tables, (id) => plan.graph.ownerOf(id), Date.now());
  context.step("Restoring");
  const follower = await followRestore(context, services.connection, plan.database, tools.applicationName, progress);
  try {
    return await runPgRestore(plan, archive, "all", {
      args,
      env: tools.env,
      stdout: "ignore",
      onStderrLine: (line) => follower.stderrLine(line),
      signal: context.signal,
      phase: "restore",
      onSpawn: (pid) => context.recordChild(pid),
    });
  } finally {
    await follower.stop();
  }
}

/** Owners and grants of a role map; then the catalogue is asked for every object, and the sequences for their values. */
async function settle(
  session: Session,
  plan: RestorePlan,
  judgement: Judgement,
): Promise<{ failed: FailedEntry[]; missing: Set<number | null> }> {
  const missing = missingEntries(judgement.failed);
  const { roleMap, noOwner } = plan.request;
  const owned =
    Object.keys(roleMap).length === 0
      ? []
      : await applyRoleMap(session, plan.graph, plan.entries, plan.mapped, { roleMap, noOwner, missing });
  const absent = await findAbsentObjects(session, plan.graph, plan.entries, missing);
  const wrong = await findWrongSequences(session, plan.graph, plan.entries, missing, isNew(plan));
  return { failed: [...judgement.failed, ...owned, ...absent, ...wrong], missing };
}

/** Rows that are not all there, unless a failure of that very table says so already. */
function describeDiffering(
  plan: RestorePlan,
  tables: readonly RestoredTable[],
  failed: readonly FailedEntry[],
): FailedEntry[] {
  const told = new Set(failed.map(({ desc, name }) => `${desc} ${name}`));
  return differingTables(tables, isNew(plan)).flatMap((table) => {
    const name = formatName(table.schema === "public" ? null : table.schema, table.name);
    if (told.has(`TABLE DATA ${name}`)) return [];
    const reason = describeDifference(table);
    const code = "restore.rowsDiffer";
    return [{ dumpId: null, desc: "TABLE DATA", name, reason, code, meaning: null, remedy: null, objectIsThere: true }];
  });
}

function isNew(plan: RestorePlan): boolean {
  return plan.createDatabase.length > 0;
}

/** Nothing usable came, or pg_restore gave up: its own first reason. */
function failure(judgement: Judgement, exit: ToolExit): AppError {
  const [first] = judgement.failed;
  if (first === undefined) return failureOf("pg_restore", exit, "restore");
  const told = failureOf("pg_restore", exit, "restore");
  const what = first.name === "" ? "" : ` (${first.desc.toLowerCase()} ${first.name})`;
  return new AppError(told.code, `Nothing was restored: ${first.reason}${what}.`, {
    detail: [told.message, told.detail].filter((part) => part !== undefined).join("\n"),
    hint: first.remedy ?? told.hint,
  });
}

/** Takes everything back and says so with the failure. */
async function withUndo(
  error: unknown,
  context: JobContext,
  plan: RestorePlan,
  services: RestoreServices,
): Promise<unknown> {
  context.step("Taking it back");
  const { lines: said } = await undoRestore(plan, services);
  for (const line of said) context.log(line);
  if (!(error instanceof AppError) || said.length === 0) return error;
  const detail = [...said, error.detail].filter((part) => part !== undefined).join("\n");
  return new AppError(error.code, error.message, { detail, hint: error.hint, cause: error });
}

function createClock() {
  let since = performance.now();
  const phases: { name: string; elapsedMs: number }[] = [];
  return {
    phases,
    next(name: string): void {
      const now = performance.now();
      phases.push({ name, elapsedMs: Math.round(now - since) });
      since = now;
    },
  };
}
