import { existsSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Browser, Page } from "@playwright/test";
import { goTo } from "../../e2e/support/fixtures.ts";
import { type Lifeboat, startLifeboat } from "../../e2e/support/lifeboat.ts";
import { clientFolder } from "../../helpers/clients.ts";
import { bigDatabase } from "../../helpers/seed.ts";
import { startServer } from "../../helpers/servers.ts";
import type { BenchLine } from "../measure.ts";
import { openPage } from "./browser.ts";
import { within } from "./lines.ts";

const sizeMb = 1000;
const rounds = 6;
/** Chromium's Event Timing does not tell of events that were answered within a frame. */
const oneFrameMs = 16;

interface LoopDelay {
  readonly p99Ms: number;
  readonly mostMs: number;
}

/** A backup with pg_dump 18 and zstd, the fastest there is, while a person types and goes from screen to screen. */
export async function measureBackup(browser: Browser): Promise<BenchLine[]> {
  const server = await startServer(15);
  const database = await bigDatabase(server, sizeMb);
  const report = join(tmpdir(), `lifeboat-loop-delay-${process.pid}.json`);
  const lifeboat = await startLifeboat({
    PGHOST: server.host,
    PGPORT: String(server.port),
    PGUSER: server.user,
    PGDATABASE: database,
    LIFEBOAT_TOOLS: clientFolder(18) ?? clientFolder(15) ?? "",
    NODE_OPTIONS: `--import=${join(import.meta.dirname, "loop-delay.mjs")}`,
    BENCH_LOOP_DELAY: report,
  });
  const readLoopDelay = () => askForLoopDelay(lifeboat, report);
  try {
    const page = await openPage(browser);
    await page.goto(await lifeboat.newAddress());
    await page.getByRole("button", { name: /^Back up/ }).click();
    await page.waitForURL(/jobId=/);
    await goTo(page, "#/activity");
    await sleep(2000);
    await readLoopDelay();
    const latencies = await useWindow(page);
    const delay = await readLoopDelay();
    const jobs = await lifeboat.jobs();
    if (jobs[0]?.state !== "running") throw new Error("The backup ended before it was measured: take more megabytes.");
    return [
      within("a backup at full speed: host's event loop delay, p99", delay.p99Ms, 50, "ms"),
      within("  the longest", delay.mostMs, 200, "ms"),
      within(
        `  from a key or click to the next paint, p95 of ${latencies.length}`,
        percentile(latencies, 0.95),
        100,
        "ms",
      ),
      within("  the slowest", Math.max(...latencies), 200, "ms"),
    ];
  } finally {
    await lifeboat.remove();
    await server.stop();
  }
}

/** Since it was read last. */
async function askForLoopDelay(lifeboat: Lifeboat, path: string): Promise<LoopDelay> {
  lifeboat.signal("SIGUSR2");
  while (!existsSync(path))
    // oxlint-disable-next-line no-await-in-loop -- waiting is the point
    await sleep(20);
  const delay: LoopDelay = JSON.parse(readFileSync(path, "utf8"));
  rmSync(path);
  return delay;
}

/** Types into the palette and goes to every screen of the rail. @returns milliseconds of each key and click */
async function useWindow(page: Page): Promise<number[]> {
  const watch = await page.evaluateHandle(() => {
    const kinds = ["keydown", "click"];
    const slow: number[] = [];
    const observer = new PerformanceObserver((list) => {
      for (const { name, duration } of list.getEntries()) if (kinds.includes(name)) slow.push(duration);
    });
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- TypeScript's DOM does not know the threshold yet
    observer.observe({ type: "event", durationThreshold: 16 } as PerformanceObserverInit);
    return { slow, count: () => kinds.reduce((sum, kind) => sum + (performance.eventCounts.get(kind) ?? 0), 0) };
  });
  const before = await watch.evaluate(({ count }) => count());
  for (let round = 0; round < rounds; round++) {
    // oxlint-disable-next-line no-await-in-loop -- one after another, as a person does
    await onceAround(page);
  }
  await page.waitForTimeout(300);
  const { slow, after } = await watch.evaluate((seen) => ({ slow: seen.slow, after: seen.count() }));
  return [...slow, ...Array.from({ length: Math.max(0, after - before - slow.length) }, () => oneFrameMs)];
}

async function onceAround(page: Page): Promise<void> {
  const palette = page.getByRole("combobox", { name: "Search" });
  await page.keyboard.press("Control+k");
  await palette.waitFor();
  await page.keyboard.type("settings", { delay: 60 });
  while (await palette.isVisible())
    // oxlint-disable-next-line no-await-in-loop -- one key after another
    await page.keyboard.press("Escape", { delay: 60 });
  for (const name of ["Backups", "Home", "Activity"]) {
    // oxlint-disable-next-line no-await-in-loop -- as above
    await page.getByRole("navigation").getByRole("link", { name }).first().click();
    // oxlint-disable-next-line no-await-in-loop -- as above
    await page.waitForTimeout(80);
  }
}

function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
