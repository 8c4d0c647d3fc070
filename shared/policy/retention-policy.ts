import { AppError } from "../error/app-error.ts";

/** Which backups of a series are kept. A backup goes only where no rule keeps it; 0 is a rule that is not there. */
export interface RetentionPolicy {
  /** The newest of each of so many latest days that have a backup; weeks are ISO weeks, from Monday on. */
  readonly daily: number;
  readonly weekly: number;
  readonly monthly: number;
  readonly yearly: number;
  /** The so many latest. */
  readonly last: number;
  /** Made in so many days of 24 hours before the latest. */
  readonly withinDays: number;
  /** Fewer than these never remain; 1 at least. */
  readonly minimum: number;
}

const most = 9999;
const usage = "Write it as: 7 daily, 4 weekly, 12 monthly, 3 yearly, last 5, within 30 days, minimum 2";

/**
 * Reads `7 daily, 4 weekly, 12 monthly, 3 yearly, last 5, within 30 days, minimum 2`: any choice of these, in any order, in
 * small or large letters; `keep-last 5` means `last 5`. At least one must keep something besides the minimum.
 * @throws usage.invalid, with the words it did not understand
 */
export function parseRetentionPolicy(text: string): RetentionPolicy {
  const policy = { daily: 0, weekly: 0, monthly: 0, yearly: 0, last: 0, withinDays: 0, minimum: 0 };
  for (const words of text.split(",")) {
    const rule = parseRule(words.trim().replaceAll(/\s+/g, " "));
    if (policy[rule.name] > 0) throw wrong(`Two rules say the same: ${JSON.stringify(words.trim())} is the second.`);
    policy[rule.name] = rule.count;
  }
  const { minimum, ...rules } = policy;
  if (Object.values(rules).every((count) => count === 0))
    throw wrong("A minimum alone does not say which backups to keep.");
  return { ...rules, minimum: Math.max(1, minimum) };
}

function parseRule(words: string): { name: keyof RetentionPolicy; count: number } {
  const [, before, period] = /^(\S+) (daily|weekly|monthly|yearly)$/i.exec(words) ?? [];
  if (before !== undefined && period !== undefined)
    return { name: periodOf(period.toLowerCase()), count: parseCount(before, words) };
  const [, last] = /^(?:keep-)?last (\S+)$/i.exec(words) ?? [];
  if (last !== undefined) return { name: "last", count: parseCount(last, words) };
  const [, days] = /^within (\S+) days?$/i.exec(words) ?? [];
  if (days !== undefined) return { name: "withinDays", count: parseCount(days, words) };
  const [, minimum] = /^minimum (\S+)$/i.exec(words) ?? [];
  if (minimum !== undefined) return { name: "minimum", count: parseCount(minimum, words) };
  throw wrong(words === "" ? "A rule is empty." : `This rule is not understood: ${JSON.stringify(words)}.`);
}

function periodOf(word: string): "daily" | "weekly" | "monthly" | "yearly" {
  if (word === "daily" || word === "weekly" || word === "monthly") return word;
  return "yearly";
}

function parseCount(text: string, words: string): number {
  const count = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  if (count >= 1) return count;
  throw wrong(`${JSON.stringify(text)} in ${JSON.stringify(words)} is no whole number from 1 to ${most}.`);
}

function wrong(message: string): AppError {
  return new AppError("usage.invalid", message, { hint: usage });
}

/** The policy as parseRetentionPolicy reads it, always in the same order; a minimum of 1 goes without saying. */
export function formatRetentionPolicy(policy: RetentionPolicy): string {
  const { daily, weekly, monthly, yearly, last, withinDays, minimum } = policy;
  const rules: readonly (readonly [isThere: boolean, words: string])[] = [
    [daily > 0, `${daily} daily`],
    [weekly > 0, `${weekly} weekly`],
    [monthly > 0, `${monthly} monthly`],
    [yearly > 0, `${yearly} yearly`],
    [last > 0, `last ${last}`],
    [withinDays > 0, `within ${withinDays} ${withinDays === 1 ? "day" : "days"}`],
    [minimum > 1, `minimum ${minimum}`],
  ];
  return rules.flatMap(([isThere, words]) => (isThere ? [words] : [])).join(", ");
}
