import type { Job, JobState } from "../../../shared/job/job.ts";
import { Badge, type Tone } from "../../components/badge.tsx";
import { texts } from "./texts.ts";

const tones: Readonly<Record<JobState, Tone>> = {
  queued: "neutral",
  running: "info",
  cancelling: "warn",
  succeeded: "good",
  finishedWithErrors: "warn",
  failed: "bad",
  cancelled: "neutral",
  interrupted: "bad",
};

/** Where a job stands, in a word; of a running one what it is doing. */
export function JobBadge({ job }: { readonly job: Job }) {
  return <Badge tone={tones[job.state]}>{sayState(job)}</Badge>;
}

/** `Copying public.orders`, `Done`: the running step's own words where there are any. */
export function sayState(job: Job): string {
  if (job.state !== "running") return texts.states[job.state];
  return job.steps.at(-1)?.name ?? texts.states.running;
}
