import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { nodeDecoding } from "../../../electron/archives/node-decoding.ts";
import type { CopyRow } from "../../../shared/archive/copy-text.ts";
import { InsertTextReader } from "../../../shared/archive/insert-text.ts";
import type { TableColumn } from "../../../shared/archive/table-columns.ts";

interface Found {
  readonly columns: readonly string[] | null;
  readonly rows: CopyRow[];
}

function read(
  text: string | Uint8Array,
  tableColumns: readonly TableColumn[] | null = null,
  encoding: string | null = "UTF8",
  pieces: readonly number[] = [],
  hasEscapes = false,
): Found {
  const reader = new InsertTextReader({ tableColumns, encoding, hasEscapes, decode: nodeDecoding, where: "in a test" });
  const bytes = typeof text === "string" ? Buffer.from(text) : Buffer.from(text);
  const rows: CopyRow[] = [];
  let at = 0;
  for (const size of pieces) {
    rows.push(...reader.push(bytes.subarray(at, at + size)));
    at += size;
  }
  rows.push(...reader.push(bytes.subarray(at)));
  reader.end();
  return { columns: reader.columns, rows };
}

/** As appendStringLiteral writes a value, independent of the reader. */
function literal(value: string, hasEscapes: boolean): string {
  const quoted = value.replaceAll("'", "''");
  return hasEscapes ? `'${quoted.replaceAll("\\", "\\\\")}'` : `'${quoted}'`;
}

describe("InsertTextReader", () => {
  it.each([
    ["NULL", null],
    ["''", ""],
    ["'it''s'", "it's"],
    ["''''", "'"],
    ["'NULL'", "NULL"],
    ["'a;\n);\nINSERT INTO x VALUES (1);\n-- b'", "a;\n);\nINSERT INTO x VALUES (1);\n-- b"],
    ["'\\x00ff'", "\\x00ff"],
    ["E'\\\\x00ff'", "\\x00ff"],
    ["'\\N \\'", "\\N \\"],
    ["true", "t"],
    ["false", "f"],
    ["B'0101'", "0101"],
    ["-5", "-5"],
    ["1e+20", "1e+20"],
    ["'NaN'", "NaN"],
    ["'ünï 日本 𝄞\t'", "ünï 日本 𝄞\t"],
  ])("reads %j as %j", (value, expected) => {
    expect(read(`INSERT INTO public.t VALUES (${value});\n`).rows).toEqual([[expected]]);
    expect(read(`INSERT INTO public.t VALUES\n\t(1, ${value}),\n\t(2, ${value});\n\n\n`).rows).toEqual([
      ["1", expected],
      ["2", expected],
    ]);
  });

  it("takes the columns from the statements, else from the table, else calls them as PostgreSQL does", () => {
    const listed =
      'INSERT INTO "s.t"."a (b" (id, "a, b", "say ""hi""", "two\nlines") OVERRIDING SYSTEM VALUE VALUES (1, 2, 3, 4)';
    expect(read(`${listed} ON CONFLICT DO NOTHING;\n`).columns).toEqual(["id", "a, b", 'say "hi"', "two\nlines"]);
    const table = ["id", "twice", "note"].map((name) => ({ name, isGenerated: name === "twice" }));
    const plain = "INSERT INTO public.t OVERRIDING SYSTEM VALUE VALUES (1, DEFAULT, 'x');\n";
    expect(read(plain, table)).toEqual({ columns: ["id", "note"], rows: [["1", "x"]] });
    expect(read(plain)).toEqual({ columns: ["column1", "column3"], rows: [["1", "x"]] });
    expect(read("INSERT INTO public.t DEFAULT VALUES;\nINSERT INTO public.t DEFAULT VALUES;\n", [])).toEqual({
      columns: [],
      rows: [[], []],
    });
    expect(read("\n\n", table)).toEqual({ columns: null, rows: [] });
  });

  it("reads values of a database without an encoding each in its own", () => {
    const bytes = Buffer.concat([
      Buffer.from("INSERT INTO public.t VALUES ('ä', '"),
      Buffer.from([0xe4]),
      Buffer.from("');\n"),
    ]);
    expect(read(bytes, null, "SQL_ASCII").rows).toEqual([["ä", "ä"]]);
    // In Shift JIS the second byte of this letter is a backslash.
    const sjis = Buffer.concat([
      Buffer.from("INSERT INTO public.t VALUES (E'"),
      Buffer.from([0x95, 0x5c]),
      Buffer.from("\\\\');\n"),
    ]);
    expect(read(sjis, null, "SJIS").rows).toEqual([["表\\"]]);
  });

  it("reads whatever pg_dump wrote, cut into whatever pieces", () => {
    const value = fc.option(fc.string({ unit: "binary" }).map((text) => text.replaceAll(/[\0\ud800-\udfff]/gu, "")));
    const table = fc
      .integer({ min: 1, max: 4 })
      .chain((columns) => fc.array(fc.array(value, { minLength: columns, maxLength: columns }), { minLength: 1 }));
    const pieces = fc.array(fc.integer({ min: 0, max: 30 }));
    fc.assert(
      fc.property(table, pieces, fc.boolean(), fc.integer({ min: 1, max: 3 }), (rows, sizes, hasEscapes, perInsert) => {
        const written = rows.map((row) => {
          const values = row.map((each) => (each === null ? "NULL" : literal(each, hasEscapes)));
          return `(${values.join(", ")})`;
        });
        let text = "";
        for (let at = 0; at < written.length; at += perInsert) {
          const some = written.slice(at, at + perInsert);
          const list = perInsert === 1 ? ` ${some.join("")}` : some.map((row) => `\n\t${row}`).join(",");
          text += `INSERT INTO public.t VALUES${list};\n`;
        }
        expect(read(`${text}\n\n`, null, "UTF8", sizes, hasEscapes).rows).toEqual(rows);
      }),
    );
  });

  it("tells every cut within a statement", () => {
    const text = "INSERT INTO public.t VALUES (1, 'a\nb');\n";
    for (let size = 1; size < text.length; size++)
      expect(() => read(text.slice(0, size))).toThrow(expect.objectContaining({ code: "archive.truncated" }));
  });

  it.each([
    "SELECT 1;\n",
    "INSERT INTO public.t SELECT 1;\n",
    "INSERT INTO public.t VALUES (now());\n",
    "INSERT INTO public.t VALUES (E'\\n');\n",
    "INSERT INTO public.t VALUES (1) RETURNING id;\n",
    "INSERT INTO public.t VALUES (1); DROP TABLE x;\n",
    "INSERT INTO public.t VALUES (1);\nINSERT INTO public.u VALUES (1);\n",
    "INSERT INTO public.t VALUES (1);\nINSERT INTO public.t VALUES (1, 2);\n",
    "INSERT INTO public.t VALUES (1, DEFAULT);\nINSERT INTO public.t VALUES (1, 2);\n",
    "INSERT INTO public.t (a) VALUES (DEFAULT);\n",
    `INSERT INTO public.t VALUES (${"1, ".repeat(2000)}1);\n`,
    `INSERT INTO ${"x".repeat(1_000_000)}\n VALUES (1);\n`,
  ])("refuses %.60j", (text) => {
    expect(() => read(text)).toThrow(expect.objectContaining({ code: "archive.damaged" }));
  });
});
