import type { Job, JobId } from "../../../shared/job/job.ts";

export function jobId(text: string): JobId {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- ids are branded where they are made
  return text as JobId;
}

/** A job of which only what is given matters. */
export function makeJob(id: string, rest: Partial<Job> = {}): Job {
  return {
    id: jobId(id),
    kind: "backup",
    state: "succeeded",
    title: `Back up ${id}`,
    request: null,
    createdAt: "2026-11-21T12:00:00Z",
    startedAt: null,
    endedAt: null,
    owner: { host: "here", pid: 1, processStart: "1" },
    locks: [],
    steps: [],
    progress: null,
    error: null,
    result: null,
    cancelRequestedAt: null,
    retryOf: null,
    ...rest,
  };
}
