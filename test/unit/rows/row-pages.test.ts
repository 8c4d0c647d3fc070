import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Archive } from "../../../electron/archives/archive.ts";
import { openArchive } from "../../../electron/archives/open-archive.ts";
import { createRowPages, type RowPages, type Rows } from "../../../electron/rows/row-pages.ts";
import type { CopyRow } from "../../../shared/archive/copy-text.ts";
import type { RowFilter } from "../../../shared/rows/row-filter.ts";
import { buildArchive, copyEnd } from "../../helpers/synthetic-archive.ts";

const count = 250;
const folder = mkdtempSync(join(tmpdir(), "lifeboat-pages-"));
let archive: Archive;

beforeAll(async () => {
  const rows = Array.from({ length: count }, (_, at) => `${at}\t${at % 2 === 0 ? "even" : "odd"}\n`).join("");
  const copyStatement = "COPY public.t (id, kind) FROM stdin;\n";
  const entry = { desc: "TABLE DATA", section: 3, copyStatement };
  const path = join(folder, "rows.dump");
  writeFileSync(
    path,
    buildArchive({
      entries: [
        { ...entry, dumpId: 1, tag: "t", data: rows + copyEnd },
        { ...entry, dumpId: 2, tag: "empty", data: copyEnd },
        { ...entry, dumpId: 3, tag: "wide", data: `${`1\t${"x".repeat(9_000_000)}\n`.repeat(6)}${copyEnd}` },
      ],
    }),
  );
  archive = await openArchive(path);
});

afterAll(async () => {
  await archive.close();
  rmSync(folder, { recursive: true, force: true });
});

const filterOf = (where: string | null): RowFilter => ({ where: where === null ? [] : [where], search: null });

/** A page however often it has to be asked for: a filtered one ends after a moment. */
async function readPage(
  pages: RowPages,
  where: string | null,
  offset: number,
  limit: number,
): Promise<Pick<Rows, "rows" | "isEnd">> {
  const rows: CopyRow[] = [];
  for (;;) {
    // oxlint-disable-next-line no-await-in-loop -- page after page
    const page = await pages.read(1, filterOf(where), offset + rows.length, limit - rows.length);
    rows.push(...page.rows);
    if (page.isEnd || rows.length === limit || where === null) return { rows, isEnd: page.isEnd };
  }
}

const ids = (rows: readonly (readonly (string | null)[])[]) => rows.map(([id]) => Number(id));

describe("pages of rows", () => {
  it("are the rows asked for, whatever was asked before", async () => {
    const page = fc.record({
      offset: fc.integer({ min: 0, max: count + 20 }),
      limit: fc.integer({ min: 1, max: 90 }),
      where: fc.constantFrom(null, "kind = odd", "id >= 100"),
    });
    const expected = {
      "": () => true,
      "kind = odd": (id: number) => id % 2 === 1,
      "id >= 100": (id: number) => id >= 100,
    };
    await fc.assert(
      fc.asyncProperty(fc.array(page, { minLength: 1, maxLength: 12 }), async (wanted) => {
        const pages = createRowPages(archive);
        // All at once: pages of one table have to wait for each other.
        const answers = await Promise.all(
          wanted.map(({ where, offset, limit }) => readPage(pages, where, offset, limit)),
        );
        pages.close();
        for (const [at, { rows, isEnd }] of answers.entries()) {
          const { where, offset, limit } = wanted[at] ?? { where: null, offset: 0, limit: 0 };
          const all = Array.from({ length: count }, (_, id) => id).filter(expected[where ?? ""]);
          expect(ids(rows)).toEqual(all.slice(offset, offset + limit));
          const isLast = offset + limit >= all.length;
          // With a condition the end may become known only by the next page.
          expect(isEnd === isLast || (where !== null && isLast)).toBe(true);
        }
      }),
      { numRuns: 40 },
    );
  });

  it("end where there is nothing, and refuse a condition that makes no sense", async () => {
    const pages = createRowPages(archive);
    expect(await pages.read(2, filterOf(null), 0, 10)).toEqual({ rows: [], isEnd: true, readRows: 0 });
    await expect(pages.read(1, filterOf("nope = 1"), 0, 10)).rejects.toThrow(/no column nope/);
    await expect(pages.read(9, filterOf(null), 0, 10)).rejects.toThrow(/no entry 9/);
    pages.close();
  });

  it("end early where values are very long, and go on from there", async () => {
    const pages = createRowPages(archive);
    const first = await pages.read(3, filterOf(null), 0, 6);
    expect(first.rows).toHaveLength(3);
    expect(first.isEnd).toBe(false);
    const second = await pages.read(3, filterOf(null), 3, 6);
    expect(second).toMatchObject({ isEnd: true });
    expect(second.rows).toHaveLength(3);
    pages.close();
  });
});
