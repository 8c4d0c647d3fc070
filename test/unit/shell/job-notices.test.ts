import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Topics } from "../../../shared/contract/topics.ts";
import type { Job, JobState } from "../../../shared/job/job.ts";
import { BrowserWindow, told } from "../../helpers/electron-stand-in.mjs";

vi.mock("electron", () => import("../../helpers/electron-stand-in.mjs"));
const { progressOf, tellOfJobs } = await import("../../../electron/shell/job-notices.ts");

const measured = (done: number, total: number) =>
  ({
    kind: "measured",
    unit: "bytes",
    done,
    total,
    exact: true,
    ratePerSecond: null,
    remainingMs: null,
    current: null,
  }) as const;
const unmeasured = { kind: "unmeasured", bytes: 1, rows: 0, current: null } as const;

const settle = () => new Promise((resolve) => setTimeout(resolve, 5));

function jobOf(id: string, state: JobState, progress: Job["progress"] = null): Job {
  const none = { startedAt: null, endedAt: null, locks: [], steps: [], error: null, result: null, retryOf: null };
  const owner = { host: "h", pid: 1, processStart: "" };
  const known = { kind: "backup", title: "Back up shop", request: {}, createdAt: "", cancelRequestedAt: null } as const;
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- an id is text with a brand
  return { ...none, ...known, owner, id: id as Job["id"], state, progress };
}

describe("progress outside the window", () => {
  it("is none without jobs, the mean of what is measured, and without an end where one has none", () => {
    expect(progressOf([])).toBe(-1);
    expect(progressOf([{ progress: measured(30, 100) }, { progress: measured(50, 100) }])).toBeCloseTo(0.4);
    expect(progressOf([{ progress: measured(150, 100) }])).toBe(1);
    expect(progressOf([{ progress: measured(30, 100) }, { progress: unmeasured }])).toBeGreaterThan(1);
    expect(progressOf([{ progress: null }])).toBeGreaterThan(1);
    expect(progressOf([{ progress: measured(0, 0) }])).toBeGreaterThan(1);
  });
});

describe("notifications", () => {
  const settings = { theme: "system", backupsFolder: null, toolFolders: [], notifications: true } as const;
  let isWanted = true;
  let tell: (delta: Topics["jobs"]["delta"]) => void;
  const chosen: string[] = [];
  const window = new BrowserWindow({});

  beforeEach(() => {
    told.notifications.length = 0;
    window.focused = false;
    isWanted = true;
    tellOfJobs({
      topics: {
        jobs: {
          snapshot: () => [],
          listen(listener) {
            tell = listener;
            return () => {};
          },
        },
        settings: { snapshot: () => ({ ...settings, notifications: isWanted }), listen: () => () => {} },
      },
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a stand-in's window
      window: () => window as unknown as Electron.BrowserWindow,
      onChosen: (id) => chosen.push(id),
    });
  });

  it("tell of a job that ended while the window was not in front, and lead to it", async () => {
    tell({ changed: jobOf("a", "running", measured(1, 4)) });
    expect(window.progress).toBe(0.25);
    tell({ changed: jobOf("a", "succeeded") });
    await settle();
    expect(window.progress).toBe(-1);
    expect(told.notifications.map(({ options }) => options)).toEqual([{ title: "Back up shop", body: "Done." }]);
    told.notifications[0]?.emit("click");
    expect(chosen).toEqual(["a"]);
  });

  it("are not shown over a window in front, for old news, or where they are not wanted", async () => {
    tell({ changed: jobOf("old", "failed") });
    window.focused = true;
    tell({ changed: jobOf("b", "running") });
    tell({ changed: jobOf("b", "failed") });
    await settle();
    window.focused = false;
    isWanted = false;
    tell({ changed: jobOf("c", "running") });
    tell({ changed: jobOf("c", "failed") });
    await settle();
    expect(told.notifications).toEqual([]);
  });
});
