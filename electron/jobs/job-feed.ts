import type { Job, JobId } from "../../shared/job/job.ts";
import { isEnded } from "../../shared/job/transitions.ts";
import type { JobManager } from "./job-manager.ts";

/** Every job's changes, of this process as they happen, of other processes about twice a second. */
export interface JobFeed {
  /** Newest first, at most 200. */
  snapshot(): Job[];
  /** Called with the whole record of each job that changed. Other processes are looked at only while somebody listens. */
  listen(listener: (job: Job) => void): () => void;
  /** A job of this process has changed: onChange and onStarted of what is run. */
  changed(job: Job): void;
}

const mostJobs = 200;
const pollEveryMs = 500;
/** Every so many polls, look whether processes died under their jobs. */
const sweepEvery = 8;

/** Progress of this process's jobs comes at the pace of the job manager, about four times a second. */
export function createJobFeed(jobs: JobManager): JobFeed {
  const listeners = new Set<(job: Job) => void>();
  const seen = new Map<JobId, string>();
  let timer: NodeJS.Timeout | null = null;
  let polls = 0;

  function tell(job: Job): void {
    const print = fingerprint(job);
    if (seen.get(job.id) === print) return;
    seen.set(job.id, print);
    for (const listener of listeners) listener(job);
  }

  function readAll(): Job[] {
    const all = jobs.list({ limit: mostJobs });
    const ids = new Set(all.map(({ id }) => id));
    for (const id of seen.keys()) if (!ids.has(id)) seen.delete(id);
    return all;
  }

  function tellAll(): void {
    // Oldest first, as they happened.
    for (const job of readAll().toReversed()) tell(job);
  }

  async function poll(): Promise<void> {
    polls += 1;
    if (polls % sweepEvery === 0 && [...seen.values()].some((print) => print.startsWith("open"))) {
      await jobs.sweep();
      tellAll();
    } else if (jobs.changedElsewhere()) tellAll();
  }

  return {
    snapshot() {
      const all = readAll();
      // Who listens already is told of what the snapshot is the first to see.
      for (const job of all.toReversed()) tell(job);
      return all;
    },
    listen(listener) {
      listeners.add(listener);
      timer ??= setInterval(() => {
        // The store may be busy or gone for a moment; the next look will tell.
        poll().catch(() => {});
      }, pollEveryMs).unref();
      return () => {
        listeners.delete(listener);
        if (listeners.size > 0 || timer === null) return;
        clearInterval(timer);
        timer = null;
      };
    },
    changed: tell,
  };
}

/** What changes in a record; its request never does, its result and error only with the state. */
function fingerprint(job: Job): string {
  const { state, startedAt, endedAt, cancelRequestedAt, steps, progress } = job;
  const isOver = isEnded(state) ? "over" : "open";
  return `${isOver} ${JSON.stringify([state, startedAt, endedAt, cancelRequestedAt, steps.length, progress])}`;
}
