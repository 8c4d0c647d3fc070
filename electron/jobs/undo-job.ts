import { parseName } from "../../shared/command/names.ts";
import type { RestoreResult } from "../../shared/contract/job-results.ts";
import type { Job } from "../../shared/job/job.ts";
import type { ConnectionTarget } from "../../shared/profile/profile.ts";
import { planByMode } from "../restore/plan-by-mode.ts";
import type { RestoreServices } from "../restore/plan-restore.ts";
import { defaultRestoreOptions, parseRestoreRequest, type RestoreRequest } from "../restore/restore-request.ts";
import type { JobManager, JobRunOptions } from "./job-manager.ts";
import { startUndo, undoRequestOf } from "./run-put-back.ts";
import { startRestore } from "./run-restore.ts";

/** How an ended job is taken back. */
export interface JobUndo {
  /** Where to connect. */
  readonly target: ConnectionTarget;
  /** What is changed by it, as a sentence for the person who confirms. */
  readonly why: string;
  /** Opens what was given encrypted. */
  readonly identityFile?: string;
  start(services: RestoreServices, jobs: JobManager, options: JobRunOptions): Promise<Job>;
}

/**
 * What takes back a job: rows are taken out, tables that came beside are dropped, replaced ones come back from their safety
 * backup.
 * @throws job.notRetryable where there is nothing to take back
 */
export function undoOf(job: Job): JobUndo {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a restore's own record
  const replaced = job.kind === "restore" ? (job.result as RestoreResult | null)?.replaced : undefined;
  if (replaced !== undefined) return undoOfReplace(parseRestoreRequest(job.request), replaced);
  const request = undoRequestOf(job);
  const { database } = request.target;
  return {
    target: request.target,
    why:
      request.wholeTables === true
        ? `${request.table} in ${database} is dropped.`
        : `Rows of ${request.table} in ${database} are changed.`,
    start: ({ connection }, jobs, options) => startUndo(request, connection, jobs, options),
  };
}

function undoOfReplace(asked: RestoreRequest, replaced: NonNullable<RestoreResult["replaced"]>): JobUndo {
  const { target, sample, identityFile } = asked;
  const names = replaced.tables.join(", ");
  return {
    target,
    why: `${names} in ${target.database} is replaced by what the safety backup holds.`,
    ...(identityFile === undefined ? {} : { identityFile }),
    async start(services, jobs, options) {
      const request: RestoreRequest = {
        ...defaultRestoreOptions,
        archive: replaced.safetyBackup.path,
        target,
        ...(sample === undefined ? {} : { sample }),
        ...(identityFile === undefined ? {} : { identityFile }),
        choice: { kind: "objects", tables: replaced.tables.map(parseName), schemas: [], dumpIds: [] },
        mode: "replace",
      };
      return startRestore(await planByMode(request, services, options.signal), services, jobs, options);
    },
  };
}
