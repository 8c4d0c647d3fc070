import { randomBytes } from "node:crypto";
import { AppError } from "../../shared/error/app-error.ts";
import type { Job, JobId, JobKind, JobOutcome, JobState } from "../../shared/job/job.ts";
import { createJobIds } from "../../shared/job/job-id.ts";
import { isEnded, jobStates } from "../../shared/job/transitions.ts";
import type { Home } from "../home.ts";
import type { JobContext } from "./job-context.ts";
import { openJobLog, readJobLog } from "./job-log.ts";
import { type JobStore, openJobStore } from "./job-store.ts";
import { stateOfOwner, thisOwner } from "./owner.ts";
import { RunningJob } from "./running-job.ts";
import { interrupt, logPath, sweepDeadJobs } from "./sweep.ts";

export type { JobContext } from "./job-context.ts";

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
  /** Aborting it cancels the job. */
  readonly signal?: AbortSignal;
  /** Called once, as soon as the job is stored and before its work begins: for whoever does not wait for the end. */
  readonly onStarted?: (job: Job) => void;
  /** Every change of the record: states and steps at once, progress about four times a second. */
  readonly onChange?: (job: Job) => void;
}

/** Runs jobs and keeps their records, shared safely with other processes on the same home. */
export interface JobManager {
  /** How many jobs this very manager is running. */
  readonly running: number;
  /** Where a damaged list of jobs was moved to when this one was opened; null as a rule. */
  readonly setAside: string | null;
  /**
   * Runs work as a job and gives the ended record, whatever its state; failures of the work are in `error`.
   * Throws `job.conflict` where a lock is held by a live job, `job.storeFailed` where the job cannot be recorded.
   */
  run(spec: JobSpec, work: (context: JobContext) => Promise<JobOutcome>, options?: JobRunOptions): Promise<Job>;
  /** True where another process has changed the records since this was asked last. Costs next to nothing. */
  changedElsewhere(): boolean;
  /** Marks jobs as interrupted whose process died since this manager was opened. Throws `job.storeFailed`. */
  sweep(): Promise<void>;
  /** Newest first, 100 where no limit is given. */
  list(options?: { readonly limit?: number; readonly states?: readonly JobState[] }): Job[];
  /** By id or a unique beginning of one. Throws `job.notFound`. */
  get(id: string): Job;
  /**
   * Stores the intent, then stops the job, wherever it runs; its owner notices within half a second. A job of another
   * machine that does not answer is given up when asked again after 30 s. Throws `job.notFound`, `job.notRunning`.
   */
  requestCancel(id: string): Job;
  /** The log from a byte offset on (whole lines, 1 MB at most), and the offset to go on from. */
  readLog(id: JobId, offset: number): Promise<{ text: string; nextOffset: number }>;
  /** Closes the store. Call it when no job of this manager runs any more. */
  close(): void;
}

/** Opens the job store of a home, making it where there is none, and sweeps jobs whose process died. Throws `job.storeNewer`, `job.storeFailed`. */
export async function openJobManager(home: Home): Promise<JobManager> {
  const store = await openJobStore(home.jobsFile);
  try {
    await sweepDeadJobs(store, home);
  } catch (error) {
    store.close();
    throw error;
  }
  return managerOver(store, home);
}

const pollEveryMs = 250;
const giveUpAfterMs = 30_000;
const newId = createJobIds(Date.now, randomBytes);

