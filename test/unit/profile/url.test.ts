import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { AppError } from "../../../shared/error/app-error.ts";
import { parseConnectionUrl } from "../../../shared/profile/url.ts";

/** Its own error, or null when the URL is taken; anything else thrown is a defect. */
function refusal(url: string): AppError | null {
  try {
    parseConnectionUrl(url);
    return null;
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
}

describe("connection URLs", () => {
  // The first block is from libpq's own test (src/interfaces/libpq/t/001_uri.pl).
  test.each<[string, Record<string, string>]>([
    [
      "postgresql://uri-user:secret@host:12345/db",
      { user: "uri-user", password: "secret", host: "host", port: "12345", dbname: "db" },
    ],
    ["postgresql://uri-user@host/", { user: "uri-user", host: "host" }],
    ["postgresql://uri-user@", { user: "uri-user" }],
    ["postgresql://host:12345/", { host: "host", port: "12345" }],
    ["postgresql://", {}],
    ["postgres://", {}],
    ["postgresql://?", {}],
    ["postgresql:///db?user=u", { dbname: "db", user: "u" }],
    ["postgresql://ho%73t/db", { host: "host", dbname: "db" }],
    ["postgresql://host?us%65r=uri-user", { host: "host", user: "uri-user" }],
    ["postgresql://[2001:db8::1234]:5433/db", { host: "2001:db8::1234", port: "5433", dbname: "db" }],
    ["postgresql://[::1]?user=x", { host: "::1", user: "x" }],
    ["postgresql://%2Fvar%2Flib/db", { host: "/var/lib", dbname: "db" }],
    ["postgres:///?host=/path/to/sock", { host: "/path/to/sock" }],
    ["postgres://otheruser@/no/such/directory", { user: "otheruser", dbname: "no/such/directory" }],
    ["postgresql:///tmp?host=/path&port=5555", { dbname: "tmp", host: "/path", port: "5555" }],
    ["postgresql://h?ssl=true", { host: "h", sslmode: "require" }],
    ["postgresql://a:1,b:2,c/db", { host: "a,b,c", port: "1,2,", dbname: "db" }],
    ["postgresql://a,[::1]:2/db", { host: "a,::1", port: ",2", dbname: "db" }],
    ["postgresql://u:a:b@h/d", { user: "u", password: "a:b", host: "h", dbname: "d" }],
    ["postgresql://u:p?x@h", { user: "u", password: "p?x", host: "h" }],
    ["postgresql://:p@h", { password: "p", host: "h" }],
    [
      "postgresql://h/d?sslmode=verify-full&sslrootcert=%2Fa b.crt&",
      { host: "h", dbname: "d", sslmode: "verify-full", sslrootcert: "/a b.crt" },
    ],
  ])("%s", (url, expected) => {
    expect(parseConnectionUrl(url)).toEqual(expected);
  });

  test.each([
    "mysql://h",
    "postgresql+psycopg2://h",
    "jdbc:postgresql://h",
    "postgresql://[::1",
    "postgresql://[]/db",
    "postgresql://[::1]z",
    "postgresql://h?zzz",
    "postgresql://h?user=a=b",
    "postgresql://h?schema=public",
    "postgresql://h?value=%",
    "postgresql://h?value=%0",
    "postgresql://%00",
    "postgresql://%ff",
    "postgresql://h?a=b&&c=d",
  ])("%s is refused", (url) => {
    expect(() => parseConnectionUrl(url)).toThrow(expect.objectContaining({ code: "connection.invalid" }));
  });

  test.each([
    "postgresql://me:hunterA@hunterB@db.example.org/shop",
    "postgresql://me:hunterA/hunterB@db.example.org/shop",
    "postgresql://me:hunterA/99@db.example.org:5432/shop",
    "postgresql://me:5432/hunterA@db.example.org/shop",
    "postgresql://me:hunterA?b@hunterB@h/shop",
    "postgresql://me:x@hunterA/hunterB@h/shop",
    "postgresql://me:x@hunterA?hunterB@h/shop",
    "postgresql://me:hunter%A@h/shop",
    "postgresql://u:x@[::1]@hunterA",
  ])("a password that breaks the URL is explained and not repeated: %s", (url) => {
    const error = refusal(url)?.toValue();
    expect(error?.code).toBe("connection.invalid");
    expect(JSON.stringify(error)).not.toMatch(/hunter|example/);
    expect(error?.hint).toMatch(/%25/);
  });

  test("whatever is percent-encoded is read back", () => {
    const word = fc.string({ unit: "grapheme", minLength: 1 }).map((text) => text.replaceAll("\0", "x").toWellFormed());
    fc.assert(
      fc.property(word, word, word, word, (user, password, host, dbname) => {
        const [u, p, h, d] = [user, password, host, dbname].map(encodeURIComponent);
        expect(parseConnectionUrl(`postgresql://${u}:${p}@${h}:6000/${d}?application_name=${p}`)).toEqual({
          user,
          password,
          host,
          port: "6000",
          dbname,
          application_name: password,
        });
      }),
    );
  });

  test("no text makes it throw anything but its own error, and none that repeats a long piece", () => {
    const piece = fc.oneof(
      fc.constantFrom("@", ":", "/", "?", "&", "=", "%", "[", "]", ",", "%4", "%40", "%00"),
      fc.constant("sEcReT"),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 14 }), (pieces) => {
        const error = refusal(`postgresql://${pieces.join("")}`)?.toValue();
        expect(error?.code ?? "connection.invalid").toBe("connection.invalid");
        // A parameter's name may be repeated; nothing else of the URL.
        expect(JSON.stringify(error ?? "").includes("sEcReT") && !pieces.includes("?")).toBe(false);
      }),
      { numRuns: 500 },
    );
  });
});
