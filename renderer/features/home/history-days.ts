import type { BackupView } from "../../../shared/contract/views.ts";
import { formatTime } from "../../../shared/text/format.ts";

export interface HistoryDay {
  /** `2026-11-21`, in this machine's zone. */
  readonly day: string;
  /** Of the day's largest backup; null for none. */
  readonly sizeBytes: number | null;
  /** No backup could be missed yet: the first one came later. */
  readonly isBefore: boolean;
  /** The day is not over. */
  readonly isToday: boolean;
}

const dayCount = 14;

/** The last fourteen days, today last. */
export function historyOf(backups: readonly BackupView[], nowMs: number): readonly HistoryDay[] {
  const sizes = new Map<string, number>();
  for (const { startedAt, sizeBytes } of backups) {
    const day = dayOf(startedAt);
    sizes.set(day, Math.max(sizes.get(day) ?? 0, sizeBytes));
  }
  const first = backups.length === 0 ? null : [...sizes.keys()].toSorted()[0];
  const today = new Date(nowMs);
  return Array.from({ length: dayCount }, (_, index) => {
    // By the calendar, not by 24 hours: days of a change of clocks are longer or shorter.
    const date = new Date(today.getFullYear(), today.getMonth(), today.getDate() - (dayCount - 1 - index), 12);
    const day = dayOf(date.toISOString());
    return {
      day,
      sizeBytes: sizes.get(day) ?? null,
      isBefore: first === null || first === undefined || day < first,
      isToday: index === dayCount - 1,
    };
  });
}

function dayOf(iso: string): string {
  return formatTime(iso).slice(0, 10);
}