function managerOver(store: JobStore, home: Home): JobManager {
  const running = new Map<JobId, RunningJob>();
  let polling: NodeJS.Timeout | null = null;
  const endChildren = () => running.forEach((job) => job.endChildrenNow());

  function begin(job: RunningJob): void {
    running.set(job.job.id, job);
    if (polling !== null) return;
    polling = setInterval(() => running.forEach((each) => each.pollCancel()), pollEveryMs).unref();
    process.on("exit", endChildren);
  }

  function finish(job: RunningJob): void {
    running.delete(job.job.id);
    if (running.size > 0 || polling === null) return;
    clearInterval(polling);
    polling = null;
    process.off("exit", endChildren);
  }

  /** Stores the job with its locks. A lock whose holder died is taken over, which frees at least one each time round. */
  async function record(job: Job): Promise<void> {
    for (;;) {
      const conflict = store.insert(job);
      if (conflict === null) return;
      if (stateOfOwner(conflict.holder.owner) !== "dead") throw conflictError(conflict.holder, conflict.lock);
      await interrupt(conflict.holder, store, home);
    }
  }

  function get(id: string): Job {
    const prefix = id.toLowerCase();
    const [found, second] = /^[0-9a-z]+$/.test(prefix) ? store.startingWith(prefix) : [];
    if (found === undefined) throw new AppError("job.notFound", `There is no job ${id}.`);
    if (second !== undefined)
      throw new AppError("job.notFound", `More than one job begins with ${id}.`, { hint: "Write more of the id." });
    return running.get(found.id)?.job ?? found;
  }

  return {
    get running() {
      return running.size;
    },
    setAside: store.setAside,
    async run(spec, work, { signal, onStarted, onChange } = {}) {
      const job = newJob(spec);
      await record(job);
      onStarted?.(job);
      const runningJob = new RunningJob(job, { store, log: openJobLog(logPath(home, job.id)), onChange });
      begin(runningJob);
      const cancel = () => runningJob.cancel();
      signal?.addEventListener("abort", cancel);
      try {
        if (signal?.aborted) cancel();
        return await runningJob.run(work);
      } finally {
        signal?.removeEventListener("abort", cancel);
        finish(runningJob);
      }
    },
    changedElsewhere: () => store.changedElsewhere(),
    sweep: () => sweepDeadJobs(store, home),
    list: ({ limit = 100, states = jobStates } = {}) => store.list({ limit, states }),
    get,
    requestCancel(id) {
      const job = get(id);
      if (isEnded(job.state)) throw new AppError("job.notRunning", `Job ${job.id} is not running: ${job.state}.`);
      const mine = running.get(job.id);
      if (mine === undefined) storeCancel(store, job);
      else mine.cancel();
      return get(job.id);
    },
    readLog: (id, offset) => readJobLog(logPath(home, id), offset),
    close: () => store.close(),
  };
}

function newJob(spec: JobSpec): Job {
  return {
    id: newId(),
    kind: spec.kind,
    state: "queued",
    title: spec.title,
    request: spec.request,
    createdAt: new Date().toISOString(),
    startedAt: null,
    endedAt: null,
    owner: thisOwner(),
    locks: spec.locks,
    steps: [],
    progress: null,
    error: null,
    result: null,
    cancelRequestedAt: null,
    retryOf: spec.retryOf ?? null,
  };
}

function storeCancel(store: JobStore, job: Job): void {
  const now = new Date().toISOString();
  const askedMs = job.cancelRequestedAt === null ? 0 : Date.now() - Date.parse(job.cancelRequestedAt);
  if (stateOfOwner(job.owner) === "unknown" && askedMs > giveUpAfterMs) {
    const error = new AppError("job.interrupted", `The job's process on ${job.owner.host} did not answer.`).toValue();
    store.changeUnended(job.id, { state: "interrupted", endedAt: now, error });
  } else store.changeUnended(job.id, { state: "cancelling", cancelRequestedAt: job.cancelRequestedAt ?? now });
}

function conflictError(holder: Job, lock: string): AppError {
  const { owner } = holder;
  const place = owner.host === thisOwner().host ? "" : ` on ${owner.host}`;
  return new AppError("job.conflict", `Another job is writing to the same place: ${holder.title}.`, {
    detail: `Job ${holder.id}, process ${owner.pid}${place}, since ${holder.startedAt ?? holder.createdAt}, holds ${lock}.`,
    hint: `Wait for it to end, or cancel it with: lifeboat jobs cancel ${holder.id}`,
  });
}
