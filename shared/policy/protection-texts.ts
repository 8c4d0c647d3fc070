/** What is said of how well databases are protected. Names and times in them are already text for people. */
export const texts = {
  states: { safe: "Safe", old: "Old", failed: "Last try failed", never: "No backup yet", kit: "Kit not tried" },

  answer(safe: number, all: number, name: string): string {
    if (all === 1) return safe === 1 ? `${name} is safe` : `${name} is not safe`;
    if (safe === all) return all === 2 ? "Both databases are safe" : `All ${all} databases are safe`;
    if (safe === 0) return all === 2 ? "Neither database is safe" : `None of ${all} databases is safe`;
    return `${safe} of ${all} databases ${safe === 1 ? "is" : "are"} safe`;
  },
  reasonRunning: (name: string) => `${name} is being backed up now.`,
  reasonNever: (name: string) => `${name} has no backup yet: nothing of it could be brought back.`,
  reasonKit: (name: string) =>
    `The backups of ${name} are encrypted, and no recovery kit of their key was tried here: without this computer perhaps nobody could open them.`,
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
} as const;
