import { app, type BrowserWindow, dialog } from "electron";
import { texts } from "./texts.ts";

export interface LeavingOptions {
  readonly services: { readonly runningJobs: number; cancelJobs(): void; idle(): Promise<void> };
  readonly window: () => BrowserWindow | null;
}

const keepRunning = 0;
const stopAndQuit = 1;

const closeOnly = 0;
const stayOpen = 1;
const closeAndQuit = 2;

/**
 * Nothing that runs ends without a word: quitting asks first, then lets jobs tidy up. Closing the last window is quitting
 * too, save on macOS, where an app lives on without windows and its jobs with it.
 */
export function askBeforeLeaving({ services, window }: LeavingOptions): void {
  let isAsking = false;

  async function ask(jobs: number): Promise<void> {
    const over = window();
    const question = {
      type: "warning" as const,
      message: texts.quitWhileRunning(jobs),
      detail: texts.quitDetail,
      buttons: [texts.stay, texts.stopAndQuit],
      defaultId: keepRunning,
      cancelId: keepRunning,
      noLink: true,
    };
    const { response } = await (over === null
      ? dialog.showMessageBox(question)
      : dialog.showMessageBox(over, question));
    if (response === stopAndQuit) await endAndQuit(services);
  }

  app.on("before-quit", (event) => {
    if (services.runningJobs === 0) return;
    event.preventDefault();
    if (isAsking) return;
    isAsking = true;
    void ask(services.runningJobs).finally(() => {
      isAsking = false;
    });
  });
}

/**
 * Closing a window under running jobs asks: they may go on without it, under the tray, which brings it back. It
 * stays there when they have ended, until a person quits.
 */
export function askBeforeClosing(window: BrowserWindow, { services }: Pick<LeavingOptions, "services">): void {
  if (process.platform === "darwin") return;
  let isAsking = false;

  async function ask(): Promise<void> {
    const { response } = await dialog.showMessageBox(window, {
      type: "question",
      message: texts.quitWhileRunning(services.runningJobs),
      detail: `${texts.closeDetail} ${texts.quitDetail}`,
      buttons: [texts.closeOnly, texts.stay, texts.stopAndQuit],
      defaultId: closeOnly,
      cancelId: stayOpen,
      noLink: true,
    });
    if (response === closeOnly) window.hide();
    else if (response === closeAndQuit) await endAndQuit(services);
  }

  window.on("close", (event) => {
    if (services.runningJobs === 0) return;
    event.preventDefault();
    if (isAsking) return;
    isAsking = true;
    void ask().finally(() => {
      isAsking = false;
    });
  });
}

async function endAndQuit(services: LeavingOptions["services"]): Promise<void> {
  services.cancelJobs();
  await services.idle();
  app.quit();
}
