import { Progress as Base } from "@base-ui/react/progress";
import type { Progress } from "../../shared/job/job.ts";
import { formatBytes, formatCount, formatDuration, formatPercent, formatRate } from "../../shared/text/format.ts";
import { classNames } from "./class-names.ts";
import styles from "./progress-bar.module.css";

export interface ProgressBarProps {
  /** null: it has not begun to count. */
  readonly progress: Progress | null;
  /** What goes on, for those who listen. */
  readonly label: string;
  /** No words beside the bar. */
  readonly barOnly?: boolean;
}

/** How far something is: a bar where there is an end, counters where there is none. Never a bar that lies. */
export function ProgressBar({ progress, label, barOnly = false }: ProgressBarProps) {
  const isMeasured = progress?.kind === "measured" && progress.total > 0;
  const value = isMeasured ? Math.min(100, (progress.done / progress.total) * 100) : null;
  const words = describeProgress(progress);
  return (
    <Base.Root value={value} aria-label={label} aria-valuetext={words} className={styles.root}>
      <Base.Track className={styles.track}>
        <Base.Indicator className={classNames(styles.indicator, value === null && styles.moving)} />
      </Base.Track>
      {barOnly ? null : <span className={styles.words}>{words}</span>}
    </Base.Root>
  );
}

/** `63 % · 35 MB/s · 4 min left`, `1.2 GB · 3,400 rows`. */
export function describeProgress(progress: Progress | null): string {
  if (progress === null) return "Starting";
  if (progress.kind === "unmeasured") {
    const rows = progress.rows > 0 ? [`${formatCount(progress.rows)} rows`] : [];
    return progress.bytes > 0 ? [formatBytes(progress.bytes), ...rows].join(" · ") : (rows[0] ?? "Under way");
  }
  const parts = [`${progress.exact ? "" : "about "}${formatPercent(progress.done, progress.total)}`];
  if (progress.ratePerSecond !== null && progress.unit === "bytes") parts.push(formatRate(progress.ratePerSecond));
  // Below a second there is nothing to wait for.
  if (progress.remainingMs !== null && progress.remainingMs >= 1000) {
    parts.push(`${formatDuration(Math.ceil(progress.remainingMs / 1000) * 1000)} left`);
  }
  return parts.join(" · ");
}
