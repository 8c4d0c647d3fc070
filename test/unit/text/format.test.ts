import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  formatBytes,
  formatCount,
  formatDuration,
  formatNumberOf,
  formatPercent,
  formatRate,
  formatRelative,
  formatTime,
} from "../../../shared/text/format.ts";

describe("sizes", () => {
  it.each([
    [0, "0 B"],
    [999, "999 B"],
    [1000, "1 kB"],
    [1234, "1.2 kB"],
    [9_949, "9.9 kB"],
    [9_996, "10 kB"],
    [45_400_000, "45 MB"],
    [999_499, "999 kB"],
    [999_500, "1 MB"],
    [2_700_000_000, "2.7 GB"],
    [1.5e15, "1.5 PB"],
    [3e18, "3000 PB"],
  ])("%d", (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });

  it("never take more than three digits below 1000 PB", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 9e14 }), (bytes) => {
        expect(formatBytes(bytes)).toMatch(/^(\d{1,3}|\d\.\d) (B|kB|MB|GB|TB)$/);
      }),
    );
  });

  it("make rates", () => {
    expect(formatRate(35_200_000)).toBe("35 MB/s");
  });
});

describe("counts", () => {
  it.each([
    [0, "0"],
    [999, "999"],
    [1000, "1,000"],
    [1234567, "1,234,567"],
    [1234.5678, "1,234.5678"],
  ])("%d", (count, text) => {
    expect(formatCount(count)).toBe(text);
  });

  it("agree with their noun", () => {
    expect([0, 1, 2].map((count) => formatNumberOf(count, "table"))).toEqual(["0 tables", "1 table", "2 tables"]);
    expect(formatNumberOf(1200, "entry", "entries")).toBe("1,200 entries");
  });

  it("make percents that reach 100 only at the end", () => {
    expect(formatPercent(999_999, 1_000_000)).toBe("99 %");
    expect(formatPercent(5, 5)).toBe("100 %");
    expect(formatPercent(7, 5)).toBe("100 %");
    expect(formatPercent(0, 0)).toBe("0 %");
  });
});

describe("times", () => {
  it.each([
    [0, "0 ms"],
    [850, "850 ms"],
    [4_200, "4.2 s"],
    [9_000, "9 s"],
    [38_400, "38 s"],
    [59_600, "1 min"],
    [200_000, "3 min 20 s"],
    [3_600_000, "1 h"],
    [7_500_000, "2 h 5 min"],
    [86_390_000, "1 d"],
    [273_600_000, "3 d 4 h"],
  ])("%d ms", (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
  });

  it("are told from now", () => {
    const now = Date.parse("2026-11-22T12:00:00Z");
    const told = (iso: string) => formatRelative(iso, now);
    expect(told("2026-11-22T11:59:55Z")).toBe("just now");
    expect(told("2026-11-22T11:59:20Z")).toBe("40 s ago");
    expect(told("2026-11-22T11:01:00Z")).toBe("59 min ago");
    expect(told("2026-11-20T13:00:00Z")).toBe("47 h ago");
    expect(told("2026-11-19T11:00:00Z")).toBe("3 d ago");
    expect(told("2026-11-22T12:05:00Z")).toBe("in 5 min");
    expect(told("yesterday")).toBe("yesterday");
  });

  it("are local, without a zone", () => {
    expect(formatTime("2026-11-22T12:00:05.123Z")).toMatch(/^2026-11-2[123] \d\d:\d\d:05$/);
    expect(formatTime("never")).toBe("never");
  });
});
