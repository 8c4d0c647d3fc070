import stringWidth from "string-width";
import { describe, expect, it } from "vitest";
import { createOutput, takesColour } from "../../../electron/cli/output.ts";
import { cutMiddle, layOutTable } from "../../../electron/cli/table.ts";
import { loadTextWidth } from "../../../electron/cli/text-width.ts";
import { fakeScreen } from "../../helpers/fake-screen.ts";

const columns = [{ title: "table" }, { title: "rows", align: "right" }] as const;
const unlimited = { width: null, colour: false };

describe("a table", () => {
  it("aligns its columns and ends no line with spaces", () => {
    const rows = [
      ["public.orders", "50,000"],
      ["x", "3"],
    ];
    expect(layOutTable(columns, rows, unlimited)).toBe(
      "table            rows\npublic.orders  50,000\nx                   3\n",
    );
    const left = layOutTable([{ title: "a" }, { title: "long title" }], [["1", "2"]], unlimited);
    expect(left).toBe("a  long title\n1  2\n");
  });

  it("aligns wide characters by what a terminal shows", async () => {
    await loadTextWidth();
    const text = layOutTable(
      columns,
      [
        ["注文", "1"],
        ["👨‍👩‍👧", "2"],
        ["orders", "3"],
      ],
      unlimited,
    );
    const widths = text
      .trimEnd()
      .split("\n")
      .map((line) => stringWidth(line));
    expect(new Set(widths).size).toBe(1);
  });

  it("shows control characters in cells instead of obeying them", () => {
    expect(layOutTable([{ title: "name" }], [["a\u001b[31m\nb\u202e"]], unlimited)).toBe("name\na␛[31m␊b<U+202E>\n");
  });

  it("cuts the widest column in the middle where the terminal is too narrow", () => {
    const path = "/var/lib/lifeboat/backups/shop/shop_20261121T020000Z.dump";
    const text = layOutTable([{ title: "path" }, { title: "size", align: "right" }], [[path, "63 MB"]], {
      width: 40,
      colour: false,
    });
    const [, row = ""] = text.split("\n");
    expect(row).toHaveLength(40);
    expect(row).toBe("/var/lib/lifeboa…121T020000Z.dump  63 MB");
  });

  it("colours cells that carry a style without moving them", () => {
    const row = [{ text: "failed", style: "bad" } as const, "1"];
    const coloured = layOutTable(columns, [row], { width: null, colour: true });
    expect(coloured).toContain("\u001b[31mfailed\u001b[39m     1");
    expect(layOutTable(columns, [row], unlimited)).toContain("failed     1");
  });
});

describe("cutting in the middle", () => {
  it("keeps both ends and never exceeds the width", async () => {
    await loadTextWidth();
    expect(cutMiddle("abcdefghij", 10)).toBe("abcdefghij");
    expect(cutMiddle("abcdefghij", 7)).toBe("abc…hij");
    expect(cutMiddle("abcdefghij", 1)).toBe("…");
    for (let width = 0; width < 12; width += 1)
      expect(stringWidth(cutMiddle("注文の明細テーブル", width))).toBeLessThanOrEqual(width);
  });
});

describe("output order", () => {
  it("holds when a table waits for the measure of its text", async () => {
    const stdout = fakeScreen({ isTTY: false });
    const out = createOutput({ stdout, stderr: fakeScreen({ isTTY: false }) }, { json: false, env: {} });
    out.line("before");
    out.table([{ title: "name" }], [["注文"]]);
    out.line("after");
    await out.flush();
    expect(stdout.writes.join("")).toBe("before\nname\n注文\nafter\n");
  });

  it("has one document at most", () => {
    const screens = { stdout: fakeScreen({ isTTY: true }), stderr: fakeScreen({ isTTY: true }) };
    const out = createOutput(screens, { json: true, env: {} });
    out.document({ a: 1 });
    expect(screens.stdout.writes).toEqual(['{\n  "a": 1\n}\n']);
    expect(() => out.document(null)).toThrow("one document");
  });
});

describe("colour", () => {
  it.each([
    [{}, true, true],
    [{}, false, false],
    [{ TERM: "dumb" }, true, false],
    [{ NO_COLOR: "1" }, true, false],
    [{ NO_COLOR: "" }, true, true],
    [{ FORCE_COLOR: "1" }, false, true],
    [{ FORCE_COLOR: "0" }, true, false],
    [{ FORCE_COLOR: "1", NO_COLOR: "1" }, true, false],
  ])("%j on a terminal (%s): %s", (env, isTTY, coloured) => {
    expect(takesColour(fakeScreen({ isTTY }), env)).toBe(coloured);
  });
});
