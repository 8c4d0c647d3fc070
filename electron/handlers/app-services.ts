import type { Capabilities } from "../../shared/contract/views.ts";
import type { RecentArchives } from "../archives/recent-archives.ts";
import type { Connections } from "../discovery/connections.ts";
import { type KeyRing, openKeyRing } from "../encryption/key-ring.ts";
import type { Home } from "../home.ts";
import type { JobFeed } from "../jobs/job-feed.ts";
import type { JobManager } from "../jobs/job-manager.ts";
import type { JobStarter } from "../jobs/job-starter.ts";
import type { PasswordKeeper } from "../profiles/password-keeper.ts";
import type { KeptPlans } from "../restore/kept-plans.ts";
import type { SettingsStore } from "../settings/settings-store.ts";

/** What only a window of the system's own can do; the browser host has none of it. */
export interface NativeFace {
  openArchive(): Promise<string | null>;
  chooseFolder(): Promise<string | null>;
  reveal(path: string): Promise<void>;
  readonly notifications: boolean;
}

/** What has changed, for the topic of that name. */
export type Change = "backups" | "profiles" | "sample" | "opened";

/** What handlers call. Built once, in app.ts. */
export interface AppServices {
  /** With the backups folder as it is chosen now. */
  home(): Promise<Home>;
  readonly env: NodeJS.ProcessEnv;
  readonly native: NativeFace | null;
  readonly jobs: JobManager;
  readonly feed: JobFeed;
  readonly starter: JobStarter;
  readonly settings: SettingsStore;
  readonly connections: Connections;
  readonly passwords: PasswordKeeper;
  readonly plans: KeptPlans;
  readonly recent: RecentArchives;
  capabilities(): Promise<Capabilities>;
  changed(what: Change): void;
}

/** The keys of this home, for one archive; the window asks for no passphrase. */
export async function keyRing(services: AppServices): Promise<KeyRing> {
  return openKeyRing({ home: await services.home(), env: services.env });
}
