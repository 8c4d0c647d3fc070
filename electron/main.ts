import { existsSync, mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { app, dialog } from "electron";
import { toErrorValue } from "../shared/error/app-error.ts";
import { locateHome } from "./home.ts";
import { registerAppScheme } from "./shell/app-scheme.ts";
import { type Desktop, startDesktop } from "./shell/desktop.ts";
import { guardContents } from "./shell/guards.ts";
import { archiveOfArguments, archivePlace } from "./shell/places.ts";
import { texts } from "./shell/texts.ts";

// Electron's entry. What must be said before Electron is ready stands here, in order; the rest is shell/desktop.ts.

const home = locateHome(process.env);
const iconsFolder = resolve(import.meta.dirname, "../resources/icons");
// Chromium's own files belong to the home too; another home is another Lifeboat, with a lock of its own.
const chromiumFolder = join(home.root, "chromium");
mkdirSync(chromiumFolder, { recursive: true, mode: 0o700 });
app.setPath("userData", chromiumFolder);
app.setName("Lifeboat");
if (process.platform === "win32") app.setAppUserModelId("org.lifeboat.Lifeboat");
registerAppScheme();

if (app.requestSingleInstanceLock()) start();
else app.quit();

function start(): void {
  /** macOS names a file before the window is there. */
  let wanted = archiveOfArguments(process.argv, process.cwd());
  let desktop: Desktop | null = null;

  function openArchive(path: string): void {
    if (desktop === null) wanted = path;
    else void desktop.openArchive(path);
  }

  app.on("web-contents-created", (_event, contents) => guardContents(contents));
  app.on("open-file", (event, path) => {
    event.preventDefault();
    openArchive(path);
  });
  app.on("second-instance", (_event, args, folder) => {
    const path = archiveOfArguments(args, folder);
    if (path === null) void desktop?.show();
    else openArchive(path);
  });
  app.on("activate", () => {
    void desktop?.show();
  });
  app.on("window-all-closed", () => {
    if (process.platform !== "darwin") app.quit();
  });

  async function begin(): Promise<void> {
    await app.whenReady();
    const started = await startDesktop({
      home,
      env: process.env,
      preload: join(import.meta.dirname, "preload.cjs"),
      icon: findIcon(),
      iconsFolder,
    });
    desktop = started;
    await started.show(wanted === null ? "" : archivePlace(wanted));
  }

  begin().catch((error: unknown) => {
    const { message, hint } = toErrorValue(error);
    dialog.showErrorBox(texts.cannotStart, [message, hint].filter(Boolean).join("\n\n"));
    app.exit(1);
  });
}

/** In a checkout the window has no picture of its own; packages bring theirs. */
function findIcon(): string | null {
  const path = join(iconsFolder, "256x256.png");
  return existsSync(path) ? path : null;
}
