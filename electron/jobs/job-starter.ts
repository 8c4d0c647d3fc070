import { AppError } from "../../shared/error/app-error.ts";
import type { Job, JobId } from "../../shared/job/job.ts";
import type { JobFeed } from "./job-feed.ts";
import type { JobRunOptions } from "./job-manager.ts";

/** Starts jobs for somebody who does not wait for their end. */
export interface JobStarter {
  /** Resolves as soon as the job is stored; rejects where it could not be. What becomes of it is in the feed. */
  start(
    run: (options: Required<Pick<JobRunOptions, "onStarted" | "onChange" | "signal">>) => Promise<Job>,
  ): Promise<JobId>;
  /** Resolves when no job started here runs any more. */
  idle(): Promise<void>;
  /** Cancels every job started here. */
  cancelAll(): void;
}

export function createJobStarter(feed: JobFeed): JobStarter {
  const running = new Set<Promise<unknown>>();
  const controller = new AbortController();
  return {
    start(run) {
      return new Promise((resolve, reject) => {
        const ended = run({
          signal: controller.signal,
          onStarted(job) {
            feed.changed(job);
            resolve(job.id);
          },
          onChange: (job) => feed.changed(job),
        })
          // Once it is stored, its record says how it ends; this then rejects a promise that is settled.
          .catch(reject)
          .finally(() => running.delete(ended));
        running.add(ended);
      });
    },
    async idle() {
      while (running.size > 0) await Promise.allSettled(running);
    },
    cancelAll: () => controller.abort(new AppError("job.cancelled", "Cancelled.")),
  };
}
