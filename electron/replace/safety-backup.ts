import { exactPattern } from "../../shared/command/names.ts";
import type { BackupResult } from "../../shared/contract/job-results.ts";
import { AppError } from "../../shared/error/app-error.ts";
import type { Job } from "../../shared/job/job.ts";
import { type ConnectionTarget, usualPlaces } from "../../shared/profile/profile.ts";
import { type BackupRequest, defaultBackupOptions } from "../backup/backup-request.ts";
import type { Home } from "../home.ts";
import type { JobContext } from "../jobs/job-context.ts";
import type { JobManager } from "../jobs/job-manager.ts";
import { startBackup } from "../jobs/run-backup.ts";
import { startVerify } from "../jobs/run-verify.ts";
import type { Session } from "../postgres/connect.ts";
import { openProfileStore } from "../profiles/profile-store.ts";
import type { RestoreServices } from "../restore/plan-restore.ts";
import type { RestorePlan } from "../restore/restore-plan.ts";
import { pinBackup } from "../retention/pins.ts";
import { openStoredBackup } from "../storage/open-stored-backup.ts";

/** Where safety backups of a target go: the profile's own places and keys, else the default folder. */
export async function safetyPlaces(
  { profile }: ConnectionTarget,
  home: Home,
): Promise<Pick<BackupRequest, "locations" | "storages" | "recipients"> & { readonly names: readonly string[] }> {
  const stored =
    profile === null
      ? null
      : await openProfileStore(home)
          .get(profile)
          .catch(() => null);
  const { folder, storages, recipients } = stored?.places ?? usualPlaces;
  const locations = [folder ?? home.backupsFolder];
  return {
    locations,
    ...(storages.length > 0 ? { storages: [...storages] } : {}),
    ...(recipients.length > 0 ? { recipients: [...recipients] } : {}),
    names: [...locations, ...storages],
  };
}

/**
 * Backs up the rows of the tables that are to be replaced, and of their partitions, with the definitions of all; reads the backup through; pins it. Both are jobs of
 * their own, so that they are found like any other.
 * @param session of the target, whose lock keeps writers out
 * @returns the backup
 * @throws the failure of the backup or of its verification
 */
export async function makeSafetyBackup(
  context: JobContext,
  session: Session,
  plan: RestorePlan,
  services: RestoreServices,
  jobs: JobManager,
): Promise<BackupResult> {
  const { connection, home } = services;
  const { request } = plan;
  const { names: _, ...places } = await safetyPlaces(connection.target, home);
  const backup: BackupRequest = {
    ...defaultBackupOptions,
    target: { ...connection.target, hosts: connection.target.hosts.map((host) => ({ ...host })) },
    ...(request.sample === true ? { sample: true } : {}),
    database: plan.database,
    ...places,
    excludeTableData: await tablesToLeave(session, plan),
    noLargeObjects: true,
  };
  const { signal } = context;
  const made = resultOf<BackupResult>(await startBackup(backup, connection, services, jobs, { signal }));
  context.log(`safety backup ${made.id}: ${made.path}`);
  for (const { location, error } of made.copies) if (error !== null) context.log(`warning: ${location}: ${error}`);
  resultOf(await startVerify({ path: made.path, level: "read" }, services, jobs, { signal }));
  const { storage, manifestPath } = await openStoredBackup(made.path, services, signal);
  try {
    await pinBackup(storage, manifestPath);
  } finally {
    await storage.close();
  }
  return made;
}

/**
 * Tables whose rows are not wanted. Their definitions are: an archive of the replaced tables alone (`pg_dump -t`) would
 * lack the types, functions and referred tables that bringing it back needs. Schemas without a replaced table go as one.
 */
async function tablesToLeave(session: Session, { replace }: RestorePlan): Promise<string[]> {
  const rows = await session.query<{ schema: string; name: string | null }>(
    `with recursive tree (oid) as (select pg_catalog.unnest($1::oid[])
       union select i.inhrelid from pg_catalog.pg_inherits i join tree t on t.oid = i.inhparent),
     kept as (select distinct c.relnamespace as oid from tree t join pg_catalog.pg_class c on c.oid = t.oid)
     select n.nspname::text as schema, null as name from pg_catalog.pg_namespace n
       where n.oid not in (select oid from kept) and n.nspname <> 'information_schema' and n.nspname !~ '^pg_'
     union all select n.nspname::text, c.relname::text from pg_catalog.pg_class c
       join pg_catalog.pg_namespace n on n.oid = c.relnamespace
       where n.oid in (select oid from kept) and c.relkind in ('r', 'm', 'f') and c.oid not in (select oid from tree)
     order by 1, 2`,
    [replace?.replaced.map(({ oid }) => oid) ?? []],
  );
  return rows.map(({ schema, name }) =>
    name === null ? `${exactPattern(null, schema)}.*` : exactPattern(schema, name),
  );
}

// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the kind's own result
function resultOf<Result>(job: Job): Result {
  if (job.error !== null)
    throw new AppError(
      job.error.code,
      `The safety backup failed, so nothing was changed: ${job.error.message}`,
      job.error,
    );
  if (job.state === "cancelled") throw new AppError("job.cancelled", "Cancelled.");
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- its run function has just written it
  return job.result as Result;
}
