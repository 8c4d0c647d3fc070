import { homedir } from "node:os";
import { join } from "node:path";

/** The folders and files that hold Lifeboat's own state. Nothing else is ever written outside a chosen location. */
export interface Home {
  readonly root: string;
  readonly profilesFile: string;
  readonly settingsFile: string;
  /** Names and public recipients of encryption keys; the identities are in the keychain. */
  readonly keysFile: string;
  readonly jobsFile: string;
  /** Host keys of SSH servers that a person chose to trust here. */
  readonly knownHostsFile: string;
  readonly logsFolder: string;
  /** A file for each pruning: what was to go and why, and what became of it. */
  readonly deletionsFolder: string;
  /** Scripts that take back rows that were put back. They hold data. */
  readonly undoFolder: string;
  /** What running jobs have made on servers and are to remove or finish. */
  readonly unfinishedFolder: string;
  /** Short-lived private files, 0700: passfiles and use-lists. */
  readonly runFolder: string;
  /** What can be made again at any time: indexes of plain scripts. 0700. */
  readonly cacheFolder: string;
  readonly sampleFolder: string;
  /** Where backups go when no location is named. */
  readonly backupsFolder: string;
}

/**
 * LIFEBOAT_HOME moves everything into one folder. Without it: the platform's folder for application data, and
 * `lifeboat-backups` in the user's home for the backups, where a person finds them. Root on Linux is the machine's own
 * keeper, so its state goes to /var/lib/lifeboat, which the sample's unprivileged server can reach.
 */
export function locateHome(env: NodeJS.ProcessEnv, platform: NodeJS.Platform = process.platform): Home {
  const user = homedir();
  const chosen = env["LIFEBOAT_HOME"];
  if (chosen) return layOut(chosen, join(chosen, "backups"));
  if (platform === "darwin")
    return layOut(join(user, "Library", "Application Support", "Lifeboat"), join(user, "lifeboat-backups"));
  if (platform === "win32")
    return layOut(join(env["APPDATA"] ?? join(user, "AppData", "Roaming"), "Lifeboat"), join(user, "lifeboat-backups"));
  if (process.getuid?.() === 0) return layOut("/var/lib/lifeboat", "/var/lib/lifeboat/backups");
  return layOut(
    join(env["XDG_DATA_HOME"] ?? join(user, ".local", "share"), "lifeboat"),
    join(user, "lifeboat-backups"),
  );
}

function layOut(root: string, backupsFolder: string): Home {
  return {
    root,
    profilesFile: join(root, "profiles.json"),
    settingsFile: join(root, "settings.json"),
    keysFile: join(root, "keys.json"),
    jobsFile: join(root, "jobs.db"),
    knownHostsFile: join(root, "known_hosts"),
    logsFolder: join(root, "logs"),
    deletionsFolder: join(root, "deletions"),
    undoFolder: join(root, "undo"),
    unfinishedFolder: join(root, "unfinished"),
    runFolder: join(root, "run"),
    cacheFolder: join(root, "cache"),
    sampleFolder: join(root, "sample"),
    backupsFolder,
  };
}
