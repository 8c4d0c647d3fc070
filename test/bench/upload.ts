import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { performance } from "node:perf_hooks";
import { createIdentity, recipientOf } from "../../electron/encryption/age-package.ts";
import { makeBucket } from "../helpers/bucket.ts";
import { clientFolder } from "../helpers/clients.ts";
import { startRgw } from "../helpers/rgw.ts";
import { bigDatabase } from "../helpers/seed.ts";
import { startServer } from "../helpers/servers.ts";
import { type BenchLine, median, ms, printBench, shell } from "./measure.ts";

/**
 * `lifeboat backup --recipient … --to s3://…` as a whole process (preflight, pg_dump, index, row counts, hashes, encryption,
 * multipart upload, manifest) against `pg_dump | age | put` with the same parts, to the same server, in turns. The database is
 * backed up at a quarter of its size too: memory has to be the same.
 *
 *     npm run build && node test/bench/upload.ts [MB_OF_DATABASE] [ROUNDS]
 */

const sizeMb = Number(process.argv[2] ?? 1000);
const rounds = Number(process.argv[3] ?? 3);
const cli = resolve(import.meta.dirname, "../../dist/cli.js");
const put = resolve(import.meta.dirname, "put-stdin.mjs");
const major = clientFolder(18) === null ? 15 : 18;
const tools = clientFolder(major);
const compress = major === 18 ? "zstd:3" : "gzip:6";
const dumpCompress = major === 18 ? "zstd:3" : "6";

const folder = mkdtempSync(join(tmpdir(), "lifeboat-bench-"));
const [server, rgw] = await Promise.all([startServer(15), startRgw()]);
try {
  if (tools === null) throw new Error("no client of PostgreSQL is here");
  await makeBucket(rgw, "bench");
  const recipient = await recipientOf(await createIdentity());
  const small = await bigDatabase(server, Math.max(1, Math.round(sizeMb / 4)));
  const large = await bigDatabase(server, sizeMb);
  const lines: BenchLine[] = [];
  const smallRun = await backUp(server.url(small), recipient, 0);
  for (const { name, recipients } of [
    { name: "dump, hash, upload", recipients: [] },
    { name: "dump, hash, encrypt, upload", recipients: [recipient] },
  ]) {
    const ours: number[] = [];
    const theirs: number[] = [];
    let peakMb = 0;
    for (let round = 0; round < rounds; round++) {
      theirs.push(pipeline(server.url(large), recipients[0] ?? null, round));
      // oxlint-disable-next-line no-await-in-loop -- in turns, so that both meet the same weather
      const run = await backUp(server.url(large), recipients[0] ?? null, round + 1);
      ours.push(run.elapsedMs);
      peakMb = Math.max(peakMb, run.peakMb);
    }
    const ratio = median(ours) / median(theirs);
    lines.push({
      what: `${name}: ${sizeMb} MB, ${compress}`,
      ours: ms(median(ours)),
      theirs: `pg_dump | ${recipients.length > 0 ? "age | " : ""}put ${ms(median(theirs))}`,
      ratio: ratio.toFixed(3),
      target: "<= 1.15",
      isMet: ratio <= 1.15,
    });
    lines.push({
      what: "  peak resident memory",
      ours: `${peakMb.toFixed(0)} MB`,
      theirs: `a quarter of it ${smallRun.peakMb.toFixed(0)} MB`,
      ratio: (peakMb / smallRun.peakMb).toFixed(2),
      target: "< 350 MB",
      isMet: peakMb < 350,
    });
  }
  printBench("upload", lines);
} finally {
  await server.stop();
  await rgw.stop();
  rmSync(folder, { recursive: true, force: true });
}

function pipeline(url: string, recipient: string | null, round: number): number {
  const dump = `${tools}/pg_dump --format=custom --compress=${dumpCompress} --dbname="$URL"`;
  const encrypt = recipient === null ? "" : `| age -r ${recipient}`;
  const startedAt = performance.now();
  shell(`set -o pipefail; ${dump} ${encrypt} | ${process.execPath} ${put} bench theirs-${round}`, {
    ...rgw.env,
    URL: url,
  });
  return performance.now() - startedAt;
}

async function backUp(
  url: string,
  recipient: string | null,
  round: number,
): Promise<{ elapsedMs: number; peakMb: number }> {
  const place = `s3://bench/ours-${round}-${recipient === null ? "plain" : "age"}-${performance.now().toFixed(0)}`;
  const options = ["--compress", compress, ...(recipient === null ? [] : ["--recipient", recipient]), "--json"];
  const startedAt = performance.now();
  const child = spawn(process.execPath, [cli, "backup", "--url", url, "--to", place, ...options], {
    env: { ...rgw.env, PATH: "/usr/bin:/bin", LIFEBOAT_HOME: join(folder, "home"), LIFEBOAT_TOOLS: tools ?? "" },
    stdio: ["ignore", "ignore", "inherit"],
  });
  let peakMb = 0;
  const sampler = setInterval(() => {
    peakMb = Math.max(peakMb, peakMemoryMb(child.pid));
  }, 50);
  const code = await new Promise<number | null>((settle) => child.on("close", settle));
  clearInterval(sampler);
  if (code !== 0) throw new Error(`lifeboat backup ended with ${code}`);
  return { elapsedMs: performance.now() - startedAt, peakMb };
}

function peakMemoryMb(pid: number | undefined): number {
  try {
    const kilobytes = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
    return Number(kilobytes ?? 0) / 1024;
  } catch {
    return 0;
  }
}
