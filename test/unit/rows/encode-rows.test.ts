import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { CopyRow } from "../../../shared/archive/copy-text.ts";
import { writeCopyLine } from "../../../shared/compare/copy-line.ts";
import { encodeRows } from "../../../shared/rows/encode-rows.ts";
import { encoderFor, headOf, type TextFormat } from "../../../shared/rows/row-format.ts";

const columns = [
  { name: "id", type: "bigint" },
  { name: "no,te", type: "text" },
  { name: "__proto__", type: "numeric(10,2)" },
];
const table = { schema: "public", name: "Odd; name", overridesIdentity: true };

function encode(format: TextFormat, text: string, own: typeof columns = columns): string {
  return Buffer.from(encodeRows(encoderFor(format, own, table), own.length, "of t")(Buffer.from(text))).toString();
}

const copyText = (rows: readonly CopyRow[]) => rows.map((row) => `${writeCopyLine(row)}\n`).join("");
const text = fc.oneof(
  fc.string({ unit: "grapheme" }),
  fc.constantFrom(
    "1",
    "-0.5",
    "1e+20",
    "1--",
    "-",
    "007",
    "",
    "\\N",
    "NULL",
    "a,b",
    'say "hi"',
    "it's",
    "a\r\nb",
    "\t",
    "\\",
    "\\.",
    "\u0001\u000b\u007f",
  ),
);
const row = fc.tuple(fc.option(text), fc.option(text), fc.option(text));

const csvValue = (value: string | null) =>
  value === null ? "" : value === "" || /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
const sqlValue = (value: string | null, at: number) =>
  value === null
    ? "NULL"
    : at !== 1 && /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:e[-+]?\d+)?$/i.test(value)
      ? value
      : `'${value.replaceAll("'", "''")}'`;

describe("rows on their way out", () => {
  it("are CSV, JSON and SQL of the same values, whatever these are", () => {
    fc.assert(
      fc.property(fc.array(row, { maxLength: 12 }), (rows) => {
        const given = copyText(rows);
        expect(encode("csv", given)).toBe(rows.map((each) => `${each.map(csvValue).join(",")}\r\n`).join(""));
        expect(encode("json", given)).toBe(rows.map((each) => `${JSON.stringify(each)}\n`).join(""));
        expect(encode("sql", given)).toBe(
          rows
            .map(
              (each) =>
                `INSERT INTO public."Odd; name" (id, "no,te", "__proto__") OVERRIDING SYSTEM VALUE VALUES (${each.map(sqlValue).join(", ")});\n`,
            )
            .join("")
            .replaceAll('"__proto__"', "__proto__"),
        );
      }),
    );
  });

  it("have in JSON lines what their types say", () => {
    const own = ["bigint", "numeric", "boolean", "jsonb", "json", "text", "integer[]", "real"].map((type, at) => ({
      name: `c${at}`,
      type,
    }));
    const values = ["9007199254740993", "0.10", "t", '{"a": [1, "x\\ny"]}', '{\n"b":\t2 }', 'say "hi"', "{1,2}", "NaN"];
    const nulls: CopyRow = own.map(() => null);
    expect(encode("jsonl", copyText([values, nulls]), own).split("\n")).toEqual([
      String.raw`{"c0":9007199254740993,"c1":0.10,"c2":true,"c3":{"a": [1, "x\ny"]},"c4":{ "b":	2 },"c5":"say \"hi\"","c6":"{1,2}","c7":"NaN"}`,
      '{"c0":null,"c1":null,"c2":null,"c3":null,"c4":null,"c5":null,"c6":null,"c7":null}',
      "",
    ]);
  });

  it("keep COPY's other ways to write a byte", () => {
    expect(encode("csv", String.raw`1	\x41\101\q\xC3\xA9	\b` + "\n")).toBe("1,AAqé,\b\r\n");
  });

  it("quote what COPY would take for the end of a single column", () => {
    const one = [{ name: "v", type: "text" }];
    expect(encode("csv", "\\\\.\n\\N\n\n", one)).toBe('"\\."\r\n\r\n""\r\n');
  });

  it("of a table without columns are rows all the same", () => {
    expect(encode("csv", "\n\n", [])).toBe("\r\n\r\n");
    expect(encode("jsonl", "\n", [])).toBe("{}\n");
    expect(encode("sql", "\n", [])).toBe('INSERT INTO public."Odd; name" DEFAULT VALUES;\n');
  });

  it("have a head that names the columns", () => {
    expect(headOf("csv", columns)).toBe('id,"no,te",__proto__\r\n');
    expect(headOf("json", columns)).toBe('{"columns":["id","no,te","__proto__"]}\n');
  });

  it.each(["1\t2\n", "1\t2\t3\t4\n", "1\t2\t3\\\n", "1\t2\t3"])("are refused where they are damaged: %j", (damaged) => {
    expect(() => encode("csv", damaged)).toThrow(expect.objectContaining({ code: "archive.damaged" }));
  });
});
