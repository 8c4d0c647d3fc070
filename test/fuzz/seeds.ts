import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { encryptBytes } from "../../electron/encryption/bytes.ts";
import { clientTool } from "../helpers/clients.ts";
import { databasusBackupId, encryptAsDatabasus } from "../helpers/databasus-writer.ts";
import { compressLz4 } from "../helpers/lz4-writer.ts";
import { createDatabase, seedTypesAndObjects } from "../helpers/seed.ts";
import { availableMajors, startServer, type TestServer } from "../helpers/servers.ts";
import { buildArchive, copyEnd, type SyntheticEntry } from "../helpers/synthetic-archive.ts";
import { dumpThroughPipe } from "../helpers/table-picture.ts";

/** Small, so that many cases go through it in a second, with one of each thing whose bytes differ. */
const smallDatabase = `
  create schema app;
  create table app.customers (id integer primary key, name text not null, note text default 'none');
  create table app.orders (id serial primary key, customer integer references app.customers, total numeric);
  create view app.totals as select customer, sum(total) from app.orders group by 1;
  create function app.twice(a integer) returns integer language sql as 'select $1 * 2';
  create materialized view app.names as select name from app.customers;
  create index on app.orders (customer);
  comment on table app.customers is 'who buys; -- and
what';
  insert into app.customers select n, 'name ' || n, case when n % 3 = 0 then null else e'a\\tb\\\\c' end from generate_series(1, 40) n;
  insert into app.orders (customer, total) select 1 + n % 40, n * 1.5 from generate_series(1, 60) n;
  select lo_from_bytea(4711, 'hello'), lo_from_bytea(4712, ''), lo_from_bytea(4000000000, decode(repeat('0a5c', 3000), 'hex'));
`;

const compressed = ["gzip:1", "none", "lz4", "zstd:1"];
const dumps = [
  ["15", "custom", "--format=custom"],
  ["15", "custom", "--format=custom --compress=0"],
  ["15", "folder", "--format=directory"],
  ["15", "tar", "--format=tar"],
  ["15", "plain", "--format=plain"],
  ...["17", "18"].flatMap((client) => [
    ...compressed.map((method) => [client, "custom", `--format=custom --compress=${method}`]),
    ...compressed.map((method) => [client, "folder", `--format=directory --compress=${method}`]),
    [client, "tar", "--format=tar"],
    [client, "plain", "--format=plain"],
    [client, "plain", "--format=plain --rows-per-insert=7 --clean --create --if-exists"],
    [client, "plain", "--format=plain --inserts"],
    [client, "custom", "--format=custom --column-inserts --on-conflict-do-nothing"],
  ]),
] as const;

/**
 * Writes archives to begin with into a folder, each a folder of its own as loadSeeds takes them: real ones of every client
 * that is here, and ones made by hand for the versions that none of them writes.
 * @param recipient whom some of them are encrypted for
 * @param databasusKey what others are encrypted with, as Databasus does it
 */
export async function makeSeeds(folder: string, recipient: string, databasusKey: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const to = { recipients: [recipient] };
  const put = (seed: string, name: string, bytes: Uint8Array): void => {
    mkdirSync(join(folder, seed), { recursive: true });
    writeFileSync(join(folder, seed, name), bytes);
  };
  for (const version of [12, 13, 14, 15, 16])
    for (const hasOffsets of [true, false])
      put(`custom-made-1.${version}-${hasOffsets ? "file" : "pipe"}`, "a.dump", madeArchive(version, hasOffsets));
  const [major] = availableMajors();
  if (major === undefined) return;
  const server = await startServer(major);
  try {
    await createDatabase(server, "small");
    await server.run(smallDatabase, "small");
    for (const client of [15, 17, 18]) dumpAll(server, folder, client);
    await seedTypesAndObjects(server);
    for (const [client, kind, options] of dumps)
      if (clientTool(Number(client), "pg_dump") !== null) dump(server, folder, client, kind, options);
    dumpThroughPipe(server, "small", join(made(folder, "custom-piped"), "small_20261121T020000Z.dump"));
    dumpThroughPipe(server, "objects", join(made(folder, "custom-piped-objects"), "a.dump"), [], 15);
  } finally {
    await server.stop();
  }
  for (const seed of readdirSync(folder)) {
    const source = sourceOf(folder, seed);
    if (source === null) continue;
    const bytes = readFileSync(source);
    if (/^(custom|plain|tar)-15-small/.test(seed)) {
      put(`wrapped-gzip-${seed}`, "a.gz", gzipSync(bytes));
      put(`wrapped-zstd-${seed}`, "a.zst", zstdCompressSync(bytes));
      put(`wrapped-zstd-frames-${seed}`, "a.zst", twoFrames(bytes));
      put(`wrapped-lz4-${seed}`, "a.lz4", compressLz4(bytes));
      put(`encrypted-${seed}`, "a.age", await encryptBytes(bytes, to));
      for (const program of ["bzip2", "xz"]) {
        const packed = packedBy(program, bytes);
        if (packed !== null) put(`wrapped-${program}-${seed}`, "a", packed);
      }
      put(`databasus-${seed}`, `a-20260218-${databasusBackupId}`, encryptAsDatabasus(bytes, databasusKey));
    }
  }
}

