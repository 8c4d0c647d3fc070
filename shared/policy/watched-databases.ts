import type { BackupView, ConnectionChoice, ProfileView } from "../contract/views.ts";
import type { Job } from "../job/job.ts";
import { sampleDatabase } from "../profile/sample-database.ts";

/** The name that stands for the sample, which is no saved profile. */
export const sampleName = "sample";

/** A database this window watches over: a profile's, or one that backups of ours tell of. */
export interface WatchedDatabase {
  readonly key: string;
  /** The profile's name; the database's own where no profile leads there. */
  readonly name: string;
  readonly database: string;
  readonly profile: ProfileView | null;
  readonly isSample: boolean;
  /** How a backup is asked for; null where nobody knows any more how to connect. */
  readonly connection: ConnectionChoice | null;
  /** Of this database, newest first. */
  readonly backups: readonly BackupView[];
  /** Backup jobs of this database, newest first. */
  readonly jobs: readonly Job[];
}

/**
 * Profiles first, by name, then databases that only their backups tell of. Archives made elsewhere count for none: nobody
 * knows which server they came from. The sample comes last.
 */
export function listWatched(
  profiles: readonly ProfileView[],
  backups: readonly BackupView[],
  jobs: readonly Job[],
): readonly WatchedDatabase[] {
  const backupJobs = jobs.filter(({ kind }) => kind === "backup");
  const drafts = new Map<string, Draft>();
  for (const profile of profiles) drafts.set(keyOf(profile.name, profile.database), draftOf(profile.name, profile));
  for (const backup of backups) {
    if (backup.id === null) continue;
    const key = keyOfBackup(backup);
    const profile = profiles.find(({ name }) => name === backup.profile) ?? null;
    const draft = drafts.get(key) ?? draftOf(nameOf(backup, profile), profile, backup);
    draft.backups.push(backup);
    drafts.set(key, draft);
  }
  return [...drafts]
    .map(([key, draft]) => ({ key, ...draft, jobs: backupJobs.filter((job) => isOf(job, draft)) }))
    .toSorted((one, other) => rank(one) - rank(other) || one.name.localeCompare(other.name));
}

type Draft = Omit<WatchedDatabase, "key" | "backups" | "jobs"> & { readonly backups: BackupView[] };

function draftOf(name: string, profile: ProfileView | null, backup: BackupView | null = null): Draft {
  const isSample = profile === null && backup?.profile === sampleName;
  const database = backup?.database ?? profile?.database ?? name;
  const connection: ConnectionChoice | null =
    profile === null ? (isSample ? { kind: "sample" } : null) : { kind: "profile", name: profile.name };
  return { name, database, profile, isSample, connection, backups: [] };
}

function keyOf(place: string, database: string): string {
  return `${place}\n${database}`;
}

function keyOfBackup({ profile, server, database }: BackupView): string {
  return keyOf(profile ?? `${server?.host ?? ""}:${server?.port ?? ""}`, database);
}

/** A profile may lead to several databases of its server: the others carry their own name beside it. */
function nameOf(backup: BackupView, profile: ProfileView | null): string {
  if (profile !== null) return `${profile.name} / ${backup.database}`;
  if (backup.profile !== sampleName) return backup.database;
  return backup.database === sampleDatabase ? sampleName : `${sampleName} / ${backup.database}`;
}

function rank({ profile, isSample }: WatchedDatabase): number {
  if (isSample) return 2;
  return profile === null ? 1 : 0;
}

/** What a backup's stored request names; jobs come from disk, so nothing of it is certain. */
interface RequestPart {
  readonly database?: unknown;
  readonly sample?: unknown;
  readonly target?: {
    readonly profile?: unknown;
    readonly hosts?: readonly { readonly host?: unknown; readonly port?: unknown }[];
  };
}

function isOf(job: Job, { profile, isSample, database, backups }: Draft): boolean {
  const request: RequestPart = typeof job.request === "object" && job.request !== null ? job.request : {};
  if (request.database !== database || (request.sample === true) !== isSample) return false;
  if (isSample) return true;
  const named = request.target?.profile;
  if (profile !== null && typeof named === "string") return named === profile.name;
  const known = [...(profile?.hosts ?? []), ...backups.flatMap(({ server }) => server ?? [])];
  const hosts = request.target?.hosts ?? [];
  return hosts.some(({ host, port }) => known.some((each) => each.host === host && each.port === port));
}
