import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { nodeDecoding } from "../../../electron/archives/node-decoding.ts";
import { parseCopyColumns } from "../../../shared/archive/copy-statement.ts";
import { type CopyRow, CopyTextReader } from "../../../shared/archive/copy-text.ts";

function reader(columns: number, encoding: string | null = "UTF8"): CopyTextReader {
  return new CopyTextReader({ columns, encoding, decode: nodeDecoding, where: "in a test" });
}

function read(text: string | Uint8Array, columns: number, encoding: string | null = "UTF8"): CopyRow[] {
  const copy = reader(columns, encoding);
  const rows = copy.push(typeof text === "string" ? Buffer.from(text) : text);
  copy.end();
  return rows;
}

/** As COPY TO writes a value (CopyAttributeOutText), independent of the reader. */
function escape(value: string | null): string {
  if (value === null) return "\\N";
  const letters: Record<string, string> = {
    "\b": "b",
    "\f": "f",
    "\n": "n",
    "\r": "r",
    "\t": "t",
    "\v": "v",
    "\\": "\\",
  };
  return Array.from(value, (letter) => (letters[letter] === undefined ? letter : `\\${letters[letter]}`)).join("");
}

describe("CopyTextReader", () => {
  it.each([
    ["\\N", null],
    ["", ""],
    ["\\\\N", "\\N"],
    ["\\b\\f\\n\\r\\t\\v", "\b\f\n\r\t\v"],
    ["\\\\", "\\"],
    ["\\101\\60", "A0"],
    ["\\1011", "A1"],
    ["\\x41\\x4a!\\xg", "AJ!xg"],
    ["\\x", "x"],
    ["\\303\\244\\xC3\\xA4", "ää"],
    ["\\q\\8", "q8"],
    ["a\\\\\\tb", "a\\\tb"],
    ["\\..", ".."],
    ["ünï 日本 𝄞", "ünï 日本 𝄞"],
  ])("reads %j as %j", (field, value) => {
    expect(read(`${field}\n\\.\n`, 1)).toEqual([[value]]);
  });

  it("reads rows of a table without columns", () => {
    expect(read("\n\n\\.\n\n\n", 0)).toEqual([[], []]);
    expect(() => read("x\n\\.\n", 0)).toThrow(/damaged/);
  });

  it("reads whatever COPY wrote, cut into whatever pieces", () => {
    const value = fc.option(fc.string({ unit: "binary" }).map((text) => text.replaceAll(/[\0\ud800-\udfff]/gu, "")));
    const table = fc
      .integer({ min: 1, max: 4 })
      .chain((columns) =>
        fc
          .array(fc.array(value, { minLength: columns, maxLength: columns }), { maxLength: 8 })
          .map((rows) => ({ columns, rows })),
      );
    fc.assert(
      fc.property(table, fc.array(fc.nat({ max: 200 }), { maxLength: 5 }), ({ columns, rows }, cuts) => {
        const text = rows.map((row) => `${row.map(escape).join("\t")}\n`).join("");
        const bytes = Buffer.from(`${text}\\.\n\n\n`);
        const copy = reader(columns);
        const found: CopyRow[] = [];
        let at = 0;
        for (const cut of [...cuts.toSorted((a, b) => a - b), bytes.length]) {
          found.push(...copy.push(bytes.subarray(at, Math.max(at, cut))));
          at = Math.max(at, cut);
        }
        copy.end();
        expect(found).toEqual(rows);
      }),
    );
  });

  it("insists on the end mark, at every place of a cut", () => {
    const bytes = Buffer.from("1\ta\n2\tb\n\\.\n");
    for (let size = 0; size < bytes.length; size++) expect(() => read(bytes.subarray(0, size), 2)).toThrow(/too early/);
    expect(read(bytes, 2)).toHaveLength(2);
  });

  it.each([
    ["1\ta\n2\n\\.\n", 2, /1 values for 2 columns/],
    ["a\\\n\\.\n", 1, /backslash at the end/],
    ["a\\\tb\n\\.\n", 2, /backslash at the end/],
    ["1\n\\.\n2\n", 1, /behind the end mark/],
  ])("refuses %j", (text, columns, detail) => {
    expect(() => read(text, columns)).toThrow(
      expect.objectContaining({ code: "archive.damaged", detail: expect.stringMatching(detail) }),
    );
  });

  it("reads each value of a database without encoding by itself", () => {
    const bytes = Buffer.concat([
      Buffer.from("Käse\t", "utf8"),
      Buffer.from("Käse\t\\\\ä\n", "latin1"),
      Buffer.from("\\.\n"),
    ]);
    expect(read(bytes, 3, "SQL_ASCII")).toEqual([["Käse", "Käse", "\\ä"]]);
  });

  it("does not take the second byte of a character for a backslash", () => {
    // 表 is 95 5C in Shift-JIS, ー is 81 5B.
    const bytes = Buffer.from([0x95, 0x5c, 0x09, 0x81, 0x5b, 0x0a, 0x5c, 0x2e, 0x0a]);
    expect(read(bytes, 2, "SJIS")).toEqual([["表", "ー"]]);
  });
});

describe("parseCopyColumns", () => {
  it.each([
    ["COPY public.orders (id, total) FROM stdin;\n", ["id", "total"]],
    [
      'COPY public."Odd; ""name"" (x)" (id, "a, b", "say ""hi"" (2)", ") FROM stdin;") FROM stdin;\n',
      ["id", "a, b", 'say "hi" (2)', ") FROM stdin;"],
    ],
    ['COPY "s.x"."line\nend" ("c\nd") FROM stdin;\n', ["c\nd"]],
    ["COPY public.empty  FROM stdin;\n", []],
    ["COPY orders (id) FROM stdin;\n", ["id"]],
    ["COPY public.orders (id, total FROM stdin;\n", null],
    ["INSERT INTO public.orders VALUES (1);", null],
    ["", null],
  ])("%j", (statement, columns) => {
    expect(parseCopyColumns(statement)).toEqual(columns);
  });
});
