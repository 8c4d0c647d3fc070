import type { DoctorCheck, Settings } from "../../../shared/contract/views.ts";

/** Every word of the Settings screen. */
export const texts = {
  title: "Settings",
  loading: "Loading the settings",
  tryAgain: "Try again",

  appearance: "Appearance",
  theme: "Theme",

  folders: "Folders",
  backupsFolder: "Backups folder",
  backupsFolderNote: "New backups go here. Backups made before stay where they are.",
  ownFolder: "Lifeboat's own folder",
  choose: "Choose…",
  ownInstead: "Use Lifeboat's own",
  reveal: "Show in folder",
  backupsHere: "See the backups",
  toolFolders: "Folders with PostgreSQL tools",
  toolFoldersNote: "Looked through before the usual places. Each is a folder that holds pg_dump and pg_restore.",
  toolFoldersBrowser:
    "For safety these are set on this computer only: toolFolders in settings.json, or LIFEBOAT_TOOLS.",
  noToolFolders: "None. The usual places are enough for most.",
  addFolder: "Add a folder…",
  removeFolder: (path: string) => `Remove ${path}`,

  tools: "PostgreSQL tools",
  toolsLooking: "Looking for the tools",
  lookAgain: "Look again",
  checks: "Checks",
  checksFine: "Everything Lifeboat stands on works.",

  keychain: "Keychain",
  keychainWorks: "Passwords can be kept in this computer's keychain.",
  keychainInstead:
    "Until then: .pgpass, or Lifeboat asks each time. Passwords given in the window are kept in memory only.",

  notifications: "Notices of the system",
  notificationsLabel: "Tell me when a backup or restore ends",
  notificationsMissing: "This way of running Lifeboat shows no notifications of the system.",

  cache: "Kept of archives in storages",
  cacheLooking: "Looking",
  cacheSize: (bytes: string, most: string) => `${bytes} of at most ${most}`,
  cacheNote:
    "So that nothing is fetched twice. Private to you, and as it is stored there: what is encrypted stays encrypted.",
  cacheClear: "Empty it",

  sample: "Sample database",
  sampleNote: "A small shop in a private PostgreSQL, to try everything safely. Nothing else is touched.",
  sampleStates: { absent: "Not set up", stopped: "Stopped", running: "Running" },
  sampleStart: "Start",
  sampleStop: "Stop",
  sampleReset: "Reset…",
  sampleResetQuestion: "Make the sample anew?",
  sampleResetText: "Everything in the sample database is thrown away and made again. Its backups stay.",
  sampleResetGo: "Make it anew",
  sampleBusy: { start: "Starting", stop: "Stopping", reset: "Making it anew" },

  about: "About",
  version: (version: string) => `Lifeboat ${version}`,
  licence: "MIT licence. Backs up and restores PostgreSQL with PostgreSQL's own tools.",
  hosts: { electron: "Running in its own window", browser: "Running in this browser, on this computer only" },
  shortcutList: [
    { keys: ["Ctrl K"], what: "Find anything: screens, databases, backups" },
    { keys: ["/"], what: "Search what is on the screen" },
    { keys: ["↑", "↓", "←", "→"], what: "Move in lists, tables and trees" },
    { keys: ["Space"], what: "Tick" },
    { keys: ["Esc"], what: "Close what is open" },
  ],
} as const;

export const themes: readonly { readonly value: Settings["theme"]; readonly label: string; readonly text: string }[] = [
  { value: "system", label: "System", text: "As this computer is set" },
  { value: "light", label: "Light", text: "Always light" },
  { value: "dark", label: "Dark", text: "Always dark" },
];

export const checkStates: Readonly<
  Record<DoctorCheck["state"], { readonly word: string; readonly tone: "good" | "warn" | "bad" }>
> = {
  works: { word: "Works", tone: "good" },
  attention: { word: "Look at this", tone: "warn" },
  broken: { word: "Doesn't work", tone: "bad" },
};
