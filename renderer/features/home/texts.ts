/** Home's words. Names and times in them are already text for people. */
export const texts = {
  title: "Home",
  states: { safe: "Safe", old: "Old", failed: "Last try failed", never: "No backup yet" },

  answer(safe: number, all: number, name: string): string {
    if (all === 1) return safe === 1 ? `${name} is safe` : `${name} is not safe`;
    if (safe === all) return all === 2 ? "Both databases are safe" : `All ${all} databases are safe`;
    if (safe === 0) return all === 2 ? "Neither database is safe" : `None of ${all} databases is safe`;
    return `${safe} of ${all} databases ${safe === 1 ? "is" : "are"} safe`;
  },
  reasonRunning: (name: string) => `${name} is being backed up now.`,
  reasonNever: (name: string) => `${name} has no backup yet: nothing of it could be brought back.`,
  reasonOld: (name: string, age: string) =>
    `The newest backup of ${name} was made ${age}. What came since would be lost.`,
  reasonFailed: (name: string, when: string, age: string | null) =>
    `The last try to back up ${name} failed ${when}. ${age === null ? "There is no backup of it." : `The newest backup was made ${age}.`}`,
  reasonSafe: (name: string, age: string, all: number) =>
    all === 1
      ? `The newest backup was made ${age}, on this computer. What came since would be lost.`
      : `Backups lie on this computer. The oldest of the newest is ${name}'s, made ${age}.`,
  nothing: "No database is protected yet",
  nothingReason: "Choose one, and its first backup is made in a moment. Nothing on the server is changed.",
  sampleOnly: "Only the sample has a backup",
  sampleOnlyReason: "Look inside it and try things. Then add a database of your own.",

  backUpNow: "Back up now",
  backUpNamed: (name: string) => `Back up ${name} now`,
  addDatabase: "Add a database",
  addText: "Pick one that was found here, or paste its URL.",
  lookInside: "Look inside",
  lookInsideNamed: (name: string) => `Look inside the newest backup of ${name}`,
  editConnection: "Connection…",
  noConnection: "No connection is saved for it",
  running: "Being backed up",
  lastBackup: "Last backup",
  lastTry: "Last try",
  failed: "failed",
  holds: "Holds",
  size: "Size",
  took: (time: string) => `took ${time}`,
  unknown: "Not counted",
  sampleAbout: (version: string | null) =>
    version === null ? "A private PostgreSQL, to try things" : `A private PostgreSQL ${version}, to try things`,
  socket: (port: number) => `this computer, port ${port}`,
  none: "None yet",
  history: "Backups of the last 14 days",
  historyDay: (day: string, size: string | null) => (size === null ? `${day}: no backup` : `${day}: ${size}`),
  historySummary: (withBackup: number, without: number) =>
    `Backups of the last 14 days: ${withBackup} ${withBackup === 1 ? "day" : "days"} with a backup, ${without} without.`,

  activity: "Activity",
  allActivity: "All activity",
  noActivity: "Nothing has run yet. Backups, restores and checks appear here while they run and stay here afterwards.",
  whatColumn: "What",
  stateColumn: "State",
  progressColumn: "Progress",
  sizeColumn: "Size",
  tookColumn: "Took",
  whenColumn: "When",
  cancel: "Cancel",
  cancelNamed: (title: string) => `Cancel: ${title}`,

  loading: "Loading the databases and their backups",
  tryAgain: "Try again",

  passwordTitle: (name: string) => `Password for ${name}`,
  passwordText: "It is kept in the keychain where there is one, otherwise in memory until Lifeboat ends.",
  password: "Password",
  passwordWrong: "The server did not take the password.",
  backUp: "Back up",
  cancelAsking: "Cancel",
  started: (name: string) => `The backup of ${name} has begun`,
  show: "Show it",
} as const;
