import { basename } from "node:path";
import type { StoredFile } from "../../shared/contract/manifest.ts";
import { AppError } from "../../shared/error/app-error.ts";
import { failureOf, type ToolEvent } from "../../shared/error/classify.ts";
import type { BackupPaths } from "../storage/backup-folder.ts";
import { hashChunkBytes } from "../storage/part-sums.ts";
import type { ToolExit, ToolRun } from "../tools/run-tool.ts";
import type { BackupRequest } from "./backup-request.ts";
import { collectDirectoryDump, sealDirectory } from "./collect-directory.ts";
import { withCountingThread } from "./counting-thread.ts";
import { createDumpFile, type DumpFile } from "./dump-file.ts";
import type { BackupPlan } from "./prepare-backup.ts";
import { receiveCustomDump } from "./receive-custom.ts";
import { receivePlainDump } from "./receive-plain.ts";
import { receiveTarDump } from "./receive-tar.ts";
import type { DumpObserver, ReceivedDump } from "./received-dump.ts";

/** A dump that is whole, synced and hashed, still under its partial name. */
export interface StoredDump extends ReceivedDump {
  readonly files: readonly Omit<StoredFile, "role">[];
  /** What pg_dump had to say besides its progress. */
  readonly warnings: readonly ToolEvent[];
}

/**
 * Takes a running pg_dump's output to the disk and waits for its end. Only exit code 0 with whole data counts.
 * Throws pg_dump's classified failure, backup.incomplete, archive.damaged, storage.*; a file is removed then, a
 * directory archive is left to the caller.
 */
export async function receiveDump(
  request: BackupRequest,
  plan: BackupPlan,
  paths: BackupPaths,
  run: ToolRun,
  observer: DumpObserver,
  signal: AbortSignal,
): Promise<StoredDump> {
  if (request.format === "directory") {
    const exit = await run.exit;
    insistOnSuccess(exit);
    const collected = await withCountingThread((counting) =>
      collectDirectoryDump(paths.partial, observer, counting, signal),
    );
    insistOnWholeTables(collected);
    const files = await sealDirectory(paths.partial, { signal, onBytes: (bytes) => observer.received(bytes) });
    const folder = basename(paths.archive);
    return {
      ...collected,
      files: files.map((file) => ({ ...file, path: `${folder}/${file.path}` })),
      warnings: warningsOf(exit),
    };
  }

  const file = await createDumpFile(paths.partial, request.recipients ?? []);
  try {
    const received = await receiveStream(request, plan, run, file, observer);
    const exit = await run.exit;
    insistOnSuccess(exit);
    insistOnWholeTables(received);
    const digest = await file.seal();
    return {
      ...received,
      files: [{ path: basename(paths.archive), ...digest, chunks: [...digest.chunks], chunkBytes: hashChunkBytes }],
      warnings: warningsOf(exit),
    };
  } catch (error) {
    await file.discard();
    throw error;
  }
}

async function receiveStream(
  request: BackupRequest,
  plan: BackupPlan,
  run: ToolRun,
  file: DumpFile,
  observer: DumpObserver,
): Promise<ReceivedDump> {
  if (run.stdout === null) throw failureOf("pg_dump", await run.exit, "dump");
  try {
    if (request.format === "custom") {
      const { stdout } = run;
      return await withCountingThread((counting) => receiveCustomDump(stdout, file, observer, counting));
    }
    if (request.format === "tar") return await receiveTarDump(run.stdout, file, observer);
    return await receivePlainDump(run.stdout, file, plan.compression.method, observer);
  } catch (error) {
    run.stdout.destroy();
    if (error instanceof AppError && error.code.startsWith("storage.")) throw error;
    // Data that makes no sense is mostly the consequence of pg_dump's own failure: that one is told then. SIGPIPE is no
    // failure of its own, but the answer to our closing the pipe.
    const exit = await run.exit;
    if (exit.signal !== "SIGPIPE") insistOnSuccess(exit);
    throw error;
  }
}

function insistOnSuccess(exit: ToolExit): void {
  if (exit.outcome !== "exited" || exit.exitCode !== 0) throw failureOf("pg_dump", exit, "dump");
}

function insistOnWholeTables(dump: ReceivedDump): void {
  if (dump.incomplete.length === 0) return;
  throw new AppError("backup.incomplete", "pg_dump ended well, but the data of some tables is not whole.", {
    detail: dump.incomplete.join(", "),
  });
}

function warningsOf(exit: ToolExit): ToolEvent[] {
  return exit.events.filter((event) => event.severity !== "notice");
}
