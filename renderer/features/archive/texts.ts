import type { RowOperator } from "../../../shared/rows/row-condition.ts";
import { formatBytes, formatCount, formatNumberOf } from "../../../shared/text/format.ts";
import type { ObjectKind } from "./model/object-kinds.ts";

/** How many rows were looked at, of how many where that is known. */
function rowsRead(read: number, total: number): string {
  return total < 0 ? `${formatCount(read)} rows read` : `${formatCount(read)} of ${formatCount(total)} rows read`;
}

/** The words of the archive screen, in one place. */
export const texts = {
  backups: "Backups",
  compare: "Compare…",
  loading: "Reading the table of contents",
  noDatabaseName: "Archive",
  openAgain: "Open it again",
  otherFile: "Open another file…",
  restoreEverything: "Restore everything…",
  verify: "Verify",
  verifying: "Verifying",
  verified: (tables: number | null, rows: number | null) =>
    [
      "Verified",
      tables === null ? null : formatNumberOf(tables, "table"),
      rows === null ? null : `${formatCount(rows)} rows`,
    ]
      .filter((part) => part !== null)
      .join(" · "),
  mayBeWrong: (why: string) => `These values may be wrong. ${why}`,
  verifyFailed: "Verification failed",
  notVerified: "Not verified yet",
  noManifest: "Made elsewhere",
  noManifestHint:
    "There is no manifest beside it, so nothing says what the file should be. It can still be read and restored.",
  thisComputer: "This computer",
  madeBy: (server: string | null, dump: string | null) =>
    `${server === null ? "Server not named" : `PostgreSQL ${server}`} · pg_dump ${dump ?? "not named"}`,
  archiveVersion: (version: string) => `Archive version ${version}, as pg_restore --list shows it`,
  localTime: "Time of the computer that made it; the archive holds no time zone",

  objects: "Objects of the archive",
  find: "Find a table, view, function…",
  found: (count: number) => (count === 0 ? "Nothing is called that" : formatNumberOf(count, "match", "matches")),
  parts: (count: number) => formatNumberOf(count, "part"),
  rowsOf: (count: number) => formatNumberOf(count, "row"),
  sizeOf: (bytes: number) => formatBytes(bytes),
  emptyArchive: "There are no objects in this archive.",

  kinds: {
    database: "database",
    role: "role",
    tablespace: "tablespace",
    schema: "schema",
    table: "table",
    foreignTable: "foreign table",
    view: "view",
    materializedView: "materialized view",
    sequence: "sequence",
    function: "function",
    procedure: "procedure",
    aggregate: "aggregate",
    type: "type",
    domain: "domain",
    collation: "collation",
    operator: "operator",
    textSearch: "text search object",
    statistics: "statistics object",
    otherInSchema: "object",
    extension: "extension",
    largeObjects: "large objects",
    publication: "publication",
    subscription: "subscription",
    eventTrigger: "event trigger",
    foreignServer: "foreign server",
    language: "language",
    cast: "cast",
    defaultPrivileges: "default privileges",
    other: "object",
  } satisfies Record<ObjectKind, string>,
  groups: {
    database: "Databases",
    role: "Roles",
    tablespace: "Tablespaces",
    schema: "Schemas",
    table: "Tables",
    foreignTable: "Foreign tables",
    view: "Views",
    materializedView: "Materialized views",
    sequence: "Sequences",
    function: "Functions",
    procedure: "Procedures",
    aggregate: "Aggregates",
    type: "Types",
    domain: "Domains",
    collation: "Collations",
    operator: "Operators",
    textSearch: "Text search",
    statistics: "Statistics",
    otherInSchema: "Other objects",
    extension: "Extensions",
    largeObjects: "Large objects",
    publication: "Publications",
    subscription: "Subscriptions",
    eventTrigger: "Event triggers",
    foreignServer: "Foreign servers",
    language: "Languages",
    cast: "Casts",
    defaultPrivileges: "Default privileges",
    other: "Other objects",
  } satisfies Record<ObjectKind, string>,

  chooseObject: "Choose an object at the left",
  chooseObjectText:
    "Its rows and its definition are read straight from the archive: nothing is restored and nothing is executed. Tick what you want back.",
  tabRows: "Rows",
  tabDefinition: "Definition",
  tabNeeds: (needs: number | null, neededBy: number | null) =>
    needs === null || neededBy === null
      ? "Needs and needed by"
      : `Needs ${formatCount(needs)} · needed by ${formatCount(neededBy)}`,
  tabs: "What to see of the object",
  whoseRows: (rows: number, bytes: number) =>
    [rows < 0 ? null : formatNumberOf(rows, "row"), bytes < 0 ? null : formatBytes(bytes)]
      .filter((part) => part !== null)
      .join(" · "),

  search: "Search all columns",
  searchHelp: "A text that a row holds in any of its columns, in upper or lower case. Enter looks for it.",
  clearSearch: "Empty the search",
  addCondition: "Condition",
  condition: "New condition",
  conditionColumn: "Column",
  conditionOperator: "Comparison",
  conditionValue: "Value",
  conditionValues: "Values, separated by commas",
  apply: "Add",
  closeCondition: "Close without adding",
  conditions: "Conditions, all of which hold",
  removeCondition: (condition: string) => `Remove ${condition}`,
  operators: {
    "=": "is",
    "!=": "is not",
    "<": "is less than",
    "<=": "is at most",
    ">": "is greater than",
    ">=": "is at least",
    contains: "contains",
    like: "is like (% and _)",
    "~": "matches the pattern",
    in: "is one of",
    "is null": "is NULL",
    "is not null": "is not NULL",
  } satisfies Record<RowOperator, string>,
  looking: (found: number, read: number, total: number) => `${formatCount(found)} fit, ${rowsRead(read, total)}`,
  stopLooking: "Stop",
  lookOn: "Look on",
  noneFound: (read: number, isEnd: boolean, isStopped: boolean) => {
    if (isEnd) return `No row fits. All ${formatCount(read)} were looked at.`;
    const sofar = `No row fits in the ${formatCount(read)} looked at so far.`;
    return isStopped ? `${sofar} The search was stopped.` : sofar;
  },
  readingRows: "Reading rows",
  noRows: "The table has no rows.",
  partitionRows: "The rows lie in its parts. Choose one of them at the left.",
  noRowsHere: (kind: string) => `There are no rows in a ${kind}.`,
  loadedAll: (count: number) => (count === 1 ? "The only row" : `All ${formatCount(count)} rows`),
  loadedFirst: (count: number, total: number) =>
    total < 0
      ? `First ${formatCount(count)}, straight from the archive`
      : `First ${formatCount(count)} of ${formatCount(total)}`,
  foundAll: (count: number) => (count === 1 ? "One row fits" : `${formatCount(count)} rows fit`),
  foundFirst: (count: number, read: number, total: number) =>
    `First ${formatCount(count)} that fit, ${rowsRead(read, total)}`,
  sortedWithin: (count: number, total: number) =>
    total < 0
      ? `Sorted within the first ${formatCount(count)}`
      : `Sorted within the first ${formatCount(count)} of ${formatCount(total)}`,
  more: "Reading on",
  readOn: "Read on",
  rowsGrid: (table: string) => `Rows of ${table}`,
  sortBy: (column: string) => `Sort by ${column}`,
  null: "NULL",
  emptyText: "empty text",
  cut: "cut, press Enter for the whole value",
  showValue: "Show the whole value",
  copyCell: "Copy the value",
  copyRow: "Copy the row",
  copied: "Copied",
  copiedCut: "Copied, with long values cut. An export has them whole.",
  way: "How it is shown",
  ways: { parts: "Parts", indented: "Indented", plain: "As it is" },
  fields: (count: number) => formatNumberOf(count, "field"),
  elements: (count: number) => formatNumberOf(count, "element"),
  choosePart: "Enter or a click shows a part whole.",
  part: "The part that is chosen",
  copyPart: "Copy the part",
  valueOf: (column: string) => `Value of ${column}`,
  valueLength: (characters: number) => formatNumberOf(characters, "character"),
  valueShown: (characters: number) => `the first ${formatCount(characters)} shown, all of them copied`,

  export: "Export",
  exportRows: "Export…",
  exportTitle: (table: string) => `Export ${table}`,
  exportWhat: (count: number | null) =>
    count === null
      ? "All rows that fit the filter."
      : count < 0
        ? "All rows of the table."
        : `All ${formatNumberOf(count, "row")} of the table.`,
  format: "Format",
  formats: { csv: "CSV", jsonl: "JSON lines", sql: "SQL", parquet: "Parquet" },
  formatTexts: {
    csv: "For spreadsheets and COPY. NULL is nothing, an empty text is in quotes.",
    jsonl: "One object a line; numbers and JSON as they are, with all their digits.",
    sql: "INSERT statements, which put every value back exactly.",
    parquet: "For data tools. Columns keep their types, compressed.",
  },
  fileName: "File name",
  chooseFolder: "Choose a folder…",
  otherFolder: "Another folder…",
  exportNow: "Export",
  cancel: "Cancel",
  stopExport: "Stop",
  exported: (count: number, bytes: number) => `${formatNumberOf(count, "row")} exported, ${formatBytes(bytes)}`,
  exportStopped: "Stopped. No file was made.",
  saveNow: "Save",
  save: "Save…",
  saved: (bytes: number) => `Saved, ${formatBytes(bytes)}`,
  saveWhole: (size: string) => `All of its bytes as they are, ${size}.`,
  saveValueTitle: (column: string) => `Save the value of ${column}`,
  saveValueText: "The whole value, as UTF-8 text.",

  tabLargeObjects: "List",
  largeObjectsOf: (count: number, bytes: number) =>
    [count > 0 ? formatNumberOf(count, "large object") : null, bytes < 0 ? null : formatBytes(bytes)]
      .filter((part) => part !== null)
      .join(" · "),
  oid: "oid",
  size: "Size",
  owner: "Owner",
  comment: "Comment",
  readingLargeObjects: "Reading large objects",
  largeObjectsReading: (count: number, bytes: number) =>
    count === 0
      ? "Reading large objects. The archive does not say their sizes, so they are read through."
      : `Reading on: ${formatNumberOf(count, "large object")} so far, ${formatBytes(bytes)}`,
  largeObjectsFirst: (count: number) =>
    `The first ${formatNumberOf(count, "large object")}, read straight from the archive`,
  largeObjectsAll: (count: number, bytes: number) =>
    count === 0
      ? ""
      : `${count === 1 ? "One large object" : `All ${formatNumberOf(count, "large object")}`}, ${formatBytes(bytes)}`,
  noLargeObjects: "The archive names large objects and has the bytes of none.",
  saveLargeObject: (oid: number) => `Save large object ${oid}`,
  reveal: "Show in its folder",

  definition: (name: string) => `Definition of ${name}`,
  copyDefinition: "Copy the SQL",
  readingDefinition: "Reading the definition",

  andMore: (count: number) => `and ${formatCount(count)} more`,
  needs: "Needs",
  needsNothing: "It needs nothing else of this archive.",
  neededBy: "Needed by",
  neededByNothing: "Nothing else of this archive needs it.",
  readingNeeds: "Reading what belongs together",

  secrets: {
    passphrase: {
      title: "Encrypted with a passphrase",
      text: "Type the passphrase that was chosen when the backup was made.",
      label: "Passphrase",
      wrong: "This passphrase does not open it.",
    },
    databasusKey: {
      title: "Encrypted by Databasus",
      text: "The secret.key of the Databasus that made it opens it: choose that file, or paste what is in it.",
      label: "What is in secret.key",
      wrong:
        "This key does not open it. The backup's id, at the end of its name or in its .metadata file, is a part of the key: has it been renamed?",
    },
  },
  secretHint: "Kept in memory until Lifeboat ends, for what you do with this archive.",
  secretOpen: "Open it",
  databasusFile: "Choose secret.key…",

  thawTitle: "In an archive class",
  thawLooking: "Asking the storage",
  thawText:
    "The storage keeps it where it is cheap and cannot be read at once. Asked for, it makes a copy that can be read, for some days; it charges for that.",
  thawTier: "How fast",
  thawTiers: {
    Standard: "some hours; half a day from DEEP_ARCHIVE",
    Bulk: "the cheapest: half a day; two days from DEEP_ARCHIVE",
    Expedited: "minutes, and dear; not from DEEP_ARCHIVE",
  },
  thawDays: "Readable for",
  thawSpan: (days: number) => formatNumberOf(days, "day"),
  thaw: "Thaw it",
  thawOngoing: (count: number, files: number) =>
    `It is being thawed: ${count} of ${formatNumberOf(files, "file")} cannot be read yet.`,
  thawLook: "Look again",
  thawReady: (until: string) => `It can be read until ${until}.`,
  thawNone: "It can be read as it is.",
  thawOpen: "Open it",
} as const;
