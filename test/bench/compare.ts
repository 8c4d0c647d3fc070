import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findTableData } from "../../electron/archives/find-object.ts";
import { openArchive } from "../../electron/archives/open-archive.ts";
import { compareTable } from "../../electron/compare/compare-table.ts";
import type { CompareRequest, RowDifference } from "../../electron/compare/comparison.ts";
import { clientTool } from "../helpers/clients.ts";
import { startServer, type TestServer } from "../helpers/servers.ts";
import { type BenchLine, median, ms, printBench, shell } from "./measure.ts";

/**
 * A million rows, of which the live table lost 1,000, changed 500 and got 200: found exactly, against the time of
 * COPY-ing the archive's rows into an empty table (`pg_restore | psql`). In turns, in one run.
 *
 *     node test/bench/compare.ts
 */

const folder = mkdtempSync(join(tmpdir(), "lifeboat-bench-"));
const path = join(folder, "rows.dump");
const server = await startServer(15);
try {
  await fill(server);
  shell(`${clientTool(15, "pg_dump")} -Fc --file=${path} --dbname=${server.url()}`);
  await change(server);
  const copies: number[] = [];
  const here: number[] = [];
  const inServer: number[] = [];
  /* oxlint-disable no-await-in-loop -- in turns, since runs beside each other would disturb each other */
  for (let turn = -1; turn < 5; turn++) {
    const times = [await time(copyIn), await time(() => compare("here")), await time(() => compare("server"))];
    if (turn < 0) continue;
    [copies, here, inServer].forEach((list, at) => list.push(times[at] ?? 0));
  }
  /* oxlint-enable no-await-in-loop */
  const memory = `${Math.round(process.resourceUsage().maxRSS / 1024)} MB at most`;
  const lines = [
    describe(`side by side (${memory})`, median(here), median(copies), 1.5),
    describe("in a temporary table", median(inServer), median(copies), null),
  ];
  printBench("compare 1,000,000 rows", lines);
} finally {
  await server.stop();
  rmSync(folder, { recursive: true });
}

function describe(what: string, ours: number, theirs: number, target: number | null): BenchLine {
  const ratio = ours / theirs;
  return {
    what,
    ours: ms(ours),
    theirs: `COPY in ${ms(theirs)}`,
    ratio: ratio.toFixed(2),
    target: target === null ? "" : `<= ${target}`,
    isMet: target === null || ratio <= target,
  };
}

async function time(work: () => unknown): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

async function copyIn(): Promise<void> {
  await server.run("drop table if exists copied; create table copied (like orders)");
  const restore = `${clientTool(15, "pg_restore")} -a -t orders -f - ${path}`;
  shell(
    `${restore} | sed 's/^COPY public.orders /COPY public.copied /' | ${clientTool(15, "psql")} -qX ${server.url()}`,
  );
  const rows = await server.value("select count(*) from copied");
  if (rows !== "1000000") throw new Error(`${rows} rows copied`);
}

async function compare(way: "here" | "server"): Promise<void> {
  const archive = await openArchive(path);
  findTableData(archive.toc, "orders");
  const found: RowDifference[] = [];
  const request: CompareRequest = { table: "orders", liveTable: null, key: null, renames: new Map(), way };
  const connection = { target: server.target(), password: null, passwordFrom: "none", warnings: [] };
  const { counts } = await compareTable(
    archive,
    connection,
    request,
    { take: async (rows) => void found.push(...rows), restart: async () => void found.splice(0) },
    { signal: new AbortController().signal },
  );
  await archive.close();
  const seen = JSON.stringify(counts);
  if (seen !== JSON.stringify({ missing: 1000, changed: 500, added: 200, same: 998_500 })) throw new Error(seen);
  if (found.length !== 1700) throw new Error(`${found.length} differences`);
}

/** Some 200 bytes a row. */
function fill(on: TestServer): Promise<unknown> {
  return on.run(
    `create table orders (id integer primary key, placed_at timestamptz, customer text, note text, total numeric(12,2));
     insert into orders select g, timestamptz '2021-01-01' + g * interval '1 min', 'Customer ' || md5(g::text),
       md5((g + 1)::text) || md5((g + 2)::text) || ' ' || md5((g + 3)::text), g * 1.37
     from generate_series(1, 1000000) g`,
  );
}

function change(on: TestServer): Promise<unknown> {
  return on.run(
    `delete from orders where id % 1000 = 500;
     update orders set total = total + 1 where id % 2000 = 7;
     insert into orders select 2000000 + g, now(), 'new', null, g from generate_series(1, 200) g`,
  );
}
