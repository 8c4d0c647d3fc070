/** A name of ours at the beginning of a sentence; names from outside stay as they are. */
function capital(name: string): string {
  return name.replace(/^the sample$/, "The sample");
}

/** The words of the first backup. Names in them are already visible text. */
export const texts = {
  title: "Make your first backup",
  lead: "Pick a database. Nothing on the server is changed.",
  windowTitle: "First backup",
  choices: "Databases to back up",
  sources: {
    running: "Found running on this computer",
    pgpass: "Found in your .pgpass",
    service: "Found in your pg_service.conf",
    environment: "Found in this session's environment",
  },
  user: (name: string) => `user ${name}`,
  sample: "sample",
  theSample: "the sample",
  sampleDetail: "A small shop with 50,000 orders",
  sampleText: "Starts a private PostgreSQL here, to try things safely",
  sampleUnavailable: (why: string) => `Not possible here: ${why}`,
  looking: "Looking for databases on this computer",
  nothingFound: "No PostgreSQL was found on this computer. Try the sample, or name another server.",
  findFailed: "Looking for databases did not work.",

  another: "Another server…",
  anotherHint: "paste a URL or fill in host, user and password",
  pasted: "URL or DATABASE_URL line",
  pastedPlaceholder: "postgresql://user@host:5432/database",
  pastedHint:
    "As your hosting shows it. A password in it goes to the keychain, or stays in memory where there is none.",
  understood: (where: string) => `Understood: ${where}`,
  asked: (user: string, host: string, database: string) => `database ${database} on ${host}, as ${user}`,
  password: "Password",
  passwordHint: "Leave it empty where .pgpass or the server does not need one.",
  passwordGiven: "The password is in what you pasted.",
  fillIn: "Fill in host, user and password instead",

  backUp: (name: string) => `Back up ${name}`,
  backUpNothing: "Back up",
  into: "To",
  toHome: "Skip to Home",
  newMachine: "Open another machine's backups",

  startingTitle: (name: string) => `Backing up ${name}`,
  sampleStarting: "Starting the sample's PostgreSQL",
  connecting: "Connecting",
  runningText: "You can close this page: it goes on by itself, and Activity shows it.",
  runningTextSample: "The first time, a private PostgreSQL is set up and filled. Nothing of yours is touched.",
  steps: "Steps",
  cancel: "Cancel",
  cancelling: "Cancelling",

  madeTitle: (name: string) => `${capital(name)} is backed up`,
  madeText: "What next?",
  madeSize: "Size",
  madeHolds: "Holds",
  madeTook: "Took",
  madeTool: "Made by",
  madeWhere: "Kept at",
  holds: (tables: string, rows: string | null) => (rows === null ? tables : `${tables}, ${rows}`),
  lookInside: "Look inside",
  lookInsideText: "See its tables and rows, straight from the file. Nothing is restored.",
  home: "Go to Home",
  homeText: "Every database, its newest backup and whether it is safe.",
  copyPath: "Copy the path",

  cancelledTitle: "The backup was cancelled",
  cancelledText: "Nothing of it was kept.",
  failedTitle: (name: string) => `${capital(name)} could not be backed up`,
  interrupted: "Lifeboat ended while the backup ran. Nothing half-written counts as a backup.",
  chooseAgain: "Choose again",
  retry: "Try again",
  openActivity: "See the log",
  unknownJob: "This backup is not among the last 200 jobs.",
} as const;
