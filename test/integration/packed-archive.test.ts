import { execFileSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runCli } from "../helpers/run-cli.ts";
import {
  availableMajors,
  clientFolder,
  clientsRemedy,
  clientTool,
  requirement,
  serversRemedy,
  startServer,
  type TestServer,
} from "../helpers/servers.ts";

/**
 * pg_dump's data is compressed by us, in pieces of half a megabyte: stock programs must make the same of it as of what pg_dump
 * compresses itself. Tables of many lengths, so that what is left in a last piece is of many lengths too; values that
 * compress well, badly and not at all; large objects of no bytes and of many; one row that is longer than many pieces.
 */
const SEED = `
  create function noise(seed int, bytes int) returns text language sql as
    $$ select left(string_agg(md5(seed::text || '.' || n), ''), bytes) from generate_series(1, bytes / 32 + 1) n $$;
  do $do$ begin
    for t in 1..36 loop
      execute format('create table t%s (id int, kind text, at timestamptz, note text)', t);
      execute format($f$
        insert into t%s select n, (array['new', 'paid', 'sent'])[1 + n %% 3], '2021-01-01Z'::timestamptz + n * interval '%s s',
          case n %% %s when 0 then null when 1 then e'tab\\tline\\nback\\\\slash' when 2 then md5(n::text) else 'note ' || n end
        from generate_series(1, %s) n$f$, t, t, 3 + t % 5, (t * t * 397) % 60000);
    end loop;
  end $do$;
  create table noise (id int, bytes bytea);
  insert into noise select n, decode(noise(n, 40000), 'hex') from generate_series(1, 90) n;
  create table wide (id int, note text);
  insert into wide values (1, noise(1, 3000000)), (2, ''), (3, null);
  create table nothing (id int);
  create table last (id int);
  insert into last select n from generate_series(1, 1000) n;
  select lo_from_bytea(4001, ''), lo_from_bytea(4002, 'x'), lo_from_bytea(4003, decode(noise(7, 4000000), 'hex'));
`;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "lifeboat-packed-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function backUp(server: TestServer, ...args: string[]): Promise<string> {
  const to = await mkdtemp(join(folder, "to-"));
  const { code, stdout, stderr } = await runCli(
    ["backup", "--url", server.url("shop"), "--to", to, "--json", ...args],
    { env: { LIFEBOAT_HOME: join(folder, "home"), LIFEBOAT_TOOLS: clientFolder(server.major) ?? "" } },
  );
  expect(code, `${stdout}${stderr}`).toBe(0);
  const { path, tool } = JSON.parse(stdout);
  expect(tool).toMatch(new RegExp(`^pg_dump ${server.major}\\.`));
  return path;
}

/** A pg_dump 18 that was built without zstd, as some are: the real one, but for what it says of zstd. */
async function withoutZstd(): Promise<string> {
  const tools = await mkdtemp(join(folder, "tools-"));
  for (const program of ["pg_dump", "pg_restore"]) {
    const script = `#!/bin/sh
case "$*" in *--compress=zstd*)
  echo "pg_dump: error: invalid compression specification: this build does not support compression with ZSTD" >&2; exit 1;;
esac
exec '${clientTool(18, program)}' "$@"
`;
    await writeFile(join(tools, program), script, { mode: 0o755 });
  }
  return tools;
}

const mostBytes = { maxBuffer: 2 ** 30 };
/** What two runs may say differently: a random word, and versions. */
const comparable = (sql: Buffer): string =>
  sql.toString("latin1").replaceAll(/^(\\(un)?restrict .*|-- Dumped .*|-- Started .*|-- Completed .*)$/gm, "");

/** Not the whole texts, which are too long to be shown. */
function firstDifference(ours = "", theirs = ""): object | null {
  if (ours === theirs) return null;
  let at = 0;
  while (ours[at] === theirs[at]) at++;
  const around = (text: string): string => text.slice(Math.max(0, at - 60), at + 60);
  return { at, bytes: [ours.length, theirs.length], ours: around(ours), theirs: around(theirs) };
}

function run(client: number, program: string, args: readonly string[]): Buffer {
  return execFileSync(clientTool(client, program) ?? program, args, {
    ...mostBytes,
    stdio: ["ignore", "pipe", "ignore"],
  });
}

