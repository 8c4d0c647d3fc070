import type { Environment, PasswordSource, SshAuthentication, SslMode } from "../../../shared/profile/profile.ts";
import type { BackupFormat, CompressionMethod } from "./dump-options.ts";
import type { DraftFault } from "./profile-draft.ts";

/** Every word of the Database screen. */
export const texts = {
  places: "Where its backups go",
  usualFolder: "The usual folder of this computer",
  otherFolder: "Another folder…",
  toUsualFolder: "The usual one",
  addStorage: "Add a storage",
  encrypt: "Encryption of the backups",
  encryptNot: "Not encrypted",
  encryptFor: (name: string) => `For the key ${name}`,
  encryptForeign: "For a key of another machine",
  encryptNew: "Make a key…",
  kitMissing: "Its recovery kit was not tried yet. Until then the database does not count as protected.",
  keyForeign:
    "Its key is not known here, so nobody tried what opens it. Until then the database does not count as protected.",
  toKeys: "Take the key in and try it",
  makeKit: "Make and try the kit…",
  savePlaces: "Save",
  placesSaved: "The next backup goes there",
  newTitle: "Add a database",
  newName: "the new database",
  loading: "Loading the connection",
  notFoundTitle: "There is no such database here",
  notFound: (name: string) => `No connection is saved under the name “${name}”. It may have been renamed or removed.`,
  addOne: "Add a database",

  tryAgain: "Try again",
  unknown: "–",
  warnings: (count: number) => `${count} ${count === 1 ? "warning" : "warnings"}`,
  tabs: { overview: "Overview", connection: "Connection" },

  backUp: "Back up now",
  running: "A backup is running",
  watch: "Watch it",
  options: "Options",
  optionsNote: "For this backup alone.",

  backupsTitle: "Backups of this database",
  backupsAll: "All backups",
  backupsNone: "No backup yet",
  backupsNoneText: "The first one shows here as soon as it is finished. Nothing on the server is changed by it.",
  backupColumns: { made: "Made", size: "Size", tables: "Tables", rows: "Rows", how: "How", warnings: "Warnings" },
  loadingBackups: "Loading the backups",

  preflightTitle: "Before a backup",
  preflightLoading: "Looking at the database",
  preflightAgain: "Look again",
  preflightFine: "Nothing stands in the way of a whole backup.",
  preflightSummary: (tables: string, size: string, version: string) => `PostgreSQL ${version} · ${size} · ${tables}`,
  preflightLook: "Look at the database",
  levels: { stop: "Stops the backup", warning: "Know this first", note: "Good to know" },
  moreObjects: (count: string) => `and ${count} more`,
  toolTitle: "Tool",
  toolMissing: "There is no fitting pg_dump.",

  paste: "Paste a URL",
  pastePlaceholder: "postgresql://user@host:5432/database",
  pasteHint: "A line such as DATABASE_URL=… or host=… dbname=… works too. Its password is stored as you choose below.",
  pasteFill: "Fill the fields",
  pasteFilled: "The fields are filled. Look them over, then test.",
  pastePassword: "The password in it was filled in too.",

  server: "Server",
  reach: "Reach it by",
  reachHost: "Host and port",
  reachSocket: "Socket on this computer",
  host: "Host",
  folder: "Socket folder",
  folderHint: "The folder that holds .s.PGSQL.5432, often /var/run/postgresql or /tmp.",
  port: "Port",
  addHost: "Add another host",
  addHostHint: "Hosts are tried in this order.",
  removeHost: (place: number) => `Remove host ${place}`,
  nthHost: (place: number) => `Host ${place}`,
  nthPort: (place: number) => `Port ${place}`,
  database: "Database",
  user: "User",
  userHint: "The PostgreSQL role to log in as.",
  profileName: "Name",
  profileNameHint: "What Lifeboat calls it. Often the database's own name.",

  encryption: "Encryption (sslmode)",
  encryptionSocket: "A socket never leaves this computer, so nothing is encrypted on it.",
  unguarded: "Whoever controls the network in between can read along or pose as the server.",
  certificates: "Certificates",
  rootCert: "Certificate authorities (sslrootcert)",
  rootCertHint: "A file, or the word system for those the operating system trusts.",
  clientCert: "Client certificate (sslcert)",
  clientKey: "Its private key (sslkey)",

  ssh: "Through SSH",
  sshOn: "Reach it through an SSH server",
  sshOnHint:
    "For a database that only a server in between can see. The host above is then meant as that server sees it.",
  sshHost: "SSH server",
  sshHostHint: "A name, an address, or a Host of your ~/.ssh/config.",
  sshPort: "SSH port",
  sshUser: "SSH user",
  sshUserHint: "Empty: as ~/.ssh/config says, else your name on this computer.",
  sshWay: "How to log in there",
  sshKeyFile: "Key file",
  sshKeyFileHint: "Empty: as ~/.ssh/config says, else the usual ones in ~/.ssh.",
  sshPassphrase: "Passphrase of the key",
  sshPassword: "SSH password",

  password: "Password",
  passwordSource: "Where it comes from",
  passwordNew: "Password",
  passwordKept: "Leave it empty to keep the one that is stored.",
  passwordForTest: "Used for the test, and kept in memory only until Lifeboat is closed.",
  noKeychainMeans: "A password given here is kept in memory and forgotten when Lifeboat is closed.",
  showPassword: "Show the password",
  hidePassword: "Hide the password",

  environment: "What hangs on it",
  colour: "Colour",
  colourOwn: "As the environment",
  colours: ["#0b6b94", "#1d7a46", "#8f5b00", "#b4232c", "#7a3ea8", "#44566a"] as readonly string[],
  colourNames: ["Blue", "Green", "Ochre", "Red", "Violet", "Slate"] as readonly string[],

  test: "Test the connection",
  testing: "Testing",
  testTitle: "Test",
  testNone:
    "The test says how far a connection comes: name, port, TLS, login, database, privileges. Nothing is changed.",
  testPassed: "Everything works",
  testFailed: "It does not work yet",
  testOutdated: "The fields have changed since this test.",
  steps: {
    sshName: "SSH name",
    sshPort: "SSH port",
    sshHostKey: "SSH host key",
    sshLogin: "SSH login",
    name: "Name",
    port: "Port",
    tls: "TLS",
    login: "Login",
    database: "Database",
    privileges: "Privileges",
  },
  stepStates: { passed: "passed", failed: "failed", skipped: "not reached" },

  save: "Save",
  saveNew: "Save the database",
  saving: "Saving",
  saved: (name: string) => `${name} is saved`,
  savedMemory: "Its password is kept in memory until Lifeboat is closed.",
  discard: "Discard changes",
  unsaved: "There are changes that are not saved.",

  leaveTitle: "Save the changes first?",
  leaveText: (name: string) => `What was changed on ${name} is not saved. It is kept here until Lifeboat is closed.`,
  leaveSave: "Save",
  leaveKeep: "Leave them for later",
  leaveDiscard: "Discard them",

  removeTitle: "Remove from Lifeboat",
  removeNote: "Forgets the connection and its password. The database and its backups stay as they are.",
  remove: "Remove…",
  removeQuestion: (name: string) => `Remove ${name} from Lifeboat?`,
  removeWhat:
    "The connection and its stored password are forgotten. Nothing happens to the database. Its backups stay in their folder.",
  removeConfirm: "Remove",

  askPasswordNote: "It is used for this and not stored.",

  format: "Format",
  compression: "Compression",
  compressionAuto: "As it suits the tool",
  level: "Level",
  levelHint: (highest: number) => `1 to ${highest}; empty for the usual one`,
  jobs: "Tables at the same time (jobs)",
  jobsHint: "1 to 64; each is a connection of its own",
  content: "What",
  contents: { all: "Definitions and rows", schema: "Definitions only", data: "Rows only" },
  schemas: "Only these schemas",
  tables: "Only these tables",
  excludeTables: "Without these tables",
  excludeTableData: "Without the rows of these tables",
  patternsHint: "One pattern a line, as in pg_dump: public.order*",
  globals: "Roles and tablespaces too",
  globalsHint: "Written beside the backup by pg_dumpall, with the roles' password hashes.",
  resetOptions: "Back to the usual",
  faults: { level: "Not a level of this method.", jobs: "A whole number from 1 to 64." },
} as const;

