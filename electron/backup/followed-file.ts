import { open, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Worker } from "node:worker_threads";
import type { StoredFile } from "../../shared/contract/manifest.ts";
import { AppError } from "../../shared/error/app-error.ts";
import { makePrivateFolder, syncFolder } from "../storage/durable-file.ts";
import { nameFile } from "../storage/name-file.ts";
import { hashChunkBytes } from "../storage/part-sums.ts";
import { failureIn, type Place } from "../storage/place.ts";
import type { FileDigest } from "../storage/running-digest.ts";
import { unfinishedNameOf } from "../storage/unfinished-name.ts";
import { workerFile } from "../worker-file.ts";
import type { FollowingOrder, FollowingReport, ObserverCall } from "./following-worker.ts";
import type { DumpShape } from "./receive-pieces.ts";
import type { DumpObserver, ReceivedDump } from "./received-dump.ts";

/**
 * The file of a dump that pg_dump writes itself, read behind it by a thread: nothing then passes through a pipe in pieces of
 * four kilobytes, which cost more than all that is done with the bytes.
 */
export interface FollowedFile {
  /** Where pg_dump is to write; the file is there, empty and private. */
  readonly partial: string;
  /** Receives it until pg_dump has ended. Throws as receivePieces, storage.*. */
  receive(ended: Promise<unknown>, observer: DumpObserver): Promise<ReceivedDump>;
  /** Syncs it, hashes it as a whole and gives it its name. Throws storage.*, backup.destinationExists. */
  commit(): Promise<Omit<StoredFile, "path" | "role">>;
  /** For any way out but commit(): nothing of it stays. */
  discard(): Promise<void>;
}

/**
 * Begins the file in a folder of this machine; nothing may be at its path.
 * @param path in the place's storage
 * @param onPartial is told the half-written file's path before it is made
 * Throws storage.*.
 */
export async function openFollowedFile(
  path: string,
  place: Place,
  shape: DumpShape,
  onPartial: (path: string) => void,
): Promise<FollowedFile> {
  const at = join(place.storage.address, path);
  const partial = unfinishedNameOf(at);
  await createEmpty(partial, onPartial).catch((error) => Promise.reject(failureIn(place, path, error)));
  const thread = startFollowing(partial, shape);
  return {
    partial,
    receive(ended, observer) {
      void ended.then(() => thread.tell({ kind: "ended" }));
      return thread.received(observer);
    },
    async commit() {
      thread.tell({ kind: "settle" });
      const { sizeBytes, sha256, chunks } = await thread.settled;
      try {
        await nameFile(partial, at, true);
        await syncFolder(dirname(at));
      } catch (error) {
        throw failureIn(place, path, error);
      }
      place.written.push(path);
      await thread.stop();
      return { sizeBytes, ...(sha256 === null ? {} : { sha256 }), chunks: [...chunks], chunkBytes: hashChunkBytes };
    },
    async discard() {
      await thread.stop();
      // What went wrong before is what counts; a file that cannot be removed is listed as unfinished.
      await rm(partial, { force: true }).catch(() => {});
    },
  };
}

/** Made by us, so that it is new and private; pg_dump opens what is there. */
async function createEmpty(partial: string, onPartial: (path: string) => void): Promise<void> {
  await makePrivateFolder(dirname(partial));
  onPartial(partial);
  await (await open(partial, "wx", 0o600)).close();
}

interface FollowingThread {
  tell(order: FollowingOrder): void;
  received(observer: DumpObserver): Promise<ReceivedDump>;
  readonly settled: Promise<FileDigest>;
  stop(): Promise<unknown>;
}

function startFollowing(path: string, shape: DumpShape): FollowingThread {
  const worker = new Worker(workerFile("backup/following-worker"), { name: "following pg_dump" });
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
  const tell = (order: FollowingOrder): void => worker.postMessage(order);
  tell({ kind: "follow", path, shape });
  const received = Promise.withResolvers<ReceivedDump>();
  const settled = Promise.withResolvers<FileDigest>();
  // Told to whoever waits for them.
  received.promise.catch(() => {});
  settled.promise.catch(() => {});
  let heard: DumpObserver | null = null;
  const fail = (error: unknown): void => {
    received.reject(error);
    settled.reject(error);
  };
  worker.on("error", fail);
  worker.on("message", (report: FollowingReport) => {
    if (report.kind === "seen") {
      for (const call of report.calls) if (heard !== null) passOn(heard, call);
    } else if (report.kind === "received") received.resolve(report.dump);
    else if (report.kind === "settled") settled.resolve(report.digest);
    else fail(new AppError(report.error.code, report.error.message, report.error));
  });
  return {
    tell,
    received(observer) {
      heard = observer;
      return received.promise;
    },
    settled: settled.promise,
    stop: () => worker.terminate(),
  };
}

function passOn(observer: DumpObserver, call: ObserverCall): void {
  switch (call[0]) {
    case "received":
      return observer.received(call[1]);
    case "tablesKnown":
      return observer.tablesKnown(call[1]);
    case "tableRunning":
      return observer.tableRunning(call[1], call[2], call[3], call[4]);
    case "tableFinished":
      return observer.tableFinished(call[1], call[2], call[3], call[4]);
  }
}
