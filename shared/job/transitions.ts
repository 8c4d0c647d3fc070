import type { JobState } from "./job.ts";

/** From each state, where a job may go. A state with nowhere to go is an end. */
const transitions: Record<JobState, readonly JobState[]> = {
  queued: ["running", "cancelling", "cancelled", "failed", "interrupted"],
  running: ["cancelling", "succeeded", "finishedWithErrors", "failed", "cancelled", "interrupted"],
  // A job that was done before the cancel reached it is done: what it made is there.
  cancelling: ["cancelled", "succeeded", "finishedWithErrors", "failed", "interrupted"],
  succeeded: [],
  finishedWithErrors: [],
  failed: [],
  cancelled: [],
  interrupted: [],
};

/** Every state a job can be in. */
export const jobStates = Object.keys(transitions).filter(isJobState);

/** True for text that names a state. */
export function isJobState(text: unknown): text is JobState {
  return typeof text === "string" && Object.hasOwn(transitions, text);
}

/** True for a job that will not change any more. */
export function isEnded(state: JobState): boolean {
  return transitions[state].length === 0;
}

/** The state gone to. Throws where the table has no such step: a defect, never a user's mistake. */
export function moveTo(from: JobState, to: JobState): JobState {
  if (!transitions[from].includes(to)) throw new Error(`a job cannot go from ${from} to ${to}`);
  return to;
}
