import { performance } from "node:perf_hooks";
import { formatName } from "../../shared/command/names.ts";
import type { PutBackResult, RestoreResult } from "../../shared/contract/job-results.ts";
import { AppError } from "../../shared/error/app-error.ts";
import type { Job, JobId, JobOutcome } from "../../shared/job/job.ts";
import { formatNumberOf } from "../../shared/text/format.ts";
import { withSession } from "../postgres/connect.ts";
import { type ResolvedConnection, resolveTarget } from "../profiles/resolve-connection.ts";
import { type PutBackServices, planPutBack } from "../put-back/plan-put-back.ts";
import type { PutBackPlan } from "../put-back/put-back-plan.ts";
import { parsePutBackRequest, type UndoRequest } from "../put-back/put-back-request.ts";
import { removeScript, runPutBack, runUndo } from "../put-back/run-script.ts";
import { parseRestoreRequest } from "../restore/restore-request.ts";
import type { JobContext, JobManager, JobRunOptions } from "./job-manager.ts";
import { keyRingFor, type RunAgain } from "./runners.ts";

type StartOptions = JobRunOptions & { readonly retryOf?: JobId };

/** Runs a planned put-back as a job; its script is gone afterwards. */
export function startPutBack(
  plan: PutBackPlan,
  services: PutBackServices,
  jobs: JobManager,
  options: StartOptions,
): Promise<Job> {
  const { retryOf, ...watch } = options;
  const spec = {
    kind: "put-back",
    title: `Put rows back into ${formatName(plan.table.schema, plan.table.name)}`,
    request: plan.request,
    locks: [`database:${plan.host}:${plan.port}/${plan.database}`],
    ...(retryOf ? { retryOf } : {}),
  } as const;
  return jobs.run(spec, (context) => putBack(context, plan, services), watch);
}

/** Takes a put-back back as a job. */
export function startUndo(
  request: UndoRequest,
  connection: ResolvedConnection,
  jobs: JobManager,
  options: StartOptions,
): Promise<Job> {
  const { retryOf, ...watch } = options;
  const [host] = connection.target.hosts;
  const spec = {
    kind: "put-back",
    title: request.wholeTables === true ? `Drop ${request.table} again` : `Take rows out of ${request.table} again`,
    request,
    locks: [`database:${host?.host}:${host?.port}/${connection.target.database}`],
    ...(retryOf ? { retryOf } : {}),
  } as const;
  return jobs.run(spec, (context) => takeBack(context, request, connection), watch);
}

/**
 * What takes back a job that put rows back, or brought tables beside live ones.
 * @throws job.notRetryable where it is no such job, or did not come to its end
 */
export function undoRequestOf(job: Job): UndoRequest {
  if (job.kind === "restore") return undoOfBeside(job);
  const request = job.kind === "put-back" ? parsePutBackRequest(job.request) : null;
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- this file has written it
  const result = job.result as PutBackResult | null;
  if (request?.kind !== "rows" || result?.kind !== "rows") throw nothingToUndo(job);
  return { kind: "undo", target: request.target, table: result.table, script: result.undo };
}

function undoOfBeside(job: Job): UndoRequest {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a restore's own record
  const beside = (job.result as RestoreResult | null)?.beside;
  if (beside === undefined) throw nothingToUndo(job);
  const { target } = parseRestoreRequest(job.request);
  const table = beside.tables.map(({ to }) => to).join(", ");
  return { kind: "undo", target, table, wholeTables: true, script: beside.undo };
}

function nothingToUndo(job: Job): AppError {
  return new AppError("job.notRetryable", `Job ${job.id} left nothing that can be taken back.`);
}

/**
 * Compares anew and puts back what is missing by then.
 * @throws job.notRetryable on a production server: what was confirmed there was what had been shown
 */
export const runAgain: RunAgain = async (stored, services) => {
  const request = parsePutBackRequest(stored);
  if (request.target.environment === "production")
    throw new AppError("job.notRetryable", `${request.target.database} is on a production server.`, {
      hint: "Compare again, look at what would be written, and start it from there.",
    });
  const connection = await resolveTarget(request.target, services);
  if (request.kind === "undo") return startUndo(request, connection, services.jobs, services);
  const { home, env, secrets, signal } = services;
  const keys = keyRingFor(request, services);
  const own = { home, env, ...(secrets ? { secrets } : {}), connection, keys };
  return startPutBack(await planPutBack(request, own, signal), own, services.jobs, services);
};

async function putBack(context: JobContext, plan: PutBackPlan, services: PutBackServices): Promise<JobOutcome> {
  const startedAt = performance.now();
  const { connection, home } = services;
  const table = formatName(plan.table.schema, plan.table.name);
  try {
    for (const warning of [...plan.warnings, ...plan.conflicts]) context.log(`warning: ${warning}`);
    context.step("Putting back");
    context.log(`${formatNumberOf(plan.missing, "row")} to insert, ${plan.changed} to change, in one transaction`);
    const options = { applicationName: `lifeboat:${context.jobId}`, signal: context.signal };
    const { differing, undo } = await withSession(connection.target, connection.password, options, (session) =>
      runPutBack(session, plan, home, context.jobId),
    );
    context.log(`committed; the way back: ${undo}`);
    const result: PutBackResult = {
      kind: "rows",
      target: { host: plan.host, port: plan.port, database: plan.database },
      archive: plan.request.archive,
      table,
      inserted: plan.missing,
      updated: plan.changed,
      differing,
      undo,
      warnings: plan.warnings,
      elapsedMs: Math.round(performance.now() - startedAt),
    };
    return { state: differing === 0 ? "succeeded" : "finishedWithErrors", result };
  } finally {
    await removeScript(plan.script);
  }
}

async function takeBack(
  context: JobContext,
  request: UndoRequest,
  { target, password }: ResolvedConnection,
): Promise<JobOutcome> {
  const startedAt = performance.now();
  context.step("Taking back");
  context.log(`runs ${request.script}`);
  const options = { applicationName: `lifeboat:${context.jobId}`, signal: context.signal };
  await withSession(target, password, options, (session) => runUndo(session, request.script, request.table));
  const result: PutBackResult = {
    kind: "undo",
    table: request.table,
    ...(request.wholeTables === true ? { wholeTables: true } : {}),
    elapsedMs: Math.round(performance.now() - startedAt),
  };
  return { state: "succeeded", result };
}
