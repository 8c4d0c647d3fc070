import type { Browser } from "@playwright/test";
import { startLifeboat } from "../../e2e/support/lifeboat.ts";
import { type BenchLine, median } from "../measure.ts";
import { openPage } from "./browser.ts";
import { within } from "./lines.ts";

const runs = 7;

interface Start {
  readonly firstPaintMs: number;
  readonly usableMs: number;
}

/** From the host's address to a window that answers, on a fresh profile, with nothing in the browser's cache. */
export async function measureStart(browser: Browser): Promise<BenchLine[]> {
  const starts: Start[] = [];
  for (let run = 0; run < runs; run++) {
    // oxlint-disable-next-line no-await-in-loop -- runs beside each other would disturb each other
    starts.push(await startOnce(browser));
  }
  const of = (pick: (start: Start) => number) => median(starts.map(pick));
  return [
    within(
      "first paint",
      of((start) => start.firstPaintMs),
      300,
      "ms",
    ),
    within(
      "window usable on a fresh profile, from the host being up",
      of((start) => start.usableMs),
      1500,
      "ms",
    ),
  ];
}

async function startOnce(browser: Browser): Promise<Start> {
  const lifeboat = await startLifeboat();
  const page = await openPage(browser);
  try {
    await page.goto(await lifeboat.newAddress(), { waitUntil: "commit" });
    // Usable: what to back up can be chosen. Times begin when the address was asked for.
    const usable = await page.waitForFunction(() =>
      document.querySelector("[role='radio']:not([data-disabled])") === null ? 0 : performance.now(),
    );
    const usableMs = await usable.evaluate((time) => time);
    const firstPaintMs = await page.evaluate(() => performance.getEntriesByName("first-paint")[0]?.startTime);
    return { firstPaintMs: firstPaintMs ?? Number.NaN, usableMs };
  } finally {
    await page.context().close();
    await lifeboat.remove();
  }
}
