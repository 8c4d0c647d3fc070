import { named } from "../../shared/archive/relations.ts";
import { displayCommand } from "../../shared/command/display.ts";
import type { ArgsOf } from "../../shared/contract/methods.ts";
import type { RestorePlanView } from "../../shared/contract/views.ts";
import { formatHost } from "../../shared/profile/target.ts";
import type { Handlers } from "../host/served-app.ts";
import { startRestore } from "../jobs/run-restore.ts";
import { nameToType } from "../restore/kept-plans.ts";
import { planByMode } from "../restore/plan-by-mode.ts";
import type { RestorePlan } from "../restore/restore-plan.ts";
import type { RestoreRequest } from "../restore/restore-request.ts";
import { commandsOf, sqlBefore } from "../restore/show-plan.ts";
import { type AppServices, archiveAccess, wholePath } from "./app-services.ts";
import { fullChoice } from "./archives.ts";
import { secretOf } from "./databases.ts";

/** Restores: planned and shown first, then started exactly as shown. */
export function restoreHandlers(services: AppServices): Pick<Handlers, "restore.plan" | "restore.start"> {
  const { connections, plans, starter, jobs } = services;
  return {
    async "restore.plan"(args, { signal }) {
      const connection = await connections.resolve(args.into, secretOf(args.password));
      const archive = wholePath(args.path);
      const request = requestOf(args, archive, connection.target);
      const restoreServices = { ...(await archiveAccess(services)), connection };
      const plan = await planByMode(request, restoreServices, signal);
      return viewOf(await plans.keep(plan, restoreServices), plan);
    },
    async "restore.start"({ planId, confirmation }) {
      const { plan, services: kept } = await plans.take(planId, confirmation);
      return { jobId: await starter.start((watch) => startRestore(plan, kept, jobs, watch)) };
    },
  };
}

function requestOf(args: ArgsOf<"restore.plan">, archive: string, target: RestoreRequest["target"]): RestoreRequest {
  const { mode, newDatabaseName, besideSchema, jobs, noOwner, noPrivileges } = args;
  const choice = fullChoice(args.choice);
  return {
    archive,
    target: { ...target, hosts: target.hosts.map((host) => ({ ...host })) },
    ...(args.into.kind === "sample" ? { sample: true } : {}),
    choice:
      choice.kind === "everything"
        ? choice
        : { kind: "objects", tables: [], schemas: [], dumpIds: [...choice.dumpIds] },
    mode,
    newDatabaseName: mode === "new-database" ? newDatabaseName : null,
    ...(mode === "beside" && besideSchema ? { place: { schema: besideSchema, name: null } } : {}),
    jobs,
    singleTransaction: false,
    transactionSize: null,
    noOwner,
    noPrivileges,
    roleMap: {},
  };
}

function viewOf(planId: string, plan: RestorePlan): RestorePlanView {
  const { graph } = plan;
  return {
    planId,
    from: plan.request.archive,
    database: plan.database,
    where: formatHost(plan),
    isNewDatabase: plan.createDatabase.length > 0,
    databases: (plan.cluster?.parts ?? []).map(({ name, plan: part }) => ({
      name,
      restoredAs: part.database,
      tables: part.tables.length,
      entryCount: part.entries.length + part.mapped.length,
    })),
    environment: plan.request.target.environment,
    tables: plan.tables.map(({ schema, name, rows }) => ({ schema, name, rows })),
    entryCount: plan.entries.length + plan.mapped.length,
    added: named(graph, plan.added),
    kept: named(graph, plan.kept),
    offered: named(graph, plan.offered),
    warnings: plan.warnings,
    sql: sqlBefore(plan),
    commands: commandsOf(plan).map(([program = "", ...args]) => displayCommand(program, args)),
    toolReason: plan.tool.reason,
    bytesToRead: plan.bytesToRead,
    readsTwice: plan.readsTwice,
    touches: plan.touches,
    undo: plan.undo,
    confirmation: plan.confirmation,
    typeToConfirm: nameToType(plan),
  };
}
