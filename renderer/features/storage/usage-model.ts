import type { BackupView } from "../../../shared/contract/views.ts";
import { dayOf } from "../backups/dates.ts";

export interface MonthUsage {
  /** `2026-11`, in this machine's zone. */
  readonly month: string;
  readonly sizeBytes: number;
  readonly count: number;
}

/** What is kept of each month's backups, newest first; months without any between them are there, with nothing. */
export function usageByMonth(backups: readonly BackupView[]): MonthUsage[] {
  const months = new Map<string, { sizeBytes: number; count: number }>();
  for (const { startedAt, sizeBytes } of backups) {
    const month = monthOf(startedAt);
    const sum = months.get(month) ?? { sizeBytes: 0, count: 0 };
    months.set(month, { sizeBytes: sum.sizeBytes + sizeBytes, count: sum.count + 1 });
  }
  const known = [...months.keys()].toSorted();
  const [first] = known;
  const last = known.at(-1);
  if (first === undefined || last === undefined) return [];
  const all: MonthUsage[] = [];
  for (let month = last; month >= first && all.length < mostMonths; month = monthBefore(month))
    all.push({ month, ...(months.get(month) ?? { sizeBytes: 0, count: 0 }) });
  return all;
}

const mostMonths = 36;

export interface DatabaseUsage {
  readonly database: string;
  readonly sizeBytes: number;
  readonly count: number;
  readonly oldest: string;
  readonly newest: string;
}

/** What each database takes, the largest first. */
export function usageByDatabase(backups: readonly BackupView[]): DatabaseUsage[] {
  const databases = new Map<string, DatabaseUsage>();
  for (const { database, sizeBytes, startedAt } of backups) {
    const sum = databases.get(database);
    databases.set(database, {
      database,
      sizeBytes: (sum?.sizeBytes ?? 0) + sizeBytes,
      count: (sum?.count ?? 0) + 1,
      oldest: sum === undefined || startedAt < sum.oldest ? startedAt : sum.oldest,
      newest: sum === undefined || startedAt > sum.newest ? startedAt : sum.newest,
    });
  }
  return [...databases.values()].toSorted((one, other) => other.sizeBytes - one.sizeBytes);
}

function monthOf(iso: string): string {
  return dayOf(new Date(iso)).slice(0, 7);
}

function monthBefore(month: string): string {
  const [year = 0, number = 1] = month.split("-").map(Number);
  return number === 1 ? `${year - 1}-12` : `${year}-${String(number - 1).padStart(2, "0")}`;
}

const names = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** `Nov 2026` */
export function formatMonth(month: string): string {
  const [year = "", number = "1"] = month.split("-");
  return `${names[Number(number) - 1] ?? ""} ${year}`;
}
