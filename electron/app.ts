import { join } from "node:path";
import type { Topics } from "../shared/contract/topics.ts";
import type { Capabilities, Hello, Settings } from "../shared/contract/views.ts";
import type { Job, JobKind } from "../shared/job/job.ts";
import { isEnded } from "../shared/job/transitions.ts";
import { openRecentArchives } from "./archives/recent-archives.ts";
import { createConnections } from "./discovery/connections.ts";
import { admitPathsBelowRoots } from "./handlers/admit-paths.ts";
import type { AppServices, Change, NativeFace } from "./handlers/app-services.ts";
import { archiveHandlers } from "./handlers/archives.ts";
import { backupHandlers } from "./handlers/backups.ts";
import { compareHandlers } from "./handlers/compare.ts";
import { databaseHandlers } from "./handlers/databases.ts";
import { fileHandlers } from "./handlers/files.ts";
import { jobHandlers } from "./handlers/jobs.ts";
import { keyHandlers } from "./handlers/keys.ts";
import { profileHandlers } from "./handlers/profiles.ts";
import { restoreHandlers } from "./handlers/restore.ts";
import { sampleHandlers } from "./handlers/sample.ts";
import { schemaDiffHandlers } from "./handlers/schema-diff.ts";
import { settingsHandlers } from "./handlers/settings.ts";
import { storageHandlers } from "./handlers/storages.ts";
import { storedArchiveHandlers } from "./handlers/stored-archives.ts";
import { storedBackupHandlers } from "./handlers/stored-backups.ts";
import { transferHandlers } from "./handlers/transfers.ts";
import type { Home } from "./home.ts";
import type { ServedApp, TopicSource } from "./host/served-app.ts";
import { createJobFeed } from "./jobs/job-feed.ts";
import { openJobManager } from "./jobs/job-manager.ts";
import { createJobStarter } from "./jobs/job-starter.ts";
import { createPasswordKeeper } from "./profiles/password-keeper.ts";
import { openProfileStore } from "./profiles/profile-store.ts";
import { createKeptPutBacks } from "./put-back/kept-put-backs.ts";
import { createKeptPlans } from "./restore/kept-plans.ts";
import { createKeptSecrets } from "./secrets/kept-secrets.ts";
import { createKeychainStore, probeKeychain } from "./secrets/keychain.ts";
import { withBackupsFolder } from "./settings/chosen-home.ts";
import { openSettingsStore } from "./settings/settings-store.ts";
import { listBackups } from "./storage/backup-folder.ts";
import { sweepSavedStorages } from "./storage/sweep-storages.ts";
import { lifeboatVersion } from "./version.ts";

export interface AppOptions {
  readonly home: Home;
  readonly env: NodeJS.ProcessEnv;
  /** What the desktop window can do; null in a browser. */
  readonly native: NativeFace | null;
}

/** The services behind both hosts, put together. */
export interface App extends ServedApp {
  /** How many jobs this process is running. */
  readonly runningJobs: number;
  /** Resolves when none of them runs any more. */
  idle(): Promise<void>;
  cancelJobs(): void;
  /** Where a damaged list of jobs was moved to; null as a rule. */
  readonly setAside: string | null;
  close(): void;
}

