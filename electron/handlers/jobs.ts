import { AppError } from "../../shared/error/app-error.ts";
import { isEnded } from "../../shared/job/transitions.ts";
import type { Handlers } from "../host/served-app.ts";
import { writeDiagnostics } from "../jobs/diagnostics.ts";
import { runners } from "../jobs/runners.ts";
import type { AppServices } from "./app-services.ts";

type JobMethods = "jobs.get" | "jobs.cancel" | "jobs.retry" | "jobs.log" | "jobs.diagnostics";

/** Jobs, whichever process runs them. */
export function jobHandlers(services: AppServices): Pick<Handlers, JobMethods> {
  const { jobs, feed, starter, env, passwords } = services;
  return {
    "jobs.get": ({ id }) => now(() => jobs.get(id)),
    "jobs.cancel": ({ id }) =>
      now(() => {
        const job = jobs.requestCancel(id);
        feed.changed(job);
        return job;
      }),
    async "jobs.retry"({ id }) {
      const job = jobs.get(id);
      if (!isEnded(job.state)) throw new AppError("job.notRetryable", `Job ${job.id} is still ${job.state}.`);
      const load = runners[job.kind];
      if (load === undefined)
        throw new AppError("job.notRetryable", `A ${job.kind} cannot be run again by its record.`);
      const { runAgain } = await load();
      const home = await services.home();
      const typed = await passwords.typed(profileNamedIn(job.request) ?? "");
      const jobId = await starter.start((watch) =>
        runAgain(job.request, {
          home,
          env,
          jobs,
          retryOf: job.id,
          secrets: passwords.secrets,
          ask: () => Promise.resolve(typed),
          ...watch,
        }),
      );
      return { jobId };
    },
    "jobs.log": ({ id, offset }) => jobs.readLog(jobs.get(id).id, offset),
    "jobs.diagnostics": async ({ id }) => ({ text: await writeDiagnostics(jobs, id, await services.home()) }),
  };
}

/** The store answers at once and throws; over the wire both are a promise's. */
async function now<T>(work: () => T): Promise<T> {
  return work();
}

function profileNamedIn(request: unknown): string | null {
  const { target } = (request ?? {}) as { target?: { profile?: unknown } };
  return typeof target?.profile === "string" ? target.profile : null;
}
