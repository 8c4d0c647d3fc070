import type { RestoreOptions } from "../../shared/command/restore-command.ts";
import type { RestorePlan } from "./restore-plan.ts";

/** The options of pg_restore for a plan. With a role map owners are given afterwards, so pg_restore leaves them. */
export function restoreOptions(plan: RestorePlan, useListPath: string): RestoreOptions {
  const { request } = plan;
  return {
    useListPath,
    archivePath: plan.isStreamed ? null : request.archive,
    jobs: plan.jobs,
    singleTransaction: request.singleTransaction,
    transactionSize: request.transactionSize,
    noOwner: request.noOwner || Object.keys(request.roleMap).length > 0,
    noPrivileges: request.noPrivileges,
    exitOnError: false,
    role: null,
    disableTriggers: false,
  };
}
