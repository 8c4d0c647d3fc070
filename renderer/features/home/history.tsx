import type { BackupView } from "../../../shared/contract/views.ts";
import { formatBytes } from "../../../shared/text/format.ts";
import styles from "./history.module.css";
import { historyOf } from "./history-days.ts";
import { texts } from "./texts.ts";

/** The last two weeks as bars: how large each day's backup is, and the days that have none. */
export function History({ backups, nowMs }: { readonly backups: readonly BackupView[]; readonly nowMs: number }) {
  const days = historyOf(backups, nowMs);
  const largest = Math.max(1, ...days.map(({ sizeBytes }) => sizeBytes ?? 0));
  const counted = days.filter(({ isBefore }) => !isBefore);
  const filled = counted.filter(({ sizeBytes }) => sizeBytes !== null).length;

  return (
    <div className={styles.history} role="img" aria-label={texts.historySummary(filled, counted.length - filled)}>
      {days.map(({ day, sizeBytes, isBefore, isToday }) => (
        <span
          key={day}
          className={styles.day}
          title={texts.historyDay(day, sizeBytes === null ? null : formatBytes(sizeBytes))}
        >
          <span
            className={sizeBytes !== null ? styles.bar : isBefore || isToday ? styles.before : styles.missing}
            style={sizeBytes === null ? undefined : { height: `${Math.max(14, (sizeBytes / largest) * 100)}%` }}
          />
        </span>
      ))}
    </div>
  );
}
