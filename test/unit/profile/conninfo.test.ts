import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseConninfo } from "../../../shared/profile/conninfo.ts";
import { keywords } from "../../../shared/profile/keywords.ts";

describe("keyword/value strings", () => {
  // Each line was given to psql 15.18, which read it so.
  test.each<[string, Record<string, string>]>([
    ["", {}],
    ["  \t\n ", {}],
    ["host=a port=5433", { host: "a", port: "5433" }],
    ["host = a\tport=\n5433", { host: "a", port: "5433" }],
    ["dbname='my shop' user=me", { dbname: "my shop", user: "me" }],
    [String.raw`dbname='it\'s' user=a\ b`, { dbname: "it's", user: "a b" }],
    [String.raw`dbname='back\\slash'`, { dbname: "back\\slash" }],
    ["dbname=''user=x", { dbname: "", user: "x" }],
    ["password='' host=h", { password: "", host: "h" }],
    ["user=o'brien", { user: "o'brien" }],
    ["dbname=a dbname=b", { dbname: "b" }],
    ["options='-c search_path=a,b'", { options: "-c search_path=a,b" }],
    ["requiressl=1", { sslmode: "require" }],
    ["host=h\\", { host: "h" }],
  ])("%j", (text, expected) => {
    expect(parseConninfo(text)).toEqual(expected);
  });

  test.each(["host", "host a=b", "dbname='open", "nonsense=1", "=x", "host=a 'b'"])("%j is refused", (text) => {
    expect(() => parseConninfo(text)).toThrow(expect.objectContaining({ code: "connection.invalid" }));
  });

  test("a password with an unquoted space is not repeated", () => {
    expect(() => parseConninfo("host=h password=open Sesame99=x")).toThrow(
      expect.not.objectContaining({ message: expect.stringContaining("Sesame99") }),
    );
  });

  test("whatever is quoted by the manual's rule is read back", () => {
    const parameters = fc.dictionary(
      fc.constantFrom(...keywords),
      fc.string({ unit: "binary" }).map((text) => text.replaceAll("\0", "")),
      { noNullPrototype: true },
    );
    fc.assert(
      fc.property(parameters, fc.constantFrom(" ", "\n", " \t "), (values, gap) => {
        const text = Object.entries(values)
          .map(([keyword, value]) => `${keyword}${gap}=${gap}'${value.replaceAll(/['\\]/g, String.raw`\$&`)}'`)
          .join(gap);
        expect(parseConninfo(text)).toEqual(values);
      }),
    );
  });
});
