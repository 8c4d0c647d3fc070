import { join } from "node:path";
import { app, type BrowserWindow, nativeTheme, session } from "electron";
import type { Settings } from "../../shared/contract/views.ts";
import { type App, createApp } from "../app.ts";
import type { Home } from "../home.ts";
import { startIpcHost } from "../host/ipc-host.ts";
import { findRenderer } from "../host/renderer-folder.ts";
import { appOrigin, serveAppScheme } from "./app-scheme.ts";
import { guardSession } from "./guards.ts";
import { tellOfJobs } from "./job-notices.ts";
import { askBeforeClosing, askBeforeLeaving } from "./leaving.ts";
import { setMenu } from "./menu.ts";
import { createNativeFace } from "./native-face.ts";
import { activityPlace, archivePlace } from "./places.ts";
import { putUpTray } from "./tray.ts";
import { focusWindow, openWindow, showPlace } from "./window.ts";

export interface DesktopOptions {
  readonly home: Home;
  readonly env: NodeJS.ProcessEnv;
  readonly preload: string;
  readonly icon: string | null;
  /** With the tray's pictures. */
  readonly iconsFolder: string;
}

/** The desktop's Lifeboat: one window over the app. */
export interface Desktop {
  /** Brings the window to the front, at a place where one is given; makes it where it was closed. */
  show(place?: string): Promise<void>;
  openArchive(path: string): Promise<void>;
}

/**
 * Puts the app, its IPC host and what the system offers together. To be called when Electron is ready.
 * @throws storage.notFound where the window was not built, job.store*
 */
export async function startDesktop({ home, env, preload, icon, iconsFolder }: DesktopOptions): Promise<Desktop> {
  let shown: BrowserWindow | null = null;
  let opening: Promise<void> | null = null;
  const window = () => shown;

  serveAppScheme(findRenderer());
  guardSession(session.defaultSession);
  const native = createNativeFace(window);
  const services: App = await createApp({ home, env, native });
  const host = startIpcHost(services, appOrigin);

  async function open(place: string): Promise<void> {
    const stateFile = join(home.root, "window.json");
    const made = await openWindow({ preload, stateFile, icon, isPackaged: app.isPackaged, place });
    askBeforeClosing(made, { services });
    made.on("closed", () => {
      shown = null;
    });
    shown = made;
  }

  async function show(place?: string): Promise<void> {
    if (shown === null && opening === null) {
      opening = open(place ?? "").finally(() => {
        opening = null;
      });
      return opening;
    }
    await opening;
    if (shown === null) return;
    focusWindow(shown);
    if (place !== undefined) await showPlace(shown, place);
  }

  const goTo = (place: string) => {
    void show(place);
  };
  const openArchive = (path: string) => show(archivePlace(path));

  askBeforeLeaving({ services, window });
  const stopTelling = tellOfJobs({ topics: services.topics, window, onChosen: (id) => goTo(activityPlace(id)) });
  const takeTrayAway = putUpTray({ services, iconsFolder, open: () => void show() });
  await followTheme(services);
  setMenu({
    isPackaged: app.isPackaged,
    window,
    goTo,
    openArchive() {
      void native.openArchive().then((path) => (path === null ? undefined : openArchive(path)));
    },
  });
  app.on("will-quit", () => {
    stopTelling();
    takeTrayAway();
    host.close();
    services.close();
  });
  return { show, openArchive };
}

/** The system's own dialogs and the window's first colour follow the chosen theme. */
async function followTheme({ topics: { settings } }: Pick<App, "topics">): Promise<void> {
  // Damaged settings are told by the window.
  const now = await Promise.resolve(settings.snapshot()).catch(() => null);
  if (now !== null) applyTheme(now);
  settings.listen(applyTheme);
}

function applyTheme({ theme }: Settings): void {
  nativeTheme.themeSource = theme;
}
