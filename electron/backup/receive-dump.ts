import { basename, dirname } from "node:path";
import type { StoredFile } from "../../shared/contract/manifest.ts";
import { AppError } from "../../shared/error/app-error.ts";
import { failureOf, type ToolEvent } from "../../shared/error/classify.ts";
import { createLocalStorage } from "../storage/local-storage.ts";
import type { ToolExit, ToolRun } from "../tools/run-tool.ts";
import { collectDirectoryDump, sealDirectory } from "./collect-directory.ts";
import { withCountingThread } from "./counting-thread.ts";
import type { DumpObserver, ReceivedDump } from "./received-dump.ts";

/** A dump whose pg_dump came to its good end. */
export interface FinishedDump extends ReceivedDump {
  /** What pg_dump had to say besides its progress. */
  readonly warnings: readonly ToolEvent[];
}

/**
 * Takes what a running pg_dump writes and waits for its end. Only exit code 0 with whole data counts; what was written is
 * left to the caller either way. Throws pg_dump's classified failure, backup.incomplete, archive.damaged, storage.*.
 * @param receive takes it: its stdout, or what is read of its file until it has ended
 */
export async function receiveDump(run: ToolRun, receive: () => Promise<ReceivedDump>): Promise<FinishedDump> {
  const received = await receive().catch((error: unknown) => explainFailure(run, error));
  const exit = await run.exit;
  insistOnSuccess(exit);
  insistOnWholeTables(received);
  return { ...received, warnings: warningsOf(exit) };
}

/** The same for a directory archive, which pg_dump writes itself: counted, synced and hashed where it lies. */
export async function receiveDirectory(
  folder: string,
  run: ToolRun,
  observer: DumpObserver,
  signal: AbortSignal,
): Promise<FinishedDump & { readonly files: readonly Omit<StoredFile, "role">[] }> {
  const exit = await run.exit;
  insistOnSuccess(exit);
  const collected = await withCountingThread((counting) =>
    collectDirectoryDump(createLocalStorage(dirname(folder)), basename(folder), observer, counting, signal),
  );
  insistOnWholeTables(collected);
  const files = await sealDirectory(folder, { signal, onBytes: (bytes) => observer.received(bytes) });
  return { ...collected, files, warnings: warningsOf(exit) };
}

async function explainFailure(run: ToolRun, error: unknown): Promise<never> {
  run.stdout?.destroy();
  if (error instanceof AppError && /^(storage\.|backup\.destinationExists$)/.test(error.code)) throw error;
  // Data that makes no sense is mostly the consequence of pg_dump's own failure: that one is told then. SIGPIPE is no
  // failure of its own, but the answer to our closing the pipe.
  const exit = await run.exit;
  if (exit.signal !== "SIGPIPE") insistOnSuccess(exit);
  throw error;
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