function dump(server: TestServer, folder: string, client: string, kind: string, options: string): void {
  // The large one is there for its kinds of objects, which are the same in every compression.
  const databases = /compress|insert/.test(options) ? ["small"] : ["small", "objects"];
  for (const database of databases) {
    const seed = `${kind}-${client}-${database}-${
      options
        .replaceAll(/--(format=\w+)?|=|:\d/g, "")
        .trim()
        .replaceAll(" ", "-") || "usual"
    }`;
    const path = join(made(folder, seed), "a");
    execFileSync(
      clientTool(Number(client), "pg_dump") ?? "",
      [...options.split(" "), `--file=${path}`, `--dbname=${server.url(database)}`],
      {
        stdio: ["ignore", "ignore", "inherit"],
      },
    );
  }
}

/** A script of the whole server. */
function dumpAll(server: TestServer, folder: string, client: number): void {
  const program = clientTool(client, "pg_dumpall");
  if (program === null) return;
  for (const options of [[], ["--clean", "--if-exists", "--inserts"]]) {
    const path = join(made(folder, `cluster-${client}-small-${options.length === 0 ? "usual" : "clean-inserts"}`), "a");
    execFileSync(program, [...options, `--file=${path}`, `--dbname=${server.url("postgres")}`], {
      stdio: ["ignore", "ignore", "inherit"],
    });
  }
}

/** Null where the program is not here. */
function packedBy(program: string, input: Uint8Array): Buffer | null {
  try {
    return execFileSync(program, ["--compress", "--stdout"], { input, maxBuffer: 1 << 26 });
  } catch {
    return null;
  }
}

function made(folder: string, seed: string): string {
  rmSync(join(folder, seed), { recursive: true, force: true });
  mkdirSync(join(folder, seed), { recursive: true });
  return join(folder, seed);
}

function sourceOf(folder: string, seed: string): string | null {
  const [name] = readdirSync(join(folder, seed));
  return name === undefined || seed.startsWith("folder-") ? null : join(folder, seed, name);
}

/** As pzstd and our own backups have them. */
function twoFrames(bytes: Uint8Array): Buffer {
  const half = bytes.length >> 1;
  return Buffer.concat([bytes.subarray(0, half), bytes.subarray(half)].map((part) => zstdCompressSync(part)));
}

function madeArchive(version: number, hasOffsets: boolean): Buffer {
  const rows = Array.from({ length: 50 }, (_, at) => `${at}\tname ${at}\t\\N\n`).join("");
  const table = (dumpId: number): SyntheticEntry => ({
    dumpId,
    desc: "TABLE DATA",
    tag: `t${dumpId}`,
    namespace: "public",
    copyStatement: `COPY public.t${dumpId} (a, "b c", d) FROM stdin;\n`,
    data: rows + copyEnd,
    dependencies: [dumpId - 10],
  });
  return buildArchive({
    version,
    hasOffsets,
    ...(version === 16 ? { compression: "zstd", compress: twoFrames } : { compression: "gzip" }),
    chunkBytes: 100,
    entries: [
      { dumpId: 1, desc: "ENCODING", definition: "SET client_encoding = 'UTF8';\n" },
      definition(10),
      definition(11),
      {
        dumpId: 30,
        desc: "CONSTRAINT",
        tag: "t20 t20_pkey",
        namespace: "public",
        definition: "ALTER …",
        dependencies: [10],
      },
      table(20),
      table(21),
      {
        dumpId: 22,
        desc: "BLOBS",
        tag: "BLOBS",
        data: [
          { oid: 5, bytes: Buffer.from("five") },
          { oid: 4_000_000_000, bytes: Buffer.alloc(400, 7) },
        ],
      },
    ],
  });
}

function definition(dumpId: number): SyntheticEntry {
  return {
    dumpId,
    desc: "TABLE",
    tag: `t${dumpId + 10}`,
    namespace: "public",
    definition: `CREATE TABLE public.t${dumpId + 10} (a integer, "b c" text, d text);\n`,
  };
}
