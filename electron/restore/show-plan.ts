import { dbnameArgument } from "../../shared/command/dbname-argument.ts";
import { quoteIdentifier } from "../../shared/command/names.ts";
import { buildRestoreArgs } from "../../shared/command/restore-command.ts";
import { moveStatements } from "../beside/moves.ts";
import { statementFor } from "../swap/properties.ts";
import { restoreOptions } from "./restore-command.ts";
import type { RestorePlan, SwapPlan } from "./restore-plan.ts";

/** The file that a plan's command names; the use-list itself is in the plan. */
const LIST_NAME = "restore.list";

/** What is said to the server before pg_restore runs. */
export function sqlBefore(plan: RestorePlan): string[] {
  if (plan.beside !== null) return [...sqlBefore(plan.beside.scratch), ...moveStatements(plan.beside.moves)];
  if (plan.swap !== null) return sqlOfSwap(plan.swap);
  if (plan.cluster !== null) return plan.cluster.parts.flatMap((part) => sqlBefore(part.plan));
  return [...plan.createDatabase.slice(0, 1), ...plan.createSchemas];
}

function sqlOfSwap({ restore, live, fresh, old, properties }: SwapPlan): string[] {
  return [
    ...sqlBefore(restore),
    "BEGIN",
    ...properties.map((property) => statementFor(property, fresh)),
    `ALTER DATABASE ${quoteIdentifier(live)} RENAME TO ${quoteIdentifier(old)}`,
    `ALTER DATABASE ${quoteIdentifier(fresh)} RENAME TO ${quoteIdentifier(live)}`,
    "COMMIT",
  ];
}

/** The argv of each pg_restore that a plan runs, one after the other, to be shown; holds no secret. */
export function commandsOf(plan: RestorePlan): string[][] {
  if (plan.beside !== null) return commandsOf(plan.beside.scratch);
  if (plan.swap !== null) return commandsOf(plan.swap.restore);
  if (plan.cluster !== null) return plan.cluster.parts.flatMap((part) => commandsOf(part.plan));
  const args = buildRestoreArgs(restoreOptions(plan, LIST_NAME), plan.tool.version);
  return [[plan.tool.path, dbnameArgument(plan.database), ...args]];
}
