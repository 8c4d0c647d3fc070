import type { Job, JobId, JobKind } from "../../shared/job/job.ts";
import { type KeyRing, openKeyRing } from "../encryption/key-ring.ts";
import type { Home } from "../home.ts";
import type { Secret } from "../secrets/secret.ts";
import type { SecretStore } from "../secrets/secret-store.ts";
import type { JobManager } from "./job-manager.ts";

/** What running a stored request again may use. */
export interface RunnerServices {
  readonly home: Home;
  readonly env: NodeJS.ProcessEnv;
  readonly jobs: JobManager;
  readonly signal: AbortSignal;
  /** Asks for a secret on the terminal; null where there is none to ask on. */
  ask(question: string): Promise<Secret | null>;
  /** Left out: the keychain. */
  readonly secrets?: SecretStore;
  /** As JobRunOptions has it. */
  readonly onStarted?: (job: Job) => void;
  onChange(job: Job): void;
  /** To be handed on in the new job's spec. */
  readonly retryOf: JobId;
}

/** The keys for an archive of a stored request: those of the file that was named, else the known ones. */
export function keyRingFor({ identityFile }: { readonly identityFile?: string }, services: RunnerServices): KeyRing {
  const { home, env, secrets } = services;
  return openKeyRing({ home, env, identityFile, ask: (question) => services.ask(question), secrets });
}

/**
 * Exported as `runAgain` by a run-<kind>.ts: checks the stored request (it comes from disk, so it is unknown) and runs it
 * through `services.jobs`. Gives the new job's ended record.
 */
export type RunAgain = (request: unknown, services: RunnerServices) => Promise<Job>;

/**
 * How `lifeboat jobs retry` (later the window too) runs a job again, by kind. To add one: export `runAgain` from
 * run-<kind>.ts and put its line here, once the file exists: a missing file breaks the build.
 */
export const runners: Partial<Record<JobKind, () => Promise<{ readonly runAgain: RunAgain }>>> = {
  backup: () => import("./run-backup.ts"),
  restore: () => import("./run-restore.ts"),
  verify: () => import("./run-verify.ts"),
  copy: () => import("./run-copy.ts"),
  mirror: () => import("./run-mirror.ts"),
  transfer: () => import("./run-transfer.ts"),
  export: () => import("./run-export.ts"),
  prune: () => import("./run-prune.ts"),
  "put-back": () => import("./run-put-back.ts"),
};
