import { zstdDecompressSync } from "node:zlib";
import * as fc from "fast-check";
import { parquetMetadata, parquetReadObjects } from "hyparquet";
import { describe, expect, it } from "vitest";
import { createParquetRows } from "../../../electron/rows/parquet-rows.ts";

/** Memory of one row group is used for the next: what was written of it must not change with that. */
describe("rows as Parquet", () => {
  const columns = ["bigint", "text", "boolean", "numeric(12,2)"].map((type) => ({ name: type, type }));

  it("are read back as they were, NULLs too, from however many row groups", async () => {
    const row = fc.tuple(
      fc.option(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String)),
      fc.option(fc.string({ unit: "binary", maxLength: 300 })),
      fc.option(fc.constantFrom("t", "f")),
      fc.option(fc.integer().map((value) => (value / 100).toFixed(2))),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 60 }), async (rows) => {
        // So large a text ends its row group.
        const large = "é".repeat(5 * 1024 * 1024);
        const all = [...rows, [null, large, null, null], ...rows.toReversed(), [null, null, null, "0.10"]];
        const file = written(all);
        expect(parquetMetadata(file).row_groups).toHaveLength(2);
        expect(await readBack(file)).toEqual(all);
      }),
      { numRuns: 5 },
    );
  });

  it("say the bounds of every row group, unless they are long", () => {
    const long = "z".repeat(9 * 1024 * 1024);
    const file = written([
      ["1", "b", null, null],
      ["7", long, null, null],
      ["5", "c", null, null],
      [null, "d", null, null],
    ]);
    const [first, second] = parquetMetadata(file).row_groups.map(({ columns: each }) =>
      each.slice(0, 2).map(({ meta_data: { statistics } = {} }) => [statistics?.min_value, statistics?.max_value]),
    );
    expect(first).toEqual([
      [1n, 7n],
      [undefined, undefined],
    ]);
    expect(second).toEqual([
      [5n, 5n],
      ["c", "d"],
    ]);
  });

  it("keep row groups small where there are many columns, also of NULLs", () => {
    const wide = Array.from({ length: 1000 }, (_, at) => ({ name: `c${at}`, type: "bigint" }));
    const rows = createParquetRows(wide, "of public.wide");
    const nulls = wide.map(() => null);
    const parts = Array.from({ length: 3000 }, () => rows.add([nulls]));
    const groups = parquetMetadata(joined([...parts, rows.end()])).row_groups.map(({ num_rows: count }) => count);
    expect(groups.reduce((sum, count) => sum + count, 0n)).toBe(3000n);
    expect(groups.length).toBeGreaterThan(2);
  });

  function written(rows: readonly (string | null)[][]): ArrayBuffer {
    const file = createParquetRows(columns, "of public.orders");
    return joined([...rows.map((row) => file.add([row])), file.end()]);
  }
});

function joined(parts: readonly Uint8Array[]): ArrayBuffer {
  return new Uint8Array(Buffer.concat(parts)).buffer;
}

/** As PostgreSQL would write them. */
async function readBack(file: ArrayBuffer): Promise<(string | null)[][]> {
  const rows = await parquetReadObjects({ file, compressors: { ZSTD: (bytes) => zstdDecompressSync(bytes) } });
  return rows.map((row) => {
    const values: unknown[] = ["bigint", "text", "boolean", "numeric(12,2)"].map((name) => row[name] ?? null);
    return values.map((value) => {
      if (value === null) return null;
      if (typeof value === "boolean") return value ? "t" : "f";
      if (typeof value === "number") return value.toFixed(2);
      return typeof value === "bigint" || typeof value === "string" ? value.toString() : "unknown";
    });
  });
}
