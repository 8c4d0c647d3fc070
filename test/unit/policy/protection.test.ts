import { describe, expect, it } from "vitest";
import { historyOf } from "../../../renderer/features/home/history-days.ts";
import type { BackupView, ProfileView } from "../../../shared/contract/views.ts";
import type { Job, JobState } from "../../../shared/job/job.ts";
import { judge, type Protection, safeAgeMs, sayProtection } from "../../../shared/policy/protection.ts";
import { listWatched } from "../../../shared/policy/watched-databases.ts";
import { usualPlaces } from "../../../shared/profile/profile.ts";
import { makeJob } from "../renderer/make-job.ts";

const now = Date.parse("2026-11-21T12:00:00Z");
const hoursAgo = (hours: number) => new Date(now - hours * 3_600_000).toISOString();

function profile(name: string, rest: Partial<ProfileView> = {}): ProfileView {
  return {
    name,
    hosts: [{ host: "db", port: 5432 }],
    database: name,
    user: "backup",
    sslMode: "prefer",
    sslRootCert: null,
    sslCert: null,
    sslKey: null,
    tunnel: null,
    passwordSource: "pgpass",
    environment: "development",
    colour: null,
    places: usualPlaces,
    ...rest,
  };
}

function backup(database: string, hours: number, rest: Partial<BackupView> = {}): BackupView {
  return {
    id: `${database}-${hours}`,
    path: `/b/${database}-${hours}.dump`,
    database,
    profile: database,
    server: { host: "db", port: 5432, version: "17.6" },
    startedAt: hoursAgo(hours),
    elapsedMs: 1000,
    sizeBytes: 1000,
    tables: 3,
    rows: 10,
    format: "custom",
    compression: "zstd",
    hasGlobals: false,
    warnings: 0,
    recipients: [],
    ...rest,
  };
}

function job(database: string, state: JobState, hours: number, request: object = {}): Job {
  const isLive = state === "running" || state === "queued";
  return makeJob(`job-${database}-${hours}`, {
    state,
    request: { database, target: { profile: database, hosts: [{ host: "db", port: 5432 }] }, ...request },
    createdAt: hoursAgo(hours),
    startedAt: hoursAgo(hours),
    endedAt: isLive ? null : hoursAgo(hours),
  });
}

function watch(profiles: ProfileView[], backups: BackupView[], jobs: Job[] = []): Protection[] {
  return listWatched(profiles, backups, jobs).map((database) => judge(database, now, null));
}

const statesOf = (all: readonly Protection[]) => all.map(({ name, state }) => [name, state]);

describe("a database", () => {
  it.each([
    ["safe", [backup("shop", 25.9)], []],
    ["old", [backup("shop", safeAgeMs / 3_600_000)], []],
    ["never", [], []],
    ["failed", [], [job("shop", "failed", 1)]],
    ["failed", [backup("shop", 5)], [job("shop", "interrupted", 1)]],
    ["safe", [backup("shop", 1)], [job("shop", "failed", 5)]],
    ["safe", [backup("shop", 5)], [job("shop", "cancelled", 1)]],
    ["safe", [backup("shop", 5)], [job("shop", "succeeded", 0.5), job("shop", "failed", 1)]],
    ["failed", [backup("shop", 5)], [job("shop", "cancelled", 0.5), job("shop", "failed", 1)]],
    ["safe", [backup("shop", 5)], [job("shop", "failed", 1, { database: "other" })]],
  ] as const)("is %s", (state, backups, jobs) => {
    expect(statesOf(watch([profile("shop")], [...backups], [...jobs]))).toEqual([["shop", state]]);
  });

  it("is known by its backups alone where its profile is gone", () => {
    const all = watch([], [backup("shop", 1, { profile: null })]);
    expect(statesOf(all)).toEqual([["shop", "safe"]]);
    expect(all[0]?.connection).toBeNull();
  });

  it("of another name on a profile's server stands beside it", () => {
    const all = watch([profile("shop")], [backup("crm", 1, { profile: "shop" })]);
    expect(statesOf(all)).toEqual([
      ["shop", "never"],
      ["shop / crm", "safe"],
    ]);
  });

  it("is not made of archives that came from elsewhere", () => {
    expect(watch([], [backup("shop", 1, { id: null, profile: null, server: null })])).toEqual([]);
  });

  it("has the jobs of a profile that was renamed by its server", () => {
    const [shop] = watch(
      [profile("shop")],
      [],
      [job("shop", "failed", 1, { target: { hosts: [{ host: "db", port: 5432 }] } })],
    );
    expect(shop?.state).toBe("failed");
  });
});

function stateOf(...recipients: string[]) {
  const [database] = listWatched([profile("shop")], [backup("shop", 1, { recipients })], []);
  return database && judge(database, now, new Set(["age1shop"])).state;
}