const cases = [
  { major: 15, compress: "gzip:6", readers: [15, 17, 18] },
  { major: 15, compress: "none", readers: [15] },
  { major: 17, compress: "zstd:3", readers: [17, 18] },
  { major: 17, compress: "gzip:1", readers: [17] },
  { major: 18, compress: "zstd:1", readers: [18] },
  { major: 18, compress: "zstd:9", readers: [17, 18] },
  { major: 18, compress: "zstd:16", readers: [17, 18] },
  { major: 18, compress: "gzip:9", readers: [18] },
  { major: 18, compress: "none", readers: [18] },
  { major: 18, compress: "lz4", readers: [18] },
] as const;

describe.each([15, 17, 18])("PostgreSQL %i", (major) => {
  const need = [
    requirement(`PostgreSQL ${major}'s client`, clientFolder(major) !== null, clientsRemedy),
    requirement(`a PostgreSQL ${major} server`, availableMajors().includes(major), serversRemedy),
  ].find((one) => one !== "run");
  let server: TestServer;
  beforeAll(async () => {
    if (need !== undefined) return;
    server = await startServer(major);
    await server.run("create database shop");
    await server.run(SEED, "shop");
  }, 120_000);
  afterAll(() => server?.stop());

  test.skipIf(need !== undefined).each(cases.filter((one) => one.major === major))(
    `$compress is to pg_restore what pg_dump's own archive is ${need ?? ""}`,
    async ({ compress, readers }) => {
      const path = await backUp(server, "--compress", compress);
      const stock = join(folder, "stock.dump");
      run(major, "pg_dump", ["--format=custom", "--compress=1", `--file=${stock}`, `--dbname=${server.url("shop")}`]);
      for (const reader of readers) {
        const [ours, theirs] = [path, stock].map((archive) =>
          comparable(run(reader, "pg_restore", ["--file=-", archive])),
        );
        expect(firstDifference(ours, theirs), `as pg_restore ${reader} reads it`).toBeNull();
        const last = comparable(run(reader, "pg_restore", ["--data-only", "--table=last", "--file=-", path]));
        expect(last).toContain("\n1000\n\\.\n");
      }
    },
    120_000,
  );

  const programs = { "gzip:6": "gzip", "zstd:3": "zstd" } as const;
  test.skipIf(need !== undefined).each(major < 16 ? (["gzip:6"] as const) : (["gzip:6", "zstd:3"] as const))(
    `plain SQL with %s opens with the program of that name ${need ?? ""}`,
    async (compress) => {
      const path = await backUp(server, "--format", "plain", "--compress", compress);
      const ours = execFileSync(programs[compress], ["-dc", path], mostBytes);
      const theirs = run(major, "pg_dump", ["--format=plain", "--verbose", `--dbname=${server.url("shop")}`]);
      expect(firstDifference(comparable(ours), comparable(theirs))).toBeNull();
    },
    120_000,
  );
});

describe("a pg_dump that was built without zstd", () => {
  const need = [
    requirement("PostgreSQL 18's client", clientFolder(18) !== null, clientsRemedy),
    requirement("a PostgreSQL 18 server", availableMajors().includes(18), serversRemedy),
  ].find((one) => one !== "run");

  test.skipIf(need !== undefined)(`makes an archive that its pg_restore reads ${need ?? ""}`, async () => {
    const server = await startServer(18);
    try {
      const tools = await withoutZstd();
      const to = await mkdtemp(join(folder, "to-"));
      const backUpWith = (...args: string[]) =>
        runCli(["backup", "--url", server.url("postgres"), "--to", to, "--json", ...args], {
          env: { LIFEBOAT_HOME: join(folder, "other-home"), LIFEBOAT_TOOLS: tools, PATH: "/usr/bin:/bin" },
        });
      const usual = await backUpWith();
      expect(usual.code, usual.stdout).toBe(0);
      const list = run(18, "pg_restore", ["--list", JSON.parse(usual.stdout).path]).toString();
      expect(list).toMatch(/Compression: gzip$/m);
      const asked = await backUpWith("--compress", "zstd:3");
      expect(asked.code).toBe(1);
      expect(JSON.parse(asked.stdout).error).toMatchObject({
        code: "tool.tooOld",
        message: expect.stringContaining("without zstd"),
      });
    } finally {
      await server.stop();
    }
  });
});
