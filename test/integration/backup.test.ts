import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Manifest, manifestSchema } from "../../shared/contract/manifest.ts";
import { runCli } from "../helpers/run-cli.ts";
import {
  clientFolder,
  clientsRemedy,
  clientTool,
  requirement,
  startServer,
  type TestServer,
} from "../helpers/servers.ts";

const SEED = `
  create table customers (id int primary key, name text not null);
  insert into customers select n, 'Customer ' || n from generate_series(1, 20000) n;
  create table orders (id int primary key, customer int references customers, note text);
  insert into orders select n, n % 20000 + 1, repeat(md5(n::text), 3) from generate_series(1, 60000) n;
  create table empty_one (id int);
  create table "Odd; name" ("a b" text);
  insert into "Odd; name" values (E'tab\\tand\\nline'), (null), (''), ('\\.');
  select lo_from_bytea(0, decode(repeat('abcd', 5000), 'hex'));
`;
const ROWS = { customers: 20_000, orders: 60_000, empty_one: 0, "Odd; name": 4 };

let server: TestServer;
let home: string;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "lifeboat-backup-"));
  server = await startServer(15);
  await server.run("create database shop");
  await server.run(SEED, "shop");
});
afterAll(async () => {
  await server?.stop();
  await rm(home, { recursive: true, force: true });
});

/** Runs lifeboat with clients of one major only (15 is Debian's). */
function lifeboat(args: readonly string[], clientMajor = 15) {
  const tools = clientFolder(clientMajor);
  return runCli(args, {
    env: { LIFEBOAT_HOME: home, ...(clientMajor === 15 || !tools ? {} : { LIFEBOAT_TOOLS: tools }) },
  });
}

async function backUp(
  ...args: string[]
): Promise<{ path: string; manifest: Manifest; result: Record<string, unknown> }> {
  const to = await mkdtemp(join(home, "to-"));
  const { code, stdout, stderr } = await lifeboat([
    "backup",
    "--url",
    server.url("shop"),
    "--to",
    to,
    "--json",
    ...args,
  ]);
  expect(stderr).toBe("");
  expect(code, stdout).toBe(0);
  const result = JSON.parse(stdout);
  const manifest = manifestSchema.parse(JSON.parse(await readFile(result.manifestPath, "utf8")));
  return { path: result.path, manifest, result };
}

const rowsOf = (manifest: Manifest) =>
  Object.fromEntries(manifest.data.filter((entry) => entry.rows !== null).map((entry) => [entry.tag, entry.rows]));

describe("a custom archive", () => {
  test("has offsets, and rows and hashes in its manifest", async () => {
    const { path, manifest, result } = await backUp("--compress", "gzip:6");
    expect(path).toMatch(/\/shop\/shop_\d{8}T\d{6}Z\.dump$/);
    expect(await readdir(dirname(path))).toEqual([basename(path), basename(path).replace(/\.dump$/, ".manifest.json")]);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(rowsOf(manifest)).toEqual(ROWS);
    expect(result).toMatchObject({ state: "succeeded", database: "shop", tables: 4, rows: 80_004 });

    const bytes = await readFile(path);
    const [file] = manifest.files;
    expect(file).toMatchObject({
      path: basename(path),
      sizeBytes: bytes.length,
      sha256: createHash("sha256").update(bytes).digest("hex"),
    });
    for (const entry of manifest.data) {
      const offset = entry.offset ?? Number.NaN;
      expect([1, 3]).toContain(bytes[offset]);
      expect(bytes.readUInt32LE(offset + 2)).toBe(entry.dumpId);
    }
    const list = execFileSync(clientTool(15, "pg_restore") ?? "", ["--list", path]).toString();
    expect(list).toMatch(/Compression: 6$/m);
  });

  test("is listed, and verified down to every row", async () => {
    const { path, manifest } = await backUp();
    const listed = await lifeboat(["backups", "--in", dirname(dirname(path)), "--json"]);
    expect(JSON.parse(listed.stdout)).toEqual([
      {
        path,
        archive: "present",
        standing: "unproved",
        checks: [],
        refusedChecks: [],
        lockedUntil: null,
        missingBefore: null,
        ...manifest,
      },
    ]);
    const verified = await lifeboat(["verify", manifest.id, "--level", "read", "--json"]);
    expect(JSON.parse(verified.stdout)).toMatchObject({
      state: "succeeded",
      checksum: "matches",
      rowCounts: "match",
      rows: 80_004,
      pgRestore: "readWhole",
    });
  });
});

