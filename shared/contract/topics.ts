import type { Job, JobId } from "../job/job.ts";
import type { StorageTestStepView } from "./storage-views.ts";
import type { Settings } from "./views.ts";

/** One topic: what its snapshot and its deltas are. */
interface Topic<Snapshot, Delta> {
  readonly snapshot: Snapshot;
  readonly delta: Delta;
}

/**
 * Every topic a window can subscribe to. Progress comes about four times a second a job, changes of state at once.
 * A delta that carries a whole record replaces the one with its id.
 */
export interface Topics {
  /** Live and past jobs, newest first, at most 200. */
  readonly jobs: Topic<readonly Job[], { readonly changed: Job } | { readonly removed: JobId }>;
  /** Two windows agree on theme and folders. */
  readonly settings: Topic<Settings, Settings>;
  /** The backups folder, the profiles or the list of opened archives have changed: what was listed may be listed again. */
  readonly changes: Topic<null, { readonly what: "backups" | "profiles" | "sample" | "opened" | "storages" | "keys" }>;
  /** Steps of a storage's test as they end, under the id that the window gave it. */
  readonly storageTests: Topic<null, { readonly testId: string; readonly steps: readonly StorageTestStepView[] }>;
}

export type TopicName = keyof Topics;
export const topicNames: readonly TopicName[] = ["jobs", "settings", "changes", "storageTests"];
