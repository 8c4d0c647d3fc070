import type { JobContext } from "../jobs/job-context.ts";
import type { PlannedTable } from "../restore/restore-plan.ts";

/** Tells how far the rows are. */
export interface RowProgress {
  table(label: string): void;
  bytes(count: number): void;
}

/** Measured where a manifest says how many bytes there are, else counted. */
export function startRowProgress(context: JobContext, tables: readonly PlannedTable[]): RowProgress {
  const startedAt = Date.now();
  const isKnown = tables.every(({ rawBytes }) => rawBytes !== null);
  const total = tables.reduce((sum, { rawBytes }) => sum + (rawBytes ?? 0), 0);
  let done = 0;
  let ofTable = 0;
  let label = "";
  const tell = (): void => {
    const current = { label, rows: null, bytes: ofTable, totalBytes: null };
    if (!isKnown) {
      context.progress({ kind: "unmeasured", bytes: done, rows: 0, current });
      return;
    }
    const ratePerSecond = (done * 1000) / Math.max(1, Date.now() - startedAt);
    const remainingMs = ratePerSecond > 0 ? Math.max(0, ((total - done) / ratePerSecond) * 1000) : null;
    const measured = { unit: "bytes", done: Math.min(done, total), total, exact: false } as const;
    context.progress({ kind: "measured", ...measured, ratePerSecond, remainingMs, current });
  };
  context.step("Copying rows");
  return {
    table(name) {
      label = name;
      ofTable = 0;
      tell();
    },
    bytes(count) {
      done += count;
      ofTable += count;
      tell();
    },
  };
}
