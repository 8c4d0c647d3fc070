import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { performance } from "node:perf_hooks";
import { clientFolder } from "../helpers/clients.ts";
import { bigDatabase } from "../helpers/seed.ts";
import { startServer } from "../helpers/servers.ts";
import { type BenchLine, median, ms, printBench } from "./measure.ts";

/**
 * `lifeboat backup` as a whole process (connect, preflight, pg_dump, hash, index, row counts, read-back, fsync, manifest)
 * against pg_dump alone to a file with the same options, in turns.
 *
 *     npm run build && node test/bench/backup.ts [MB_OF_DATABASE]
 */

const sizeMb = Number(process.argv[2] ?? 1000);
const rounds = 3;
const cli = resolve(import.meta.dirname, "../../dist/cli.js");
const cases = [
  { client: 15, compress: "gzip:6", dumpArgs: ["--compress=6"], target: 1.05 },
  { client: 18, compress: "zstd:3", dumpArgs: ["--compress=zstd:3"], target: 1.1 },
];

const folder = mkdtempSync(join(tmpdir(), "lifeboat-bench-"));
const server = await startServer(15);
try {
  const database = await bigDatabase(server, sizeMb);
  await server.run("analyze", database);
  const lines: BenchLine[] = [];
  for (const { client, compress, dumpArgs, target } of cases) {
    const tools = clientFolder(client);
    if (tools === null) {
      process.stdout.write(`${compress}: skipped, PostgreSQL ${client}'s client is not here\n`);
      continue;
    }
    const ours: number[] = [];
    const theirs: number[] = [];
    let peakMb = 0;
    for (let round = 0; round < rounds; round++) {
      theirs.push(dumpAlone(join(tools, "pg_dump"), server.url(database), dumpArgs));
      // oxlint-disable-next-line no-await-in-loop -- in turns, so that both meet the same weather
      const run = await backUp(server.url(database), compress, tools);
      ours.push(run.elapsedMs);
      peakMb = Math.max(peakMb, run.peakMb);
    }
    const ratio = median(ours) / median(theirs);
    lines.push({
      what: `backup of ${sizeMb} MB, ${compress}`,
      ours: ms(median(ours)),
      theirs: `pg_dump ${client} ${ms(median(theirs))}`,
      ratio: ratio.toFixed(3),
      target: `<= ${target}`,
      isMet: ratio <= target,
    });
    lines.push({
      what: "  peak resident memory",
      ours: `${peakMb.toFixed(0)} MB`,
      theirs: "",
      ratio: "",
      target: "< 300 MB",
      isMet: peakMb < 300,
    });
  }
  printBench("backup", lines);
} finally {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
}

function dumpAlone(pgDump: string, url: string, args: readonly string[]): number {
  const path = join(folder, "alone.dump");
  rmSync(path, { force: true });
  const startedAt = performance.now();
  const { status } = spawnSync(pgDump, ["--format=custom", ...args, `--file=${path}`, `--dbname=${url}`]);
  if (status !== 0) throw new Error(`pg_dump ended with ${status}`);
  return performance.now() - startedAt;
}

async function backUp(url: string, compress: string, tools: string): Promise<{ elapsedMs: number; peakMb: number }> {
  const location = mkdtempSync(join(folder, "to-"));
  const startedAt = performance.now();
  const child = spawn(
    process.execPath,
    [cli, "backup", "--url", url, "--to", location, "--compress", compress, "--json"],
    {
      env: { PATH: "/usr/bin:/bin", LIFEBOAT_HOME: join(folder, "home"), LIFEBOAT_TOOLS: tools },
      stdio: ["ignore", "ignore", "inherit"],
    },
  );
  let peakMb = 0;
  const sampler = setInterval(() => {
    peakMb = Math.max(peakMb, peakMemoryMb(child.pid));
  }, 50);
  const code = await new Promise<number | null>((settle) => child.on("close", settle));
  clearInterval(sampler);
  const elapsedMs = performance.now() - startedAt;
  rmSync(location, { recursive: true });
  if (code !== 0) throw new Error(`lifeboat backup ended with ${code}`);
  return { elapsedMs, peakMb };
}

function peakMemoryMb(pid: number | undefined): number {
  try {
    const kilobytes = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
    return Number(kilobytes ?? 0) / 1024;
  } catch {
    return 0;
  }
}
