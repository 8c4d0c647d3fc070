import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  exactPattern,
  formatName,
  parseName,
  quoteConninfoValue,
  quoteIdentifier,
} from "../../../shared/command/names.ts";

/** Anything PostgreSQL takes as an identifier: one to 63 characters, no NUL. */
const identifier = fc.string({ unit: "binary", minLength: 1, maxLength: 63 }).filter((name) => !name.includes("\0"));
const plain = fc.stringMatching(/^[a-zA-Z_][a-zA-Z0-9_$-]{0,20}$/);

describe("names", () => {
  test.each([
    ["orders", null, "orders"],
    ["public.orders", "public", "orders"],
    ["Public.ORDERS", "public", "orders"],
    ['public."Odd; name"', "public", "Odd; name"],
    ['"a.b"."c""d"', "a.b", 'c"d'],
    [' shop . "Orders" ', "shop", "Orders"],
    ["my-table", null, "my-table"],
    ["ÄRGER", null, "Ärger"],
  ])("%s is read as %s and %s", (text, schema, name) => {
    expect(parseName(text)).toEqual({ schema, name });
  });

  test.each(["", " ", ".", "a.", ".a", '"open', 'a"b', '"a"b', '""', "a b", "a.b.c", 'a."'])(
    "%j is refused",
    (text) => {
      expect(() => parseName(text)).toThrow(expect.objectContaining({ code: "usage.invalid" }));
    },
  );

  test.each([
    [null, "orders", "orders"],
    ["public", "order", 'public."order"'],
    ["Shop", "a$b", '"Shop"."a$b"'],
    [null, "9lives", '"9lives"'],
    [null, 'q"q', '"q""q"'],
  ])("%s, %s is written %s", (schema, name, text) => {
    expect(formatName(schema, name)).toBe(text);
  });

  test("what is written is read back", () => {
    fc.assert(
      fc.property(fc.option(identifier), identifier, (schema, name) => {
        expect(parseName(formatName(schema, name))).toEqual({ schema, name });
        expect(parseName(exactPattern(schema, name))).toEqual({ schema, name });
      }),
    );
  });

  test("unquoted names fold as PostgreSQL folds them", () => {
    fc.assert(
      fc.property(plain, plain, (schema, name) => {
        expect(parseName(`${schema}.${name}`)).toEqual({ schema: schema.toLowerCase(), name: name.toLowerCase() });
      }),
    );
  });

  test("quoting leaves no way out", () => {
    fc.assert(
      fc.property(identifier, (name) => {
        expect(quoteIdentifier(name).slice(1, -1).replaceAll('""', "")).not.toContain('"');
        expect(
          quoteConninfoValue(name)
            .slice(1, -1)
            .replaceAll(/\\[\\']/g, ""),
        ).not.toMatch(/['\\]/);
      }),
    );
  });
});
