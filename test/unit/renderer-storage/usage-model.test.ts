import { describe, expect, it } from "vitest";
import { formatMonth, usageByDatabase, usageByMonth } from "../../../renderer/features/storage/usage-model.ts";
import type { BackupView } from "../../../shared/contract/views.ts";

// Noon: in every zone of the same month.
const backup = (database: string, day: string, sizeBytes: number): BackupView => ({
  id: `${database} ${day}`,
  path: `s3://b/${database}/${day}.dump`,
  database,
  profile: null,
  server: null,
  startedAt: `${day}T12:00:00.000Z`,
  elapsedMs: 1,
  sizeBytes,
  tables: 1,
  rows: 1,
  format: "custom",
  compression: "zstd",
  hasGlobals: false,
  warnings: 0,
  recipients: [],
});
const backups = [backup("shop", "2026-11-20", 5), backup("shop", "2026-11-10", 4), backup("crm", "2026-09-10", 30)];

describe("what backups take", () => {
  it("is told month by month, newest first, with those in between", () => {
    expect(usageByMonth(backups)).toEqual([
      { month: "2026-11", sizeBytes: 9, count: 2 },
      { month: "2026-10", sizeBytes: 0, count: 0 },
      { month: "2026-09", sizeBytes: 30, count: 1 },
    ]);
    expect(usageByMonth([])).toEqual([]);
    expect(
      usageByMonth([backup("a", "2026-01-10", 1), backup("a", "2025-12-10", 1)]).map(({ month }) => month),
    ).toEqual(["2026-01", "2025-12"]);
    expect(formatMonth("2026-09")).toBe("Sep 2026");
  });

  it("is told by database, the largest first", () => {
    expect(usageByDatabase(backups)).toMatchObject([
      { database: "crm", sizeBytes: 30, count: 1 },
      {
        database: "shop",
        sizeBytes: 9,
        count: 2,
        oldest: "2026-11-10T12:00:00.000Z",
        newest: "2026-11-20T12:00:00.000Z",
      },
    ]);
  });
});
