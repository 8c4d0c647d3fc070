import { type Calendar, createCalendar } from "./calendar.ts";
import type { RetentionBackup, TimedBackup } from "./retention-backup.ts";
import type { RetentionPolicy } from "./retention-policy.ts";
import { createRules, type Rule } from "./retention-rules.ts";

export interface RetentionDecision {
  readonly id: string;
  readonly verdict: "kept" | "due";
  /** In words, for people: why it is kept, all reasons; or why it goes, one. */
  readonly reasons: readonly string[];
}

/** What a policy says at a moment. */
export interface RetentionPlan {
  /** One for each backup given, newest first. */
  readonly decisions: readonly RetentionDecision[];
  /** Series of which nothing goes for now; `series` is null for all of them. */
  readonly holds: readonly RetentionHold[];
}

export interface RetentionHold {
  readonly series: string | null;
  readonly database: string | null;
  readonly reason: string;
}

/**
 * Which backups of a storage a policy keeps and which are due to go, and why. Pure: the same for any order of input.
 *
 * Each series is judged by itself. Rules count good backups only, from the newest back, and days that have none do not
 * count: no time that passes makes a backup due, only newer backups do. Days, weeks, months and years are those of
 * `timeZone`, with 23 or 25 hours where its clock changes.
 *
 * Never due: the newest good ones up to the minimum, the one proved last, a pinned one, one that a kept one depends on, and
 * one that is not good, which is for a person to look at. Nothing is due where the clock is wrong (a backup is from the
 * future), and nothing of a series whose newest is not good.
 */
export function decideRetention(
  backups: readonly RetentionBackup[],
  policy: RetentionPolicy,
  moment: { readonly now: Date; readonly timeZone: string },
): RetentionPlan {
  const calendar = createCalendar(moment.timeZone);
  const sorted = backups.map((backup) => ({ ...backup, timeMs: Date.parse(backup.madeAt) })).toSorted(newestFirst);
  const clock = findClockFault(sorted, moment.now);
  const holds: RetentionHold[] = clock === null ? [] : [{ series: null, database: null, reason: clock }];
  const kept = new Map<string, string[]>();
  const dueBecause = new Map<string, string>();

  for (const [series, all] of groupBySeries(sorted)) {
    const held = clock ?? findNewestFault(all);
    if (clock === null && held !== null) holds.push({ series, database: all[0]?.database ?? null, reason: held });
    const good = all.filter(({ fault }) => fault === null);
    const rules = [...createRules(good, policy, calendar), ...createGuards(good)];
    const sayDue = createDueWords(good, policy, calendar);
    for (const backup of all.filter((each) => each.series === series)) {
      const reasons = rules.flatMap((rule) => rule.keeps(backup) ?? []);
      if (backup.pinned) reasons.push("pinned");
      if (backup.fault !== null) reasons.push(lookAt(backup.fault));
      if (held !== null && reasons.length === 0) reasons.push(`nothing goes for now: ${held}`);
      if (reasons.length > 0) kept.set(backup.id, reasons);
      else dueBecause.set(backup.id, sayDue(backup));
    }
  }
  for (const { id, series, fault } of sorted)
    if (series === null) kept.set(id, [lookAt(fault ?? "nobody knows what it is of")]);
  keepNeeded(sorted, kept);

  const decisions = sorted.map(({ id }): RetentionDecision => {
    const reasons = kept.get(id);
    if (reasons !== undefined) return { id, verdict: "kept", reasons };
    return { id, verdict: "due", reasons: [dueBecause.get(id) ?? ""] };
  });
  return { decisions, holds };
}

function findClockFault(sorted: readonly TimedBackup[], now: Date): string | null {
  const future = sorted.find(({ timeMs }) => !(timeMs <= now.getTime()));
  return future === undefined
    ? null
    : `the clock went back, or was wrong before: a backup is of ${future.madeAt}, and now is ${now.toISOString()}`;
}

function findNewestFault([newest]: readonly TimedBackup[]): string | null {
  if (newest === undefined || newest.fault === null) return null;
  return `the newest backup, of ${newest.madeAt}, is not good: ${newest.fault}`;
}

function lookAt(fault: string): string {
  return `not good, for you to look at: ${fault}`;
}

function newestFirst(one: TimedBackup, other: TimedBackup): number {
  return other.timeMs - one.timeMs || (one.id < other.id ? 1 : -1);
}

/** Each with its backups and the strays of its database, newest first: a stray may be the newest. */
function groupBySeries(sorted: readonly TimedBackup[]): Map<string, TimedBackup[]> {
  const databases = new Map<string, string>(
    sorted.flatMap(({ series, database }): [string, string][] => (series === null ? [] : [[series, database]])),
  );
  const groups = new Map(Array.from(databases.keys(), (series): [string, TimedBackup[]] => [series, []]));
  for (const backup of sorted)
    if (backup.series !== null) groups.get(backup.series)?.push(backup);
    else for (const [series, database] of databases) if (database === backup.database) groups.get(series)?.push(backup);
  return groups;
}

/** What no policy can allow. */
function createGuards(good: readonly TimedBackup[]): Rule[] {
  const proved = good
    .filter(({ provedAt }) => provedAt !== null)
    .toSorted(
      (one, other) => Date.parse(other.provedAt ?? "") - Date.parse(one.provedAt ?? "") || newestFirst(one, other),
    );
  return [
    { keeps: ({ id }) => (id === good[0]?.id ? "last good backup" : null) },
    { keeps: ({ id }) => (id === proved[0]?.id ? "last proved backup" : null) },
  ];
}

/** Whatever a kept backup depends on is kept, and what that depends on. */
function keepNeeded(sorted: readonly TimedBackup[], kept: Map<string, string[]>): void {
  const byId = new Map(sorted.map((backup) => [backup.id, backup]));
  const waiting = sorted.filter(({ id }) => kept.has(id));
  for (let backup = waiting.pop(); backup !== undefined; backup = waiting.pop())
    for (const needed of backup.dependsOn) {
      const other = byId.get(needed);
      if (other === undefined || kept.has(needed)) continue;
      kept.set(needed, [`the backup of ${backup.madeAt} depends on it`]);
      waiting.push(other);
    }
}

function createDueWords(
  good: readonly TimedBackup[],
  policy: RetentionPolicy,
  calendar: Calendar,
): (backup: TimedBackup) => string {
  const days = new Set(good.map(({ timeMs }) => calendar(timeMs).day));
  const reached = new Set([...days].slice(0, policy.daily));
  return ({ timeMs }) => {
    const { day } = calendar(timeMs);
    return reached.has(day) ? `a newer one of ${day} is kept` : `no rule keeps one of ${day}`;
  };
}
