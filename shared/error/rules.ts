import type { Rule, RulePhase, ToolPhase } from "./rule.ts";
import { connectionRules } from "./rules/connection.ts";
import { dumpRules } from "./rules/dump.ts";
import { physicalRules } from "./rules/physical.ts";
import { readRules } from "./rules/read.ts";
import { restoreRules } from "./rules/restore.ts";
import { storageRules } from "./rules/storage.ts";

/** All that is known of what tools say. The order counts: the first rule that matches an event explains it. */
export const rules: readonly Rule[] = [
  ...connectionRules,
  ...dumpRules,
  ...readRules,
  ...restoreRules,
  ...physicalRules,
  ...storageRules,
];

/** pg_dumpall dumps and pg_restore reads, so they say what those say as well. */
const phasesOf: Record<ToolPhase, readonly RulePhase[]> = {
  dump: ["any", "dump"],
  globals: ["any", "globals", "dump"],
  read: ["any", "read"],
  restore: ["any", "read", "restore"],
  verify: ["any", "verify"],
  phys: ["any", "phys"],
  pitr: ["any", "pitr"],
  wal: ["any", "wal", "phys"],
  s3: ["s3"],
  local: ["local"],
};

const cache = new Map<ToolPhase, readonly Rule[]>();

/** The rules to ask in a phase, in order. */
export function rulesFor(phase: ToolPhase): readonly Rule[] {
  const known = cache.get(phase);
  if (known) return known;
  const chosen = rules.filter((rule) => phasesOf[phase].includes(rule.phase));
  cache.set(phase, chosen);
  return chosen;
}
