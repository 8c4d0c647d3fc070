import { readFileSync } from "node:fs";
import { isAbsolute } from "node:path";
import { type Home, locateHome } from "../home.ts";

/**
 * The home with the backups folder that settings.json names. Without any checker of weight: every command begins here. A
 * damaged file has no say here; whoever looks for tools meets it next and reports it.
 */
export function chosenHome(env: NodeJS.ProcessEnv): Home {
  const home = locateHome(env);
  return withBackupsFolder(home, readBackupsFolder(home.settingsFile));
}

/** The home with another folder for backups; null for its own. */
export function withBackupsFolder(home: Home, folder: string | null): Home {
  return folder === null ? home : { ...home, backupsFolder: folder };
}

function readBackupsFolder(path: string): string | null {
  try {
    const settings: unknown = JSON.parse(readFileSync(path, "utf8"));
    if (typeof settings !== "object" || settings === null || !("backupsFolder" in settings)) return null;
    const { backupsFolder } = settings;
    return typeof backupsFolder === "string" && isAbsolute(backupsFolder) ? backupsFolder : null;
  } catch {
    return null;
  }
}
