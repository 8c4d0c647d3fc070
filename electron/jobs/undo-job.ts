import { performance } from "node:perf_hooks";
import { parseName } from "../../shared/command/names.ts";
import type { RestoreResult } from "../../shared/contract/job-results.ts";
import type { Job } from "../../shared/job/job.ts";
import type { ConnectionTarget } from "../../shared/profile/profile.ts";
import { timedName } from "../../shared/restore/database-definition.ts";
import { withSession } from "../postgres/connect.ts";
import { planByMode } from "../restore/plan-by-mode.ts";
import type { RestoreServices } from "../restore/plan-restore.ts";
import { defaultRestoreOptions, parseRestoreRequest, type RestoreRequest } from "../restore/restore-request.ts";
import { exchangeDatabases } from "../swap/exchange-databases.ts";
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
 * backup, swapped databases change names again.
 * @throws job.notRetryable where there is nothing to take back
 */
export function undoOf(job: Job): JobUndo {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a restore's own record
  const { replaced, swapped } = (job.kind === "restore" ? (job.result as RestoreResult | null) : null) ?? {};
  if (swapped !== undefined) return undoOfSwap(parseRestoreRequest(job.request), swapped);
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

/** The two change names again. What was written since the swap stays in the restored one, which is kept in its turn. */
function undoOfSwap({ target }: RestoreRequest, { database, old }: NonNullable<RestoreResult["swapped"]>): JobUndo {
  return {
    target,
    why: `${database} becomes what it was before, ${old}; what was written since the swap stays in the restored one, which gets another name. Everybody is disconnected.`,
    async start({ connection }, jobs, options) {
      const names = { live: database, fresh: old, old: timedName(database, "restored", new Date()) };
      const { host, port } = await withSession(
        connection.target,
        connection.password,
        { applicationName: "lifeboat", database: "postgres" },
        async ({ address }) => address,
      );
      const spec = {
        kind: "restore",
        title: `Swap ${database} back`,
        request: { kind: "swap-back", ...names },
        locks: [`database:${host}:${port}/${database}`],
      } as const;
      const startedAt = performance.now();
      return jobs.run(
        spec,
        async (context) => {
          context.step("Swapping");
          await exchangeDatabases(context, connection, names);
          const result: RestoreResult = {
            target: { host, port, database, created: false },
            archive: "",
            entriesChosen: 0,
            entriesRestored: 0,
            tables: [],
            failed: [],
            notes: [],
            warnings: [],
            command: [],
            phases: [],
            elapsedMs: Math.round(performance.now() - startedAt),
            swapped: { database, old: names.old },
          };
          return { state: "succeeded", result };
        },
        options,
      );
    },
  };
}
