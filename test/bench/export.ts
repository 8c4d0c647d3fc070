import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { clientTool } from "../helpers/clients.ts";
import { createDatabase } from "../helpers/seed.ts";
import { startServer } from "../helpers/servers.ts";
import { type BenchLine, median, ms, printBench, shell, timeRuns } from "./measure.ts";

/**
 * A table exported to a file, against `pg_restore -a -t … -f -` of the same table into a file: time, and our peak memory, which
 * is that of a table of a tenth the size, and so many megabytes above what the export of one row takes.
 *
 *     npm run build && node test/bench/export.ts [ROWS] [FORMAT…]     (10,000,000 rows, csv)
 */
const rows = Number(process.argv[2] ?? 10_000_000);
const formats = process.argv.length > 3 ? process.argv.slice(3) : ["csv"];
const folder = mkdtempSync(join(tmpdir(), "lifeboat-bench-"));
const cli = resolve(import.meta.dirname, "../../dist/cli.js");
const output = join(folder, "out");

try {
  const path = join(folder, "events.dump");
  await makeArchive(path);
  const restore = `${clientTool(15, "pg_restore")} -a -t events -f - ${path} > ${output}.sql`;
  const theirs = median(await timeRuns(3, 1, () => shell(restore)));
  const lines: BenchLine[] = [];
  for (const format of formats) {
    // oxlint-disable-next-line no-await-in-loop -- runs beside each other would disturb each other
    const ours = median(await timeRuns(3, 1, () => exportTable(path, "events", format)));
    const peak = exportTable(path, "events", format);
    const small = exportTable(path, "few", format);
    const idle = exportTable(path, "one", format);
    const ratio = ours / theirs;
    lines.push({
      what: `${rows.toLocaleString("en")} rows to ${format}`,
      ours: `${ms(ours)}, ${peak} MB`,
      theirs: `pg_restore ${ms(theirs)}`,
      ratio: ratio.toFixed(2),
      target: format === "csv" ? "<= 1" : "<= 2",
      isMet: ratio <= (format === "csv" ? 1 : 2),
    });
    lines.push({
      what: "peak memory, against a tenth of the rows",
      ours: `${peak} MB`,
      theirs: `${small} MB`,
      ratio: (peak / small).toFixed(2),
      target: "<= 1.25",
      isMet: peak <= small * 1.25,
    });
    lines.push({
      what: "peak memory, above that of one row",
      ours: `${peak} MB`,
      theirs: `${idle} MB`,
      ratio: `${peak - idle} MB`,
      target: "<= 250 MB",
      isMet: peak - idle <= 250,
    });
  }
  printBench(`export out of ${(statSync(path).size / 1e6).toFixed(0)} MB`, lines);
} finally {
  rmSync(folder, { recursive: true });
}

/** Megabytes that the process had at its peak. */
function exportTable(path: string, table: string, format: string): number {
  const command = `${process.execPath} ${cli} rows ${path} ${table} --output ${output}.${format} --overwrite --quiet`;
  const script = `LIFEBOAT_HOME=${folder}/home /usr/bin/python3 -c 'import resource,subprocess,sys; subprocess.run(sys.argv[1:],check=True,stdout=subprocess.DEVNULL); print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)' ${command}`;
  return Math.round(Number(shell(script)) / 1024);
}

async function makeArchive(path: string): Promise<void> {
  const server = await startServer(15);
  try {
    await createDatabase(server, "big");
    await server.run(
      `set local synchronous_commit = off;
      create table events (id bigint, order_id bigint, kind smallint, at timestamptz, payload text);
      insert into events select g, g / 7, g % 9, timestamptz '2026-01-01 00:00+00' + g * interval '1 s', 'event ' || md5(g::text) from generate_series(1, ${rows}) g;
      create table few as select * from events limit ${Math.ceil(rows / 10)};
      create table one as select * from events limit 1`,
      "big",
    );
    shell(`${clientTool(15, "pg_dump")} -Fc --file=${path} --dbname=${server.url("big")}`);
  } finally {
    await server.stop();
  }
}
