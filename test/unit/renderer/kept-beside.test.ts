import { describe, expect, it } from "vitest";
import { mayBeKeptBeside } from "../../../renderer/features/backups/kept-beside.ts";

describe("a verification of this machine", () => {
  it.each([
    ["among the checks, where one was written just before it ended", ["2026-11-22T02:00:01.000Z"], true],
    ["among them, where writing it down took its time", ["2026-11-22T01:48:00.000Z"], true],
    ["not, where there are none", [], false],
    ["not, where the last one is of long before", ["2026-11-21T02:00:00.000Z"], false],
    ["not, where another machine has checked since", ["2026-11-22T02:30:00.000Z", "2026-11-21T02:00:00Z"], false],
  ])("is %s", (_name, times, isKept) => {
    const checks = times.map((at) => ({ at }));
    expect(mayBeKeptBeside("2026-11-22T02:00:02.000Z", { checks, refused: [] })).toBe(isKept);
  });

  it("may be a file that counts for nothing, as without the backup's key", () => {
    const refused = [{ path: "shop_20261121T020000Z.proof.20261122T020000Z-0badcafe.json", why: "without its key" }];
    expect(mayBeKeptBeside("2026-11-22T02:00:02.000Z", { checks: [], refused })).toBe(true);
  });
});
