import { describe, expect, it } from "vitest";
import { describeProgress } from "../../../renderer/components/describe-progress.ts";
import { sortRows } from "../../../renderer/components/sort-rows.ts";
import { filterJobs, noFilter } from "../../../renderer/features/activity/filter-jobs.ts";
import { takePasted } from "../../../renderer/features/first-run/pasted-url.ts";
import { applyJobDelta } from "../../../renderer/stores/jobs.ts";
import type { Job, Progress } from "../../../shared/job/job.ts";
import { jobId, makeJob } from "./make-job.ts";

describe("what people paste", () => {
  const url = "postgresql://backup:s%40x@db.internal:5432/shop?sslmode=require";
  it.each([
    url,
    `  ${url}\n`,
    `DATABASE_URL=${url}`,
    `DATABASE_URL="${url}"`,
    `export DATABASE_URL='${url}'`,
    `database_url: "${url}",`,
    `psql "${url}"`,
    `# production\nDATABASE_URL=${url}\nOTHER=1`,
  ])("%j holds the URL", (pasted) => {
    expect(takePasted(pasted)).toBe(url);
  });

  it("may be a conninfo string, whose equals signs stay", () => {
    expect(takePasted("host=db port=5432 dbname=shop")).toBe("host=db port=5432 dbname=shop");
    expect(takePasted("")).toBe("");
  });
});

describe("progress in words", () => {
  const measured = {
    kind: "measured",
    unit: "bytes",
    done: 63,
    total: 100,
    exact: true,
    ratePerSecond: 35_000_000,
    remainingMs: 240_000,
    current: null,
  } as const;
  it.each<[Progress | null, string]>([
    [null, "Starting"],
    [measured, "63 % · 35 MB/s · 4 min left"],
    [{ ...measured, exact: false }, "about 63 % · 35 MB/s · 4 min left"],
    [{ ...measured, exact: false, done: 120 }, "almost done"],
    [{ ...measured, unit: "entries", remainingMs: 200 }, "63 %"],
    [{ kind: "unmeasured", bytes: 0, rows: 0, current: null }, "Under way"],
    [{ kind: "unmeasured", bytes: 1_200_000, rows: 3400, current: null }, "1.2 MB · 3,400 rows"],
  ])("%# is %s", (progress, words) => {
    expect(describeProgress(progress)).toBe(words);
  });

  it("is shorter in brief", () => {
    expect(describeProgress(measured, true)).toBe("63 % · 4 min left");
  });
});

const ids = (jobs: readonly Job[]) => jobs.map(({ id }) => id);

describe("the list of jobs", () => {
  const list = [makeJob("03"), makeJob("01")];

  it("takes a new job at its place, replaces one it has, forgets one that was removed", () => {
    expect(ids(applyJobDelta(list, { changed: makeJob("02") }))).toEqual(["03", "02", "01"]);
    expect(ids(applyJobDelta(list, { changed: makeJob("04") }))).toEqual(["04", "03", "01"]);
    expect(ids(applyJobDelta(list, { changed: makeJob("00") }))).toEqual(["03", "01", "00"]);
    expect(applyJobDelta(list, { changed: makeJob("01", { title: "new" }) })[1]?.title).toBe("new");
    expect(ids(applyJobDelta(list, { removed: jobId("03") }))).toEqual(["01"]);
  });

  it("is filtered by state, kind and every word", () => {
    const jobs = [
      makeJob("a", { state: "running" }),
      makeJob("b", { state: "interrupted", kind: "restore", title: "Restore orders into shop" }),
      makeJob("c", { state: "finishedWithErrors" }),
    ];
    expect(ids(filterJobs(jobs, { ...noFilter, state: "bad" }))).toEqual(["b", "c"]);
    expect(ids(filterJobs(jobs, { ...noFilter, state: "live" }))).toEqual(["a"]);
    expect(ids(filterJobs(jobs, { ...noFilter, kind: "restore" }))).toEqual(["b"]);
    expect(ids(filterJobs(jobs, { ...noFilter, text: "SHOP  orders" }))).toEqual(["b"]);
  });
});

const compare = (one: { n: number }, other: { n: number }) => one.n - other.n;

it("sorts both ways and leaves equals as they stood", () => {
  const rows = [
    { n: 2, k: "a" },
    { n: 1, k: "b" },
    { n: 2, k: "c" },
  ];
  const keys = (direction: "ascending" | "descending") =>
    sortRows(rows, { key: "n", direction }, compare)
      .map(({ k }) => k)
      .join("");
  expect([keys("ascending"), keys("descending")]).toEqual(["bac", "acb"]);
  expect(sortRows(rows, null, undefined)).toBe(rows);
});
