import { AppError } from "../../shared/error/app-error.ts";
import { backupLocationsOf } from "../backup/backup-locations.ts";
import type { Handlers } from "../host/served-app.ts";
import { browseFolder, browseRoots } from "../storage/browse-folder.ts";
import type { AppServices, NativeFace } from "./app-services.ts";

type FileMethods = "files.list" | "dialogs.openArchive" | "dialogs.chooseFolder" | "shell.reveal";

/** Choosing files and folders: with the system's own dialogs, or by looking below a few folders. */
export function fileHandlers(services: AppServices): Pick<Handlers, FileMethods> {
  function native(): NativeFace {
    if (services.native !== null) return services.native;
    throw new AppError("contract.notHere", "A browser cannot open the system's own dialogs.");
  }
  return {
    async "files.list"({ path }) {
      const home = await services.home();
      const roots = await browseRoots(home, backupLocationsOf(home, services.jobs.list()));
      return browseFolder(path, roots);
    },
    "dialogs.openArchive": async () => ({ path: await native().openArchive() }),
    "dialogs.chooseFolder": async () => ({ path: await native().chooseFolder() }),
    async "shell.reveal"({ path }) {
      await native().reveal(path);
      return null;
    },
  };
}
