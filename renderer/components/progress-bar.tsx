import { Progress as Base } from "@base-ui/react/progress";
import type { Progress } from "../../shared/job/job.ts";
import { classNames } from "./class-names.ts";
import { describeProgress } from "./describe-progress.ts";
import styles from "./progress-bar.module.css";

export interface ProgressBarProps {
  /** null: it has not begun to count. */
  readonly progress: Progress | null;
  /** What goes on, for those who listen. */
  readonly label: string;
  /** No words beside the bar. */
  readonly barOnly?: boolean;
  /** How far and how long alone, where there is little room. */
  readonly isBrief?: boolean;
}

/** How far something is: a bar where there is an end, counters where there is none. Never a bar that lies. */
export function ProgressBar({ progress, label, barOnly = false, isBrief = false }: ProgressBarProps) {
  const isMeasured = progress?.kind === "measured" && progress.total > 0;
  const value = isMeasured ? Math.min(100, (progress.done / progress.total) * 100) : null;
  const words = describeProgress(progress, isBrief);
  return (
    <Base.Root value={value} aria-label={label} aria-valuetext={words} className={styles.root}>
      <Base.Track className={styles.track}>
        <Base.Indicator className={classNames(styles.indicator, value === null && styles.moving)} />
      </Base.Track>
      {barOnly ? null : <span className={styles.words}>{words}</span>}
    </Base.Root>
  );
}
