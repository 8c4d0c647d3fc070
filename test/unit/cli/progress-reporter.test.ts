import { describe, expect, it } from "vitest";
import { createOutput } from "../../../electron/cli/output.ts";
import { createProgressReporter, describeProgress } from "../../../electron/cli/progress-reporter.ts";
import type { Job, Progress } from "../../../shared/job/job.ts";
import { toJobId } from "../../../shared/job/job-id.ts";
import { fakeScreen, showOnTerminal } from "../../helpers/fake-screen.ts";

const plain = { colour: false, dumb: false };
const measured: Progress = {
  kind: "measured",
  unit: "bytes",
  done: 450_000_000,
  total: 1_000_000_000,
  exact: false,
  ratePerSecond: 35_000_000,
  remainingMs: 15_700,
  current: { label: "public.orders", rows: 120_000, bytes: 1, totalBytes: 4 },
};

function jobWith(change: Partial<Job>): Job {
  const startedAt = new Date(Date.now() - 65_000).toISOString();
  return {
    id: toJobId("01jd3v8q2e6t9c5b7k0m4n1x2w"),
    kind: "backup",
    state: "running",
    title: "Back up shop",
    request: null,
    createdAt: startedAt,
    startedAt,
    endedAt: null,
    owner: { host: "h", pid: 1, processStart: "x" },
    locks: [],
    steps: [{ name: "Writing data", startedAt, endedAt: null }],
    progress: null,
    error: null,
    result: null,
    cancelRequestedAt: null,
    retryOf: null,
    ...change,
  };
}

const unstyled = (_: string, text: string) => text;
const lines = (job: Job, width = 100) => describeProgress(job, width, Date.now(), unstyled);

describe("the lines", () => {
  it("are a bar with amounts, rate and time left where the end is known", () => {
    expect(lines(jobWith({ progress: measured }))).toEqual([
      "Back up shop · Writing data · public.orders 25 %  1 min 5 s",
      `${"█".repeat(13)}${"░".repeat(17)}   45 %  450 MB of about 1 GB  35 MB/s  16 s left`,
    ]);
  });

  it("promise no time left when all is done", () => {
    const progress = { ...measured, done: measured.total, remainingMs: 0 };
    expect(lines(jobWith({ progress }))[1]).toMatch(/ 100 % {2}1 GB of about 1 GB {2}35 MB\/s$/);
  });

  it("are counters where it is not, never a bar", () => {
    const progress: Progress = { kind: "unmeasured", bytes: 12_300_000, rows: 45_000, current: null };
    expect(lines(jobWith({ progress }))[1]).toBe("12 MB  45,000 rows");
  });

  it("fit the terminal, however narrow and whatever the names", () => {
    const label = "a\u001b[2J_very_long_table_name_".repeat(5);
    const job = jobWith({ progress: { ...measured, current: { label, rows: 1, bytes: null, totalBytes: null } } });
    for (const width of [20, 40, 60, 79]) {
      const shown = lines(job, width);
      for (const line of shown) expect(line.length).toBeLessThanOrEqual(width);
      expect(shown.join("")).not.toContain("\u001b");
    }
  });

  it("say cancelling instead of the step", () => {
    expect(lines(jobWith({ state: "cancelling" }))[0]).toContain("Back up shop · cancelling");
  });
});

describe("the bar on a terminal", () => {
  it("stays two lines at the bottom, each drawn in one write, and leaves nothing behind", () => {
    const screen = fakeScreen({ isTTY: true });
    const reporter = createProgressReporter(screen, "auto", plain);
    reporter.update(jobWith({}));
    expect(showOnTerminal(screen.writes)).toEqual(["Back up shop · Writing data  1 min 5 s"]);
    for (let done = 0; done <= 10; done += 1) {
      const before = screen.writes.length;
      reporter.update(jobWith({ progress: { ...measured, done: done * 100_000_000 } }));
      expect(screen.writes.length).toBe(before + 1);
      expect(showOnTerminal(screen.writes)).toHaveLength(2);
    }
    reporter.end();
    reporter.end();
    reporter.update(jobWith({}));
    expect(showOnTerminal(screen.writes)).toEqual([""]);
  });

  it("lets notes and results through above itself", () => {
    const screen = fakeScreen({ isTTY: true });
    const out = createOutput({ stdout: screen, stderr: screen }, { json: false, env: {} });
    const reporter = out.progress("auto");
    reporter.update(jobWith({ progress: measured }));
    out.note("warning: one table was skipped");
    out.line("result");
    const shown = showOnTerminal(screen.writes);
    expect(shown.slice(0, 2)).toEqual(["warning: one table was skipped", "result"]);
    expect(shown).toHaveLength(4);
    reporter.end();
    out.line("end");
    expect(showOnTerminal(screen.writes)).toEqual(["warning: one table was skipped", "result", "end", ""]);
  });
});

describe("other modes", () => {
  it("json: one event a line, also where there is no terminal", () => {
    const screen = fakeScreen({ isTTY: false });
    const reporter = createProgressReporter(screen, "json", plain);
    reporter.update(jobWith({ progress: measured }));
    reporter.update(jobWith({ state: "failed", error: { code: "storage.full", message: "Full." } }));
    reporter.end();
    const events = screen.writes.map((line) => JSON.parse(line));
    expect(screen.writes.every((line) => line.endsWith("\n") && line.indexOf("\n") === line.length - 1)).toBe(true);
    expect(events[0]).toMatchObject({ event: "job", kind: "backup", state: "running", step: "Writing data" });
    expect(events[0].progress).toEqual(measured);
    expect(events[1]).toMatchObject({ state: "failed", error: { code: "storage.full" } });
  });

  it.each([
    ["silent", true, false],
    ["auto", false, false],
    ["auto", true, true],
  ] as const)("%s with terminal %s, dumb %s: nothing", (mode, isTTY, dumb) => {
    const screen = fakeScreen({ isTTY });
    const reporter = createProgressReporter(screen, mode, { colour: false, dumb });
    reporter.update(jobWith({ progress: measured }));
    reporter.end();
    expect(screen.writes).toEqual([]);
  });
});
