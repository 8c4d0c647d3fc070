import { existsSync } from "node:fs";
import { join } from "node:path";
import { AppError } from "../../shared/error/app-error.ts";
import type { Job, JobId } from "../../shared/job/job.ts";
import { isEnded, jobStates } from "../../shared/job/transitions.ts";
import type { Home } from "../home.ts";
import { endRecordedChild } from "./end-process.ts";
import { openJobLog } from "./job-log.ts";
import type { JobStore } from "./job-store.ts";
import { stateOfOwner } from "./owner.ts";

/** Marks every job as interrupted whose process is gone. */
export async function sweepDeadJobs(store: JobStore, home: Home): Promise<void> {
  const unended = store.list({ limit: -1, states: jobStates.filter((state) => !isEnded(state)) });
  for (const job of unended) if (stateOfOwner(job.owner) === "dead") await interrupt(job, store, home);
}

/**
 * Ends what a dead process left running, then marks its job as interrupted and so gives its locks back. In this order: a
 * pg_restore that still writes must not meet a second one. Half-written files stay and are named, never adopted.
 */
export async function interrupt(job: Job, store: JobStore, home: Home): Promise<void> {
  const ended: number[] = [];
  for (const child of store.childrenOf(job.id)) if (await endRecordedChild(child)) ended.push(child.pid);
  const partials = store.partialsOf(job.id).filter((path) => existsSync(path));
  const error = new AppError("job.interrupted", "The process that ran this job ended before the job did.", {
    detail: partials.length === 0 ? undefined : `Left half-written: ${partials.join(", ")}`,
    hint: `Run it again with: lifeboat jobs retry ${job.id}`,
  }).toValue();
  const change = { state: "interrupted", endedAt: new Date().toISOString(), error } as const;
  // Another process may have swept it at the same time; one of them tells it in the log.
  if (!store.changeUnended(job.id, change)) return;
  const log = openJobLog(logPath(home, job.id));
  log.append(`State: interrupted (process ${job.owner.pid} on ${job.owner.host} is gone)`);
  for (const pid of ended) log.append(`Ended process ${pid}, which it had left running.`);
  for (const path of partials) log.append(`Left half-written: ${path}`);
  log.close();
}

/** Where a job's log is. */
export function logPath(home: Home, id: JobId): string {
  return join(home.logsFolder, `${id}.log`);
}
