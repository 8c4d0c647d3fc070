import { app, type BrowserWindow, dialog } from "electron";
import { texts } from "./texts.ts";

export interface LeavingOptions {
  readonly services: { readonly runningJobs: number; cancelJobs(): void; idle(): Promise<void> };
  readonly window: () => BrowserWindow | null;
}

const keepRunning = 0;
const stopAndQuit = 1;

/**
 * Nothing that runs ends without a word: quitting asks first, then lets jobs tidy up. Closing the window is quitting too,
 * save on macOS, where an app lives on without windows and its jobs with it.
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
    if (response !== stopAndQuit) return;
    services.cancelJobs();
    await services.idle();
    app.quit();
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

/** Turns the closing of a window under running jobs into the question. */
export function askBeforeClosing(window: BrowserWindow, { services }: Pick<LeavingOptions, "services">): void {
  if (process.platform === "darwin") return;
  window.on("close", (event) => {
    if (services.runningJobs === 0) return;
    event.preventDefault();
    app.quit();
  });
}
