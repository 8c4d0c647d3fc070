import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bytesOf, cellValue, indentJson } from "../../../renderer/features/archive/model/shown-value.ts";

describe("values as they are shown", () => {
  it("are of bytes their number and the first of them", () => {
    expect(cellValue("\\xdeadbeef", "bytea", false)).toBe("4 B  \\xdeadbeef");
    expect(cellValue(`\\x${"00".repeat(2000)}`, "bytea", false)).toBe(`2 kB  \\x${"00".repeat(12)}…`);
    expect(cellValue(`\\x${"00".repeat(1999)}`, "bytea", true)).toBe(`over 2 kB  \\x${"00".repeat(12)}…`);
    expect(cellValue("\\x", "bytea", false)).toBe("0 B  \\x");
    expect(cellValue("\\xdeadbeef", "text", false)).toBe("\\xdeadbeef");
    expect(bytesOf("a\\000b")).toBeNull();
  });

  it("are of JSON its parts, a line each, with every digit", () => {
    expect(indentJson('{"a":[1,2.50,{}],"b":[],"c":{"d":"x, {y}: \\"z\\""}}')).toBe(
      '{\n  "a": [\n    1,\n    2.50,\n    {}\n  ],\n  "b": [],\n  "c": {\n    "d": "x, {y}: \\"z\\""\n  }\n}',
    );
    expect(indentJson("12345678901234567890.10")).toBe("12345678901234567890.10");
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(indentJson(text)).toBe(JSON.stringify(JSON.parse(text), null, 2).replaceAll(/\{\s+\}/g, "{}"));
      }),
    );
  });
});
