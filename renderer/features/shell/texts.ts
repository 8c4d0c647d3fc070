/** The shell's words. */
export const texts = {
  skip: "Skip to the content",
  navigation: "Places",
  home: "Home",
  backups: "Backups",
  activity: "Activity",
  databases: "Databases",
  addDatabase: "Add a database",
  storage: "Storage",
  thisComputer: "This computer",
  settings: "Settings",
  search: "Search backups and actions",
  openDump: "Open a dump file…",
  running: (count: number) => `${count} running`,
  environments: { production: "prod", staging: "staging", development: "dev" },
  connecting: "Connecting to Lifeboat",
  lost: "The connection to Lifeboat broke. This window connects again by itself as soon as it is there.",
  closedTitle: "This window's session has ended",
  closed:
    "Lifeboat was started anew, or this address was used before. Open the address that Lifeboat prints now. Finished backups are where they were; what was running when it ended is marked in Activity.",
  notHere: "This part of Lifeboat could not be loaded.",
  reload: "Load it again",
} as const;
