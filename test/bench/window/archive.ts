import { copyFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser, Page } from "@playwright/test";
import { type Lifeboat, startLifeboat } from "../../e2e/support/lifeboat.ts";
import { manyTablesArchive } from "../many-tables-archive.ts";
import { type BenchLine, median } from "../measure.ts";
import { openPage, rendererMemory } from "./browser.ts";
import { dragThumb, framesDuring, wheelOver } from "./frames.ts";
import { atLeast, within } from "./lines.ts";

const tree = "[role='tree']";
const runs = 5;

interface Opening {
  readonly fromClickMs: number;
  readonly fromListingMs: number;
}

/** An archive of 100,002 entries (33,334 tables): opened, scrolled, searched. */
export async function measureArchive(browser: Browser): Promise<BenchLine[]> {
  const archive = await manyTablesArchive(33_334);
  const lifeboat = await startLifeboat();
  try {
    const path = join(lifeboat.user, "many.dump");
    copyFileSync(archive, path);
    const openings: Opening[] = [];
    for (let run = 0; run < runs; run++) {
      // oxlint-disable-next-line no-await-in-loop -- runs beside each other would disturb each other
      const page = await openHome(browser, lifeboat);
      // oxlint-disable-next-line no-await-in-loop -- as above
      openings.push(await openArchive(page, path));
      // oxlint-disable-next-line no-await-in-loop -- as above
      if (run < runs - 1) await page.context().close();
      else return [...openingLines(openings), ...(await moveAndSearch(browser, page))];
    }
    throw new Error("no run");
  } finally {
    await lifeboat.remove();
  }
}

function openingLines(openings: readonly Opening[]): BenchLine[] {
  const what = "100,000 entries: tree painted, from";
  const of = (pick: (opening: Opening) => number) => median(openings.map(pick));
  return [
    within(
      `${what} the listing's arrival`,
      of((opening) => opening.fromListingMs),
      500,
      "ms",
    ),
    within(
      `${what} going to the archive`,
      of((opening) => opening.fromClickMs),
      1500,
      "ms",
    ),
  ];
}

async function openHome(browser: Browser, lifeboat: Lifeboat): Promise<Page> {
  const page = await openPage(browser);
  await page.addInitScript(() => {
    const Plain = WebSocket;
    globalThis.WebSocket = class extends Plain {
      constructor(address: string | URL) {
        super(address);
        // Before the page's own listener: when the large message is here, and before anything is made of it.
        this.addEventListener("message", ({ data }: MessageEvent<string | ArrayBuffer>) => {
          const size = typeof data === "string" ? data.length : data.byteLength;
          if (size > 500_000) performance.mark("listing");
        });
      }
    };
  });
  await page.goto(await lifeboat.newAddress());
  await page.getByRole("radio").first().waitFor();
  // What is fetched in idle time is there, as it is after a moment in the window.
  await page.waitForTimeout(1500);
  return page;
}

function openArchive(page: Page, path: string): Promise<Opening> {
  return page.evaluate(
    async (hash) => {
      const startedAt = performance.now();
      location.hash = hash;
      while (document.querySelector("[role='treeitem']") === null)
        // oxlint-disable-next-line no-await-in-loop -- looked for in each frame
        await new Promise((resolve) => requestAnimationFrame(resolve));
      // The frame in which the rows are there has been painted when the next task runs.
      await new Promise((resolve) => setTimeout(resolve));
      const paintedAt = performance.now();
      const listing = performance.getEntriesByName("listing")[0]?.startTime ?? Number.NaN;
      return { fromClickMs: paintedAt - startedAt, fromListingMs: paintedAt - listing };
    },
    `#/archive?${new URLSearchParams({ path }).toString()}`,
  );
}

async function moveAndSearch(browser: Browser, page: Page): Promise<BenchLine[]> {
  await page.waitForTimeout(1000);
  const wheel = await framesDuring(page, () => wheelOver(page, tree, 30_000));
  const thumb = await framesDuring(page, () => dragThumb(page, tree, 180));
  await page.locator(tree).evaluate((scroller) => scroller.scrollTo(0, 0));
  const typing = await framesDuring(page, () => typeSearch(page));
  const memory = await rendererMemory(browser);
  return [
    atLeast("100,000 entries: scrolling by wheel", wheel.perSecond, 55, "frames/s"),
    atLeast("100,000 entries: dragging through all", thumb.perSecond, 55, "frames/s"),
    atLeast("100,000 entries: typing in the search", typing.perSecond, 55, "frames/s"),
    within("  slowest frame of them", Math.max(wheel.slowestMs, thumb.slowestMs, typing.slowestMs), 100, "ms"),
    within("100,000 entries: renderer's private memory", memory / 1e6, 400, "MB"),
  ];
}

async function typeSearch(page: Page): Promise<void> {
  const field = page.getByRole("searchbox", { name: "Find" });
  await field.focus();
  await page.keyboard.type("table_1234", { delay: 110 });
  for (let letter = 0; letter < 10; letter++)
    // oxlint-disable-next-line no-await-in-loop -- one key after another
    await page.keyboard.press("Backspace", { delay: 60 });
  await page.keyboard.type("33", { delay: 110 });
}
