import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { locateHome } from "../../electron/home.ts";
import { openManifestCache } from "../../electron/storage/manifest-cache.ts";
import type { Storage } from "../../electron/storage/storage.ts";
import { inParallel } from "../../electron/storage/stored-backups.ts";
import { listSummaries, recallSummaries } from "../../electron/storage/stored-summaries.ts";
import { makeBucket, openBucket } from "../helpers/bucket.ts";
import { hasRgw, rgwRemedy, startRgw } from "../helpers/rgw.ts";
import { putBackup } from "../helpers/stored-backup.ts";
import { median, ms, printBench, timeRuns } from "./measure.ts";

/**
 * The backups in a bucket, listed as `lifeboat backups --in` does: by a machine that has never seen the bucket (cold: the
 * index of each database's folder is there), by one that has (warm: the keys are listed again), and what such a machine
 * can show before the storage has answered. Compared with the first listing of all, which reads every manifest.
 *
 *     node test/bench/backups-listing.ts [BACKUPS] [DATABASES]
 */

const count = Number(process.argv[2] ?? 10_000);
const databases = Number(process.argv[3] ?? 20);
const { signal } = new AbortController();

if (!hasRgw()) {
  process.stdout.write(`skipped: Ceph's RADOS gateway is not here (${rgwRemedy})\n`);
  process.exit();
}
const folder = mkdtempSync(join(tmpdir(), "lifeboat-bench-"));
const rgw = await startRgw();
try {
  await makeBucket(rgw, "bench");
  const storage = await openBucket(rgw, "bench", "backups");
  const numbers = Array.from({ length: count }, (_, at) => at);
  await inParallel(numbers, 24, (at) =>
    putBackup(storage, new Date(Date.UTC(2020, 0, 1, at)).toISOString(), { database: `shop${at % databases}` }),
  );
  const [first = 0] = await timeRuns(1, 0, () => listAs("first", storage));
  let homes = 0;
  const cold = await timeRuns(5, 1, () => listAs(`cold${(homes += 1)}`, storage));
  const warm = await timeRuns(5, 1, () => listAs("first", storage));
  const cache = await openManifestCache(homeOf("first"));
  const recalled = await timeRuns(5, 1, () => recallSummaries(storage.address, cache));
  cache.close();
  await storage.close();
  const line = (what: string, times: readonly number[], mostMs: number | null) => ({
    what: `${count} backups of ${databases} databases, ${what}`,
    ours: ms(median(times)),
    theirs: `every manifest ${ms(first)}`,
    ratio: (median(times) / first).toFixed(3),
    target: mostMs === null ? "" : `<= ${mostMs} ms`,
    isMet: mostMs === null || median(times) <= mostMs,
  });
  printBench("listing a bucket", [
    line("cold", cold, 2000),
    line("warm, at once from the cache", recalled, 200),
    line("warm, keys listed anew", warm, null),
  ]);
} finally {
  await rgw.stop();
  rmSync(folder, { recursive: true, force: true });
}

function homeOf(name: string) {
  return locateHome({ LIFEBOAT_HOME: join(folder, name) });
}

/** With the memory of a machine that has this home. */
async function listAs(home: string, storage: Storage): Promise<void> {
  const cache = await openManifestCache(homeOf(home));
  const { backups } = await listSummaries(storage, cache, signal);
  cache.close();
  if (backups.length !== count) throw new Error(`${backups.length} backups were listed`);
}
