import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openArchive } from "../../electron/archives/open-archive.ts";
import { clientTool } from "../helpers/clients.ts";
import { seedTypesAndObjects } from "../helpers/seed.ts";
import { startServer, type TestServer } from "../helpers/servers.ts";
import { manyTablesArchive } from "./many-tables-archive.ts";
import { type BenchLine, median, ms, printBench, shell, timeRuns } from "./measure.ts";

/**
 * Opening an archive and walking its table of contents, against `pg_restore -l` as a process.
 *
 *     node test/bench/archive-reader.ts [ARCHIVE_OF_MANY_TABLES]
 */

const tables = 20_000;

if (process.argv[2] === "--memory") await reportMemory(process.argv[3] ?? "");
else await bench(process.argv[2]);

async function bench(given: string | undefined): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "lifeboat-bench-"));
  const server = await startServer(15);
  try {
    const many = given ?? (await manyTablesArchive(tables));
    const ordinary = join(folder, "ordinary.dump");
    dump(server, await seedTypesAndObjects(server), ordinary);
    const lines = [await compareWalk("20,000 tables", many, 0.5), await walkTime("an ordinary archive", ordinary, 5)];
    lines.push(memory(many), startUp(ordinary));
    printBench("table of contents", lines);
  } finally {
    await server.stop();
    rmSync(folder, { recursive: true });
  }
}

function dump(server: TestServer, database: string, path: string): void {
  shell(`${clientTool(15, "pg_dump")} -Fc --file=${path} --dbname=${server.url(database)}`);
}

async function walk(path: string): Promise<number> {
  const archive = await openArchive(path);
  let sum = 0;
  for (const { dumpId, desc, namespace, tag, owner } of archive.toc)
    sum += dumpId + desc.length + (namespace?.length ?? 0) + tag.length + (owner?.length ?? 0);
  await archive.close();
  return sum;
}

async function compareWalk(what: string, path: string, target: number): Promise<BenchLine> {
  const pgRestore = clientTool(15, "pg_restore") ?? "";
  const ours = median(await timeRuns(15, 10, () => walk(path)));
  const run = () => spawnSync(pgRestore, ["-l", path], { stdio: ["ignore", "ignore", "ignore"] });
  const theirs = median(await timeRuns(9, 2, run));
  const size = megabytes(statSync(path).size);
  return {
    what: `${what} (${size}), open and walk, warm`,
    ours: ms(ours),
    theirs: `pg_restore -l ${ms(theirs)}`,
    ratio: (ours / theirs).toFixed(2),
    target: `<= ${target}`,
    isMet: ours / theirs <= target,
  };
}

async function walkTime(what: string, path: string, target: number): Promise<BenchLine> {
  const ours = median(await timeRuns(15, 5, () => walk(path)));
  return { what, ours: ms(ours), theirs: "", ratio: "", target: `< ${target} ms`, isMet: ours < target };
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(0)} MB`;
}

/** In a process of its own, so that nothing else is in its memory. */
function memory(path: string): BenchLine {
  const done = spawnSync(process.execPath, [import.meta.filename, "--memory", path], { encoding: "utf8" });
  const [idle = 0, peak = 0] = done.stdout.split(" ").map(Number);
  const above = peak - idle;
  return {
    what: "20,000 tables, peak memory above idle",
    ours: megabytes(above),
    theirs: `idle ${megabytes(idle)}`,
    ratio: "",
    target: "< 150 MB",
    isMet: above < 150e6,
  };
}

async function reportMemory(path: string): Promise<void> {
  const idle = process.memoryUsage.rss();
  await walk(path);
  process.stdout.write(`${idle} ${process.resourceUsage().maxRSS * 1024}`);
}

/** The whole command on an ordinary archive; the built one where there is a build. */
function startUp(path: string): BenchLine {
  const root = join(import.meta.dirname, "../..");
  const times: number[] = [];
  for (let run = 0; run < 9; run++) {
    const start = performance.now();
    const done = spawnSync(process.execPath, [join(root, "dist/cli.js"), "contents", path, "--json"]);
    if (!done.stdout.toString().startsWith('{"archive"'))
      throw new Error(`dist/cli.js: ${done.stderr.toString()}\nBuild it first: npm run build`);
    times.push(performance.now() - start);
  }
  const ours = median(times.slice(2));
  return {
    what: "lifeboat contents, whole process, ordinary archive",
    ours: ms(ours),
    theirs: "",
    ratio: "",
    target: "< 150 ms",
    isMet: ours < 150,
  };
}
