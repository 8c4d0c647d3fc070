import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bytesOf, cellValue, indentJson } from "../../../renderer/features/archive/model/shown-value.ts";
import {
  listParts,
  parseArrayTree,
  parseJsonTree,
  partsUnfoldedAtFirst,
  pathOf,
  type ValueTree,
} from "../../../renderer/features/archive/model/value-tree.ts";

/** A tree read back into what JSON.parse would give. */
function rebuilt(tree: ValueTree, part = 0): unknown {
  const kind = tree.kind[part];
  if (kind !== "object" && kind !== "array") return JSON.parse(tree.textOf(part));
  const below: [string | null, unknown][] = [];
  for (let at = part + 1; at < (tree.end[part] ?? 0); at = tree.end[at] ?? 0)
    below.push([tree.name[at] ?? null, rebuilt(tree, at)]);
  expect(below.length).toBe(tree.count[part]);
  if (kind === "array") return below.map(([, value]) => value);
  return Object.fromEntries(below.map(([name, value]) => [name ?? "?", value]));
}

/** The parts of an array with their depths. */
function partsOf(text: string): (readonly [number | undefined, string])[] | null {
  const tree = parseArrayTree(text);
  return tree === null ? null : [...tree.kind.keys()].map((part) => [tree.depth[part], tree.textOf(part)] as const);
}

describe("values with parts", () => {
  it("are JSON as JSON.parse reads it, with every digit", () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 5 }), (text) => {
        const tree = parseJsonTree(text);
        expect(tree === null ? "nothing" : rebuilt(tree)).toEqual(JSON.parse(text));
      }),
    );
    const tree = parseJsonTree('{"a": [1, 2.50, {"odd name": 12345678901234567890.10}], "b": {}}');
    expect(tree?.textOf(5)).toBe("12345678901234567890.10");
    expect(tree === null ? null : pathOf(tree, 5)).toBe('$.a[2]."odd name"');
    expect(tree === null ? [] : listParts(tree, new Set([0]))).toEqual([0, 1, 6]);
    expect(tree === null ? [] : listParts(tree, partsUnfoldedAtFirst(tree))).toEqual([0, 1, 2, 3, 4, 5, 6]);
  });

  it.each(["", "{", "[1", '{"a":1}}', "[1] [2]", '"a', "[".repeat(100_000), "1 2"])("are not %j", (text) => {
    expect(parseJsonTree(text)).toBeNull();
  });

  it("are arrays as PostgreSQL writes them", () => {
    expect(partsOf('{1,NULL,"a \\"b\\", c",x y}')).toEqual([
      [0, '{1,NULL,"a \\"b\\", c",x y}'],
      [1, "1"],
      [1, "NULL"],
      [1, '"a \\"b\\", c"'],
      [1, "x y"],
    ]);
    expect(partsOf("[0:1]={{1,2},{3,4}}")?.map(([depth]) => depth)).toEqual([0, 1, 2, 2, 1, 2, 2]);
    expect(partsOf("{}")).toEqual([[0, "{}"]]);
    expect([partsOf("1,2"), partsOf("{1,2"), partsOf("{1}{2}"), partsOf('{"a}')]).toEqual([null, null, null, null]);
  });
});

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
