import { expect, test } from "vitest";
import { createBackupProgress } from "../../../electron/backup/backup-progress.ts";

const tables = [
  { oid: 1, label: "public.a", rows: 1000, bytes: 10_000 },
  { oid: 2, label: "public.b", rows: 1000, bytes: 30_000 },
];

test("the total follows what tables turn out to be", () => {
  const progress = createBackupProgress(tables, 0);
  expect(progress.current(0)).toMatchObject({ done: 0, total: 40_000, exact: false, current: null });

  progress.running(1, 8000, 500);
  expect(progress.current(1000)).toMatchObject({
    done: 8000,
    total: 46_000,
    current: { label: "public.a", rows: 500, totalBytes: 16_000 },
  });

  progress.finished(1, 16_500, 1010);
  expect(progress.current(2000)).toMatchObject({ done: 16_500, total: 46_500, ratePerSecond: expect.any(Number) });

  progress.finished(2, 30_000, 1000);
  expect(progress.current(3000)).toMatchObject({ done: 46_500, total: 46_500, remainingMs: 0 });
});

test("a table that grew past its estimate never shows more than all", () => {
  const progress = createBackupProgress(tables, 0);
  progress.running(1, 50_000, 2000);
  const now = progress.current(500);
  expect(now).toMatchObject({ done: 50_000, total: 80_000 });
});

test("tables whose data is not in the dump do not count", () => {
  const progress = createBackupProgress(tables, 0);
  progress.restrictTo(new Set([2]));
  expect(progress.current(0)).toMatchObject({ total: 30_000 });
});

test("a phase is named until data moves", () => {
  const progress = createBackupProgress(tables, 0);
  progress.phase("reading schemas");
  expect(progress.current(0).current?.label).toBe("reading schemas");
  progress.running(2, 1, 1);
  expect(progress.current(0).current?.label).toBe("public.b");
});
