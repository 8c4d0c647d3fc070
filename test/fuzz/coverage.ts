import { Session } from "node:inspector/promises";

/** Which parts of the reader a case went through, and how often. */
export interface Coverage {
  /** How many pairs of a part and a rough count of passes were seen for the first time since the last call. */
  takeNew(): Promise<number>;
}

/** What is of interest: the reader, not the tools that run it. */
const followed = /\/(?:electron|shared)\/(?:archives?|encryption)\//;

/** V8's own counters of blocks, asked after each case. */
export async function startCoverage(): Promise<Coverage> {
  const session = new Session();
  session.connect();
  await session.post("Profiler.enable");
  await session.post("Profiler.startPreciseCoverage", { callCount: true, detailed: true });
  const seen = new Set<string>();
  return {
    async takeNew() {
      let found = 0;
      const { result } = await session.post("Profiler.takePreciseCoverage");
      for (const { url, functions } of result) {
        if (!followed.test(url)) continue;
        for (const { ranges } of functions)
          for (const { startOffset, endOffset, count } of ranges) {
            if (count === 0) continue;
            const key = `${url} ${startOffset} ${endOffset} ${Math.floor(Math.log2(count))}`;
            if (seen.has(key)) continue;
            seen.add(key);
            found += 1;
          }
      }
      return found;
    },
  };
}
