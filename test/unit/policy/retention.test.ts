import { describe, expect, it } from "vitest";
import { createCalendar } from "../../../shared/policy/calendar.ts";
import { decideRetention } from "../../../shared/policy/retention.ts";
import type { RetentionBackup } from "../../../shared/policy/retention-backup.ts";
import { parseRetentionPolicy } from "../../../shared/policy/retention-policy.ts";

const hourMs = 3_600_000;

function backup(madeAt: string, rest: Partial<RetentionBackup> = {}): RetentionBackup {
  const time = madeAt.length === 10 ? `${madeAt}T02:00:00Z` : madeAt;
  return {
    id: madeAt,
    database: "shop",
    series: "shop",
    madeAt: time,
    fault: null,
    provedAt: null,
    pinned: false,
    dependsOn: [],
    ...rest,
  };
}

function daysBefore(last: string, count: number): RetentionBackup[] {
  const from = Date.parse(`${last}T00:00:00Z`);
  return Array.from({ length: count }, (_, at) => backup(new Date(from - at * 24 * hourMs).toISOString().slice(0, 10)));
}

function decide(
  backups: readonly RetentionBackup[],
  keep: string,
  { now = "2026-11-22T12:00:00Z", timeZone = "UTC" } = {},
) {
  const plan = decideRetention(backups, parseRetentionPolicy(keep), { now: new Date(now), timeZone });
  const kept = plan.decisions.filter(({ verdict }) => verdict === "kept");
  const reasons = Object.fromEntries(plan.decisions.map((each) => [each.id, each.reasons]));
  return { ...plan, kept: kept.map(({ id }) => id), reasons };
}

describe("what a policy keeps, as one would count it by hand", () => {
  it("the newest of each of the last days", () => {
    const backups = ["2026-11-22T02:00Z", "2026-11-22T10:00Z", "2026-11-21T02:00Z", "2026-11-20T02:00Z"].map((time) =>
      backup(time),
    );
    const { kept, reasons } = decide(backups, "2 daily");
    expect(kept).toEqual(["2026-11-22T10:00Z", "2026-11-21T02:00Z"]);
    expect(reasons).toEqual({
      "2026-11-22T10:00Z": ["newest of 2026-11-22", "last good backup"],
      "2026-11-22T02:00Z": ["a newer one of 2026-11-22 is kept"],
      "2026-11-21T02:00Z": ["newest of 2026-11-21"],
      "2026-11-20T02:00Z": ["no rule keeps one of 2026-11-20"],
    });
  });

  it("days, weeks, months and years of three years of daily backups", () => {
    const { kept, reasons } = decide(daysBefore("2026-11-22", 1200), "7 daily, 4 weekly, 12 monthly, 3 yearly");
    expect(kept).toEqual([
      ...["22", "21", "20", "19", "18", "17", "16"].map((day) => `2026-11-${day}`),
      // Sundays: 22 November is one too.
      "2026-11-15",
      "2026-11-08",
      "2026-11-01",
      ...["10-31", "09-30", "08-31", "07-31", "06-30", "05-31", "04-30", "03-31", "02-28", "01-31"].map(
        (day) => `2026-${day}`,
      ),
      "2025-12-31",
      "2024-12-31",
    ]);
    expect(reasons["2026-11-15"]).toEqual(["newest of week 2026-W46"]);
    expect(reasons["2025-12-31"]).toEqual(["newest of month 2025-12", "newest of year 2025"]);
  });

  it("the last ones, those within days of the newest, and the minimum", () => {
    const backups = daysBefore("2026-11-22", 10);
    expect(decide(backups, "last 3").kept).toHaveLength(3);
    expect(decide(backups, "within 3 days").kept).toEqual(["2026-11-22", "2026-11-21", "2026-11-20", "2026-11-19"]);
    expect(decide(backups, "1 yearly, minimum 4").kept).toHaveLength(4);
    expect(decide(backups, "1 yearly, minimum 4").reasons["2026-11-19"]).toEqual(["one of 4 that must remain"]);
  });

  it("days without a backup do not count, and no time that passes makes one due", () => {
    const backups = ["2026-01-01", "2026-03-01", "2026-05-01"].map((day) => backup(day));
    expect(decide(backups, "3 daily").kept).toHaveLength(3);
    expect(decide(backups, "within 400 days", { now: "2036-01-01T00:00:00Z" }).kept).toHaveLength(3);
  });

  it("one backup under a clock that is a year ahead does not make the others old", () => {
    const backups = [backup("2027-11-23"), ...daysBefore("2026-11-22", 10)];
    expect(decide(backups, "within 5 days", { now: "2027-11-23T03:00:00Z" }).kept).toHaveLength(7);
  });
});

