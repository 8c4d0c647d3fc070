import type { BackupView } from "../../../shared/contract/views.ts";
import { addDays, dayOf, mondayOf } from "./dates.ts";

export type SizeRange = "small" | "middle" | "large";

/** What of the list is to be seen; null and an empty text let everything through. */
export interface BackupFilter {
  readonly text: string;
  readonly database: string | null;
  readonly format: BackupView["format"] | null;
  readonly size: SizeRange | null;
  /** `2026-11-21` */
  readonly day: string | null;
}

export const noFilter: BackupFilter = { text: "", database: null, format: null, size: null, day: null };

const MB = 1_000_000;
const GB = 1_000_000_000;

export function sizeRangeOf(bytes: number): SizeRange {
  if (bytes < 10 * MB) return "small";
  return bytes <= GB ? "middle" : "large";
}

export function isFiltered(filter: BackupFilter): boolean {
  return (
    filter.text.trim() !== "" || [filter.database, filter.format, filter.size, filter.day].some((each) => each !== null)
  );
}

export function filterBackups(backups: readonly BackupView[], filter: BackupFilter): BackupView[] {
  const words = filter.text.trim().toLowerCase();
  return backups.filter(
    (backup) =>
      (words === "" ||
        [backup.database, backup.path, backup.profile ?? ""].some((text) => text.toLowerCase().includes(words))) &&
      (filter.database === null || backup.database === filter.database) &&
      (filter.format === null || backup.format === filter.format) &&
      (filter.size === null || sizeRangeOf(backup.sizeBytes) === filter.size) &&
      (filter.day === null || dayOf(new Date(backup.startedAt)) === filter.day),
  );
}

/** A database's backups by day, newest first. */
export interface DatabaseGroup {
  readonly database: string;
  readonly sizeBytes: number;
  readonly count: number;
  readonly days: readonly { readonly day: string; readonly backups: readonly BackupView[] }[];
}

/** Databases with the newest backup first; within them days and backups newest first. */
export function groupBackups(backups: readonly BackupView[]): DatabaseGroup[] {
  const newestFirst = backups.toSorted((a, b) => Date.parse(b.startedAt) - Date.parse(a.startedAt));
  const databases = new Map<string, Map<string, BackupView[]>>();
  for (const backup of newestFirst) {
    const days = databases.get(backup.database) ?? new Map<string, BackupView[]>();
    databases.set(backup.database, days);
    const day = dayOf(new Date(backup.startedAt));
    const list = days.get(day);
    if (list === undefined) days.set(day, [backup]);
    else list.push(backup);
  }
  return [...databases].map(([database, days]) => {
    const all = [...days.values()].flat();
    return {
      database,
      sizeBytes: all.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
      count: all.length,
      days: [...days].map(([day, list]) => ({ day, backups: list })),
    };
  });
}

/** The first so many backups of a group, in whole rows. */
export function limitGroup(group: DatabaseGroup, most: number): DatabaseGroup["days"] {
  let left = most;
  return group.days.flatMap(({ day, backups }) => {
    const some = backups.slice(0, Math.max(0, left));
    left -= some.length;
    return some.length === 0 ? [] : [{ day, backups: some }];
  });
}

export interface CalendarDay {
  readonly day: string;
  readonly count: number;
  readonly isFuture: boolean;
}

/** Eight weeks, Monday first, the last one with today; days to come are marked. */
export function calendarWeeks(backups: readonly BackupView[], today: string, weeks = 8): CalendarDay[][] {
  const counts = new Map<string, number>();
  for (const { startedAt } of backups) {
    const day = dayOf(new Date(startedAt));
    counts.set(day, (counts.get(day) ?? 0) + 1);
  }
  const first = addDays(mondayOf(today), -7 * (weeks - 1));
  return Array.from({ length: weeks }, (_week, week) =>
    Array.from({ length: 7 }, (_day, weekday) => {
      const day = addDays(first, week * 7 + weekday);
      return { day, count: counts.get(day) ?? 0, isFuture: day > today };
    }),
  );
}
