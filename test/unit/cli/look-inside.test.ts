import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { runCli, startCli } from "../../helpers/run-cli.ts";
import { buildArchive, copyEnd, type SyntheticEntry } from "../../helpers/synthetic-archive.ts";

/** contents, definition and rows as a script sees them: their words and JSON are a contract (cli.md). */

const folder = mkdtempSync(join(tmpdir(), "lifeboat-look-"));
afterAll(() => rmSync(folder, { recursive: true }));
const env = { LIFEBOAT_HOME: join(folder, "home") };
const path = join(folder, "shop.dump");
const many = Array.from({ length: 20_000 }, (_, at) => `${at}\tname ${at}\n`).join("");
const entries: SyntheticEntry[] = [
  { dumpId: 1, desc: "ENCODING", tag: "ENCODING", definition: "SET client_encoding = 'UTF8';\n", owner: "" },
  {
    dumpId: 10,
    desc: "TABLE",
    tag: "orders",
    namespace: "public",
    definition: "CREATE TABLE public.orders (\n    id integer\n);\n\n\n",
  },
  {
    dumpId: 20,
    desc: "TABLE DATA",
    tag: "orders",
    namespace: "public",
    copyStatement: 'COPY public.orders (id, "na,me") FROM stdin;\n',
    dependencies: [10],
    data: `1\t\\N\n2\t\n3\tsay "hi", you\n4\ta\\nb\u202e\u001b[31m\n${copyEnd}`,
  },
  {
    dumpId: 21,
    desc: "TABLE DATA",
    tag: "many",
    namespace: "public",
    copyStatement: "COPY public.many (id, name) FROM stdin;\n",
    data: many + copyEnd,
  },
  {
    dumpId: 30,
    desc: "INDEX",
    tag: "bad\nname; --",
    namespace: "public",
    definition: "CREATE INDEX;\n",
    section: 4,
    dependencies: [10],
  },
];
writeFileSync(path, buildArchive({ entries }));

const aNumber: unknown = expect.any(Number);

async function lifeboat(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await runCli(args, { env });
  expect([code, stderr]).toEqual([0, ""]);
  return stdout;
}

describe("lifeboat contents", () => {
  it("prints the documented JSON", async () => {
    const document: unknown = JSON.parse(await lifeboat("contents", path, "--json"));
    expect(document).toEqual({
      archive: path,
      format: "custom",
      archiveVersion: "1.14",
      serverVersion: "15.18",
      dumpVersion: "15.18 (Debian)",
      database: "shop",
      createdAt: "2026-11-21T02:30:07",
      compression: "gzip",
      hasOffsets: true,
      isEncrypted: false,
      sizeBytes: aNumber,
      entries: entries.map(({ dumpId, desc, namespace, tag, data, section, dependencies }) => ({
        dumpId,
        desc,
        namespace: namespace ?? null,
        tag,
        owner: desc === "ENCODING" ? "" : "shop_app",
        section: data === undefined ? (section === 4 ? "post-data" : "pre-data") : "data",
        tableOid: 1259,
        oid: 16384,
        dependencies: dependencies ?? [],
        hasData: data !== undefined,
        dataBytes: data === undefined ? null : aNumber,
      })),
    });
  });

  it("prints a table in which a name cannot pose as a line of its own", async () => {
    const lines = (await lifeboat("contents", path)).trimEnd().split("\n");
    expect(lines[0]).toBe("shop, dumped 2026-11-21 02:30:07");
    expect(lines.at(-1)).toMatch(/^30 {2}INDEX .*bad␊name; --/);
  });

  it("does not know sizes where the archive does not say where its blocks are", async () => {
    const piped = join(folder, "piped.dump");
    writeFileSync(piped, buildArchive({ entries, hasOffsets: false }));
    const document: unknown = JSON.parse(await lifeboat("contents", piped, "--json"));
    expect(document).toMatchObject({
      hasOffsets: false,
      entries: expect.arrayContaining([expect.objectContaining({ dumpId: 20, hasData: true, dataBytes: null })]),
    });
  });

  it("fails with a JSON error and exit code 1", async () => {
    const broken = join(folder, "broken.dump");
    writeFileSync(broken, "PGDMP");
    const { code, stdout } = await runCli(["contents", broken, "--json"], { env });
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: "archive.truncated" } });
  });
});

