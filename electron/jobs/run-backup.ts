import { randomBytes } from "node:crypto";
import { mkdir, rm } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { displayCommand } from "../../shared/command/display.ts";
import { buildDumpArgs } from "../../shared/command/dump-command.ts";
import type { BackupResult } from "../../shared/contract/job-results.ts";
import { countTables, type Manifest, type StoredFile } from "../../shared/contract/manifest.ts";
import { AppError } from "../../shared/error/app-error.ts";
import type { Job, JobId, JobOutcome } from "../../shared/job/job.ts";
import { type BackupRequest, backupLocks, firstLocation, parseBackupRequest } from "../backup/backup-request.ts";
import { buildManifest } from "../backup/build-manifest.ts";
import { dumpGlobals } from "../backup/dump-globals.ts";
import { followDump } from "../backup/follow-dump.ts";
import { type BackupPlan, prepareBackup } from "../backup/prepare-backup.ts";
import { receiveDump, type StoredDump } from "../backup/receive-dump.ts";
import type { Home } from "../home.ts";
import { sampleDatabase, startSample } from "../postgres/sample/sample-server.ts";
import { type ResolvedConnection, resolveTarget } from "../profiles/resolve-connection.ts";
import { type BackupPaths, backupPaths } from "../storage/backup-folder.ts";
import { copyBackup } from "../storage/copy-backup.ts";
import { makePrivateFolder } from "../storage/durable-file.ts";
import { openStorage } from "../storage/open-storage.ts";
import { type FinishedFile, insistOnFreeNames, publishBackup } from "../storage/publish-backup.ts";
import { storageError } from "../storage/storage-error.ts";
import { uploadBackup } from "../storage/upload-backup.ts";
import { chooseDumpTool } from "../tools/choose-tool.ts";
import { runTool } from "../tools/run-tool.ts";
import { openToolConnection, type ToolConnection } from "../tools/tool-connection.ts";
import type { JobContext, JobManager, JobRunOptions } from "./job-manager.ts";
import type { RunAgain } from "./runners.ts";

const extensions = { custom: ".dump", directory: ".dir", tar: ".tar" } as const;
const plainExtensions = { none: ".sql", gzip: ".sql.gz", zstd: ".sql.zst", lz4: ".sql.lz4" } as const;

/** Runs a backup as a job. Throws job.conflict; every other failure is in the ended job's record. */
export function startBackup(
  request: BackupRequest,
  connection: ResolvedConnection,
  home: Home,
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
  return jobs.run(spec, (context) => runBackup(context, request, connection, home), watch);
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
  return startBackup(request, connection, services.home, services.jobs, services);
};

/**
 * Backs one database up: pg_dump's output becomes a finished, indexed and hashed file with its manifest, or nothing.
 * Throws the failure of whichever part failed; what was half-written is gone then.
 */
export async function runBackup(
  context: JobContext,
  asked: BackupRequest,
  found: ResolvedConnection,
  home: Home,
): Promise<JobOutcome> {
  const { request, connection } =
    asked.sample === true ? await startSampleFor(context, asked, home) : { request: asked, connection: found };
  const startedAt = new Date();

  context.step("Checking the database");
  const plan = await prepareBackup(request, connection, home, context.signal);
  const paths = backupPaths(firstLocation(request), request.database, startedAt, extensionOf(request, plan));
  for (const warning of plan.warnings) context.log(`warning: ${warning.message}`);
  context.log(plan.tool.reason);
  const tools = await openToolConnection(
    connection.target,
    connection.password,
    home,
    `lifeboat:${context.jobId}`,
    context.signal,
  );

  // What is ours to remove when this fails: never a name that another backup took first.
  const made: FinishedFile[] = [];
  try {
    await insistOnFreeNames([paths.archive, paths.globals, paths.manifest]);
    context.recordPartial(paths.partial);
    const archive = { partial: paths.partial, path: paths.archive };
    if (request.format === "directory") {
      await makeDirectoryPartial(paths.partial);
      made.push(archive);
    }
    const { dump, command } = await dumpDatabase(context, request, connection, plan, paths, tools);
    if (request.format !== "directory") made.push(archive);
    const globals = request.globals ? await addGlobals(context, request, plan, paths, tools) : null;
    if (globals) made.push({ partial: paths.globalsPartial, path: paths.globals });

    context.step("Writing it down");
    const files: StoredFile[] = dump.files.map((file) => ({ ...file, role: "archive" }));
    if (globals) files.push({ ...globals.file, path: basename(paths.globals) });
    const manifest = buildManifest({
      id: `${formatIdTime(startedAt)}-${randomBytes(4).toString("hex")}`,
      request,
      plan,
      dump,
      command,
      files,
      startedAt,
      endedAt: new Date(),
      extraWarnings: globals?.warnings ?? [],
    });
    await publishBackup(made, { path: paths.manifest, text: `${JSON.stringify(manifest, null, 2)}\n` });
    made.length = 0;
    await removeLeftovers(context, request, startedAt);

    const copies = await copyElsewhere(context, request, home, paths);
    return {
      state: copies.some((copy) => copy.error !== null) ? "finishedWithErrors" : "succeeded",
      result: describeResult(manifest, paths, copies),
    };
  } catch (error) {
    for (const { partial } of made) await removeUnfinished(context, partial);
    throw tools.explain(error);
  } finally {
    await tools.dispose();
  }
}

