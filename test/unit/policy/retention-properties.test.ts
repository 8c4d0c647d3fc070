import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decideRetention } from "../../../shared/policy/retention.ts";
import type { RetentionBackup } from "../../../shared/policy/retention-backup.ts";
import { parseRetentionPolicy, type RetentionPolicy } from "../../../shared/policy/retention-policy.ts";

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const now = new Date("2026-11-22T12:00:00Z");
const timeZones = fc.constantFrom("UTC", "Europe/Berlin", "America/St_Johns", "Pacific/Apia");

const small = fc.integer({ min: 0, max: 6 });
const policies: fc.Arbitrary<RetentionPolicy> = fc.record({
  daily: small,
  weekly: small,
  monthly: small,
  yearly: small,
  last: small,
  withinDays: fc.integer({ min: 0, max: 60 }),
  minimum: fc.integer({ min: 1, max: 6 }),
});

const drafts = fc.record({
  hoursAgo: fc.oneof(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 0, max: 30_000 })),
  series: fc.constantFrom("a", "a", "a", "b", null),
  fault: fc.constantFrom(null, null, null, null, null, "damaged"),
  provedHoursAgo: fc.option(fc.integer({ min: 0, max: 300 }), { freq: 3 }),
  pinned: fc.integer({ min: 0, max: 9 }).map((dice) => dice === 0),
  dependsOn: fc.array(fc.nat({ max: 39 }), { maxLength: 2 }),
});

const histories: fc.Arbitrary<RetentionBackup[]> = fc.array(drafts, { maxLength: 40 }).map((all) =>
  all.map((draft, at) => ({
    id: `backup-${at}`,
    database: draft.series ?? "a",
    series: draft.series,
    madeAt: new Date(now.getTime() - draft.hoursAgo * hourMs).toISOString(),
    fault: draft.series === null ? "unreadable" : draft.fault,
    provedAt:
      draft.provedHoursAgo === null ? null : new Date(now.getTime() - draft.provedHoursAgo * hourMs).toISOString(),
    pinned: draft.pinned,
    dependsOn: at % 4 === 0 ? draft.dependsOn.map((other) => `backup-${other}`) : [],
  })),
);

function keep(
  backups: readonly RetentionBackup[],
  policy: RetentionPolicy,
  timeZone: string,
  at = now,
): RetentionBackup[] {
  const { decisions } = decideRetention(backups, policy, { now: at, timeZone });
  const kept = new Set(decisions.filter(({ verdict }) => verdict === "kept").map(({ id }) => id));
  return backups.filter(({ id }) => kept.has(id));
}

const idsOf = (backups: readonly RetentionBackup[]) => backups.map(({ id }) => id).toSorted();

/** What has to be true after every pruning and is not. */
function brokenPromises(
  before: readonly RetentionBackup[],
  after: readonly RetentionBackup[],
  minimum: number,
): string[] {
  const broken: string[] = [];
  const left = new Set(after.map(({ id }) => id));
  const there = new Set(before.map(({ id }) => id));
  for (const { id, pinned, fault } of before)
    if (!left.has(id) && (pinned || fault !== null)) broken.push(`${id} is pinned, or for a person to look at`);
  for (const { id, dependsOn } of after)
    if (dependsOn.some((needed) => there.has(needed) && !left.has(needed))) broken.push(`${id} lost what it needs`);
  for (const series of new Set(before.map((backup) => backup.series))) {
    const good = before
      .filter((backup) => backup.series === series && backup.fault === null)
      .toSorted((one, other) => Date.parse(other.madeAt) - Date.parse(one.madeAt));
    const goodLeft = good.filter(({ id }) => left.has(id));
    const proved = good.flatMap(({ provedAt }) => provedAt ?? []).toSorted();
    if (goodLeft[0]?.madeAt !== good[0]?.madeAt) broken.push("the newest good one went");
    if (goodLeft.length < Math.min(minimum, good.length)) broken.push("too few remain");
    if (proved.length > 0 && !goodLeft.some(({ provedAt }) => provedAt === proved.at(-1)))
      broken.push("the last proved one went");
  }
  return broken;
}

