import type { JobContext } from "./job-context.ts";

/** Tells a job how far its copying is. @param total bytes of all that is to be copied. @returns is told of bytes as they pass */
export function createCopyProgress(context: JobContext, total: number): (bytes: number) => void {
  const startedAt = Date.now();
  let done = 0;
  return (bytes) => {
    done += bytes;
    const rate = (done / Math.max(1, Date.now() - startedAt)) * 1000;
    context.progress({
      kind: "measured",
      unit: "bytes",
      done,
      total,
      exact: true,
      ratePerSecond: rate,
      remainingMs: rate > 0 ? ((total - done) / rate) * 1000 : null,
      current: null,
    });
  };
}
