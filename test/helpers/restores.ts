import type { Home } from "../../electron/home.ts";
import type { JobManager, JobRunOptions } from "../../electron/jobs/job-manager.ts";
import { startRestore } from "../../electron/jobs/run-restore.ts";
import { undoOf } from "../../electron/jobs/undo-job.ts";
import type { ResolvedConnection } from "../../electron/profiles/resolve-connection.ts";
import { planByMode } from "../../electron/restore/plan-by-mode.ts";
import type { RestorePlan } from "../../electron/restore/restore-plan.ts";
import { defaultRestoreOptions, type RestoreRequest } from "../../electron/restore/restore-request.ts";
import type { RelationName } from "../../shared/archive/selection.ts";
import type { RestoreResult } from "../../shared/contract/job-results.ts";
import type { Job } from "../../shared/job/job.ts";
import type { TestServer } from "./servers.ts";

/** What a test plans and runs restores with. */
export interface RestoreBench {
  plan(changes: Partial<RestoreRequest>, database?: string): Promise<RestorePlan>;
  restore(changes: Partial<RestoreRequest>, database?: string, options?: JobRunOptions): Promise<RanRestore>;
  run(plan: RestorePlan, database?: string, options?: JobRunOptions): Promise<RanRestore>;
  undo(job: Job, database?: string): Promise<Job>;
}

export interface RanRestore {
  readonly job: Job;
  readonly plan: RestorePlan;
  readonly result: RestoreResult;
}

/** Restores of one archive into databases of one server, as jobs of one home. */
export function restoreBench(server: TestServer, archive: string, home: Home, jobs: JobManager): RestoreBench {
  const servicesFor = (database: string) => ({
    home,
    env: process.env,
    connection: connectionTo(server, database),
  });
  const bench: RestoreBench = {
    plan(changes, database = "shop") {
      const target = server.target(database);
      const request: RestoreRequest = { archive, target, ...defaultRestoreOptions, ...changes };
      return planByMode(request, servicesFor(database));
    },
    async restore(changes, database = "shop", options = {}) {
      return bench.run(await bench.plan(changes, database), database, options);
    },
    async run(plan, database = "shop", options = {}) {
      const job = await startRestore(plan, servicesFor(database), jobs, options);
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the record's type is any kind's
      return { job, plan, result: job.result as RestoreResult };
    },
    undo: (job, database = "shop") => undoOf(job).start(servicesFor(database), jobs, {}),
  };
  return bench;
}

/** A connection as a profile would be resolved to it. */
export function connectionTo(server: TestServer, database: string): ResolvedConnection {
  return { target: server.target(database), password: null, passwordFrom: "none", warnings: [] };
}

/** Tables chosen by name; one without a schema lies in public. */
export function tables(...names: readonly (RelationName | string)[]): RestoreRequest["choice"] {
  const relations = names.map((name) => (typeof name === "string" ? { schema: "public", name } : name));
  return { kind: "objects", tables: relations, schemas: [], dumpIds: [] };
}
