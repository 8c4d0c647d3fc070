import { existsSync } from "node:fs";
import { isAbsolute } from "node:path";
import { type BrowserWindow, dialog, Notification, type OpenDialogOptions, shell } from "electron";
import { AppError } from "../../shared/error/app-error.ts";
import type { NativeFace } from "../handlers/app-services.ts";
import { archiveEndings, archiveOfChosen } from "./places.ts";
import { texts } from "./texts.ts";

/** The system's own dialogs and file manager. @param window the one to stand over; null while there is none */
export function createNativeFace(window: () => BrowserWindow | null): NativeFace {
  async function choose(options: OpenDialogOptions): Promise<string | null> {
    const over = window();
    const { filePaths } = await (over === null ? dialog.showOpenDialog(options) : dialog.showOpenDialog(over, options));
    return filePaths[0] ?? null;
  }

  return {
    async openArchive() {
      const path = await choose({
        title: texts.openArchive,
        properties: ["openFile"],
        filters: [
          { name: texts.archives, extensions: [...archiveEndings, "dat"] },
          { name: texts.allFiles, extensions: ["*"] },
        ],
      });
      return path === null ? null : archiveOfChosen(path);
    },
    chooseFolder: () => choose({ title: texts.chooseFolder, properties: ["openDirectory", "createDirectory"] }),
    async reveal(path) {
      if (!isAbsolute(path) || !existsSync(path))
        throw new AppError("storage.notFound", texts.notThere, { detail: path });
      shell.showItemInFolder(path);
    },
    notifications: Notification.isSupported(),
  };
}
