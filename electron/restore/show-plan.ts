import { dbnameArgument } from "../../shared/command/dbname-argument.ts";
import { buildRestoreArgs } from "../../shared/command/restore-command.ts";
import { restoreOptions } from "./restore-command.ts";
import type { RestorePlan } from "./restore-plan.ts";

/** The file that a plan's command names; the use-list itself is in the plan. */
const LIST_NAME = "restore.list";

/** What is said to the server before pg_restore runs. */
export function sqlBefore(plan: RestorePlan): string[] {
  return [...plan.createDatabase.slice(0, 1), ...plan.createSchemas];
}

/** The argv of pg_restore for a plan, to be shown; holds no secret. */
export function commandOf(plan: RestorePlan): string[] {
  const args = buildRestoreArgs(restoreOptions(plan, LIST_NAME), plan.tool.version);
  return [plan.tool.path, dbnameArgument(plan.database), ...args];
}
