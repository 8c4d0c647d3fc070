import { performance } from "node:perf_hooks";
import { formatName } from "../../shared/command/names.ts";
import type { RestoredDatabase, RestoreResult } from "../../shared/contract/job-results.ts";
import { AppError, toErrorValue } from "../../shared/error/app-error.ts";
import type { JobOutcome, Progress } from "../../shared/job/job.ts";
import type { FailedEntry } from "../../shared/restore/judge.ts";
import type { JobContext } from "../jobs/job-context.ts";
import type { RestoreServices } from "./plan-restore.ts";
import type { ClusterPlan, RestorePlan } from "./restore-plan.ts";
import { undoRestore } from "./undo-restore.ts";

/** What came of one database. */
interface Part {
  readonly name: string;
  readonly plan: RestorePlan;
  readonly state: RestoredDatabase["state"];
  readonly result: RestoreResult | null;
  readonly error: unknown;
  readonly elapsedMs: number;
}

/**
 * Restores every database of a pg_dumpall script, one after the other, each a step of the job. One that fails is taken back
 * and named, and the others go on; a cancel takes back all of them.
 * @param restoreOne restores one of them as it would be restored alone
 * @throws the first failure, with all others below it, where none came; job.cancelled
 */
export async function restoreCluster(
  context: JobContext,
  plan: RestorePlan,
  cluster: ClusterPlan,
  services: RestoreServices,
  restoreOne: (context: JobContext, plan: RestorePlan) => Promise<JobOutcome>,
): Promise<JobOutcome> {
  const startedAt = performance.now();
  for (const warning of plan.warnings) context.log(`warning: ${warning}`);
  const ended: Part[] = [];
  for (const { name, plan: part } of cluster.parts) {
    const began = performance.now();
    const elapsed = () => Math.round(performance.now() - began);
    context.step(`Restoring ${formatName(null, name)}`);
    const inner = within(context, name, ended, plan);
    try {
      // oxlint-disable-next-line no-await-in-loop -- each has the machine to itself, as pg_restore's own jobs expect
      const { state, result } = await restoreOne(inner, part);
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- runRestore has just written it
      ended.push({ name, plan: part, state, result: result as RestoreResult, error: null, elapsedMs: elapsed() });
    } catch (error) {
      // oxlint-disable-next-line no-await-in-loop -- the last thing that is done
      if (context.signal.aborted) throw await takeAllBack(error, context, ended, services);
      context.log(`${name}: ${toErrorValue(error).message}`);
      ended.push({ name, plan: part, state: "failed", result: null, error, elapsedMs: elapsed() });
    }
  }
  if (ended.length > 0 && ended.every(({ state }) => state === "failed")) throw allFailed(ended);
  const elapsedMs = Math.round(performance.now() - startedAt);
  const state = ended.every((each) => each.state === "succeeded") ? "succeeded" : "finishedWithErrors";
  return { state, result: joinResults(plan, cluster, ended, elapsedMs) };
}

/** The first database's failure, with what became of each below it. */
function allFailed(ended: readonly Part[]): AppError {
  const { code, message, hint } = toErrorValue(ended[0]?.error);
  const lines = ended.map(({ name, error }) => `${formatName(null, name)}: ${wholeDatabase(name, error).reason}`);
  return new AppError(code, message, { detail: lines.join("\n"), hint });
}

/** The job as one database's restore sees it: its steps are lines of the log, its progress is a part of the whole. */
function within(context: JobContext, name: string, before: readonly Part[], whole: RestorePlan): JobContext {
  const done = before.reduce((sum, { plan }) => sum + plan.entries.length, 0);
  return {
    ...context,
    step: (step) => context.log(`${name}: ${step}`),
    progress: (progress) => context.progress(ofWhole(progress, done, whole.entries.length)),
  };
}

/** Entries are what the databases have in common: of a script nobody counted bytes before. */
function ofWhole(progress: Progress, doneBefore: number, total: number): Progress {
  if (progress.kind !== "measured" || progress.unit !== "entries") return progress;
  const done = doneBefore + progress.done;
  const { ratePerSecond: rate } = progress;
  const remainingMs = rate === null || rate <= 0 ? null : Math.round(((total - done) / rate) * 1000);
  return { ...progress, done, total, remainingMs };
}

async function takeAllBack(
  error: unknown,
  context: JobContext,
  ended: readonly Part[],
  services: RestoreServices,
): Promise<unknown> {
  context.step("Taking it back");
  const said: string[] = [];
  for (const { plan, state } of ended) {
    if (state === "failed") continue;
    // oxlint-disable-next-line no-await-in-loop
    said.push(...(await undoRestore(plan, services)).lines);
  }
  for (const line of said) context.log(line);
  // What a cancel cuts short may throw of its own.
  const { code, message, detail } = toErrorValue(error instanceof AppError ? error : context.signal.reason);
  const lines = [...said, ...(detail === undefined ? [] : [detail])];
  return new AppError(code, message, { detail: lines.length === 0 ? undefined : lines.join("\n") });
}

function joinResults(
  plan: RestorePlan,
  { globals }: ClusterPlan,
  ended: readonly Part[],
  elapsedMs: number,
): RestoreResult {
  const results = ended.flatMap(({ result }) => result ?? []);
  return {
    target: { host: plan.host, port: plan.port, database: null, created: true },
    archive: plan.request.archive,
    entriesChosen: plan.entries.length + plan.mapped.length,
    entriesRestored: results.reduce((sum, { entriesRestored }) => sum + entriesRestored, 0),
    tables: results.flatMap(({ target, tables }) =>
      tables.map((table) => (target.database === null ? table : { ...table, database: target.database })),
    ),
    failed: ended.flatMap(({ name, result, error }) =>
      result === null
        ? [wholeDatabase(name, error)]
        : result.failed.map((entry) => ({ ...entry, name: `${formatName(null, name)}: ${entry.name}` })),
    ),
    notes: ended.flatMap(({ name, result }) =>
      (result?.notes ?? []).map((note) => `${formatName(null, name)}: ${note}`),
    ),
    warnings: plan.warnings.filter((text) => text !== globals),
    command: [],
    phases: ended.map(({ name, elapsedMs: took }) => ({ name, elapsedMs: took })),
    elapsedMs,
    databases: ended.map(({ name, plan: part, state }) => ({
      name,
      restoredAs: state === "failed" ? null : part.database,
      state,
    })),
    ...(globals === null ? {} : { globals }),
  };
}

/** A database of which nothing came, as what is missing. */
function wholeDatabase(name: string, error: unknown): FailedEntry {
  const { code, message, detail, hint } = toErrorValue(error);
  return {
    dumpId: null,
    desc: "DATABASE",
    name: formatName(null, name),
    reason: [message, detail].join(" ").replaceAll(/\s+/g, " ").trim(),
    code,
    meaning: null,
    remedy: hint ?? null,
    objectIsThere: false,
  };
}