describe("other formats", () => {
  test.each([
    ["directory", ["--format", "directory", "--jobs", "2"], /\.dir$/],
    ["tar", ["--format", "tar"], /\.tar$/],
    ["plain", ["--format", "plain", "--compress", "none"], /\.sql$/],
    ["plain, compressed", ["--format", "plain"], /\.sql\.gz$/],
  ])("%s: rows are counted, the manifest fits, verification passes", async (_name, args, extension) => {
    const { path, manifest } = await backUp(...args);
    expect(path).toMatch(extension);
    expect(rowsOf(manifest)).toEqual(ROWS);
    const verified = await lifeboat(["verify", path, "--json"]);
    expect(JSON.parse(verified.stdout)).toMatchObject({ state: "succeeded", rowCounts: "match" });
  });
});

test.skipIf(requirement("PostgreSQL 18's client", clientTool(18, "pg_dump") !== null, clientsRemedy) !== "run")(
  "zstd and lz4 are counted as they pass, with a client that writes them",
  async () => {
    for (const method of ["zstd:3", "lz4"]) {
      const to = await mkdtemp(join(home, "to-"));
      const args = ["backup", "--url", server.url("shop"), "--to", to, "--json", "--compress", method];
      const { stdout, code } = await lifeboat(args, 18);
      expect(code, stdout).toBe(0);
      const manifest = manifestSchema.parse(JSON.parse(await readFile(JSON.parse(stdout).manifestPath, "utf8")));
      expect(manifest.compression.method).toBe(method.split(":")[0]);
      expect(rowsOf(manifest)).toEqual(ROWS);
    }
  },
);

test("a choice of tables is what is in the backup", async () => {
  const { manifest } = await backUp("--table", "public.orders", "--table", 'public."Odd; name"');
  expect(rowsOf(manifest)).toEqual({ orders: 60_000, "Odd; name": 4 });
  const { manifest: without } = await backUp("--exclude-table-data", "public.orders");
  expect(rowsOf(without)).toEqual({ customers: 20_000, empty_one: 0, "Odd; name": 4 });
});

test("all databases come with roles and globals, each in a backup of its own", async () => {
  await server.run("create role shop_reader password 'x-secret-x'");
  await server.run('create database "Odd = name"');
  const to = await mkdtemp(join(home, "to-"));
  const { code, stdout } = await lifeboat([
    "backup",
    "--url",
    server.url("shop"),
    "--to",
    to,
    "--all-databases",
    "--json",
  ]);
  expect(code, stdout).toBe(0);
  const { backups } = JSON.parse(stdout);
  expect(backups.map((backup: { database: string }) => backup.database).toSorted()).toEqual([
    "Odd = name",
    "postgres",
    "shop",
  ]);
  for (const { manifestPath } of backups) {
    const manifest = manifestSchema.parse(JSON.parse(await readFile(manifestPath, "utf8")));
    const globals = manifest.files.find((file) => file.role === "globals");
    const text = await readFile(join(dirname(manifestPath), globals?.path ?? ""), "utf8");
    expect(text).toContain("CREATE ROLE shop_reader;");
    expect(createHash("sha256").update(text).digest("hex")).toBe(globals?.sha256);
  }
});

test("several places: each gets its own whole copy", async () => {
  const [one, two] = [await mkdtemp(join(home, "to-")), await mkdtemp(join(home, "to-"))];
  const { stdout } = await lifeboat(["backup", "--url", server.url("shop"), "--to", one, "--to", two, "--json"]);
  const { path, copies } = JSON.parse(stdout);
  expect(copies).toEqual([{ location: two, path: expect.stringContaining(two), error: null, retry: null }]);
  expect(await readFile(copies[0].path)).toEqual(await readFile(path));
  const verified = await lifeboat(["verify", copies[0].path, "--level", "checksum", "--json"]);
  expect(JSON.parse(verified.stdout)).toMatchObject({ checksum: "matches" });
});

describe("what cannot be backed up leaves nothing", () => {
  test.each([
    ["a table that is not there", ["--table", "public.nowhere"], /backup\.nothingToDump|tool\.failed/],
    ["two options that exclude each other", ["--jobs", "2"], /backup\.optionConflict/, 2],
    ["a compression that this pg_dump cannot write", ["--compress", "zstd:3"], /tool\.tooOld/],
  ])("%s", async (_what, args, code, exitCode = 1) => {
    const to = await mkdtemp(join(home, "to-"));
    const run = await lifeboat(["backup", "--url", server.url("shop"), "--to", to, "--json", ...args]);
    expect(run.code).toBe(exitCode);
    expect(JSON.parse(run.stdout).error.code).toMatch(code);
    const left = await readdir(to, { recursive: true, withFileTypes: true });
    expect(left.filter((entry) => entry.isFile())).toEqual([]);
  });
});
