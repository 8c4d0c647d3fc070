import type { Progress } from "../../shared/job/job.ts";
import { formatBytes, formatCount, formatDuration, formatPercent, formatRate } from "../../shared/text/format.ts";

/** `63 % · 35 MB/s · 4 min left`, `1.2 GB · 3,400 rows`; in brief without rate and rows. */
export function describeProgress(progress: Progress | null, isBrief = false): string {
  if (progress === null) return "Starting";
  if (progress.kind === "unmeasured") {
    const rows = progress.rows > 0 && !(isBrief && progress.bytes > 0) ? [`${formatCount(progress.rows)} rows`] : [];
    return progress.bytes > 0 ? [formatBytes(progress.bytes), ...rows].join(" · ") : (rows[0] ?? "Under way");
  }
  // An estimate that was passed says nothing any more.
  if (!progress.exact && progress.done >= progress.total) return "almost done";
  const parts = [`${progress.exact ? "" : "about "}${formatPercent(progress.done, progress.total)}`];
  if (!isBrief && progress.ratePerSecond !== null && progress.unit === "bytes")
    parts.push(formatRate(progress.ratePerSecond));
  // Below a second there is nothing to wait for.
  if (progress.remainingMs !== null && progress.remainingMs >= 1000) {
    parts.push(`${formatDuration(Math.ceil(progress.remainingMs / 1000) * 1000)} left`);
  }
  return parts.join(" · ");
}
