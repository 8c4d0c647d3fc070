import { AppError, type ErrorValue, toErrorValue } from "../../shared/error/app-error.ts";
import type { Job, JobOutcome, JobStep, Progress } from "../../shared/job/job.ts";
import { moveTo } from "../../shared/job/transitions.ts";
import { endRecordedChildNow } from "./end-process.ts";
import type { JobContext } from "./job-context.ts";
import type { JobLog } from "./job-log.ts";
import type { JobChange, JobStore } from "./job-store.ts";
import { readProcessStart } from "./owner.ts";

const progressEveryMs = 250;

/**
 * A job while this process runs it. The record in memory leads and the store follows: once the work has begun, a full disk
 * under the store must not end a backup that goes elsewhere.
 */
export class RunningJob {
  #job: Job;
  readonly #store: JobStore;
  readonly #log: JobLog;
  readonly #onChange: (job: Job) => void;
  readonly #controller = new AbortController();
  #heldProgress: Progress | null = null;
  #progressAt = 0;
  #timer: NodeJS.Timeout | null = null;

  constructor(job: Job, parts: { store: JobStore; log: JobLog; onChange: ((job: Job) => void) | undefined }) {
    this.#job = job;
    this.#store = parts.store;
    this.#log = parts.log;
    this.#onChange = parts.onChange ?? (() => {});
  }

  get job(): Job {
    return this.#job;
  }

  /** Runs the work to its end and gives the ended record. Never rejects. */
  async run(work: (context: JobContext) => Promise<JobOutcome>): Promise<Job> {
    this.#log.append(`${this.#job.title} (${this.#job.kind}, process ${this.#job.owner.pid})`);
    try {
      this.#controller.signal.throwIfAborted();
      this.#log.append("State: running");
      this.#save({ state: moveTo(this.#job.state, "running"), startedAt: now() });
      const { state, result } = await work(this.#context());
      return this.#end({ state, result });
    } catch (thrown) {
      return this.#end(this.#failure(thrown));
    }
  }

  /** Stores the intent, then tells the work to stop. Doing it again changes nothing. */
  cancel(): void {
    if (this.#controller.signal.aborted) return;
    this.#log.append("State: cancelling");
    this.#save({ state: moveTo(this.#job.state, "cancelling"), cancelRequestedAt: now() });
    this.#controller.abort(new AppError("job.cancelled", "Cancelled."));
  }

  /** Looks whether another process asked for a cancel. */
  pollCancel(): void {
    this.#quietly(() => {
      if (this.#store.cancelRequestedAt(this.#job.id) !== null) this.cancel();
    });
  }

  /** For the moment the process ends under a running job: its children must not go on without it. */
  endChildrenNow(): void {
    this.#quietly(() => this.#store.childrenOf(this.#job.id).forEach(endRecordedChildNow));
  }

  #context(): JobContext {
    return {
      jobId: this.#job.id,
      signal: this.#controller.signal,
      log: (line) => this.#log.append(line),
      step: (name) => {
        this.#log.append(`Step: ${name}`);
        this.#save({ steps: [...endLast(this.#job.steps), { name, startedAt: now(), endedAt: null }] });
      },
      progress: (progress) => this.#takeProgress(progress),
      recordChild: (pid) => {
        const processStart = readProcessStart(pid);
        if (processStart !== null) this.#quietly(() => this.#store.addChild(this.#job.id, { pid, processStart }));
      },
      recordPartial: (path) => void this.#quietly(() => this.#store.addPartial(this.#job.id, path)),
      leftovers: () => this.#quietly(() => this.#store.leftovers()) ?? [],
      forgetLeftover: (path) => void this.#quietly(() => this.#store.forgetLeftover(path)),
    };
  }

  #takeProgress(progress: Progress): void {
    this.#heldProgress = progress;
    const waitMs = this.#progressAt + progressEveryMs - Date.now();
    if (waitMs <= 0) this.#save({});
    else this.#timer ??= setTimeout(() => this.#save({}), waitMs).unref();
  }

  #failure(thrown: unknown): { state: "failed" | "cancelled"; error: ErrorValue } {
    const error = toErrorValue(thrown);
    if (!this.#controller.signal.aborted && error.code !== "job.cancelled") return { state: "failed", error };
    // What else went wrong while stopping is worth keeping; that the work was stopped is not news.
    const told = error.code === "job.cancelled" || isAbort(thrown);
    const { detail } = error;
    const cancelled = new AppError("job.cancelled", "Cancelled.", {
      detail: told ? detail : [error.message, detail].filter((part) => part !== undefined).join("\n"),
    });
    return { state: "cancelled", error: cancelled.toValue() };
  }

  #end(end: Pick<JobChange, "error" | "result"> & { readonly state: Job["state"] }): Job {
    this.#log.append(`State: ${end.state}`);
    if (end.error) for (const line of Object.values(end.error)) this.#log.append(line);
    // Whole before the end is stored: who follows the log stops reading when it sees the end.
    this.#log.close();
    this.#save({ ...end, state: moveTo(this.#job.state, end.state), steps: endLast(this.#job.steps), endedAt: now() });
    return this.#job;
  }

  #save(change: JobChange): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    const held = this.#heldProgress === null ? {} : { progress: this.#heldProgress };
    if (this.#heldProgress !== null) this.#progressAt = Date.now();
    this.#heldProgress = null;
    const whole = { ...held, ...change };
    this.#job = { ...this.#job, ...whole };
    this.#quietly(() => this.#store.change(this.#job.id, whole));
    this.#onChange(this.#job);
  }

  #quietly<T>(work: () => T): T | null {
    try {
      return work();
    } catch (error) {
      this.#log.append(`The list of jobs could not be kept: ${toErrorValue(error).detail ?? String(error)}`);
      return null;
    }
  }
}

function endLast(steps: readonly JobStep[]): JobStep[] {
  return steps.map((step) => ({ ...step, endedAt: step.endedAt ?? now() }));
}

function isAbort(thrown: unknown): boolean {
  return thrown instanceof Error && thrown.name === "AbortError";
}

function now(): string {
  return new Date().toISOString();
}
