import { resolve } from "node:path";
import type { Topics } from "../../shared/contract/topics.ts";
import type { Capabilities } from "../../shared/contract/views.ts";
import { isRemoteLocation, withoutEndSlash } from "../../shared/storage/location.ts";
import type { ArchiveAccess } from "../archives/open-stored-archive.ts";
import type { RecentArchives } from "../archives/recent-archives.ts";
import type { Connections } from "../discovery/connections.ts";
import { type KeyRing, openKeyRing } from "../encryption/key-ring.ts";
import type { Home } from "../home.ts";
import type { JobFeed } from "../jobs/job-feed.ts";
import type { JobManager } from "../jobs/job-manager.ts";
import type { JobStarter } from "../jobs/job-starter.ts";
import type { PasswordKeeper } from "../profiles/password-keeper.ts";
import type { KeptPutBacks } from "../put-back/kept-put-backs.ts";
import type { KeptPlans } from "../restore/kept-plans.ts";
import type { KeptSecrets } from "../secrets/kept-secrets.ts";
import type { SettingsStore } from "../settings/settings-store.ts";
import type { StorageContext } from "../storage/open-storage.ts";

/** What only a window of the system's own can do; the browser host has none of it. */
export interface NativeFace {
  openArchive(): Promise<string | null>;
  chooseFolder(): Promise<string | null>;
  reveal(path: string): Promise<void>;
  readonly notifications: boolean;
}

/** What has changed, for the topic of that name. */
export type Change = "backups" | "profiles" | "sample" | "opened" | "storages" | "keys";

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
  /** Secrets of storages and keys; those of profiles too, under names that `passwords` knows. */
  readonly secrets: KeptSecrets;
  readonly plans: KeptPlans;
  readonly putBacks: KeptPutBacks;
  readonly recent: RecentArchives;
  capabilities(): Promise<Capabilities>;
  changed(what: Change): void;
  /** Tells how far the test of a storage is. */
  tested(steps: Topics["storageTests"]["delta"]): void;
}

/** Where storages are looked for, with the secrets of this home. */
export async function storageContext(services: AppServices): Promise<StorageContext> {
  const { env, secrets } = services;
  return { home: await services.home(), env, secrets };
}

/** What a stored archive is opened with. */
export async function archiveAccess(services: AppServices): Promise<ArchiveAccess> {
  return { ...(await storageContext(services)), keys: await keyRing(services) };
}

/** A path of this machine made absolute; what lies in a storage is named in full already, but for a slash at its end. */
export function wholePath(location: string): string {
  return isRemoteLocation(location) ? withoutEndSlash(location) : resolve(location);
}

/** The keys of this home, for one archive; the window asks for no passphrase. */
export async function keyRing(services: AppServices): Promise<KeyRing> {
  return openKeyRing({ home: await services.home(), env: services.env, secrets: services.secrets });
}