describe("retention, whatever was backed up and whatever is asked for", () => {
  it("keeps its promises", () => {
    fc.assert(
      fc.property(histories, policies, timeZones, (backups, policy, timeZone) => {
        expect(brokenPromises(backups, keep(backups, policy, timeZone), policy.minimum)).toEqual([]);
      }),
      { numRuns: 2000 },
    );
  });

  it("keeps no less where a number is larger", () => {
    const names = fc.constantFrom(
      ...(["daily", "weekly", "monthly", "yearly", "last", "withinDays", "minimum"] as const),
    );
    fc.assert(
      fc.property(histories, policies, names, timeZones, (backups, policy, name, timeZone) => {
        const shorter = idsOf(keep(backups, policy, timeZone));
        const longer = idsOf(keep(backups, { ...policy, [name]: policy[name] + 1 }, timeZone));
        expect(longer).toEqual(expect.arrayContaining(shorter));
      }),
      { numRuns: 2000 },
    );
  });

  it("takes nothing more when it is asked again", () => {
    fc.assert(
      fc.property(histories, policies, timeZones, (backups, policy, timeZone) => {
        const once = keep(backups, policy, timeZone);
        expect(idsOf(keep(once, policy, timeZone))).toEqual(idsOf(once));
      }),
      { numRuns: 2000 },
    );
  });

  it("says the same for any order", () => {
    const shuffled = histories.chain((all) =>
      fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })),
    );
    fc.assert(
      fc.property(shuffled, policies, ([one, other], policy) => {
        const moment = { now, timeZone: "UTC" };
        expect(decideRetention(other, policy, moment)).toEqual(decideRetention(one, policy, moment));
      }),
      { numRuns: 1000 },
    );
  });

  it("gives a reason for each", () => {
    fc.assert(
      fc.property(histories, policies, (backups, policy) => {
        const { decisions } = decideRetention(backups, policy, { now, timeZone: "UTC" });
        expect(idsOf(backups)).toEqual(decisions.map(({ id }) => id).toSorted());
        for (const { reasons } of decisions) expect(reasons.join("")).not.toBe("");
      }),
    );
  });

  it("takes nothing at all where a backup is from the future", () => {
    fc.assert(
      fc.property(histories, policies, (backups, policy) => {
        fc.pre(backups.length > 0);
        const newest = Math.max(...backups.map(({ madeAt }) => Date.parse(madeAt)));
        expect(keep(backups, policy, "UTC", new Date(newest - 1))).toHaveLength(backups.length);
      }),
    );
  });
});

describe("pruning day by day", () => {
  it.each(["7 daily, 4 weekly, 12 monthly, 3 yearly", "last 5", "within 30 days", "1 daily, 2 monthly, minimum 4"])(
    "ends with what the policy names of all that were ever made: %s",
    (text) => {
      const policy = parseRetentionPolicy(text);
      const all: RetentionBackup[] = [];
      let left: RetentionBackup[] = [];
      for (let day = 0; day < 1500; day++) {
        const made = new Date(Date.parse("2022-09-01T01:30:00Z") + day * dayMs);
        const backup: RetentionBackup = {
          id: made.toISOString(),
          database: "a",
          series: "a",
          madeAt: made.toISOString(),
          fault: null,
          provedAt: null,
          pinned: false,
          dependsOn: [],
        };
        all.push(backup);
        left = keep([...left, backup], policy, "Europe/Berlin", new Date(made.getTime() + hourMs));
      }
      expect(idsOf(left)).toEqual(idsOf(keep(all, policy, "Europe/Berlin")));
    },
  );

  /** What can happen in a day, some of it rarely. */
  const days = fc.array(
    fc.record({
      event: fc.constantFrom("good", "good", "good", "good", "unfinished", "damaged", "none", "clock"),
      prove: fc.integer({ min: 0, max: 20 }),
      pin: fc.integer({ min: 0, max: 60 }),
      isIncrement: fc.boolean(),
      jumpHours: fc.integer({ min: -2000, max: 2000 }),
      at: fc.integer({ min: 0, max: 23 }),
    }),
    { minLength: 5, maxLength: 60 },
  );

  it("keeps its promises through failures, proofs, pins, chains and clocks that jump", () => {
    let steps = 0;
    fc.assert(
      fc.property(days, policies, timeZones, (history, policy, timeZone) => {
        let clockMs = Date.parse("2026-01-01T00:00:00Z");
        let stored: RetentionBackup[] = [];
        history.forEach((day, number) => {
          clockMs += day.event === "clock" ? day.jumpHours * hourMs : dayMs;
          const made = new Date(clockMs + day.at * 60_000).toISOString();
          const previous = stored.filter(({ fault }) => fault === null).at(-1);
          const change = (index: number, rest: Partial<RetentionBackup>) => {
            stored = stored.map((each, at) => (at === index ? { ...each, ...rest } : each));
          };
          if (day.event !== "none" && day.event !== "clock")
            stored.push({
              id: `day-${number}`,
              database: "a",
              series: "a",
              madeAt: made,
              fault: day.event === "unfinished" ? "unfinished" : null,
              provedAt: null,
              pinned: false,
              dependsOn: day.isIncrement && previous !== undefined ? [previous.id] : [],
            });
          if (day.event === "damaged") change(day.at % stored.length, { fault: "damaged" });
          change(day.prove, { provedAt: made });
          change(day.pin, { pinned: true });
          const after = keep(stored, policy, timeZone, new Date(clockMs + hourMs));
          const broken = brokenPromises(stored, after, policy.minimum);
          const newestMs = Math.max(...stored.map(({ madeAt }) => Date.parse(madeAt)));
          const newest = stored.filter(({ madeAt }) => Date.parse(madeAt) === newestMs);
          const mustHold = newestMs > clockMs + hourMs || newest.every(({ fault }) => fault !== null);
          if (mustHold && after.length < stored.length) broken.push("something went though nothing may");
          expect(broken).toEqual([]);
          stored = after;
          steps += 1;
        });
      }),
      { numRuns: 2000 },
    );
    expect(steps).toBeGreaterThan(20_000);
  }, 120_000);
});
