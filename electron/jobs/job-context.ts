import type { JobId, Progress } from "../../shared/job/job.ts";

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
  /** Recorded files and folders that interrupted jobs of this home left half-written, as far as not forgotten. */
  leftovers(): string[];
  /** Call it when a leftover is removed. */
  forgetLeftover(path: string): void;
}
