import type { VerifyResult } from "../contract/job-results.ts";
import type { ErrorValue } from "../error/app-error.ts";
import type { Job, Progress } from "../job/job.ts";

/** What the last verification of a file said. */
export type Verdict =
  | { readonly kind: "running"; readonly jobId: string; readonly progress: Progress | null }
  | { readonly kind: "good"; readonly jobId: string; readonly at: string; readonly result: VerifyResult }
  /** A part could not be checked. */
  | { readonly kind: "partly"; readonly jobId: string; readonly at: string; readonly result: VerifyResult }
  | { readonly kind: "bad"; readonly jobId: string; readonly at: string; readonly error: ErrorValue };

/** Verdicts by path, of the newest verification that came to one. */
export function readVerdicts(jobs: readonly Job[]): Map<string, Verdict> {
  const verdicts = new Map<string, Verdict>();
  // Newest first.
  for (const job of jobs) {
    if (job.kind !== "verify") continue;
    const path = pathOf(job.request);
    const verdict = path === null || verdicts.has(path) ? null : verdictOf(job);
    if (path !== null && verdict !== null) verdicts.set(path, verdict);
  }
  return verdicts;
}

function verdictOf(job: Job): Verdict | null {
  const at = job.endedAt ?? job.createdAt;
  if (job.state === "queued" || job.state === "running" || job.state === "cancelling")
    return { kind: "running", jobId: job.id, progress: job.progress };
  if (job.state === "succeeded" || job.state === "finishedWithErrors") {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what a verification leaves in its record
    const result = job.result as VerifyResult;
    return { kind: job.state === "succeeded" ? "good" : "partly", jobId: job.id, at, result };
  }
  // Cancelled or interrupted ones say nothing; nor does one that could not look.
  const isFinding = /^(verify\.|archive\.|backup\.manifestChanged$)/.test(job.error?.code ?? "");
  return job.state === "failed" && job.error !== null && isFinding
    ? { kind: "bad", jobId: job.id, at, error: job.error }
    : null;
}

function pathOf(request: unknown): string | null {
  if (typeof request !== "object" || request === null || !("path" in request)) return null;
  return typeof request.path === "string" ? request.path : null;
}