describe("what no policy can take away", () => {
  const days = daysBefore("2026-11-22", 5);
  const changed = (day: string, rest: Partial<RetentionBackup>) =>
    days.map((each) => (each.id === day ? { ...each, ...rest } : each));

  it.each([
    ["pinned", { pinned: true }, "pinned"],
    ["last proved", { provedAt: "2026-11-19T03:00:00Z" }, "last proved backup"],
    ["not good", { fault: "files are missing" }, "not good, for you to look at: files are missing"],
  ])("%s", (_, rest, reason) => {
    const { kept, reasons } = decide(changed("2026-11-19", rest), "last 1");
    expect(kept).toEqual(["2026-11-22", "2026-11-19"]);
    expect(reasons["2026-11-19"]).toEqual([reason]);
  });

  it("all that a kept one depends on, and what that depends on", () => {
    const chain = changed("2026-11-22", { dependsOn: ["2026-11-20"] }).map((each) =>
      each.id === "2026-11-20" ? { ...each, dependsOn: ["2026-11-18"] } : each,
    );
    const { kept, reasons } = decide(chain, "last 1");
    expect(kept).toEqual(["2026-11-22", "2026-11-20", "2026-11-18"]);
    expect(reasons["2026-11-18"]).toEqual(["the backup of 2026-11-20T02:00:00Z depends on it"]);
  });

  it("anything, where a backup is from the future", () => {
    const plan = decide(days, "last 1", { now: "2026-11-21T00:00:00Z" });
    expect(plan.kept).toHaveLength(5);
    expect(plan.holds).toEqual([{ series: null, database: null, reason: expect.stringContaining("clock went back") }]);
  });

  it("anything of a series whose newest is not good; the others go on", () => {
    const other = daysBefore("2026-11-22", 3).map((each) => ({
      ...each,
      id: `x-${each.id}`,
      series: "x",
      database: "x",
    }));
    const plan = decide([...changed("2026-11-22", { fault: "unfinished" }), ...other], "last 1");
    expect(plan.kept).toEqual(["x-2026-11-22", ...days.map(({ id }) => id)].toSorted().toReversed());
    expect(plan.holds).toEqual([{ series: "shop", database: "shop", reason: expect.stringContaining("unfinished") }]);
  });

  it("anything of a database whose newest file nobody can tell, as a backup that is being written", () => {
    const stray = backup("2026-11-22T11:00Z", { series: null, fault: "it is not finished" });
    expect(decide([...days, stray], "last 1").kept).toHaveLength(6);
    expect(decide([...days, { ...stray, madeAt: "2026-11-01T00:00:00Z" }], "last 1").kept).toHaveLength(2);
  });

  it("backups of one table do not stand in for backups of everything", () => {
    const table = backup("2026-11-22T11:00Z", { series: "shop, orders alone" });
    expect(decide([...days, table], "1 daily").kept).toEqual([table.id, "2026-11-22"]);
  });
});

describe("a day", () => {
  const berlin = createCalendar("Europe/Berlin");

  it.each([
    // The clock goes forward at 01:00 UTC: 23 hours.
    ["2026-03-28T22:59:59Z", "2026-03-28", "2026-W13"],
    ["2026-03-28T23:00:00Z", "2026-03-29", "2026-W13"],
    ["2026-03-29T21:59:59Z", "2026-03-29", "2026-W13"],
    ["2026-03-29T22:00:00Z", "2026-03-30", "2026-W14"],
    // It goes back at 01:00 UTC: 25 hours, and half past two comes twice.
    ["2026-10-24T22:00:00Z", "2026-10-25", "2026-W43"],
    ["2026-10-25T00:30:00Z", "2026-10-25", "2026-W43"],
    ["2026-10-25T01:30:00Z", "2026-10-25", "2026-W43"],
    ["2026-10-25T22:59:59Z", "2026-10-25", "2026-W43"],
    ["2026-10-25T23:00:00Z", "2026-10-26", "2026-W44"],
    ["2028-02-29T12:00:00Z", "2028-02-29", "2028-W09"],
    // ISO 8601: the week belongs to the year of its Thursday.
    ["2026-12-31T12:00:00Z", "2026-12-31", "2026-W53"],
    ["2027-01-03T12:00:00Z", "2027-01-03", "2026-W53"],
    ["2027-01-04T12:00:00Z", "2027-01-04", "2027-W01"],
    ["2024-12-30T12:00:00Z", "2024-12-30", "2025-W01"],
  ])("in Berlin, %s is %s of %s", (time, day, week) => {
    expect(berlin(Date.parse(time))).toMatchObject({ day, week });
  });

  it("is the one of the time zone that is asked for", () => {
    const time = Date.parse("2026-11-22T03:00:00Z");
    expect(createCalendar("America/New_York")(time).day).toBe("2026-11-21");
    expect(createCalendar("Pacific/Kiritimati")(time).day).toBe("2026-11-22");
    expect(() => createCalendar("Mars/Olympus")).toThrow(RangeError);
  });

  it("that has 25 hours keeps one backup of its two half past two", () => {
    const backups = ["2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z", "2026-10-24T00:30:00Z"].map((time) =>
      backup(time),
    );
    expect(decide(backups, "2 daily", { timeZone: "Europe/Berlin" }).kept).toEqual([
      "2026-10-25T01:30:00Z",
      "2026-10-24T00:30:00Z",
    ]);
  });
});
