import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createCsvRows } from "../../../shared/lanes/csv-rows.ts";
import { csvEncoder } from "../../../shared/rows/encode-csv.ts";
import { encodeRows, type RowEncoder } from "../../../shared/rows/encode-rows.ts";

function oneByOne(columns: number): RowEncoder {
  const { simpleRows, ...encoder } = csvEncoder(columns);
  expect(simpleRows).toBeDefined();
  return encoder;
}

/** What the encoder makes of the pieces, one behind the other, or the detail of its error. */
function encoded(encoder: RowEncoder, columns: number, pieces: readonly Uint8Array[]): string {
  const encode = encodeRows(encoder, columns, "of t");
  const parts: string[] = [];
  try {
    for (const piece of pieces) parts.push(Buffer.from(encode(piece)).toString("latin1"));
  } catch (error) {
    parts.push(error instanceof Error && "detail" in error ? String(error.detail) : String(error));
  }
  return parts.join("|");
}

function expectTheSame(columns: number, pieces: readonly Uint8Array[]): void {
  expect(encoded(csvEncoder(columns), columns, pieces)).toBe(encoded(oneByOne(columns), columns, pieces));
}

const plainByte = fc.constantFrom("a", "b", "0", " ", "-", ":", "é", "😀", "\u0000", "\u000b", "\u007f");
const oddByte = fc.constantFrom("\\N", "\\t", "\\", ",", '"', "\r", "\\.", "\n");
const value = fc.oneof(
  { weight: 6, arbitrary: fc.string({ unit: plainByte, maxLength: 40 }) },
  { weight: 2, arbitrary: fc.constantFrom("\\N", "") },
  { weight: 1, arbitrary: fc.string({ unit: fc.oneof(plainByte, oddByte), maxLength: 12 }) },
);
const rowsOf = (columns: number) =>
  fc
    .array(fc.array(value, { minLength: columns, maxLength: columns }), { maxLength: 12 })
    .map((rows) => Buffer.from(rows.map((row) => `${row.join("\t")}\n`).join("")));

describe("COPY text as CSV, many bytes at a time", () => {
  it.each([1, 2, 3, 9])("is what it is one value at a time, for %d columns", (columns) => {
    fc.assert(fc.property(fc.array(rowsOf(columns), { maxLength: 4 }), (pieces) => expectTheSame(columns, pieces)));
  });

  it("is refused where it is damaged, with the same row named", () => {
    const bytes = fc.uint8Array({ maxLength: 60 });
    const mostlySeparators = fc.array(fc.constantFrom(9, 10, 10, 92, 78, 65), { maxLength: 60 });
    const damaged = fc.oneof(
      bytes,
      mostlySeparators.map((list) => Uint8Array.from(list)),
    );
    fc.assert(
      fc.property(rowsOf(2), damaged, fc.constantFrom(1, 2, 3), (before, piece, columns) =>
        expectTheSame(columns, [before, piece]),
      ),
      { numRuns: 1000 },
    );
  });

  it("goes on behind rows that are not simple, and behind those longer than it takes in at once", () => {
    const long = `${"x".repeat(131_060)}\t1\n`;
    const longer = `${"y".repeat(131_072)}\t2\n`;
    const simple = Array.from({ length: 9000 }, (_, at) => `${at}\tvalue ${at % 7 === 0 ? "" : "of it"}\n`).join("");
    const quoted = '1\tsay "hi"\n';
    for (const text of [
      long + longer,
      simple + longer + simple + long,
      quoted + simple + quoted,
      simple + quoted + long,
    ])
      expectTheSame(2, [Buffer.from(text), Buffer.from(quoted), Buffer.from(text)]);
  });

  it("leaves nothing that is simple to be done one value at a time", () => {
    const text = Buffer.from("1\t\\N\t\t2026-01-01 00:00:00+00\tsome text\n".repeat(1000));
    const { at, rows } = createCsvRows(5)(text, 0);
    expect({ at, rows }).toEqual({ at: text.length, rows: 1000 });
  });

  it("keeps nothing of a piece whose bytes were changed since", () => {
    const piece = Buffer.from("1\ta\n");
    const write = createCsvRows(2);
    expect(Buffer.from(write(piece, 0).bytes).toString()).toBe("1,a\r\n");
    piece[2] = 98;
    expect(Buffer.from(write(piece, 0).bytes).toString()).toBe("1,b\r\n");
  });
});
