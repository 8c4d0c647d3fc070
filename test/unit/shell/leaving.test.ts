import { beforeEach, describe, expect, it, vi } from "vitest";
import { answers, app, BrowserWindow, told } from "../../helpers/electron-stand-in.mjs";

vi.mock("electron", () => import("../../helpers/electron-stand-in.mjs"));
const { askBeforeClosing, askBeforeLeaving } = await import("../../../electron/shell/leaving.ts");

const stay = 0;
const stopAndQuit = 1;
const services = {
  runningJobs: 0,
  cancelled: 0,
  cancelJobs() {
    this.cancelled += 1;
    this.runningJobs = 0;
  },
  idle: () => Promise.resolve(),
};
const settle = () => new Promise((resolve) => setTimeout(resolve, 5));

describe("leaving", () => {
  beforeEach(() => {
    app.removeAllListeners();
    told.hasQuit = false;
    services.cancelled = 0;
    askBeforeLeaving({ services, window: () => null });
  });

  it("with nothing running just quits", () => {
    services.runningJobs = 0;
    app.quit();
    expect(told.hasQuit).toBe(true);
  });

  it("with jobs running stays where the answer is to keep them", async () => {
    services.runningJobs = 2;
    answers.messageBox = stay;
    app.quit();
    await settle();
    expect({ hasQuit: told.hasQuit, cancelled: services.cancelled }).toEqual({ hasQuit: false, cancelled: 0 });
  });

  it("with jobs running ends them, waits for them, and quits, where that is the answer", async () => {
    services.runningJobs = 2;
    answers.messageBox = stopAndQuit;
    app.quit();
    expect(told.hasQuit).toBe(false);
    await settle();
    expect({ hasQuit: told.hasQuit, cancelled: services.cancelled }).toEqual({ hasQuit: true, cancelled: 1 });
  });

  it.skipIf(process.platform === "darwin").each([
    ["to go on without the window", 0, { isShown: false, hasQuit: false, cancelled: 0 }],
    ["to stay", 1, { isShown: true, hasQuit: false, cancelled: 0 }],
    ["to end it", 2, { isShown: true, hasQuit: true, cancelled: 1 }],
  ])("closing the window under a running job asks; the answer is %s", async (_what, answer, expected) => {
    services.runningJobs = 1;
    answers.messageBox = answer;
    const window = new BrowserWindow({});
    window.show();
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a stand-in's window, for its close and its hiding
    askBeforeClosing(window as unknown as Electron.BrowserWindow, { services });
    expect(window.close()).toBe(false);
    await settle();
    expect({ isShown: window.isShown, hasQuit: told.hasQuit, cancelled: services.cancelled }).toEqual(expected);
    services.runningJobs = 0;
    expect(window.close()).toBe(true);
  });
});
