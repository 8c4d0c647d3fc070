import { formatNumberOf } from "../text/format.ts";
import type { Calendar } from "./calendar.ts";
import type { TimedBackup } from "./retention-backup.ts";
import type { RetentionPolicy } from "./retention-policy.ts";

/** Says in words why it keeps a backup; null where it does not. */
export interface Rule {
  keeps(backup: TimedBackup): string | null;
}

const dayMs = 86_400_000;
/** After a silence this long the newest backup alone does not say what time it is: its clock may have jumped ahead. */
const silenceMs = 31 * dayMs;

const periods = [
  { rule: "daily", place: "day", words: (name: string) => `newest of ${name}` },
  { rule: "weekly", place: "week", words: (name: string) => `newest of week ${name}` },
  { rule: "monthly", place: "month", words: (name: string) => `newest of month ${name}` },
  { rule: "yearly", place: "year", words: (name: string) => `newest of year ${name}` },
] as const;

/**
 * The rules of a policy over the good backups of one series, newest first. Every rule counts from the newest on and only
 * what is there, so each keeps more where its number is larger, and keeps the same when it is asked again after pruning.
 */
export function createRules(good: readonly TimedBackup[], policy: RetentionPolicy, calendar: Calendar): Rule[] {
  const places = good.map(({ timeMs }) => calendar(timeMs));
  const rules: Rule[] = periods.map(({ rule, place, words }) => {
    const newest = new Map<string, string>();
    good.forEach(({ id }, index) => {
      const name = places[index]?.[place] ?? "";
      if (newest.size < policy[rule] && !newest.has(name)) newest.set(name, id);
    });
    const names = new Map(Array.from(newest, ([name, id]) => [id, name]));
    return { keeps: ({ id }) => (names.has(id) ? words(names.get(id) ?? "") : null) };
  });
  rules.push(keepFirst(good, policy.last, `one of the last ${policy.last}`));
  const from = countFrom(good) - policy.withinDays * dayMs;
  if (policy.withinDays > 0)
    rules.push({
      keeps: ({ timeMs, fault }) => {
        return fault === null && timeMs >= from ? `within ${formatNumberOf(policy.withinDays, "day")}` : null;
      },
    });
  if (policy.minimum > 1) rules.push(keepFirst(good, policy.minimum, `one of ${policy.minimum} that must remain`));
  return rules;
}

function keepFirst(good: readonly TimedBackup[], count: number, words: string): Rule {
  const ids = new Set(good.slice(0, count).map(({ id }) => id));
  return { keeps: ({ id }) => (ids.has(id) ? words : null) };
}

/**
 * The newest good backup; the one before it after a long silence. One backup made under a clock that is a year ahead would
 * else make all others look a year old.
 */
function countFrom(good: readonly TimedBackup[]): number {
  const [newest, before] = good;
  if (newest === undefined) return 0;
  return before !== undefined && newest.timeMs - before.timeMs > silenceMs ? before.timeMs : newest.timeMs;
}
