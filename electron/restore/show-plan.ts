import { dbnameArgument } from "../../shared/command/dbname-argument.ts";
import { buildRestoreArgs } from "../../shared/command/restore-command.ts";
import { moveStatements } from "../beside/moves.ts";
import { restoreOptions } from "./restore-command.ts";
import type { RestorePlan } from "./restore-plan.ts";

/** The file that a plan's command names; the use-list itself is in the plan. */
const LIST_NAME = "restore.list";

/** What is said to the server before pg_restore runs. */
export function sqlBefore(plan: RestorePlan): string[] {
  if (plan.beside !== null) return [...sqlBefore(plan.beside.scratch), ...moveStatements(plan.beside.moves)];
  return [...plan.createDatabase.slice(0, 1), ...plan.createSchemas];
}

/** The argv of pg_restore for a plan, to be shown; holds no secret. */
export function commandOf(plan: RestorePlan): string[] {
  if (plan.beside !== null) return commandOf(plan.beside.scratch);
  const args = buildRestoreArgs(restoreOptions(plan, LIST_NAME), plan.tool.version);
  return [plan.tool.path, dbnameArgument(plan.database), ...args];
}