function extensionOf(request: BackupRequest, plan: BackupPlan): string {
  const plain = request.format === "plain" ? plainExtensions[plan.compression.method] : extensions[request.format];
  return request.recipients?.length ? `${plain}.age` : plain;
}

/** The sample may be stopped, or not be there yet. */
async function startSampleFor(
  context: JobContext,
  request: BackupRequest,
  home: Home,
): Promise<{ request: BackupRequest; connection: ResolvedConnection }> {
  context.step("Starting the sample");
  const { target, password } = await startSample(home, (phase) => context.log(`sample: ${phase}`));
  context.signal.throwIfAborted();
  const hosts = target.hosts.map((host) => ({ ...host }));
  return {
    request: { ...request, target: { ...target, hosts } },
    connection: { target, password, passwordFrom: "none", warnings: [] },
  };
}

async function dumpDatabase(
  context: JobContext,
  request: BackupRequest,
  connection: ResolvedConnection,
  plan: BackupPlan,
  paths: BackupPaths,
  tools: ToolConnection,
): Promise<{ dump: StoredDump; command: string[] }> {
  const command = [
    tools.dbnameArgument(request.database),
    ...buildDumpArgs(
      {
        ...request,
        compression: plan.compression,
        lockWaitTimeoutSeconds: LOCK_WAIT_SECONDS,
        outputPath: request.format === "directory" ? paths.partial : null,
      },
      plan.tool.version,
    ),
  ];
  context.step(`Dumping ${request.database}`);
  context.log(displayCommand(plan.tool.path, command));

  const follower = await followDump(context, connection, tools.applicationName, plan);
  const giveUp = new AbortController();
  try {
    const run = runTool({
      path: plan.tool.path,
      args: command,
      env: tools.env,
      stdout: request.format === "directory" ? "ignore" : "stream",
      onStderrLine: (line) => follower.stderrLine(line),
      signal: AbortSignal.any([context.signal, giveUp.signal]),
      phase: "dump",
      onSpawn: (pid) => context.recordChild(pid),
    });
    const received = await receiveDump(request, plan, paths, run, follower.observer, context.signal).catch(
      async (error: unknown) => {
        giveUp.abort();
        await run.exit;
        throw error;
      },
    );
    context.log(`pg_dump ended with exit code 0 after ${Math.round((await run.exit).elapsedMs / 1000)} s`);
    return { dump: received, command: [plan.tool.path, ...command] };
  } finally {
    await follower.stop();
  }
}

/** Long enough for a busy moment, short enough that a dump does not queue behind a migration for ever and block it. */
const LOCK_WAIT_SECONDS = 60;

