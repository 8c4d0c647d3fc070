import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatRoute, parseRoute, type Route } from "../../../renderer/features/shell/route.ts";

const text = fc.string({ unit: "binary", minLength: 1, maxLength: 60 }).filter((value) => value.isWellFormed());
const maybe = fc.option(text, { nil: undefined });

const routes: fc.Arbitrary<Route> = fc.oneof(
  fc.constant<Route>({ screen: "home" }),
  fc.constant<Route>({ screen: "settings" }),
  fc.record({ screen: fc.constant("first-run" as const), jobId: maybe }),
  fc.record({ screen: fc.constant("backups" as const), path: maybe }),
  fc.record({
    screen: fc.constant("archive" as const),
    path: text,
    dumpId: fc.option(fc.nat({ max: 999_999 }), { nil: undefined }),
  }),
  fc.record({ screen: fc.constant("restore" as const), planId: text, path: maybe }),
  fc.record({ screen: fc.constant("compare" as const), path: text, dumpId: fc.nat(999_999_999), with: maybe }),
  fc.record({ screen: fc.constant("diff" as const), path: text, with: maybe }),
  fc.record({ screen: fc.constant("activity" as const), jobId: maybe }),
  fc.record({ screen: fc.constant("database" as const), name: fc.option(text, { nil: null }) }),
);

describe("a route", () => {
  it("is what its address says, whatever the names in it", () => {
    fc.assert(
      fc.property(routes, (route) => {
        expect(parseRoute(formatRoute(route))).toEqual(route);
      }),
    );
  });

  it.each([
    ["", { screen: "home" }],
    ["#/", { screen: "home" }],
    ["#/nowhere?x=1", { screen: "home" }],
    ["#/archive", { screen: "backups" }],
    ["#/restore?path=a", { screen: "backups" }],
    ["#/compare?path=a", { screen: "backups" }],
    ["#/archive?path=%2Fa%20b&dumpId=-3", { screen: "archive", path: "/a b", dumpId: undefined }],
    ["#/archive?path=a%3Fb", { screen: "archive", path: "a?b", dumpId: undefined }],
    ["#/database", { screen: "database", name: null }],
  ])("of the address %j", (hash, route) => {
    expect(parseRoute(hash)).toEqual(route);
  });

  it("writes Home as the bare address", () => {
    expect(formatRoute({ screen: "home" })).toBe("#/");
  });
});
