import { BrowserWindow, nativeTheme, screen, type WebPreferences } from "electron";
import { appPage } from "./app-scheme.ts";
import { readWindowState, smallestWindow, writeWindowState } from "./window-state.ts";

export interface WindowOptions {
  readonly preload: string;
  readonly stateFile: string;
  /** The picture on Linux's taskbar, where no package has set one; null for none. */
  readonly icon: string | null;
  /** Developer tools: never in a package. */
  readonly isPackaged: boolean;
  /** `#/archive?…`; empty for Home. */
  readonly place: string;
}

/** What every page of ours runs with. Each is Electron's default or stricter, and said here so that a test can hold it. */
export function webPreferences(preload: string, isPackaged: boolean): WebPreferences {
  return {
    preload,
    contextIsolation: true,
    sandbox: true,
    nodeIntegration: false,
    nodeIntegrationInWorker: false,
    nodeIntegrationInSubFrames: false,
    webSecurity: true,
    allowRunningInsecureContent: false,
    experimentalFeatures: false,
    webviewTag: false,
    navigateOnDragDrop: false,
    devTools: !isPackaged,
    spellcheck: false,
  };
}

/** Makes the one kind of window there is, where it was the last time, and shows it once it has something to show. */
export async function openWindow(options: WindowOptions): Promise<BrowserWindow> {
  const { preload, stateFile, icon, isPackaged, place } = options;
  const screens = screen.getAllDisplays().map(({ workArea }) => workArea);
  const state = await readWindowState(stateFile, screens);
  const window = new BrowserWindow({
    title: "Lifeboat",
    width: 1280,
    height: 800,
    ...state.bounds,
    minWidth: smallestWindow.width,
    minHeight: smallestWindow.height,
    show: false,
    // The tokens' --bg: no white flash before the page is there.
    backgroundColor: nativeTheme.shouldUseDarkColors ? "#0c131b" : "#f4f6f8",
    autoHideMenuBar: true,
    ...(icon === null ? {} : { icon }),
    webPreferences: webPreferences(preload, isPackaged),
  });
  if (state.isMaximized) window.maximize();
  window.once("ready-to-show", () => window.show());
  window.on("close", () => {
    void writeWindowState(stateFile, { bounds: window.getNormalBounds(), isMaximized: window.isMaximized() });
  });
  void showPlace(window, place);
  return window;
}

/** Goes to a place of the page. With the page there already only its fragment changes, which loads nothing anew. */
export async function showPlace(window: BrowserWindow, place: string): Promise<void> {
  // Rejects where another place is gone to before this one is there.
  await window.loadURL(`${appPage}${place}`).catch(() => {});
}

/** Brings the window to the front. */
export function focusWindow(window: BrowserWindow): void {
  if (window.isMinimized()) window.restore();
  window.show();
  window.focus();
}
