import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  buildCreateDatabase,
  parseDatabaseDefinition,
  quoteLiteral,
  restoredName,
  restoredNames,
} from "../../../shared/restore/database-definition.ts";

describe("CREATE DATABASE", () => {
  it.each([
    [
      "CREATE DATABASE shop WITH TEMPLATE = template0 ENCODING = 'UTF8' LOCALE_PROVIDER = libc LOCALE = 'C.UTF-8';\n",
      `CREATE DATABASE "x" TEMPLATE template0 ENCODING 'UTF8' LOCALE_PROVIDER libc LC_COLLATE 'C.UTF-8' LC_CTYPE 'C.UTF-8'`,
    ],
    [
      "CREATE DATABASE shop WITH TEMPLATE = template0 ENCODING = 'LATIN1' LC_COLLATE = 'de_DE' LC_CTYPE = 'C';\n",
      `CREATE DATABASE "x" TEMPLATE template0 ENCODING 'LATIN1' LC_COLLATE 'de_DE' LC_CTYPE 'C'`,
    ],
    [
      "CREATE DATABASE i WITH TEMPLATE = template0 ENCODING = 'UTF8' LOCALE_PROVIDER = icu LOCALE = 'C' ICU_LOCALE = 'de-DE' ICU_RULES = '&a < ''b''' TABLESPACE = fast;\n",
      `CREATE DATABASE "x" TEMPLATE template0 ENCODING 'UTF8' LOCALE_PROVIDER icu ICU_LOCALE 'de-DE' ICU_RULES '&a < ''b''' LC_COLLATE 'C' LC_CTYPE 'C'`,
    ],
    [
      "CREATE DATABASE b WITH TEMPLATE = template0 ENCODING = 'UTF8' LOCALE_PROVIDER = builtin LOCALE = 'C' BUILTIN_LOCALE = 'C.UTF-8';\n",
      `CREATE DATABASE "x" TEMPLATE template0 ENCODING 'UTF8' LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8' LC_COLLATE 'C' LC_CTYPE 'C'`,
    ],
  ])("repeats %s", (definition, expected) => {
    expect(buildCreateDatabase("x", parseDatabaseDefinition(definition), 18)).toBe(expected);
  });

  it("leaves out what an older server does not know", () => {
    const locale = parseDatabaseDefinition(
      "CREATE DATABASE b WITH TEMPLATE = template0 ENCODING = 'UTF8' LOCALE_PROVIDER = builtin LOCALE = 'C' BUILTIN_LOCALE = 'C.UTF-8';",
    );
    expect(buildCreateDatabase("x", locale, 16)).toBe(
      `CREATE DATABASE "x" TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'`,
    );
  });

  it("takes no option from a hostile name, and no SQL from a value", () => {
    const locale = parseDatabaseDefinition(
      `CREATE DATABASE "x ENCODING = 'SQL_ASCII' " WITH TEMPLATE = template0 ENCODING = 'a''; DROP DATABASE b; --';`,
    );
    expect(buildCreateDatabase('o"k', locale, 15)).toBe(
      `CREATE DATABASE "o""k" TEMPLATE template0 ENCODING 'a''; DROP DATABASE b; --'`,
    );
    expect(parseDatabaseDefinition(null).encoding).toBeNull();
  });

  it("writes literals that no setting bends", () => {
    expect(quoteLiteral("it's")).toBe("'it''s'");
    expect(quoteLiteral("a\\'b")).toBe("E'a\\\\''b'");
  });
});

describe("name of a restored copy", () => {
  const at = new Date("2026-11-22T14:30:05.678Z");

  it("says what it is and when it was made", () => {
    expect(restoredName("shop", at)).toBe("shop_restored_20261122_143005");
  });

  it("gives each of several a name of its own, also where cutting makes them alike", () => {
    const long = "customers_of_the_eastern_harbour_by_tenant_";
    const [first, second, third] = restoredNames([`${long}1`, `${long}2`, "shop"], at);
    expect(first).toBe("customers_of_the_eastern_harbour_by_te_restored_20261122_143005".slice(-63));
    expect(second).toMatch(/^customers_of_the_eastern_harbour.*_2$/);
    expect(Buffer.byteLength(second ?? "")).toBeLessThanOrEqual(63);
    expect(third).toBe("shop_restored_20261122_143005");
  });

  it("fits 63 bytes whatever the name", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", maxLength: 80 }), (name) => {
        const restored = restoredName(name, at);
        expect(Buffer.byteLength(restored)).toBeLessThanOrEqual(63);
        expect(restored.endsWith("_restored_20261122_143005")).toBe(true);
        expect(name.startsWith(restored.slice(0, -"_restored_20261122_143005".length))).toBe(true);
      }),
    );
  });
});
