import type { ErrorValue } from "../error/app-error.ts";

/** A job's id: 26 characters that sort by time of creation. */
export type JobId = string & { readonly __brand: "JobId" };

/** Every kind of job. Adding one is adding it here and a run-<kind>.ts in electron/jobs. */
export const jobKinds = [
  "backup",
  "restore",
  "verify",
  "prune",
  "copy",
  "mirror",
  "transfer",
  "export",
  "put-back",
] as const;
export type JobKind = (typeof jobKinds)[number];

/**
 * `queued → running → (cancelling) → succeeded | finishedWithErrors | failed | cancelled | interrupted`.
 * `interrupted` is set at the next start for a job whose process died.
 */
export type JobState =
  | "queued"
  | "running"
  | "cancelling"
  | "succeeded"
  | "finishedWithErrors"
  | "failed"
  | "cancelled"
  | "interrupted";

/** How far a job is. `measured` has an end that is known or estimated; `unmeasured` has counters only, never a false bar. */
export type Progress =
  | {
      readonly kind: "measured";
      readonly unit: "bytes" | "rows" | "entries";
      readonly done: number;
      readonly total: number;
      /** false: the total is an estimate and may grow. */
      readonly exact: boolean;
      readonly ratePerSecond: number | null;
      readonly remainingMs: number | null;
      readonly current: CurrentItem | null;
    }
  | {
      readonly kind: "unmeasured";
      readonly bytes: number;
      readonly rows: number;
      readonly current: CurrentItem | null;
    };

/** What is being worked on at this moment: a table with its own progress, or a phase such as "reading schemas". */
export interface CurrentItem {
  readonly label: string;
  readonly rows: number | null;
  readonly bytes: number | null;
  readonly totalBytes: number | null;
}

export interface JobStep {
  readonly name: string;
  readonly startedAt: string;
  readonly endedAt: string | null;
}

/** The process that runs a job; together the three tell a live owner from a reused process id. */
export interface JobOwner {
  readonly host: string;
  readonly pid: number;
  /** Opaque text that differs between two processes with the same id. */
  readonly processStart: string;
}

/** A job's durable record. Times are ISO strings in UTC. */
export interface Job {
  readonly id: JobId;
  readonly kind: JobKind;
  readonly state: JobState;
  /** For people: `Back up shop`. */
  readonly title: string;
  /** The request as it was given, without secrets; running it again is a retry. */
  readonly request: unknown;
  readonly createdAt: string;
  readonly startedAt: string | null;
  readonly endedAt: string | null;
  readonly owner: JobOwner;
  /** What no second job may write at the same time: `file:/path`, `database:host:port/name`. */
  readonly locks: readonly string[];
  readonly steps: readonly JobStep[];
  readonly progress: Progress | null;
  readonly error: ErrorValue | null;
  readonly result: unknown;
  readonly cancelRequestedAt: string | null;
  readonly retryOf: JobId | null;
}

/** How a job's work ended, as its run function returns it. Failures are thrown instead. */
export interface JobOutcome {
  readonly state: "succeeded" | "finishedWithErrors";
  readonly result: unknown;
}
