import { AppError } from "../../shared/error/app-error.ts";
import type { Job } from "../../shared/job/job.ts";

/** What is told of a job that has ended. */
export type EndedJob = Pick<Job, "title" | "state" | "error" | "result">;

/**
 * The result of an ended job. A job that failed or was cancelled is thrown as its own error, which the command line
 * then reports like any other.
 */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the kind's own result, which its run function wrote
export function resultOf<Result>(job: EndedJob): Result {
  if (job.state === "cancelled")
    throw new AppError("job.cancelled", `${job.title}: cancelled.`, {
      detail: job.error?.detail ?? "Nothing was left behind.",
    });
  if (job.error) throw new AppError(job.error.code, job.error.message, job.error);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the same process has just written it
  return job.result as Result;
}
