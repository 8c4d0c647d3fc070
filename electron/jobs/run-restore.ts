import { AppError } from "../../shared/error/app-error.ts";
import type { Job, JobId, JobOutcome } from "../../shared/job/job.ts";
import { restoreBeside } from "../beside/restore-beside.ts";
import { sweepScratch } from "../beside/sweep-scratch.ts";
import type { Home } from "../home.ts";
import { startSample } from "../postgres/sample/sample-server.ts";
import { type ResolvedConnection, resolveTarget } from "../profiles/resolve-connection.ts";
import { restoreReplace } from "../replace/restore-replace.ts";
import { planByMode } from "../restore/plan-by-mode.ts";
import type { RestoreServices } from "../restore/plan-restore.ts";
import { restoreCluster } from "../restore/restore-cluster.ts";
import { runRestore } from "../restore/restore-objects.ts";
import type { RestorePlan } from "../restore/restore-plan.ts";
import { parseRestoreRequest } from "../restore/restore-request.ts";
import { restoreSwap } from "../swap/restore-swap.ts";
import { holdChosen, mostFetchedFirst } from "../verify/hold-chosen.ts";
import type { JobContext, JobManager, JobRunOptions } from "./job-manager.ts";
import { keyRingFor, type RunAgain } from "./runners.ts";

/** Runs a planned restore as a job. */
export function startRestore(
  plan: RestorePlan,
  services: RestoreServices,
  jobs: JobManager,
  options: JobRunOptions & { readonly retryOf?: JobId },
): Promise<Job> {
  const { retryOf, ...watch } = options;
  const spec = {
    kind: "restore",
    title: `Restore into ${plan.database}`,
    request: plan.request,
    locks: (plan.cluster?.parts.map((part) => part.plan) ?? [plan]).map(
      ({ host, port, database }) => `database:${host}:${port}/${database}`,
    ),
    ...(retryOf ? { retryOf } : {}),
  } as const;
  return jobs.run(spec, (context) => runPlan(context, plan, services, jobs), watch);
}

async function runPlan(
  context: JobContext,
  plan: RestorePlan,
  access: RestoreServices,
  jobs: JobManager,
): Promise<JobOutcome> {
  const { beside, replace, swap, cluster } = plan;
  if (cluster !== null)
    return restoreCluster(context, plan, cluster, access, (inner, part) => runPlan(inner, part, access, jobs));
  await refuseDamaged(context, plan, access);
  // What is read of it from now on is compared again as it comes.
  const services = { ...access, hold: "refuse" } as const;
  if (beside === null && swap === null) return runRestore(context, plan, services);
  await sweepScratch(context, plan, services, jobs);
  if (swap !== null) return restoreSwap(context, plan, swap, services);
  if (beside === null) throw new Error("A plan is of one mode.");
  if (replace === null) return restoreBeside(context, plan, beside, services);
  return restoreReplace(context, { ...plan, beside, replace }, services, jobs);
}

/** Before anything is touched: what is going to be read is what was backed up, where a manifest says what that was. */
async function refuseDamaged(
  context: JobContext,
  { request, entries, beside, swap, createDatabase }: RestorePlan,
  services: RestoreServices,
): Promise<void> {
  context.step("Comparing checksums");
  // Where all is built apart first, damage that is noticed on the way has touched nothing either.
  const isApart = beside !== null || swap !== null || createDatabase.length > 0;
  const most = isApart ? mostFetchedFirst : undefined;
  const held = await holdChosen(request.archive, entries, services, context.signal, most);
  if (held === "noManifest")
    context.log("There is no manifest beside the archive: nothing says whether it was changed.");
  if (held === "tooMuch")
    context.log(
      "It is too much to be fetched twice: each part is compared with the manifest as it comes, before it is used.",
    );
}

/**
 * Plans and runs a stored restore again; a new database gets a new name unless it was given one.
 * @throws job.notRetryable for what replaces: what hangs on it, and what would be lost, was confirmed as it had been shown
 */
export const runAgain: RunAgain = async (stored, services) => {
  const asked = parseRestoreRequest(stored);
  if (asked.mode === "replace" || asked.mode === "swap")
    throw new AppError(
      "job.notRetryable",
      "What replaces live tables or a database is not run again without having been shown.",
      {
        hint: `Start it anew with: lifeboat restore … --mode ${asked.mode}`,
      },
    );
  const { home, jobs, signal } = services;
  const connection = asked.sample === true ? await connectSample(home) : await resolveTarget(asked.target, services);
  const { target } = connection;
  const request = { ...asked, target: { ...target, hosts: target.hosts.map((host) => ({ ...host })) } };
  const { env, secrets } = services;
  const keys = keyRingFor(request, services);
  const restoreServices = { home, env, ...(secrets ? { secrets } : {}), connection, keys };
  return startRestore(await planByMode(request, restoreServices, signal), restoreServices, jobs, services);
};

/** The sample may have been stopped since, and may listen elsewhere now. */
async function connectSample(home: Home): Promise<ResolvedConnection> {
  const { target, password } = await startSample(home);
  return { target, password, passwordFrom: "none", warnings: [] };
}
