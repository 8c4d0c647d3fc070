import { describe, expect, it } from "vitest";
import { exportFileName, valueFileName } from "../../../renderer/features/archive/model/file-names.ts";
import { copyText, orderRows } from "../../../renderer/features/archive/model/row-text.ts";

describe("export", () => {
  it("names files without anything that leads elsewhere", () => {
    expect(exportFileName("public", "orders", "csv")).toBe("public.orders.csv");
    expect(exportFileName("", "../../etc/passwd\u202e\n", "jsonl")).toBe("_.._etc_passwd_.jsonl");
    expect(exportFileName("", "...", "csv")).toBe("rows.csv");
    expect(valueFileName("../scan", "bytea")).toBe("_scan.bin");
    expect(valueFileName("details", "jsonb")).toBe("details.json");
    expect(valueFileName("…", null)).toBe("_.txt");
  });
});

describe("copying and ordering rows", () => {
  it("copies a row as COPY text", () => {
    expect(copyText(["a\tb", null, "c\\d\n"])).toBe("a\\tb\t\\N\tc\\\\d\\n");
  });

  it("orders numbers by value with NULL last", () => {
    const values = [["10"], ["9"], [null], ["9007199254740993"], ["9007199254740992"]];
    expect(orderRows(values, { column: 0, descending: false })).toEqual([1, 0, 4, 3, 2]);
    expect(orderRows(values, { column: 0, descending: true })).toEqual([2, 3, 4, 0, 1]);
    expect(orderRows(values, null)).toBeNull();
  });
});
