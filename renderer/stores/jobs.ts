import { createStore } from "zustand/vanilla";
import type { Topics } from "../../shared/contract/topics.ts";
import type { Job, JobId } from "../../shared/job/job.ts";
import type { Client } from "../client/client.ts";
import { createStoreHook } from "./store-hook.ts";

export interface JobsState {
  /** Newest first; null before the first answer. */
  readonly jobs: readonly Job[] | null;
}

/** Live and past jobs, as the services tell them. */
export function createJobsStore(client: Client) {
  const store = createStore<JobsState>(() => ({ jobs: null }));
  client.subscribe("jobs", {
    snapshot: (jobs) => store.setState({ jobs }),
    delta: (delta) => store.setState(({ jobs }) => ({ jobs: applyJobDelta(jobs ?? [], delta) })),
  });
  return store;
}

export const useJobs = createStoreHook(createJobsStore);

/** One job, followed; undefined where it is not among the jobs that are held. */
export function useJob(id: JobId | string | null): Job | undefined {
  return useJobs(({ jobs }) => jobs?.find((job) => job.id === id));
}

/** The list after one delta: a job that is new stands where its time of creation puts it (ids sort by it). */
export function applyJobDelta(jobs: readonly Job[], delta: Topics["jobs"]["delta"]): readonly Job[] {
  if ("removed" in delta) return jobs.filter((job) => job.id !== delta.removed);
  const { changed } = delta;
  const index = jobs.findIndex((job) => job.id === changed.id);
  if (index !== -1) return jobs.with(index, changed);
  const place = jobs.findIndex((job) => job.id < changed.id);
  return place === -1 ? [...jobs, changed] : jobs.toSpliced(place, 0, changed);
}

/** The job has not ended yet. */
export function isLive(job: Job): boolean {
  return job.state === "queued" || job.state === "running" || job.state === "cancelling";
}
