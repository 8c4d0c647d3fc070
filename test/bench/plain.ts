import { closeSync, mkdtempSync, openSync, rmSync, statSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { openArchive } from "../../electron/archives/open-archive.ts";
import { locateHome } from "../../electron/home.ts";
import { type BenchLine, median, ms, printBench, shell, timeRuns } from "./measure.ts";

/**
 * Plain SQL of 2 GB: reading it through against `wc -l`, in turns; opening it again; the first rows of its last table.
 *
 *     node test/bench/plain.ts
 */

const totalBytes = 2_000_000_000;
const tables = 4;

let longestWaitMs = 0;

const folder = mkdtempSync(join(tmpdir(), "lifeboat-bench-"));
try {
  const path = join(folder, "big.sql");
  writeScript(path);
  const size = `${(statSync(path).size / 1e9).toFixed(2)} GB`;
  shell(`cat ${path} > /dev/null`);
  const [ours, theirs]: [number[], number[]] = [[], []];
  for (let turn = 0; turn < 5; turn++) {
    // oxlint-disable-next-line no-await-in-loop -- runs beside each other would disturb each other
    ours.push(...(await timeRuns(1, turn === 0 ? 1 : 0, () => watched(path))));
    // oxlint-disable-next-line no-await-in-loop -- the same
    theirs.push(...(await timeRuns(1, 0, () => shell(`wc -l ${path}`))));
  }
  const home = locateHome({ LIFEBOAT_HOME: join(folder, "home") });
  await open(path, home);
  const again = median(await timeRuns(9, 2, () => open(path, home)));
  const rows = median(await timeRuns(9, 2, () => open(path, home, 100)));
  const ratio = median(theirs) / median(ours);
  printBench(`plain SQL of ${size}`, [
    {
      what: "read through",
      ours: ms(median(ours)),
      theirs: `wc -l ${ms(median(theirs))}`,
      ratio: ratio.toFixed(2),
      target: ">= 0.5",
      isMet: ratio >= 0.5,
    },
    line("opened again", again, 50),
    line("opened again, 100 rows of the last table", rows, 100),
    line("longest wait of the main thread", longestWaitMs, 50),
  ]);
} finally {
  rmSync(folder, { recursive: true });
}

function line(what: string, value: number, target: number): BenchLine {
  return {
    what,
    ours: ms(value),
    theirs: "",
    ratio: "",
    target: `<= ${target} ms`,
    isMet: value <= target,
  };
}

/** Opens it, and notes how long the main thread was kept from its other work. */
async function watched(path: string): Promise<void> {
  const loop = monitorEventLoopDelay({ resolution: 5 });
  loop.enable();
  // What other runs blocked before counts until the first tick.
  await new Promise((resolve) => setTimeout(resolve, 20));
  loop.reset();
  await open(path);
  loop.disable();
  longestWaitMs = Math.max(longestWaitMs, loop.max / 1e6);
}

async function open(path: string, home?: ReturnType<typeof locateHome>, limit = 0): Promise<void> {
  const archive = await openArchive(path, { home });
  try {
    const last = [...archive.toc].findLast((entry) => entry.desc === "TABLE DATA");
    if (archive.damage !== null || last === undefined) throw new Error("the script was not read whole");
    for await (const rows of archive.readRows(last.dumpId, { limit })) if (rows.length > limit) return;
  } finally {
    await archive.close();
  }
}

/** As pg_dump writes it: rows of numbers, texts, times and NULLs. */
function writeScript(path: string): void {
  const file = openSync(path, "w");
  const lines: string[] = [];
  for (let id = 0; id < 20_000; id++)
    lines.push(
      `${id}\tcustomer-${id * 7919}@example.org\t2026-11-22 21:03:${id % 60}+00\t${id % 3 === 0 ? "\\N" : id * 1.25}\tsome words of a note\n`,
    );
  const rows = lines.join("");
  writeSync(
    file,
    "--\n-- PostgreSQL database dump\n--\n\n-- Dumped by pg_dump version 18.6\n\nSET client_encoding = 'UTF8';\n\n",
  );
  for (let table = 0; table < tables; table++) {
    const name = `Name: t${table}; Type: TABLE`;
    writeSync(
      file,
      `--\n-- ${name}; Schema: public; Owner: joe\n--\n\nCREATE TABLE public.t${table} (\n    id integer\n);\n\n\n`,
    );
    writeSync(file, `--\n-- Data for ${name} DATA; Schema: public; Owner: joe\n--\n\n`);
    writeSync(file, `COPY public.t${table} (id, mail, at, amount, note) FROM stdin;\n`);
    for (let bytes = 0; bytes < totalBytes / tables; bytes += rows.length) writeSync(file, rows);
    writeSync(file, "\\.\n\n\n");
  }
  writeSync(file, "--\n-- PostgreSQL database dump complete\n--\n\n");
  closeSync(file);
}
