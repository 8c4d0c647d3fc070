import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { _electron, type Page } from "@playwright/test";

const root = resolve(import.meta.dirname, "../../..");
const folder = process.env["ELECTRON_OVERRIDE_DIST_PATH"] ?? join(root, "node_modules/electron/dist");
const names = new Map([
  ["darwin", "Electron.app/Contents/MacOS/Electron"],
  ["win32", "electron.exe"],
]);
const program = join(folder, names.get(process.platform) ?? "electron");

/** Why the specs cannot run in Electron's own window here; null where they can. */
export function whyNoElectron(): string | null {
  if (!existsSync(program)) return "needs Electron's program (npm start fetches it)";
  if (process.platform !== "linux") return null;
  if (process.getuid?.() === 0) return "needs another user than root, for whom Electron's sandbox does not work";
  const { DISPLAY, WAYLAND_DISPLAY } = process.env;
  return DISPLAY || WAYLAND_DISPLAY ? null : "needs a display (xvfb-run gives one)";
}

/** The app in Electron on a home of a test's own, once its window is there. */
export async function startElectron(
  env: Readonly<Record<string, string>>,
): Promise<{ readonly page: Page; readonly close: () => Promise<void> }> {
  const { PATH = "", DISPLAY = "", WAYLAND_DISPLAY = "", XDG_RUNTIME_DIR = "" } = process.env;
  const app = await _electron.launch({
    executablePath: program,
    args: [root],
    env: { PATH, DISPLAY, WAYLAND_DISPLAY, XDG_RUNTIME_DIR, ...env },
  });
  return { page: await app.firstWindow(), close: () => app.close() };
}
