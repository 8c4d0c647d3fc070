import { mkdir, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { displayCommand } from "../../shared/command/display.ts";
import { buildDumpArgs } from "../../shared/command/dump-command.ts";
import type { StoredFile } from "../../shared/contract/manifest.ts";
import { splitPath } from "../../shared/storage/location.ts";
import type { JobContext } from "../jobs/job-context.ts";
import type { ResolvedConnection } from "../profiles/resolve-connection.ts";
import { partialOf } from "../storage/backup-folder.ts";
import { makePrivateFolder, syncFolder } from "../storage/durable-file.ts";
import type { Place } from "../storage/place.ts";
import { storageError } from "../storage/storage-error.ts";
import { readPieces } from "../tools/read-pieces.ts";
import { runTool, type ToolRun } from "../tools/run-tool.ts";
import type { ToolConnection } from "../tools/tool-connection.ts";
import type { BackupRequest } from "./backup-request.ts";
import { collectRarely } from "./collect-rarely.ts";
import { withCountingThread } from "./counting-thread.ts";
import { type DumpEncryption, openDumpFile } from "./dump-file.ts";
import { type DumpFollower, followDump } from "./follow-dump.ts";
import type { BackupPlan } from "./prepare-backup.ts";
import { type FinishedDump, receiveDirectory, receiveDump } from "./receive-dump.ts";
import { type DumpShape, receivePieces } from "./receive-pieces.ts";

/** What a dump needs to know. */
export interface DumpTask {
  readonly context: JobContext;
  readonly request: BackupRequest;
  readonly connection: ResolvedConnection;
  readonly plan: BackupPlan;
  readonly tools: ToolConnection;
  /** null: it is not encrypted. */
  readonly encryptFor: DumpEncryption | null;
  /** Nothing else is done in this process: its garbage may wait. */
  readonly ownsProcess: boolean;
}

/** A whole dump that has no name anywhere yet. */
export interface DumpedArchive {
  readonly dump: FinishedDump;
  /** The very argv that made it. */
  readonly command: readonly string[];
  /** Gives it its name in every place that takes part. */
  commit(): Promise<StoredFile[]>;
  /** For any way out but commit(): nothing of it stays. */
  discard(): Promise<void>;
}

/** Long enough for a busy moment, short enough that a dump does not queue behind a migration for ever and block it. */
const LOCK_WAIT_SECONDS = 60;

/**
 * Runs pg_dump and sends what it writes to every place at once.
 * @param path of the archive, from each storage's root
 * Throws pg_dump's classified failure, backup.incomplete, archive.*, or a place's failure where none is left; nothing stays then.
 */
export async function dumpToPlaces(
  task: DumpTask,
  shape: DumpShape,
  path: string,
  places: readonly Place[],
): Promise<DumpedArchive> {
  const { context, plan, encryptFor, ownsProcess } = task;
  if (ownsProcess) collectRarely();
  return runDump(task, null, async (startDump, follower) => {
    const file = await openDumpFile(path, places, {
      encryptFor,
      hasLateHead: shape.format === "custom",
      expectedBytes: plan.mostBytes,
      signal: context.signal,
      onPartial: (partial) => context.recordPartial(partial),
      onWaiting: (location) => follower.waitingFor(location),
    });
    try {
      const run = startDump();
      const dump = await receiveDump(run, () =>
        withCountingThread((counting) =>
          receivePieces(shape, readPieces(run.stdout), file, follower.observer, counting),
        ),
      );
      const commit = async (): Promise<StoredFile[]> => [
        { path: splitPath(path).name, role: "archive", ...(await file.commit()) },
      ];
      return { dump, commit, discard: () => file.discard() };
    } catch (error) {
      await file.discard();
      throw error;
    }
  });
}

/**
 * Runs pg_dump, which writes a directory archive itself, into a folder.
 * Throws as dumpToPlaces.
 */
export function dumpToFolder(task: DumpTask, path: string, place: Place): Promise<DumpedArchive> {
  const { context } = task;
  const archive = join(place.storage.address, path);
  const partial = partialOf(archive);
  const discard = () => rm(partial, { recursive: true, force: true }).catch(() => {});
  return runDump(task, partial, async (startDump, { observer }) => {
    context.recordPartial(partial);
    await makeFolder(partial);
    try {
      const dump = await receiveDirectory(partial, startDump(), observer, context.signal);
      const { folder, name } = splitPath(path);
      const files = dump.files.map((file): StoredFile => ({ ...file, role: "archive", path: `${name}/${file.path}` }));
      const commit = async (): Promise<StoredFile[]> => {
        await rename(partial, archive).catch((error) => Promise.reject(storageError(error, archive)));
        place.written.push(...files.map((file) => `${folder}/${file.path}`));
        await syncFolder(dirname(archive));
        return files;
      };
      return { dump, commit, discard };
    } catch (error) {
      await discard();
      throw error;
    }
  });
}

/** Everything around taking pg_dump's output: its command, its progress, and its end when that fails. */
async function runDump<Result>(
  { context, request, connection, plan, tools }: DumpTask,
  outputFolder: string | null,
  take: (startDump: () => ToolRun, follower: DumpFollower) => Promise<Result>,
): Promise<Result & { readonly command: readonly string[] }> {
  const compression = outputFolder === null ? compressionOfDump(plan.compression) : plan.compression;
  const command = [
    tools.dbnameArgument(request.database),
    ...buildDumpArgs(
      {
        ...request,
        compression,
        lockWaitTimeoutSeconds: LOCK_WAIT_SECONDS,
        outputPath: outputFolder,
      },
      plan.tool.version,
    ),
  ];
  context.step(`Dumping ${request.database}`);
  context.log(displayCommand(plan.tool.path, command));
  if (compression !== plan.compression) context.log(`what it writes is compressed here: ${nameOf(plan.compression)}`);

  const follower = await followDump(context, connection, tools.applicationName, plan);
  const giveUp = new AbortController();
  let run: ToolRun | null = null;
  const startDump = (): ToolRun =>
    (run = runTool({
      path: plan.tool.path,
      args: command,
      env: tools.env,
      stdout: outputFolder === null ? "stream" : "ignore",
      onStderrLine: (line) => follower.stderrLine(line),
      signal: AbortSignal.any([context.signal, giveUp.signal]),
      phase: "dump",
      onSpawn: (pid) => context.recordChild(pid),
    }));
  try {
    const result = await take(startDump, follower);
    const elapsedMs = (await startedRun(run)?.exit)?.elapsedMs ?? 0;
    context.log(`pg_dump ended with exit code 0 after ${Math.round(elapsedMs / 1000)} s`);
    return { ...result, command: [plan.tool.path, ...command] };
  } catch (error) {
    giveUp.abort();
    await startedRun(run)?.exit;
    throw error;
  } finally {
    await follower.stop();
  }
}

/** What passes through this process is compressed here, on all its processors; lz4 alone only pg_dump can write. */
function compressionOfDump(asked: BackupPlan["compression"]): BackupPlan["compression"] {
  return asked.method === "lz4" || asked.method === "none" ? asked : { method: "none", level: null };
}

function nameOf({ method, level }: BackupPlan["compression"]): string {
  return level === null ? method : `${method}:${level}`;
}

/** What was assigned in a callback, which the compiler does not see. */
function startedRun(run: ToolRun | null): ToolRun | null {
  return run;
}

async function makeFolder(path: string): Promise<void> {
  try {
    await makePrivateFolder(dirname(path));
    await mkdir(path, { mode: 0o700 });
  } catch (error) {
    throw storageError(error, path);
  }
}
