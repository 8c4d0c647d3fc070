import { copyFileSync, mkdtempSync, openSync, rmSync, statSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openFileSource } from "../../electron/archives/byte-source.ts";
import { findTableData } from "../../electron/archives/find-object.ts";
import { openArchive } from "../../electron/archives/open-archive.ts";
import { readHead } from "../../electron/archives/read-head.ts";
import { OFFSET_NOT_SET } from "../../shared/archive/encoding.ts";
import { clientTool } from "../helpers/clients.ts";
import { createDatabase } from "../helpers/seed.ts";
import { startServer, type TestServer } from "../helpers/servers.ts";
import { type BenchLine, median, ms, printBench, shell, timeRuns } from "./measure.ts";

/**
 * The first 100 rows of each table of a 1 GB archive, against `pg_restore -a -t … -f - | head`, with data offsets and
 * without (as pg_dump writes to a pipe).
 *
 *     node test/bench/archive-rows.ts [ARCHIVE]
 */

const tables = ["a_media", "b_log", "m_small", "z_tail"];

const folder = mkdtempSync(join(tmpdir(), "lifeboat-bench-"));
try {
  const path = process.argv[2] ?? (await makeArchive(join(folder, "big.dump")));
  const piped = join(folder, "piped.dump");
  await copyWithoutOffsets(path, piped);
  const size = `${(statSync(path).size / 1e9).toFixed(2)} GB`;
  const lines: BenchLine[] = [];
  for (const table of tables) {
    // oxlint-disable-next-line no-await-in-loop -- runs beside each other would disturb each other
    lines.push(await compare(path, table, "with offsets", 1));
    // The first block needs no search, by anyone.
    const target = table === tables[0] ? 1 : 1 / 20;
    // oxlint-disable-next-line no-await-in-loop -- the same
    lines.push(await compare(piped, table, "without offsets", target));
  }
  printBench(`first 100 rows of ${size}`, lines);
} finally {
  rmSync(folder, { recursive: true });
}

async function compare(path: string, table: string, how: string, target: number): Promise<BenchLine> {
  const ours = median(await timeRuns(11, 4, () => firstRows(path, table)));
  const command = `${clientTool(15, "pg_restore")} -a -t ${table} -f - ${path} | head -n 140 >/dev/null`;
  const theirs = median(await timeRuns(5, 1, () => shell(command)));
  const ratio = ours / theirs;
  return {
    what: `${table} ${how}`,
    ours: ms(ours),
    theirs: `pg_restore | head ${ms(theirs)}`,
    ratio: ratio.toFixed(3),
    target: `<= ${target}`,
    isMet: ratio <= target,
  };
}

async function firstRows(path: string, table: string): Promise<void> {
  const archive = await openArchive(path);
  const { dumpId } = findTableData(archive.toc, table);
  let rows = 0;
  for await (const batch of archive.readRows(dumpId, { limit: 100 })) rows += batch.length;
  if (rows !== 100) throw new Error(`${rows} rows of ${table}`);
  await archive.close();
}

/** A gigabyte that does not compress, a table of many small rows, and small tables between and behind. */
async function makeArchive(path: string): Promise<string> {
  const server = await startServer(15);
  try {
    await createDatabase(server, "big");
    await fill(server);
    shell(`${clientTool(15, "pg_dump")} -Fc --compress=1 --file=${path} --dbname=${server.url("big")}`);
  } finally {
    await server.stop();
  }
  return path;
}

async function fill(server: TestServer): Promise<void> {
  await server.run(
    `set local synchronous_commit = off;
    create extension pgcrypto;
    create table a_media (id int, content bytea); alter table a_media alter column content set storage external;
    insert into a_media select g, (select string_agg(gen_random_bytes(1024), '') from generate_series(1, 32) where g > 0) from generate_series(1, 27000) g;
    create table b_log (id int, at timestamptz, text text);
    insert into b_log select g, now() + g * interval '1 s', md5(g::text) || md5((g + 1)::text) from generate_series(1, 2500000) g;
    create table m_small (id int, name text); insert into m_small select g, md5(g::text) from generate_series(1, 1000) g;
    create table z_tail (id int, name text); insert into z_tail select g, md5(g::text) from generate_series(1, 100000) g`,
    "big",
  );
}

/** What pg_dump would have written to a pipe: every offset of state 1, with zeros behind it. */
async function copyWithoutOffsets(from: string, to: string): Promise<void> {
  copyFileSync(from, to);
  const source = await openFileSource(from);
  const { toc, offsetFieldAt, header } = await readHead(source);
  await source.close();
  const file = openSync(to, "r+");
  const field = Buffer.alloc(1 + header.offsetSize);
  field[0] = OFFSET_NOT_SET;
  for (const { hasData, dumpId } of toc) if (hasData) writeSync(file, field, 0, field.length, offsetFieldAt(dumpId));
}
