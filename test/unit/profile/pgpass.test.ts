import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { findPgpassPassword } from "../../../shared/profile/pgpass.ts";

const key = { host: "db", port: 5432, database: "shop", user: "me" };

interface Field {
  readonly value: string;
  readonly wild: boolean;
}

function escapeField(value: string): string {
  return value.replaceAll(/[\\:]/g, String.raw`\$&`);
}

function writeField(field: Field): string {
  return field.wild ? "*" : escapeField(field.value);
}

/** The reference compares values, not text. A value that is `*` is the wildcard: it needs no escape and has none. */
function matches(field: Field, value: string): boolean {
  return field.wild || field.value === value || field.value === "*";
}

describe(".pgpass", () => {
  test.each<[string, Partial<typeof key>, string | null]>([
    ["db:5432:shop:me:secret", {}, "secret"],
    ["*:*:*:*:any", {}, "any"],
    ["#db:5432:shop:me:no\ndb:5432:shop:me:yes", {}, "yes"],
    ["db:5432:shop:me:first\ndb:5432:shop:me:second", {}, "first"],
    ["db:5433:shop:me:no", {}, null],
    ["db:*:shop:me:port", {}, "port"],
    [String.raw`db:5432:shop:me:a\:b\\c`, {}, String.raw`a:b\c`],
    ["db:5432:shop:me:ends:here", {}, "ends"],
    ["db:5432:shop:me:windows\r\n", {}, "windows"],
    ["db:5432:shop:me: spaces are kept ", {}, " spaces are kept "],
    ["db:5432:shop:me", {}, null],
    ["db:5432:shop:me:", {}, ""],
    [String.raw`\:\:1:5432:shop:me:six`, { host: "::1" }, "six"],
    ["::1:5432:shop:me:bare", { host: "::1" }, "bare"],
    ["localhost:5432:shop:me:socket", { host: "/var/run/postgresql" }, "socket"],
    ["localhost:5432:shop:me:default", { host: "" }, "default"],
    ["localhost:5432:shop:me:no", { host: "/srv/other" }, null],
    ["/srv/other:5432:shop:me:path", { host: "/srv/other" }, "path"],
    ["*x:5432:shop:me:no", { host: "anyx" }, null],
    ["db:5432:s*p:me:literal", { database: "s*p" }, "literal"],
    ["*:*:*:*:none", { user: "" }, null],
    ["db2:5432:shop:me:no", {}, null],
    ["d:5432:shop:me:no", {}, null],
    [String.raw`db:5432:s\hop:me:escaped`, {}, "escaped"],
  ])("%j for %j", (text, changes, expected) => {
    expect(findPgpassPassword(text, { ...key, ...changes })?.password ?? null).toBe(expected);
  });

  test("the first line that matches is found, whatever the names hold", () => {
    const text = fc.string({ minLength: 1 }).map((value) => value.replaceAll(/[\n\r\0]/g, "_"));
    const field = fc.record({ value: text, wild: fc.boolean() });
    const line = fc.tuple(field, field, field, text).filter(([host]) => host.wild || !host.value.startsWith("#"));
    fc.assert(
      fc.property(fc.array(line, { minLength: 1, maxLength: 6 }), fc.nat(5), (lines, choice) => {
        const asked = lines[choice % lines.length]!;
        const wanted = { host: asked[0].value, database: asked[1].value, user: asked[2].value, port: 5432 };
        fc.pre(!wanted.host.startsWith("/"));
        const file = lines
          .map(([host, database, user, password]) =>
            [writeField(host), "5432", writeField(database), writeField(user), escapeField(password)].join(":"),
          )
          .join("\n");
        const expected = lines.findIndex(
          ([host, database, user]) =>
            matches(host, wanted.host) && matches(database, wanted.database) && matches(user, wanted.user),
        );
        expect(findPgpassPassword(file, wanted)).toEqual({ password: lines[expected]![3], line: expected + 1 });
      }),
    );
  });
});
