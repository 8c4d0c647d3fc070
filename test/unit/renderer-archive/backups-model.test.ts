import { describe, expect, it } from "vitest";
import {
  calendarWeeks,
  filterBackups,
  groupBackups,
  isFiltered,
  limitGroup,
  noFilter,
} from "../../../renderer/features/backups/backups-model.ts";
import { addDays, formatDay, mondayOf } from "../../../renderer/features/backups/dates.ts";
import type { BackupView } from "../../../shared/contract/views.ts";
import type { Job, JobId } from "../../../shared/job/job.ts";
import { readVerdicts } from "../../../shared/policy/verdicts.ts";

function backup(database: string, startedAt: string, change: Partial<BackupView> = {}): BackupView {
  return {
    id: `${database} ${startedAt}`,
    path: `/backups/${database}/${startedAt}.dump`,
    database,
    profile: null,
    server: null,
    startedAt: new Date(startedAt).toISOString(),
    elapsedMs: 1,
    sizeBytes: 1000,
    tables: 1,
    rows: 1,
    format: "custom",
    compression: "gzip",
    hasGlobals: false,
    warnings: 0,
    recipients: [],
    ...change,
  };
}

// Times without a zone are this machine's, so the tests hold in every zone.
const backups = [
  backup("shop", "2026-11-20T02:00:00"),
  backup("shop", "2026-11-22T02:00:00", { sizeBytes: 20_000_000 }),
  backup("shop", "2026-11-22T14:00:00"),
  backup("billing", "2026-11-22T23:59:00", { format: "directory" }),
];

function countOf(filter: Partial<typeof noFilter>): number {
  return filterBackups(backups, { ...noFilter, ...filter }).length;
}

describe("backups by database and day", () => {
  it("come newest first", () => {
    const groups = groupBackups(backups);
    expect(groups.map(({ database, count }) => [database, count])).toEqual([
      ["billing", 1],
      ["shop", 3],
    ]);
    expect(groups[1]?.days.map(({ day, backups: list }) => [day, list.length])).toEqual([
      ["2026-11-22", 2],
      ["2026-11-20", 1],
    ]);
    expect(groups[1]?.sizeBytes).toBe(20_002_000);
  });

  it("can be cut after so many", () => {
    const [, shop] = groupBackups(backups);
    expect(shop && limitGroup(shop, 2).map(({ backups: list }) => list.length)).toEqual([2]);
    expect(shop && limitGroup(shop, 9).flatMap(({ backups: list }) => list)).toHaveLength(3);
  });

  it("are filtered by text, database, format, size and day", () => {
    expect(countOf({})).toBe(4);
    expect(countOf({ text: " SHOP " })).toBe(3);
    expect(countOf({ database: "billing" })).toBe(1);
    expect(countOf({ format: "directory" })).toBe(1);
    expect(countOf({ size: "middle" })).toBe(1);
    expect(countOf({ day: "2026-11-22" })).toBe(3);
    expect(isFiltered(noFilter)).toBe(false);
    expect(isFiltered({ ...noFilter, day: "2026-11-22" })).toBe(true);
  });
});

describe("the calendar", () => {
  it("has eight whole weeks up to today's, days to come marked", () => {
    const weeks = calendarWeeks(backups, "2026-11-22");
    expect(weeks).toHaveLength(8);
    expect(weeks[0]?.[0]?.day).toBe("2026-09-28");
    expect(weeks[7]?.map(({ count }) => count)).toEqual([0, 0, 0, 0, 1, 0, 3]);
    expect(calendarWeeks(backups, "2026-11-18")[7]?.map(({ isFuture }) => isFuture)).toEqual([
      false,
      false,
      false,
      true,
      true,
      true,
      true,
    ]);
  });

  it("counts over summer time and leap days", () => {
    expect(addDays("2026-10-24", 2)).toBe("2026-10-26");
    expect(addDays("2028-02-28", 1)).toBe("2028-02-29");
    expect(mondayOf("2026-11-22")).toBe("2026-11-16");
    expect(mondayOf("2026-11-16")).toBe("2026-11-16");
    expect(formatDay("2026-11-21")).toBe("Sat 21 Nov 2026");
  });
});

function job(id: string, change: Partial<Job>): Job {
  return {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- any text serves
    id: id as JobId,
    kind: "verify",
    state: "succeeded",
    title: "Verify",
    request: { path: "/a.dump", level: "read" },
    createdAt: "2026-11-22T02:00:00Z",
    startedAt: null,
    endedAt: null,
    owner: { host: "", pid: 1, processStart: "" },
    locks: [],
    steps: [],
    progress: null,
    error: null,
    result: {},
    cancelRequestedAt: null,
    retryOf: null,
    ...change,
  };
}

function kindOf(jobs: Job[]) {
  return readVerdicts(jobs).get("/a.dump")?.kind;
}

describe("verdicts", () => {
  it("are those of the newest verification that says something", () => {
    const damaged = { code: "verify.checksumMismatch", message: "changed" } as const;
    expect(
      kindOf([job("3", { state: "cancelled" }), job("2", { state: "failed", error: damaged }), job("1", {})]),
    ).toBe("bad");
    expect(kindOf([job("2", {}), job("1", { state: "failed", error: damaged })])).toBe("good");
    expect(kindOf([job("2", { state: "finishedWithErrors" })])).toBe("partly");
    expect(kindOf([job("2", { state: "running" })])).toBe("running");
    expect(
      kindOf([job("2", { state: "failed", error: { code: "storage.failed", message: "no disk" } })]),
    ).toBeUndefined();
    expect(kindOf([job("2", { kind: "backup" })])).toBeUndefined();
    expect(kindOf([job("2", { request: null })])).toBeUndefined();
  });
});
