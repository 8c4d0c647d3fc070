import { AppError } from "../../shared/error/app-error.ts";
import type { Job, JobId, JobKind, JobOutcome, JobState, Progress } from "../../shared/job/job.ts";
import type { Home } from "../home.ts";

/** What a job's work is given: its own id, the signal to stop, and the places to report to. */
export interface JobContext {
  readonly jobId: JobId;
  /** Aborted by a cancel from anywhere: this process's signal, another terminal, the window. */
  readonly signal: AbortSignal;
  /** Appends a line to the job's log. Never a secret. */
  log(line: string): void;
  /** Begins a named step and ends the one before. */
  step(name: string): void;
  /** Call it as often as you like; it is stored and passed on about four times a second. */
  progress(progress: Progress): void;
  /** Records a child process, so that it is ended after this process died. Call it as soon as the child runs. */
  recordChild(pid: number): void;
  /** Records a half-written file or folder, so that it is named when the job is interrupted. Call it before creating it. */
  recordPartial(path: string): void;
}

/** What is asked of the job manager. */
export interface JobSpec {
  readonly kind: JobKind;
  /** For people: `Back up shop`. */
  readonly title: string;
  /** Plain JSON without secrets; a retry runs it again. */
  readonly request: unknown;
  /** What no second job may write meanwhile: `file:/path`, `database:host:port/name`. */
  readonly locks: readonly string[];
  readonly retryOf?: JobId;
}

export interface JobRunOptions {
  readonly signal?: AbortSignal;
  /** Every change of the record: states and steps at once, progress about four times a second. */
  readonly onChange?: (job: Job) => void;
}

/** Runs jobs and keeps their records, shared safely with other processes on the same home. */
export interface JobManager {
  /** How many jobs this very manager is running. */
  readonly running: number;
  /**
   * Runs work as a job and gives the ended record, whatever its state; failures of the work are in `error`.
   * Throws `job.conflict` where a lock is held by a live job.
   */
  run(spec: JobSpec, work: (context: JobContext) => Promise<JobOutcome>, options?: JobRunOptions): Promise<Job>;
  /** Newest first. */
  list(options?: { readonly limit?: number; readonly states?: readonly JobState[] }): Job[];
  /** By id or a unique beginning of one. Throws `job.notFound`. */
  get(id: string): Job;
  /** Stores the intent, then stops the job, wherever it runs. Throws `job.notFound`, `job.notRunning`. */
  requestCancel(id: string): Job;
  /** The log from a byte offset on, and the offset to go on from. */
  readLog(id: JobId, offset: number): Promise<{ text: string; nextOffset: number }>;
  close(): void;
}

/** Opens the job store of a home, making it where there is none, and sweeps jobs whose process died. */
export async function openJobManager(home: Home): Promise<JobManager> {
  throw new AppError("internal.unexpected", "Jobs are not built yet.", { detail: home.jobsFile });
}
