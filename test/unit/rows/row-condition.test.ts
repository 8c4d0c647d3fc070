import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { CopyRow } from "../../../shared/archive/copy-text.ts";
import { compareLoosely, compareText, compareTo } from "../../../shared/rows/compare-values.ts";
import {
  formatRowCondition,
  parseRowCondition,
  rowOperators,
  testOfCondition,
} from "../../../shared/rows/row-condition.ts";
import { kindOfType } from "../../../shared/rows/value-type.ts";

const columns = [
  { name: "id", type: "numeric(10,2)" },
  { name: "Odd = name", type: null },
  { name: "note", type: "text" },
];

const rows: CopyRow[] = [
  ["1", "a", null],
  ["2", "", "100%"],
  ["10", "it's", "a\nb"],
  ["-3.50", "NULL", "x_y"],
];

describe("a condition", () => {
  it.each([
    ["id = 1", ["1"]],
    ["ID=1.0", ["1"]],
    ["id != 1", ["2", "10", "-3.50"]],
    ["id <> 1", ["2", "10", "-3.50"]],
    ["id > 2", ["10"]],
    ["id >= 2", ["2", "10"]],
    ["id<2", ["1", "-3.50"]],
    ["id <= -3.5", ["-3.50"]],
    ["\"Odd = name\" = 'it''s'", ["10"]],
    ["\"Odd = name\" = ''", ["2"]],
    ['"Odd = name" = NULL', ["-3.50"]],
    ["note is null", ["1"]],
    ["note IS NOT NULL", ["2", "10", "-3.50"]],
    ["note like '%\\%'", ["2"]],
    ["note like a_b", ["10"]],
    ["note like x\\_y", ["-3.50"]],
    ["note ~ ^[ax]", ["10", "-3.50"]],
    ["note != nothing", ["2", "10", "-3.50"]],
    ["note contains X_", ["-3.50"]],
    ["note contains '%'", ["2"]],
    ["id in (1, '10.0', 7)", ["1", "10"]],
    ["note in ('x_y','a,b', ')')", ["-3.50"]],
    ["id > -1e1", ["1", "2", "10", "-3.50"]],
  ])("%s", (text, ids) => {
    const test = testOfCondition(text, columns);
    expect(rows.filter(test).map(([id]) => id)).toEqual(ids);
  });

  it.each([
    ["", /begin with a column/],
    ["= 1", /begin with a column/],
    ["missing = 1", /no column missing/],
    ["id", /no operator/],
    ["id is nullable", /no operator/],
    ["id likewise", /no operator/],
    ["id =", /value is missing/],
    ["note is null now", /nothing can follow/],
    ["note ~ (", /./],
    ["id = one", /"one" is no numeric/],
    ["id in 1", /in parentheses/],
    ["id in (1", /cannot be read/],
    ["id in ()", /cannot be read/],
    ["id in (1) and", /nothing can follow/],
  ])("refuses %j", (text, message) => {
    expect(() => testOfCondition(text, columns)).toThrow(message);
    expect(() => testOfCondition(text, columns)).toThrow(expect.objectContaining({ code: "usage.invalid" }));
  });

  it("is read as it was written, whatever it holds", () => {
    const condition = fc.record({
      column: fc.string({ minLength: 1 }),
      operator: fc.constantFrom(...rowOperators),
      list: fc.array(fc.string(), { minLength: 1, maxLength: 4 }),
    });
    fc.assert(
      fc.property(condition, ({ column, operator, list }) => {
        const count = operator === "in" ? list.length : operator.startsWith("is") ? 0 : 1;
        const written = { column, operator, values: list.slice(0, count) };
        expect(parseRowCondition(formatRowCondition(written))).toEqual(written);
      }),
    );
  });
});

describe("values of a type", () => {
  it.each([
    ["numeric", "NaN", "Infinity", 1],
    ["numeric", "NaN", "nan", 0],
    ["double precision", "-Infinity", "-1e308", -1],
    ["double precision", "1e+20", "100000000000000000001", -1],
    ["double precision", "1.5e-7", "0.00000015", 0],
    ["text", "9", "10", 1],
    ["text", "\uffff", "\u{1f600}", -1],
    ["character(5)", "ab   ", "ab", 0],
    ["boolean", "t", "yes", 0],
    ["boolean", "f", "true", -1],
    ["uuid", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "{A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11}", 0],
    ["bytea", "\\xdead", "\\xDEAD", 0],
    ["date", "2026-11-28", "2026-11-27", 1],
    ["date", "10000-01-01", "9999-12-31", 1],
    ["date", "0044-03-15 BC", "0001-01-01", -1],
    ["date", "infinity", "294276-12-31", 1],
    ["timestamp(3) without time zone", "2026-11-28 14:03:00.5", "2026-11-28T14:03:00.500", 0],
    ["timestamp with time zone", "2026-11-28 14:03:00+02", "2026-11-28 12:03:00Z", 0],
    ["timestamp with time zone", "2026-11-28 00:30:00+02", "2026-11-28", 1],
    ["timestamp with time zone", "1890-01-01 00:00:00-05:17:32", "1890-01-01 05:17:31+00", 1],
    ["integer[]", "{1,2}", "{1,10}", 1],
  ])("%s: %s and %s", (type, one, other, expected) => {
    expect(Math.sign(compareTo(kindOfType(type), other)?.(one) ?? Number.NaN) + 0).toBe(expected);
  });

  it.each([
    ["integer", "one"],
    ["date", "tomorrow"],
    ["date", "2026-02-29"],
    ["boolean", "perhaps"],
  ])("%s has no %s", (type, wanted) => {
    expect(compareTo(kindOfType(type), wanted)).toBeNull();
  });

  it("are in the order of their code points", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.string({ unit: "binary" }), (one, other) => {
        const bytes = Buffer.compare(Buffer.from(one), Buffer.from(other));
        expect(Math.sign(compareText(one, other)) + 0).toBe(bytes);
      }),
    );
  });
});

describe("values that look like numbers", () => {
  it("orders whole numbers of any length as BigInt does, with any zeros around them", () => {
    const whole = fc.bigInt({ min: -(10n ** 40n), max: 10n ** 40n });
    fc.assert(
      fc.property(whole, whole, fc.nat({ max: 3 }), (one, other, zeros) => {
        const padded = `${other < 0n ? "-" : "+"}${"0".repeat(zeros)}${other < 0n ? -other : other}.${"0".repeat(zeros)}`;
        const expected = one === other ? 0 : one < other ? -1 : 1;
        expect(Math.sign(compareLoosely(String(one), padded)) + 0).toBe(expected);
      }),
    );
  });

  it.each([
    ["0.10", "0.1", 0],
    ["0.11", "0.1", 1],
    ["-0.11", "-0.1", -1],
    ["-0", "0.0", 0],
    ["1e3", "1000", 0],
    [".5", "0.5", 0],
    ["9", "10", -1],
    ["9x", "10", 1],
    ["NaN", "1", 1],
  ])("%s and %s", (one, other, sign) => {
    expect(Math.sign(compareLoosely(one, other)) + 0).toBe(sign);
  });
});