export const faultTexts: Readonly<Record<DraftFault, string>> = {
  missing: "This is needed.",
  notAPort: "A port is a number from 1 to 65535.",
  notAFolder: "A socket folder begins with / (or @).",
  isASocket: "This is a socket's folder. Choose “Socket on this computer” above.",
};

export const sslModes: readonly { readonly value: SslMode; readonly label: string; readonly text: string }[] = [
  {
    value: "verify-full",
    label: "verify-full",
    text: "Encrypted, and the server has to prove that it is the host named above. The safe choice.",
  },
  {
    value: "verify-ca",
    label: "verify-ca",
    text: "Encrypted, and the certificate has to come from an authority you trust. Its name is not compared.",
  },
  { value: "require", label: "require", text: "Encrypted, but nobody checks who is at the other end." },
  {
    value: "prefer",
    label: "prefer",
    text: "Encrypted if the server offers it, unencrypted if not. PostgreSQL's default.",
  },
  { value: "allow", label: "allow", text: "Unencrypted first; encrypted only if the server insists." },
  { value: "disable", label: "disable", text: "Never encrypted." },
];

export const sshWays: readonly {
  readonly value: SshAuthentication;
  readonly label: string;
  readonly text: string;
}[] = [
  { value: "agent", label: "As ssh does", text: "The SSH agent's keys, then the usual key files." },
  { value: "key", label: "Key file", text: "A private key; its passphrase is stored in the keychain." },
  { value: "password", label: "Password", text: "Stored in the keychain." },
];