async function addGlobals(
  context: JobContext,
  request: BackupRequest,
  plan: BackupPlan,
  paths: BackupPaths,
  tools: ToolConnection,
): Promise<{ file: Omit<StoredFile, "path">; warnings: Manifest["warnings"] }> {
  context.step("Saving roles and globals");
  context.recordPartial(paths.globalsPartial);
  const tool = chooseDumpTool(plan.installations, "pg_dumpall", plan.report.server.versionNum);
  const options = {
    database: request.database,
    recipients: request.recipients ?? [],
    signal: context.signal,
    onSpawn: (pid: number) => context.recordChild(pid),
  };
  try {
    const file = await dumpGlobals(paths.globalsPartial, tool, tools, { ...options, rolePasswords: true });
    return { file, warnings: [] };
  } catch (error) {
    // Only superusers may read pg_authid; managed services have none to give.
    if (!(error instanceof AppError) || error.code !== "postgres.permissionDenied") throw error;
    const warning = {
      code: "backup.noRolePasswords",
      message: "Roles are in this backup without their passwords, which this role may not read.",
    };
    context.log(`warning: ${warning.message}`);
    const file = await dumpGlobals(paths.globalsPartial, tool, tools, { ...options, rolePasswords: false });
    return { file, warnings: [warning] };
  }
}

async function makeDirectoryPartial(path: string): Promise<void> {
  try {
    await makePrivateFolder(dirname(path));
    await mkdir(path, { mode: 0o700 });
  } catch (error) {
    throw storageError(error, path);
  }
}

/** What interrupted jobs of this home left half-written of this database; other files, whatever their names, are not ours. */
async function removeLeftovers(context: JobContext, request: BackupRequest, now: Date): Promise<void> {
  const folders = new Set(request.locations.map((location) => backupPaths(location, request.database, now, "").folder));
  for (const path of context.leftovers()) {
    if (!folders.has(dirname(path))) continue;
    if (await removeUnfinished(context, path)) context.forgetLeftover(path);
  }
}

async function removeUnfinished(context: JobContext, path: string): Promise<boolean> {
  try {
    await rm(path, { recursive: true, force: true });
    context.log(`removed the unfinished ${path}`);
    return true;
  } catch (error) {
    context.log(`could not remove the unfinished ${path}: ${storageError(error, path).message}`);
    return false;
  }
}

async function copyElsewhere(
  context: JobContext,
  request: BackupRequest,
  home: Home,
  paths: BackupPaths,
): Promise<BackupResult["copies"]> {
  const copies: { location: string; path: string | null; error: string | null }[] = [];
  const copyTo = async (location: string): Promise<string> =>
    copyBackup(paths.manifest, location, {
      signal: context.signal,
      onPartial: (partial) => context.recordPartial(partial),
    });
  const uploadTo = async (location: string): Promise<string> => {
    const storage = await openStorage(location, { home, env: process.env });
    try {
      return await uploadBackup(paths.manifest, storage, context.signal);
    } finally {
      await storage.close();
    }
  };
  const places = [
    ...request.locations.slice(1).map((location) => ({ location, copy: copyTo })),
    ...(request.storages ?? []).map((location) => ({ location, copy: uploadTo })),
  ];
  for (const { location, copy } of places) {
    context.step(`Copying to ${location}`);
    try {
      const path = await copy(location);
      copies.push({ location, path, error: null });
    } catch (error) {
      if (context.signal.aborted)
        throw new AppError("job.cancelled", "Cancelled.", {
          detail: `The backup is whole and stays: ${paths.archive}. Not copied to: ${location}.`,
        });
      const failure = storageError(error, location);
      context.log(`error: ${failure.message}`);
      copies.push({ location, path: null, error: failure.message });
    }
  }
  return copies;
}

function describeResult(manifest: Manifest, paths: BackupPaths, copies: BackupResult["copies"]): BackupResult {
  return {
    id: manifest.id,
    database: manifest.database,
    path: paths.archive,
    manifestPath: paths.manifest,
    sizeBytes: manifest.files.reduce((sum, file) => sum + (file.role === "archive" ? file.sizeBytes : 0), 0),
    ...countTables(manifest),
    elapsedMs: Date.parse(manifest.endedAt) - Date.parse(manifest.startedAt),
    tool: `${manifest.tool.name} ${manifest.tool.version}`,
    warnings: manifest.warnings,
    copies,
  };
}

function formatIdTime(time: Date): string {
  return time.toISOString().slice(0, 19).replaceAll(/\D/g, "");
}
