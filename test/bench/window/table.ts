import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { Browser } from "@playwright/test";
import { build } from "vite";
import { startLifeboat } from "../../e2e/support/lifeboat.ts";
import type { BenchLine } from "../measure.ts";
import { openPage } from "./browser.ts";
import { dragThumb, framesDuring, wheelOver } from "./frames.ts";
import { atLeast, within } from "./lines.ts";

const grid = "[role='grid']";

/** DataTable over 100,000 rows, on a page of its own that is built and served like the window. */
export async function measureTable(browser: Browser): Promise<BenchLine[]> {
  const folder = mkdtempSync(join(tmpdir(), "lifeboat-bench-"));
  await build({
    configFile: resolve(import.meta.dirname, "../../../vite.renderer.config.ts"),
    root: join(import.meta.dirname, "table-page"),
    build: { outDir: folder },
    logLevel: "error",
  });
  const lifeboat = await startLifeboat({ LIFEBOAT_TEST_RENDERER: folder });
  try {
    const page = await openPage(browser);
    await page.goto(await lifeboat.newAddress());
    await page.getByRole("gridcell").first().waitFor();
    await page.waitForTimeout(500);
    const wheel = await framesDuring(page, () => wheelOver(page, grid, 30_000));
    const thumb = await framesDuring(page, () => dragThumb(page, grid, 180));
    const rows = await page.getByRole("row").count();
    if (rows > 80) throw new Error(`${rows} rows are in the page`);
    await page.context().close();
    return [
      atLeast("a table of 100,000 rows: scrolling by wheel", wheel.perSecond, 55, "frames/s"),
      atLeast("a table of 100,000 rows: dragging through all", thumb.perSecond, 55, "frames/s"),
      within("  slowest frame of them", Math.max(wheel.slowestMs, thumb.slowestMs), 100, "ms"),
    ];
  } finally {
    await lifeboat.remove();
    rmSync(folder, { recursive: true });
  }
}
