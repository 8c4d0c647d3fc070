import { performance } from "node:perf_hooks";
import { formatName } from "../../shared/command/names.ts";
import type { BackupResult, RestoreResult } from "../../shared/contract/job-results.ts";
import type { JobOutcome } from "../../shared/job/job.ts";
import { define } from "../beside/build-tables.ts";
import { throughScratch } from "../beside/restore-beside.ts";
import type { JobContext } from "../jobs/job-context.ts";
import type { JobManager } from "../jobs/job-manager.ts";
import type { RestoreServices } from "../restore/plan-restore.ts";
import type { BesidePlan, ReplacePlan, RestorePlan } from "../restore/restore-plan.ts";
import { exchangeTables, lockReplaced } from "./exchange.ts";
import { makeSafetyBackup } from "./safety-backup.ts";

/**
 * Replaces live tables by those of the archive, in one transaction: the new ones are built beside them and proved; then
 * writers are kept out, the safety backup is made and read through, and the tables change places.
 * @throws as restoreBeside, makeSafetyBackup, lockReplaced and exchangeTables; nothing is changed then
 */
export async function restoreReplace(
  context: JobContext,
  plan: RestorePlan & { readonly beside: BesidePlan; readonly replace: ReplacePlan },
  services: RestoreServices,
  jobs: JobManager,
): Promise<JobOutcome> {
  const startedAt = performance.now();
  for (const warning of plan.warnings) context.log(`warning: ${warning}`);
  const { beside, replace } = plan;
  let safety: BackupResult | null = null;
  const built = await throughScratch(context, plan, beside, services, async (session, build) => {
    await session.query("begin");
    const done = await build();
    context.step("Safety backup");
    await lockReplaced(session, replace);
    safety = await makeSafetyBackup(context, session, plan, services, jobs);
    context.step("Replacing");
    await exchangeTables(context, session, beside, replace, async () => {
      // oxlint-disable-next-line no-await-in-loop -- one transaction, one statement after another
      for (const id of replace.keys) await defineKey(id);
    });
    await session.query("commit");
    return done;

    async function defineKey(id: number): Promise<void> {
      const entry = plan.graph.entries.get(id);
      if (entry !== undefined) await define(session, entry, plan.request.noOwner);
    }
  });
  const result: RestoreResult = {
    target: { host: plan.host, port: plan.port, database: plan.database, created: false },
    archive: plan.request.archive,
    entriesChosen: plan.entries.length,
    entriesRestored: plan.entries.length,
    tables: built.tables.map((table) => {
      const move = beside.moves.find(({ to }) => to.name === table.name);
      return { ...table, schema: move?.from.schema ?? table.schema };
    }),
    failed: [],
    notes: [],
    warnings: plan.warnings,
    command: [],
    phases: [],
    elapsedMs: Math.round(performance.now() - startedAt),
    ...(safety === null ? {} : { replaced: describeReplaced(replace, safety) }),
  };
  return { state: "succeeded", result };
}

function describeReplaced({ replaced, dependants }: ReplacePlan, safety: BackupResult) {
  return {
    tables: replaced.map(({ schema, name }) => formatName(schema, name)),
    dependants: [
      ...dependants.foreignKeys.map(({ table, name }) => `foreign key ${formatName(null, name)} of ${table}`),
      ...dependants.redefined.map(({ name }) => name),
    ],
    safetyBackup: { id: safety.id, path: safety.path },
  };
}
