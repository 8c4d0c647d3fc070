import { formatBytes, formatCount, formatNumberOf } from "../../../shared/text/format.ts";

/** The words of the backups screen, in one place. */
export const texts = {
  title: "Backups",
  loading: "Listing the backups",
  lead: (count: number, bytes: number, databases: number) =>
    `${formatNumberOf(count, "backup")} of ${formatNumberOf(databases, "database")}, ${formatBytes(bytes)}`,
  filter: "Filter by database or file",
  filters: "Filters",
  allDatabases: "All databases",
  allFormats: "All formats",
  allSizes: "Any size",
  database: "Database",
  format: "Format",
  size: "Size",
  sizes: { small: "under 10 MB", middle: "10 MB to 1 GB", large: "over 1 GB" },
  formats: { custom: "custom", directory: "directory", tar: "tar", plain: "plain SQL" },
  clearFilters: "Show all",
  noneFound: "No backup fits these filters.",
  emptyTitle: "No backups yet",
  empty:
    "A backup is one file with everything of a database, and a manifest beside it that proves it whole. Make the first one from Home, or open a file that pg_dump made.",
  toHome: "Make a backup",
  openFile: "Open a dump file…",
  again: "List again",

  calendar: "The last 8 weeks",
  calendarText: (days: number, of: number) => `${formatCount(days)} of ${formatCount(of)} days have a backup`,
  weekColumn: "Week from",
  calendarTable: "Backups a day in the last 8 weeks",
  dayLabel: (date: string, count: number) => `${date}: ${count === 0 ? "no backup" : formatNumberOf(count, "backup")}`,
  noBackup: "none",
  onlyDay: (date: string) => `Only ${date}`,
  more: (count: number) => `Show ${formatCount(count)} more`,
  opened: "Opened",

  today: "Today",
  yesterday: "Yesterday",
  openedLately: "Opened lately",
  openedLatelyText: "Files outside of the backups folder",
  forget: "Forget it",
  elsewhere: "made elsewhere",
  unnamed: "database not named",
  rows: (tables: number, rows: number | null) =>
    `${formatNumberOf(tables, "table")}${rows === null ? "" : ` · ${formatNumberOf(rows, "row")}`}`,
  tookWarnings: (count: number) => formatNumberOf(count, "note"),
  globals: "with roles",
  locked: (until: string | null) => (until === null ? "Locked" : `Locked until ${until}`),
  archiveClass: "Archive class",
  pinned: "Pinned",
  encrypted: "Encrypted",

  gap: (missing: string) => `The backup before this one is missing: ${missing}.`,
  gapText: "It was here when this one was made, and no clean-up of Lifeboat deleted it.",

  lookInside: "Look inside",
  verify: "Verify",
  verifyRead: "Verify: read every row",
  verifyChecksum: "Verify: checksums only",
  restore: "Restore…",
  reveal: "Show in its folder",
  compareWith: "Compare with another backup…",
  copyTo: "Copy to other places…",
  copyTitle: "Copy this backup",
  copyText:
    "It stays where it is. Its files are held to their hashes on the way, and what is there already is not sent again.",
  copyFolder: "A folder of this computer…",
  copyNoStorage: "No other storage is saved.",
  copyAddStorage: "Add one",
  copyNow: "Copy it",
  copyStarted: "The copy has begun",
  show: "Show it",
  cancel: "Cancel",
  copyPath: "Copy the path",
  pathCopied: "Path copied",
  moreActions: (name: string) => `More for ${name}`,
  plainOnly: "Plain SQL is restored with psql and cannot be looked into.",

  verified: "Verified",
  verifiedText: (tables: number | null, rows: number | null) =>
    [
      "Verified",
      tables === null ? null : formatNumberOf(tables, "table"),
      rows === null ? null : formatNumberOf(rows, "row"),
    ]
      .filter((part) => part !== null)
      .join(" · "),
  checksumOnly: "Checksums match",
  readable: (tables: number | null, rows: number | null) =>
    [
      "Readable",
      tables === null ? null : formatNumberOf(tables, "table"),
      rows === null ? null : formatNumberOf(rows, "row"),
    ]
      .filter((part) => part !== null)
      .join(" · "),
  verifyFailed: "Damaged",
  verifyPartly: "Verified in part",
  verifying: "Verifying",
  lastChecked: (time: string) => `Last checked ${time}, as it stands beside the backup`,
  notVerified: "Not verified",

  checks: "Checks of this backup…",
  checksTitle: "Checks of this backup",
  checksText: "Each stands in a small file beside the backup, so that every machine sees it.",
  checksOpen: "When it was checked, where, and what was found",
  checksLoading: "Looking for its checks",
  checksNotRead: "its checks could not be read",
  checksOfIt: "checks",
  checksAgain: "Look again",
  checksCount: (count: number) => formatNumberOf(count, "check"),
  checksEmptyTitle: "Never checked",
  checksEmpty:
    "Nobody has verified this backup yet, on any machine. Verifying reads every byte and every row of it, and changes nothing.",
  checksOlder: (count: number) => `${formatNumberOf(count, "older check")} ${count === 1 ? "is" : "are"} not shown.`,
  checksRefused: (count: number) =>
    `${formatNumberOf(count, "file")} beside the backup ${count === 1 ? "counts" : "count"} for nothing`,
  checkNotKept: (time: string) =>
    `The verification of this computer that ended on ${time} is not among these: what it found could not be written beside the backup.`,
  checkWhen: "When",
  checkWhat: "What was checked",
  checkFound: "What was found",
  checkRows: "Rows",
  checkMachine: "On which computer",
  checkVersion: (version: string) => `by Lifeboat ${version}`,
  checkLevels: { checksum: "Checksums", read: "Every row", restore: "Restored" },
  checkOutcomes: { good: "Good", partly: "Good as far as it went", bad: "Damaged" },
  verifyNow: "Verify now",

  damagedTitle: (count: number) => `${formatNumberOf(count, "file")} cannot be trusted`,
  damagedText: "Do not rely on these. The reason stands beside each.",
  unfinishedTitle: (count: number) => formatNumberOf(count, "unfinished backup"),
  unfinishedText:
    "A backup that did not come to its end leaves a .partial file. It is never taken for a backup; it may be deleted.",

  close: "Close",
} as const;