describe("lifeboat definition", () => {
  it("prints SQL with headings that stay comments", async () => {
    expect(await lifeboat("definition", path, "public.orders")).toBe(
      "-- TABLE public.orders (dump ID 10, owner shop_app)\nCREATE TABLE public.orders (\n    id integer\n);\n\n" +
        '-- INDEX public."bad␊name; --" (dump ID 30, owner shop_app)\nCREATE INDEX;\n',
    );
  });

  it("prints the same as JSON", async () => {
    const document: unknown = JSON.parse(await lifeboat("definition", path, "10", "--json"));
    expect(document).toMatchObject({
      dumpId: 10,
      desc: "TABLE",
      tag: "orders",
      entries: [{ dumpId: 10 }, { dumpId: 30, definition: "CREATE INDEX;\n" }],
    });
  });
});

describe("lifeboat rows", () => {
  it("prints a table in which NULL, an empty text and control characters can be told", async () => {
    const lines = (await lifeboat("rows", path, "orders")).trimEnd().split("\n");
    expect(lines.map((line) => line.split(/ {2,}/))).toEqual([
      ["id", "na,me"],
      ["1", "NULL"],
      ["2", "''"],
      ["3", 'say "hi", you'],
      ["4", "a␊b<U+202E>␛[31m"],
    ]);
  });

  it("prints CSV by RFC 4180", async () => {
    expect(await lifeboat("rows", path, "orders", "--format", "csv")).toBe(
      'id,"na,me"\r\n1,\r\n2,""\r\n3,"say ""hi"", you"\r\n4,"a\nb\u202e\u001b[31m"\r\n',
    );
  });

  it("prints JSON, one array a line after the columns", async () => {
    const text = await lifeboat("rows", path, "orders", "--format", "json", "--where", "id >= 2", "--limit", "2");
    const values: unknown[] = text
      .trimEnd()
      .split("\n")
      .map((line): unknown => JSON.parse(line));
    expect(values).toEqual([{ columns: ["id", "na,me"] }, ["2", ""], ["3", 'say "hi", you']]);
  });

  it("prints 100 rows and says that there are more, all of them on request, and none", async () => {
    const first = await runCli(["rows", path, "many"], { env });
    expect(first.stdout.trimEnd().split("\n")).toHaveLength(101);
    expect(first.stderr).toContain("--limit all");
    const all = await lifeboat("rows", path, "many", "--limit", "all", "--format", "csv");
    expect(all).toBe(`id,name\r\n${many.replaceAll("\t", ",").replaceAll("\n", "\r\n")}`);
    expect(await lifeboat("rows", path, "many", "--limit", "0", "--format", "json")).toBe(
      '{"columns":["id","name"]}\n',
    );
  });

  it("ends quietly when nobody reads on", async () => {
    const { child, end } = startCli(["rows", path, "many", "--limit", "all", "--format", "json"], { env });
    child.stdout?.destroy();
    expect(await end).toMatchObject({ code: 0, stderr: "" });
  });

  it.each([
    [["rows", path, "orders", "--where", "missing = 1"], 2, /no column missing/],
    [["rows", path, "orders", "--limit", "some"], 2, /whole number or all/],
    [["rows", path, "nothing"], 1, /no nothing/],
    [["rows", path, "30"], 1, /not a table/],
  ])("%j", async (args, code, message) => {
    const done = await runCli(args, { env });
    expect(done.code).toBe(code);
    expect(done.stderr).toMatch(message);
    expect(done.stdout).toBe("");
  });
});