export const passwordSources: readonly {
  readonly value: PasswordSource;
  readonly label: string;
  readonly text: string;
}[] = [
  { value: "keychain", label: "Keychain", text: "Stored by the operating system, for this user alone." },
  { value: "pgpass", label: ".pgpass", text: "Read from your .pgpass file each time, as psql does." },
  { value: "ask", label: "Ask each time", text: "Never stored. Lifeboat asks when it needs it." },
  { value: "none", label: "None", text: "The server asks for none: peer, trust or a client certificate." },
];

/** How an environment is called in a badge. */
export const environmentNames: Readonly<Record<Environment, string>> = {
  production: "production",
  staging: "staging",
  development: "development",
};

export const environments: readonly { readonly value: Environment; readonly label: string; readonly text: string }[] = [
  { value: "production", label: "Production", text: "Restoring into it asks for its name to be typed." },
  { value: "staging", label: "Staging", text: "A rehearsal: mistakes cost time." },
  { value: "development", label: "Development", text: "Mistakes cost nothing." },
];

export const formats: readonly { readonly value: BackupFormat; readonly label: string; readonly text: string }[] = [
  {
    value: "custom",
    label: "Custom",
    text: "One file; every table can be looked at and brought back here. The usual choice.",
  },
  {
    value: "directory",
    label: "Directory",
    text: "A folder with a file a table, several written at the same time. For pg_restore; not opened here yet.",
  },
  { value: "tar", label: "Tar", text: "One file without compression. For pg_restore; not opened here yet." },
  { value: "plain", label: "Plain SQL", text: "A script for psql. Not opened here." },
];

export const compressions: readonly { readonly value: CompressionMethod; readonly label: string }[] = [
  { value: "zstd", label: "zstd" },
  { value: "lz4", label: "lz4" },
  { value: "gzip", label: "gzip" },
  { value: "none", label: "None" },
];
