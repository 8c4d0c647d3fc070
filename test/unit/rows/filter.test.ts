import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Archive } from "../../../electron/archives/archive.ts";
import { openArchive } from "../../../electron/archives/open-archive.ts";
import { readRows } from "../../../electron/rows/read-rows.ts";
import { workInThread } from "../../../electron/rows/row-thread.ts";
import type { CopyRow } from "../../../shared/archive/copy-text.ts";
import { writeCopyLine } from "../../../shared/compare/copy-line.ts";
import { everyRow, testOfFilter } from "../../../shared/rows/row-filter.ts";
import { buildArchive, copyEnd } from "../../helpers/synthetic-archive.ts";

const folder = mkdtempSync(join(tmpdir(), "lifeboat-filter-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const definition = "CREATE TABLE public.t (\n    id integer NOT NULL,\n    note text\n);\n";
const copyStatement = "COPY public.t (id, note) FROM stdin;\n";
const encoding = { dumpId: 1, desc: "ENCODING", definition: "SET client_encoding = 'UTF8';\n" };
const signal = AbortSignal.timeout(60_000);

async function openRows(name: string, rows: readonly CopyRow[], end = copyEnd): Promise<Archive> {
  const path = join(folder, name);
  const table = { dumpId: 2, desc: "TABLE", namespace: "public", tag: "t", definition };
  const data = rows.map((row) => `${writeCopyLine(row)}\n`).join("") + end;
  const entry = {
    dumpId: 3,
    desc: "TABLE DATA",
    namespace: "public",
    tag: "t",
    copyStatement,
    dependencies: [2],
    data,
  };
  writeFileSync(path, buildArchive({ entries: [encoding, table, entry] }));
  return openArchive(path);
}

async function collect(archive: Archive, where: readonly string[], search: string | null) {
  const found: CopyRow[] = [];
  let count = 0;
  for await (const { rows, readRows: looked } of readRows(archive, 3, { where, search }, { signal })) {
    found.push(...rows);
    count += looked;
  }
  return { found, count };
}

describe("rows that a filter lets pass", () => {
  it("are those that the rows one by one say, whatever they hold", async () => {
    const text = fc.oneof(
      fc.string({ unit: "grapheme" }),
      fc.constantFrom("\\N", "n", "N", "a\nb", "Ünï", "ünï\t", "\\"),
    );
    const row = fc.tuple(fc.integer().map(String), fc.option(text));
    let number = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(row, { maxLength: 40 }), fc.option(text), async (rows, search) => {
        const archive = await openRows(`${number++}.dump`, rows);
        const where = ["id > -1000"];
        const { found, count } = await collect(archive, where, search);
        await archive.close();
        const columns = [
          { name: "id", type: "integer" },
          { name: "note", type: "text" },
        ];
        expect(found).toEqual(rows.filter(testOfFilter({ where, search }, columns)));
        expect(count).toBe(rows.length);
      }),
      { numRuns: 25 },
    );
  });

  it("knows NULL from the letter that COPY writes for it, and columns from each other", async () => {
    const archive = await openRows("null.dump", [
      ["1", null],
      ["2", "N"],
      ["3", "line\nend"],
      ["4", "x"],
    ]);
    const idsOf = async (search: string) => (await collect(archive, [], search)).found.map(([id]) => id);
    expect(await idsOf("n")).toEqual(["2", "3"]);
    expect(await idsOf("\\")).toEqual([]);
    expect(await idsOf("e\ne")).toEqual(["3"]);
    expect(await idsOf("4\tx")).toEqual([]);
    await archive.close();
  });

  it("are found in a large table too, in its order", async () => {
    const rows: CopyRow[] = Array.from({ length: 200_000 }, (_, at) => [String(at), `note ${at % 1000}`]);
    const archive = await openRows("large.dump", rows);
    const { found, count } = await collect(archive, ["id >= 1000"], "NOTE 77");
    expect(found.map(([id]) => Number(id))).toEqual(
      rows.flatMap(([id], at) => (at >= 1000 && String(at % 1000).startsWith("77") ? [Number(id)] : [])),
    );
    expect(count).toBe(200_000);
    await archive.close();
  });

  it("end in an error where the rows do, however few of them fit", async () => {
    const archive = await openRows("cut.dump", [["1", "a"]], "");
    await expect(collect(archive, ["id = 7"], null)).rejects.toMatchObject({ code: "archive.truncated" });
    await archive.close();
  });
});

describe("row work in a thread", () => {
  let isClosed = false;
  let given = 0;
  beforeAll(() => {
    given = 0;
  });
  async function* endless(): AsyncGenerator<Uint8Array> {
    try {
      for (;;) {
        given++;
        yield Buffer.from("1\tx\n".repeat(30_000));
      }
    } finally {
      isClosed = true;
    }
  }

  it("reads no further than a few pieces ahead, and ends when it is left", async () => {
    const columns = [
      { name: "id", type: null },
      { name: "note", type: null },
    ];
    for await (const part of workInThread(endless(), {
      columns,
      filter: everyRow,
      limit: null,
      as: "copyText",
      where: "of t",
    })) {
      expect(part).toMatchObject({ readRows: 30_000, foundRows: 30_000 });
      await new Promise((resolve) => setTimeout(resolve, 300));
      break;
    }
    expect(given).toBeLessThan(60);
    expect(isClosed).toBe(true);
  });
});
