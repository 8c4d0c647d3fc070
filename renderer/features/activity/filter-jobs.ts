import type { Job, JobKind } from "../../../shared/job/job.ts";

/** What of the jobs is shown. */
export interface JobFilter {
  readonly text: string;
  readonly state: "any" | "live" | "good" | "bad" | "cancelled";
  readonly kind: "any" | JobKind;
}

export const noFilter: JobFilter = { text: "", state: "any", kind: "any" };

/** The jobs that fit; every word of the text has to be in the title, the error or the id. */
export function filterJobs(jobs: readonly Job[], filter: JobFilter): readonly Job[] {
  const words = filter.text.toLowerCase().split(/\s+/).filter(Boolean);
  return jobs.filter((job) => {
    if (filter.kind !== "any" && job.kind !== filter.kind) return false;
    if (filter.state !== "any" && groupOf(job) !== filter.state) return false;
    const text = `${job.title} ${job.error?.message ?? ""} ${job.error?.code ?? ""} ${job.id}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

function groupOf({ state }: Job): JobFilter["state"] {
  switch (state) {
    case "queued":
    case "running":
    case "cancelling":
      return "live";
    case "succeeded":
      return "good";
    case "cancelled":
      return "cancelled";
    default:
      return "bad";
  }
}
