import { randomBytes } from "node:crypto";
import { displayCommand } from "../../shared/command/display.ts";
import type { BackupResult } from "../../shared/contract/job-results.ts";
import { countTables, type Manifest } from "../../shared/contract/manifest.ts";
import type { Job, JobId, JobOutcome } from "../../shared/job/job.ts";
import { sampleDatabase } from "../../shared/profile/sample-database.ts";
import { splitPath } from "../../shared/storage/location.ts";
import {
  type BackupPlaces,
  chooseNames,
  openPlaces,
  publishManifest,
  sweepPlaces,
  verdictsOf,
} from "../backup/backup-places.ts";
import { type BackupRequest, backupLocks, encryptedSuffix, parseBackupRequest } from "../backup/backup-request.ts";
import { buildManifest } from "../backup/build-manifest.ts";
import { addressIn, copyToThoseBehind } from "../backup/copy-behind.ts";
import { type DumpedArchive, type DumpTask, dumpToFolder, dumpToPlaces } from "../backup/dump-database.ts";
import type { DumpEncryption } from "../backup/dump-file.ts";
import { type DumpedGlobals, dumpGlobals } from "../backup/dump-globals.ts";
import { type BackupPlan, prepareBackup } from "../backup/prepare-backup.ts";
import { removeLeftovers } from "../backup/remove-leftovers.ts";
import { findBackupPassphrase } from "../encryption/backup-passphrase.ts";
import type { Home } from "../home.ts";
import { type ResolvedConnection, resolveTarget } from "../profiles/resolve-connection.ts";
import { createKeychainStore } from "../secrets/keychain.ts";
import type { Secret } from "../secrets/secret.ts";
import { type BackupNames, backupNames } from "../storage/backup-folder.ts";
import { firstFailure } from "../storage/fan-out.ts";
import type { StorageContext } from "../storage/open-storage.ts";
import { isFolder, takesPart, withdrawFrom } from "../storage/place.ts";
import { openToolConnection } from "../tools/tool-connection.ts";
import type { JobContext, JobManager, JobRunOptions } from "./job-manager.ts";
import type { RunAgain } from "./runners.ts";

const extensions = { custom: ".dump", directory: ".dir", tar: ".tar" } as const;
const plainExtensions = { none: ".sql", gzip: ".sql.gz", zstd: ".sql.zst", lz4: ".sql.lz4" } as const;

/** What opens the storages, and the passphrase where one was typed for this run. */
export interface BackupAccess extends StorageContext {
  readonly passphrase?: Secret | undefined;
  /** Nobody waits for anything else in this process, so that the garbage of a dump may wait. */
  readonly ownsProcess?: boolean;
}

/**
 * Runs a backup as a job. Throws job.conflict; every other failure is in the ended job's record.
 * @param access what opens the storages it goes to
 */
export function startBackup(
  request: BackupRequest,
  connection: ResolvedConnection,
  access: BackupAccess,
  jobs: JobManager,
  options: JobRunOptions & { readonly retryOf?: JobId },
): Promise<Job> {
  const { retryOf, ...watch } = options;
  const title = `Back up ${nameOf(request)}`;
  const spec = {
    kind: "backup",
    title,
    request,
    locks: backupLocks(request),
    ...(retryOf ? { retryOf } : {}),
  } as const;
  return jobs.run(spec, (context) => runBackup(context, request, connection, access), watch);
}

/** The sample is known by that name; another database of its server by both. */
function nameOf({ sample, database }: BackupRequest): string {
  if (sample !== true) return database;
  return database === sampleDatabase ? "sample" : `sample / ${database}`;
}

/** Runs a stored backup again; the password is looked up anew. */
export const runAgain: RunAgain = async (stored, services) => {
  const request = parseBackupRequest(stored);
  const connection = await resolveTarget(request.target, services);
  return startBackup(request, connection, services, services.jobs, services);
};

/**
 * Backs one database up: pg_dump's output becomes a finished, indexed and hashed file with its manifest in every place at
 * once, or nothing. A place that fails does not stop the others; the job ends `finishedWithErrors` then.
 * Throws the failure of whichever part failed; what was half-written is gone then.
 */
export async function runBackup(
  context: JobContext,
  asked: BackupRequest,
  found: ResolvedConnection,
  access: BackupAccess,
): Promise<JobOutcome> {
  const { home } = access;
  const { request, connection } =
    asked.sample === true ? await startSampleFor(context, asked, home) : { request: asked, connection: found };
  // Before anything runs: without its passphrase nothing could be written.
  const encryptFor = await findEncryption(request, access);
  const asOf = new Date();

  context.step("Checking the database");
  const plan = await prepareBackup(request, connection, access, context.signal);
  for (const warning of plan.warnings) context.log(`warning: ${warning.message}`);
  context.log(plan.tool.reason);
  const places = await openPlaces(request, access, context.signal);
  const sweeping = new AbortController();
  let swept: Promise<void> | null = null;
  try {
    const namesAt = (time: Date) => backupNames(request.database, time, extensionOf(request, plan));
    const { names, startedAt } = await chooseNames(places.all, asOf, namesAt, context.signal);
    swept = sweepPlaces(places.all, context, sweeping.signal);
    const tools = await openToolConnection(
      connection.target,
      connection.password,
      home,
      `lifeboat:${context.jobId}`,
      context.signal,
    );
    let manifest: Manifest;
    try {
      const task = { context, request, connection, plan, tools, encryptFor, ownsProcess: access.ownsProcess === true };
      manifest = await makeBackup(task, names, places, startedAt);
    } catch (error) {
      throw tools.explain(error);
    } finally {
      await tools.dispose();
    }
    await removeLeftovers(context, request);
    await copyToThoseBehind(context, places, names);

    for (const { location, failure } of verdictsOf(request, places))
      if (failure !== null) context.log(`error: ${location}: ${failure.message}`);
    const result = describeResult(manifest, names, request, places);
    return { state: result.copies.some(({ error }) => error !== null) ? "finishedWithErrors" : "succeeded", result };
  } finally {
    // What it has not come to is for the next backup.
    sweeping.abort();
    await swept;
    await places.close();
  }
}

