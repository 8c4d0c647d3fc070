import { relationKinds } from "../../shared/archive/dependency-graph.ts";
import type { TocEntry } from "../../shared/archive/toc-entry.ts";
import type { BackupResult, RestoreResult } from "../../shared/contract/job-results.ts";
import type { Home } from "../home.ts";
import { startRestore } from "../jobs/run-restore.ts";
import { planRestore, type RestoreServices } from "../restore/plan-restore.ts";
import type { RestorePlan } from "../restore/restore-plan.ts";
import { defaultRestoreOptions, type RestoreRequest } from "../restore/restore-request.ts";
import type { DemoSample } from "./prepare-sample.ts";
import { type DemoServices, storyTable } from "./story.ts";

/** A plan for the lost table, with what is needed to run it. */
export interface WayBack {
  readonly plan: RestorePlan;
  readonly services: RestoreServices;
}

type Objects = Extract<RestoreRequest["choice"], { kind: "objects" }>;

/**
 * Plans to bring the table back into the live database as it was. Foreign keys of other tables come by themselves; the
 * views that read the table are offered, and since the drop took them, all that is offered is chosen.
 */
export async function planWayBack(
  backup: BackupResult,
  sample: DemoSample,
  home: Home,
  signal?: AbortSignal,
): Promise<WayBack> {
  const { connection } = sample;
  const services = { home, env: process.env, connection };
  const table: Objects = { kind: "objects", tables: [{ ...storyTable }], schemas: [], dumpIds: [] };
  const alone = await planRestore(request(backup, sample, table), services, signal);
  if (alone.offered.length === 0) return { plan: alone, services };
  const whole = withOffered(table, alone);
  return { plan: await planRestore(request(backup, sample, whole), services, signal), services };
}

/** Runs the plan as a job. Without a signal it cannot be stopped. */
export async function bringBack(
  { plan, services }: WayBack,
  demo: Pick<DemoServices, "jobs" | "follow">,
  signal?: AbortSignal,
): Promise<RestoreResult> {
  const jobs = await demo.jobs();
  return demo.follow((onChange) =>
    startRestore(plan, services, jobs, { onChange, ...(signal === undefined ? {} : { signal }) }),
  );
}

function request(backup: BackupResult, { connection }: DemoSample, choice: Objects): RestoreRequest {
  return {
    archive: backup.path,
    target: { ...connection.target, hosts: connection.target.hosts.map((host) => ({ ...host })) },
    ...defaultRestoreOptions,
    choice,
    mode: "as-is",
  };
}

/** Relations by name, as a person would type them; whatever has no name of its own by its dump ID. */
function withOffered(choice: Objects, { graph, offered }: RestorePlan): Objects {
  const entries = offered.flatMap(({ dumpId }) => graph.entries.get(dumpId) ?? []);
  const tables = entries.filter(isRelation).map(({ namespace, tag }) => ({ schema: namespace, name: tag }));
  const dumpIds = entries.filter((entry) => !isRelation(entry)).map(({ dumpId }) => dumpId);
  return { ...choice, tables: [...choice.tables, ...tables], dumpIds };
}

function isRelation({ desc }: TocEntry): boolean {
  return relationKinds.has(desc);
}
