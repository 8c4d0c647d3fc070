import { AppError } from "../../shared/error/app-error.ts";
import { examine } from "../doctor/examine.ts";
import type { Handlers } from "../host/served-app.ts";
import { withBackupsFolder } from "../settings/chosen-home.ts";
import type { AppServices } from "./app-services.ts";

/** Settings, and what works here. */
export function settingsHandlers(
  services: AppServices,
): Pick<Handlers, "settings.get" | "settings.set" | "doctor.run"> {
  const { settings, jobs, env } = services;
  return {
    "settings.get": () => settings.get(),
    async "settings.set"({ theme, backupsFolder, toolFolders, notifications }) {
      // What is run as a program is chosen where a person sits at the machine itself, never in a browser.
      if (toolFolders !== undefined && services.native === null && !sameFolders(toolFolders, await settings.get()))
        throw new AppError("contract.notHere", "Folders with programs cannot be chosen in a browser.", {
          hint: "Choose them in the desktop window, or name them in LIFEBOAT_TOOLS or as toolFolders in settings.json.",
        });
      const changed = await settings.set({
        ...(theme === undefined ? {} : { theme }),
        ...(backupsFolder === undefined ? {} : { backupsFolder }),
        ...(toolFolders === undefined ? {} : { toolFolders }),
        ...(notifications === undefined ? {} : { notifications }),
      });
      if (backupsFolder !== undefined) services.changed("backups");
      return changed;
    },
    async "doctor.run"() {
      const { backupsFolder } = await settings.get().catch(() => ({ backupsFolder: null }));
      const home = withBackupsFolder(await services.home(), backupsFolder);
      return (await examine({ home, env, jobs: () => Promise.resolve(jobs) })).checks;
    },
  };
}

function sameFolders(wanted: readonly string[], { toolFolders }: { readonly toolFolders: readonly string[] }): boolean {
  return wanted.length === toolFolders.length && wanted.every((folder, at) => folder === toolFolders[at]);
}