/** @throws encryption.passphraseMissing, secrets.unavailable */
async function findEncryption(
  { recipients = [], passphrase, gpg = [] }: BackupRequest,
  { home, env, secrets, passphrase: given }: BackupAccess,
): Promise<DumpEncryption | null> {
  if (gpg.length > 0) return { gpg, env };
  if (passphrase === undefined) return recipients.length === 0 ? null : { recipients };
  return { passphrase: given ?? (await findBackupPassphrase(home, env, secrets ?? createKeychainStore())) };
}

function extensionOf(request: BackupRequest, plan: BackupPlan): string {
  const plain = request.format === "plain" ? plainExtensions[plan.compression.method] : extensions[request.format];
  return `${plain}${encryptedSuffix(request)}`;
}

/** The sample may be stopped, or not be there yet. */
async function startSampleFor(
  context: JobContext,
  request: BackupRequest,
  home: Home,
): Promise<{ request: BackupRequest; connection: ResolvedConnection }> {
  context.step("Starting the sample");
  const { startSample } = await import("../postgres/sample/sample-server.ts");
  const { target, password } = await startSample(home, (phase) => context.log(`sample: ${phase}`));
  context.signal.throwIfAborted();
  const hosts = target.hosts.map((host) => ({ ...host }));
  return {
    request: { ...request, target: { ...target, hosts } },
    connection: { target, password, passwordFrom: "none", warnings: [] },
  };
}

/** From pg_dump's start to the manifest in the last place. Nothing has its name before all of it is whole. */
async function makeBackup(
  task: DumpTask,
  names: BackupNames,
  places: BackupPlaces,
  startedAt: Date,
): Promise<Manifest> {
  const { context, request, plan } = task;
  let archive: DumpedArchive | null = null;
  let globals: DumpedGlobals | null = null;
  try {
    archive = await dumpArchive(task, names, places);
    globals = request.globals ? await dumpGlobals(task, names.globals, places.all) : null;

    context.step(places.all.every(isFolder) ? "Writing it down" : "Finishing the uploads");
    const files = await archive.commit();
    if (globals) files.push({ path: splitPath(names.globals).name, role: "globals", ...(await globals.file.commit()) });
    const manifest = buildManifest({
      id: `${formatIdTime(startedAt)}-${randomBytes(4).toString("hex")}`,
      request,
      plan,
      seal: await plan.seal,
      dump: archive.dump,
      command: archive.command,
      files,
      startedAt,
      endedAt: new Date(),
      extraWarnings: globals?.warnings ?? [],
    });
    context.step("Writing the manifest");
    await publishManifest(places.all, names.manifest, `${JSON.stringify(manifest, null, 2)}\n`, context.signal);
    return manifest;
  } catch (error) {
    await globals?.file.discard();
    await archive?.discard();
    for (const place of places.all) await withdrawFrom(place);
    throw error;
  }
}

async function dumpArchive(task: DumpTask, names: BackupNames, { all }: BackupPlaces): Promise<DumpedArchive> {
  const { format } = task.request;
  if (format !== "directory")
    return dumpToPlaces(task, { format, compression: task.plan.compression }, names.archive, all);
  // pg_dump writes it itself, to one folder; the other places get it from there.
  const folder = all.find((place) => takesPart(place) && isFolder(place));
  if (folder === undefined) throw firstFailure(all);
  for (const place of all) if (place !== folder) place.isBehind = true;
  return dumpToFolder(task, names.archive, folder);
}

function describeResult(
  manifest: Manifest,
  names: BackupNames,
  request: BackupRequest,
  places: BackupPlaces,
): BackupResult {
  const verdicts = verdictsOf(request, places).map(({ location, place, failure }) => ({
    location,
    error: failure?.message ?? null,
    path: failure === null && place !== null ? addressIn(place, names.archive) : null,
    manifestPath: place === null ? null : addressIn(place, names.manifest),
  }));
  const first = verdicts.find(({ path }) => path !== null);
  const path = first?.path ?? "";
  return {
    id: manifest.id,
    database: manifest.database,
    path,
    manifestPath: first?.manifestPath ?? "",
    sizeBytes: manifest.files.reduce((sum, file) => sum + (file.role === "archive" ? file.sizeBytes : 0), 0),
    ...countTables(manifest),
    elapsedMs: Date.parse(manifest.endedAt) - Date.parse(manifest.startedAt),
    tool: `${manifest.tool.name} ${manifest.tool.version}`,
    warnings: manifest.warnings,
    copies: verdicts
      .filter((verdict) => verdict !== first)
      .map((verdict) => ({
        location: verdict.location,
        path: verdict.path,
        error: verdict.error,
        retry: verdict.error === null ? null : displayCommand("lifeboat", ["copy", path, "--to", verdict.location]),
      })),
  };
}

function formatIdTime(time: Date): string {
  return time.toISOString().slice(0, 19).replaceAll(/\D/g, "");
}
