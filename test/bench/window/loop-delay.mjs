import { writeFileSync } from "node:fs";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { isMainThread } from "node:worker_threads";

/**
 * Loaded into a host before its own code (`--import`): at each SIGUSR2 writes the event loop's delay since the last one, in
 * milliseconds, to the file that BENCH_LOOP_DELAY names. The host knows nothing of it.
 */
const resolutionMs = 10;
// What is counted is the time from one tick of a timer to the next, its own period included.
const late = (nanoseconds) => Math.max(0, nanoseconds / 1e6 - resolutionMs);

const path = process.env["BENCH_LOOP_DELAY"];
if (path !== undefined && isMainThread) {
  const delay = monitorEventLoopDelay({ resolution: resolutionMs });
  delay.enable();
  process.on("SIGUSR2", () => {
    writeFileSync(path, JSON.stringify({ p99Ms: late(delay.percentile(99)), mostMs: late(delay.max) }));
    delay.reset();
  });
}
