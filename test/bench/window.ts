import { loadavg } from "node:os";
import { type BenchLine, printBench } from "./measure.ts";
import { measureArchive } from "./window/archive.ts";
import { measureBackup } from "./window/backup.ts";
import { launchBrowser } from "./window/browser.ts";
import { measureBundle } from "./window/bundle.ts";
import { measureStart } from "./window/start.ts";
import { measureTable } from "./window/table.ts";

/**
 * The window's figures in real Chromium on the browser host: its start, an archive of 100,000 entries, a table of 100,000
 * rows, a backup at full speed beside it. Times, not ratios: they mean something on a machine that does nothing else, so the
 * load is printed with them.
 *
 *     npm run build && node test/bench/window.ts [bundle] [start] [archive] [table] [backup]
 */

const parts = {
  bundle: measureBundle,
  start: measureStart,
  archive: measureArchive,
  table: measureTable,
  backup: measureBackup,
} as const;

const wanted = process.argv.slice(2);
const lines: BenchLine[] = [];
process.stdout.write(`load before: ${load()}\n`);
const browser = await launchBrowser();
try {
  for (const [name, measure] of Object.entries(parts)) {
    if (wanted.length > 0 && !wanted.includes(name)) continue;
    // oxlint-disable-next-line no-await-in-loop -- one after another, so that none disturbs another
    lines.push(...(await measure(browser)));
  }
} finally {
  await browser.close();
}
process.stdout.write(`load after: ${load()}\n`);
printBench("window", lines);

function load(): string {
  return loadavg()
    .map((each) => each.toFixed(1))
    .join(" ");
}