describe("a database whose backups are encrypted", () => {
  const [watched] = listWatched([profile("shop")], [backup("shop", 1, { recipients: ["age1shop"] })], []);
  const judged = (...tried: string[]) => watched && judge(watched, now, new Set(tried));

  it("does not count as protected before the recovery kit of its key was tried, also where the key is not known here", () => {
    const shop = judged("age1other");
    expect(shop?.state).toBe("kit");
    expect(sayProtection(shop ? [shop] : [], now)).toMatchObject({
      tone: "bad",
      answer: "shop is not safe",
      reason: expect.stringContaining("no recovery kit of their key was tried"),
    });
    expect(judged()?.state).toBe("kit");
    expect(judged("age1shop", "age1other")?.state).toBe("safe");
    expect(watched && judge(watched, now, null).state).toBe("safe");
  });

  it("needs but one key that was tried, and none of gpg's", () => {
    expect(stateOf("age1colleague", "age1shop")).toBe("safe");
    expect(stateOf("age1colleague")).toBe("kit");
    expect(stateOf("0123456789ABCDEF0123456789ABCDEF01234567")).toBe("safe");
  });
});

describe("the protection sentence", () => {
  it("leads with the answer, names the worst and offers to mend it", () => {
    const all = watch(
      [profile("shop"), profile("billing", { environment: "production" }), profile("crm")],
      [backup("shop", 2), backup("billing", 72)],
    );
    const { tone, answer, reason, mend } = sayProtection(all, now);
    expect({ tone, answer, reason, mend: mend?.name }).toEqual({
      tone: "warn",
      answer: "1 of 3 databases is safe",
      reason: "The newest backup of billing was made 3 d ago. What came since would be lost.",
      mend: "billing",
    });
  });

  it.each([
    [[backup("shop", 2)], ["shop"], "shop is safe", "good"],
    [[], ["shop"], "shop is not safe", "bad"],
    [[backup("a", 2), backup("b", 3)], ["a", "b"], "Both databases are safe", "good"],
    [[], ["a", "b"], "Neither database is safe", "bad"],
    [[backup("a", 2), backup("b", 3), backup("c", 3)], ["a", "b", "c"], "All 3 databases are safe", "good"],
    [[backup("a", 2), backup("b", 3)], ["a", "b", "c"], "2 of 3 databases are safe", "warn"],
  ] as const)("counts (%#)", (backups, names, answer, tone) => {
    const all = watch(
      names.map((name) => profile(name)),
      [...backups],
    );
    expect(sayProtection(all, now)).toMatchObject({ answer, tone });
  });

  it("says that a copy is on its way instead of offering another", () => {
    const said = sayProtection(watch([profile("shop")], [], [job("shop", "running", 0.1)]), now);
    expect(said).toMatchObject({ reason: "shop is being backed up now.", mend: null });
  });

  it("tells a failed try and what is still there", () => {
    const said = sayProtection(watch([profile("shop")], [backup("shop", 5)], [job("shop", "failed", 1)]), now);
    expect(said.reason).toBe("The last try to back up shop failed 1 h ago. The newest backup was made 5 h ago.");
  });

  it("counts the sample for none of a person's databases", () => {
    const sample = backup("shop", 1, { profile: "sample" });
    expect(sayProtection(watch([], [sample]), now)).toMatchObject({
      tone: "neutral",
      answer: "Only the sample has a backup",
    });
    expect(sayProtection(watch([profile("crm")], [sample]), now).answer).toBe("crm is not safe");
    expect(sayProtection([], now).answer).toBe("No database is protected yet");
  });

  it("names databases of the sample's server apart", () => {
    const all = watch([], [backup("shop", 1, { profile: "sample" }), backup("shop_again", 1, { profile: "sample" })]);
    expect(all.map(({ name, database, isSample }) => [name, database, isSample])).toEqual([
      ["sample", "shop", true],
      ["sample / shop_again", "shop_again", true],
    ]);
    expect(all.every(({ connection }) => connection?.kind === "sample")).toBe(true);
  });

  it("shows what a name would have obeyed", () => {
    expect(sayProtection(watch([profile("a\u202eb")], []), now).answer).toBe("a<U+202E>b is not safe");
  });
});

describe("the history", () => {
  it("has the largest backup of each of fourteen days, and tells days without one from days before the first", () => {
    const days = historyOf([backup("shop", 1), backup("shop", 2, { sizeBytes: 4000 }), backup("shop", 72)], now);
    expect(days).toHaveLength(14);
    expect(days.at(-1)).toEqual({ day: "2026-11-21", sizeBytes: 4000, isBefore: false, isToday: true });
    expect(days.slice(-5).map(({ sizeBytes, isBefore }) => (isBefore ? "before" : sizeBytes))).toEqual([
      "before",
      1000,
      null,
      null,
      4000,
    ]);
  });
});
