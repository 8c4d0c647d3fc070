import { formatBytes, formatNumberOf } from "../../../shared/text/format.ts";

/** The words of opening another machine's backups. Names in them are already visible text. */
export const texts = {
  title: "Open backups of another machine",
  lead: "The address of the storage and the recovery kit are enough: everything is listed, opened and restored from here.",
  storage: "1. Where the backups are",
  storageText:
    "The same address and key as on the machine that made them; a key that may only read will do to restore.",
  find: "Save and look there",
  kit: "2. The recovery kit",
  kitFirst: "After the storage is found.",
  kitNone: "None of the backups is encrypted: no kit is needed.",
  kitText: (count: number) =>
    `${formatNumberOf(count, "backup")} ${count === 1 ? "is" : "are"} encrypted. The kit's file and its passphrase open them.`,
  kitOpens: (name: string, count: number) => `The key ${name} is here. It opens ${formatNumberOf(count, "backup")}.`,
  kitOther: (count: number) =>
    `${formatNumberOf(count, "backup")} ${count === 1 ? "is" : "are"} encrypted for another key. Take that one in too.`,
  looking: "Looking for backups there",
  again: "Look again",
  found: (name: string) => `Found in ${name}`,
  nothing: "No backups were found there. Is it the right folder of the bucket?",
  changeStorage: "Change the storage",
  summary: (count: number, databases: number, bytes: number) =>
    `${formatNumberOf(count, "backup")} of ${formatNumberOf(databases, "database")}, ${formatBytes(bytes)}`,
  backups: "3. The backups",
  backupsFirst: "They are listed here.",
  database: "Database",
  newest: "Newest",
  count: "Backups",
  state: "Now",
  opens: "Can be opened",
  locked: "Key missing",
  open: "Open the newest",
  all: "All backups there",
  chooseOne: "Or one that is saved already",
} as const;
