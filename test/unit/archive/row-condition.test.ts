import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { CopyRow } from "../../../shared/archive/copy-text.ts";
import { compareValues, parseRowCondition } from "../../../shared/archive/row-condition.ts";

const columns = ["id", "Odd = name", "note"];
const rows: CopyRow[] = [
  ["1", "a", null],
  ["2", "", "100%"],
  ["10", "it's", "a\nb"],
  ["-3.50", "NULL", "x_y"],
];

describe("parseRowCondition", () => {
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
  ])("%s", (text, ids) => {
    const test = parseRowCondition(text, columns);
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
  ])("refuses %j", (text, message) => {
    expect(() => parseRowCondition(text, columns)).toThrow(message);
    expect(() => parseRowCondition(text, columns)).toThrow(expect.objectContaining({ code: "usage.invalid" }));
  });
});

describe("compareValues", () => {
  it("orders whole numbers of any length as BigInt does, with any zeros around them", () => {
    const whole = fc.bigInt({ min: -(10n ** 40n), max: 10n ** 40n });
    fc.assert(
      fc.property(whole, whole, fc.nat({ max: 3 }), (one, other, zeros) => {
        const padded = `${other < 0n ? "-" : "+"}${"0".repeat(zeros)}${other < 0n ? -other : other}.${"0".repeat(zeros)}`;
        const expected = one === other ? 0 : one < other ? -1 : 1;
        expect(Math.sign(compareValues(String(one), padded)) + 0).toBe(expected);
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
    expect(Math.sign(compareValues(one, other))).toBe(sign);
  });
});
