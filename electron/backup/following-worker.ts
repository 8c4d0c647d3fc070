import { parentPort } from "node:worker_threads";
import { type ErrorValue, toErrorValue } from "../../shared/error/app-error.ts";
import { type FileDigest } from "../storage/running-digest.ts";
import { storageError } from "../storage/storage-error.ts";
import { followFile } from "./follow-file.ts";
import { giveWayHere } from "./give-way.ts";
import type { DumpShape } from "./receive-pieces.ts";
import type { DumpObserver, ReceivedDump } from "./received-dump.ts";

/** To the thread: a file to read behind whoever writes it; the writer has ended; what it wrote is to be settled. */
export type FollowingOrder =
  | { readonly kind: "follow"; readonly path: string; readonly shape: DumpShape }
  | { readonly kind: "ended" }
  | { readonly kind: "settle" };

/** What a DumpObserver is told: the name of its method and what it takes. */
export type ObserverCall = {
  [Name in keyof DumpObserver]: readonly [Name, ...Parameters<DumpObserver[Name]>];
}[keyof DumpObserver];

/** From it. */
export type FollowingReport =
  | { readonly kind: "seen"; readonly calls: readonly ObserverCall[] }
  | { readonly kind: "received"; readonly dump: ReceivedDump }
  | { readonly kind: "settled"; readonly digest: FileDigest }
  | { readonly kind: "failed"; readonly error: ErrorValue };

/*
 * The thread that reads behind pg_dump. It is apart because buffers are memory outside of V8's heap, for whose sake V8
 * collects garbage every 64 MB: cheap in a heap as small as this one; and because the main thread has a window to answer.
 * It gives way: pg_dump and its server fill the processors, hold a snapshot open, and are what a backup waits for. What is
 * left undone meanwhile is done in no time once they have ended.
 */
const port = parentPort;
if (port === null) throw new Error("following-worker.ts is a worker thread's file");

/** Twenty thousand small tables are not as many messages. */
const REPORT_MS = 100;
giveWayHere();
const ended = Promise.withResolvers<void>();
const settling = Promise.withResolvers<void>();

port.on("message", (order: FollowingOrder) => {
  if (order.kind === "ended") ended.resolve();
  else if (order.kind === "settle") settling.resolve();
  else
    follow(order.path, order.shape).catch((error: unknown) =>
      report({ kind: "failed", error: toErrorValue(storageError(error, order.path)) }),
    );
});

async function follow(path: string, shape: DumpShape): Promise<void> {
  const follower = await followFile(path, shape);
  const { observer, flush } = createReporter();
  const dump = await follower.receive(ended.promise, observer);
  flush();
  report({ kind: "received", dump });
  await settling.promise;
  const digest = await follower.settle();
  await follower.close();
  report({ kind: "settled", digest });
}

/** Keeps what an observer would be told and sends it from time to time; of a running table and of bytes, the last word. */
function createReporter(): { readonly observer: DumpObserver; readonly flush: () => void } {
  let calls: ObserverCall[] = [];
  let receivedBytes = 0;
  let running: ObserverCall | null = null;
  let sentAt = performance.now();

  function flush(): void {
    if (receivedBytes > 0) calls.push(["received", receivedBytes]);
    if (running !== null) calls.push(running);
    if (calls.length > 0) report({ kind: "seen", calls });
    calls = [];
    receivedBytes = 0;
    running = null;
    sentAt = performance.now();
  }

  function flushInTime(): void {
    if (performance.now() - sentAt >= REPORT_MS) flush();
  }

  return {
    flush,
    observer: {
      received(bytes) {
        receivedBytes += bytes;
        flushInTime();
      },
      tablesKnown(oids) {
        calls.push(["tablesKnown", oids]);
      },
      tableRunning(...table) {
        running = ["tableRunning", ...table];
        flushInTime();
      },
      tableFinished(...table) {
        running = null;
        calls.push(["tableFinished", ...table]);
      },
    },
  };
}

function report(message: FollowingReport): void {
  port?.postMessage(message);
}