/** Opens the job store and builds everything over it. Throws `job.storeNewer`, `job.storeFailed`. */
export async function createApp({ home: ownHome, env, native }: AppOptions): Promise<App> {
  const jobs = await openJobManager(ownHome);
  const feed = createJobFeed(jobs);
  const starter = createJobStarter(feed);
  const settings = openSettingsStore(ownHome.settingsFile);
  const secrets = createKeptSecrets(createKeychainStore());
  const passwords = createPasswordKeeper(ownHome, secrets);
  // Asked once, and before anybody wants to know: a desktop's keyring may take a moment.
  const keychain = probeKeychain();
  const closing = new AbortController();
  // Later: the window comes first.
  const sweeping = setTimeout(
    () => void sweepSavedStorages({ home: ownHome, env, secrets: passwords.secrets }, closing.signal),
    sweepAfterMs,
  ).unref();
  const changeListeners = new Set<(change: Topics["changes"]["delta"]) => void>();
  const testListeners = new Set<(steps: Topics["storageTests"]["delta"]) => void>();

  const services: AppServices = {
    async home() {
      // Damaged settings are told by settings.get; a listing is not the place.
      const chosen = await settings.get().catch(() => null);
      return withBackupsFolder(ownHome, chosen?.backupsFolder ?? null);
    },
    env,
    native,
    jobs,
    feed,
    starter,
    settings,
    passwords,
    secrets,
    connections: createConnections({ home: ownHome, env, passwords }),
    plans: createKeptPlans(),
    putBacks: createKeptPutBacks(),
    recent: openRecentArchives(join(ownHome.root, "recent.json")),
    capabilities: () => capabilitiesOf(native, keychain),
    changed: tellChange,
    tested(steps) {
      for (const listener of testListeners) listener(steps);
    },
  };

  function tellChange(what: Change): void {
    for (const listener of changeListeners) listener({ what });
  }

  const jobsTopic: TopicSource<"jobs"> = {
    snapshot: () => feed.snapshot(),
    listen: (listener) => feed.listen((changed) => listener({ changed })),
  };
  const settingsTopic: TopicSource<"settings"> = {
    snapshot: (): Promise<Settings> => settings.get(),
    listen: (listener) => settings.listen(listener),
  };
  const changesTopic: TopicSource<"changes"> = {
    snapshot: () => null,
    listen(listener) {
      changeListeners.add(listener);
      const stop = feed.listen((job) => {
        if (!isEnded(job.state)) return;
        if (fillsStorages.has(job.kind)) listener({ what: "storages" });
        if (job.kind === "copy" || job.kind === "mirror") listener({ what: "backups" });
        if (job.kind !== "backup") return;
        listener({ what: "backups" });
        if (goesToStorages(job)) listener({ what: "storages" });
        if (isOfSample(job)) listener({ what: "sample" });
      });
      return () => {
        changeListeners.delete(listener);
        stop();
      };
    },
  };

  const storageTestsTopic: TopicSource<"storageTests"> = {
    snapshot: () => null,
    listen(listener) {
      testListeners.add(listener);
      return () => testListeners.delete(listener);
    },
  };

  return {
    handlers: {
      hello: () => hello(services),
      ...settingsHandlers(services),
      ...databaseHandlers(services),
      ...profileHandlers(services),
      ...backupHandlers(services),
      ...archiveHandlers(services),
      ...restoreHandlers(services),
      ...storageHandlers(services),
      ...storedBackupHandlers(services),
      ...storedArchiveHandlers(services),
      ...transferHandlers(services),
      ...keyHandlers(services),
      ...compareHandlers(services),
      ...schemaDiffHandlers(services),
      ...jobHandlers(services),
      ...sampleHandlers(services),
      ...fileHandlers(services),
    },
    topics: { jobs: jobsTopic, settings: settingsTopic, changes: changesTopic, storageTests: storageTestsTopic },
    admitPaths: native === null ? admitPathsBelowRoots(services) : null,
    get runningJobs() {
      return jobs.running;
    },
    idle: () => starter.idle(),
    cancelJobs: () => starter.cancelAll(),
    setAside: jobs.setAside,
    close() {
      clearTimeout(sweeping);
      closing.abort();
      jobs.close();
    },
  };
}

/** Kinds of jobs after which storages may hold something else. */
const fillsStorages: ReadonlySet<JobKind> = new Set<JobKind>(["prune", "copy", "mirror", "transfer"]);

function goesToStorages({ request }: Job): boolean {
  return typeof request === "object" && request !== null && "storages" in request;
}

/** A backup of the sample has started it. */
function isOfSample({ request }: Job): boolean {
  return typeof request === "object" && request !== null && "sample" in request && request.sample === true;
}

async function hello(services: AppServices): Promise<Hello> {
  const home = await services.home();
  return {
    version: lifeboatVersion,
    host: services.native === null ? "browser" : "electron",
    platform: process.platform,
    capabilities: await services.capabilities(),
    isFresh: await isFresh(services, home),
  };
}

/** The cheap questions first: a home in use answers at the first of them. */
async function isFresh({ jobs }: AppServices, home: Home): Promise<boolean> {
  if (jobs.list({ limit: 1 }).length > 0) return false;
  // A profiles file that cannot be read is no fresh start either.
  const profiles = await openProfileStore(home)
    .list()
    .catch(() => null);
  if (profiles === null || profiles.length > 0) return false;
  const listing = await listBackups(home.backupsFolder).catch(() => null);
  return listing === null || listing.backups.length + listing.unreadable.length === 0;
}

const sweepAfterMs = 60_000;
const keychainPatienceMs = 700;

async function capabilitiesOf(
  native: NativeFace | null,
  keychain: ReturnType<typeof probeKeychain>,
): Promise<Capabilities> {
  const late = new Promise<{ available: boolean; reason: string }>((resolve) => {
    const silent = {
      available: false,
      reason: "The keychain has not answered yet. It may be waiting for its password.",
    };
    setTimeout(() => resolve(silent), keychainPatienceMs).unref();
  });
  const { available, reason } = await Promise.race([keychain, late]);
  return {
    nativeDialogs: native !== null,
    keychain: available,
    keychainReason: reason,
    revealInFolder: native !== null,
    notifications: native?.notifications ?? false,
    choosesToolFolders: native !== null,
  };
}
