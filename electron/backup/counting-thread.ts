import { Worker } from "node:worker_threads";
import { workerFile } from "../worker-file.ts";
import type { CopyTextCounts } from "./copy-text-tally.ts";
import type { CountingOrder, CountingReport } from "./counting-worker.ts";
import type { Compressed } from "./decoders.ts";

/** Who decompresses and counts what is large. */
export interface RowCounting {
  /** Begins a table. */
  open(compression: Compressed): CountedTable;
}

/** One table whose compressed data is counted there. */
export interface CountedTable {
  /** Takes the bytes. What is left of them is the caller's no more; it gets as much memory to be filled next. */
  push(bytes: Uint8Array): Uint8Array;
  /** Resolves when more may be pushed; null when that is now. Rejects when the thread has died. */
  drained(): Promise<void> | null;
  soFar(): CopyTextCounts;
  /** No more bytes come. null: the data does not decompress or does not end in COPY's end mark. */
  finish(): Promise<CopyTextCounts | null>;
}

/** So much compressed data waits for the thread, of all tables together. */
const IN_FLIGHT_BYTES = 16 * 1024 * 1024;

/** What is between the two threads. */
interface Ring {
  inFlightBytes: number;
  /** Of those who wait for the thread. */
  room: PromiseWithResolvers<void> | null;
  /** Shared memory that can be filled. */
  readonly free: Uint8Array[];
}

interface Listener {
  hear(report: CountingReport): void;
  fail(error: Error): void;
}

/** A thread that counts, started with its first table, for the length of `use`; tables that are not finished then are forgotten. */
export async function withCountingThread<Result>(use: (counting: RowCounting) => Promise<Result>): Promise<Result> {
  const listeners = new Map<number, Listener>();
  const ring: Ring = { inFlightBytes: 0, room: null, free: [] };
  let worker = null as Worker | null;
  let lastTable = 0;

  function start(): Worker {
    const started = new Worker(workerFile("backup/counting-worker"), { name: "row counting" });
    started.on("message", (report: CountingReport) => listeners.get(report.table)?.hear(report));
    started.on("error", (error) => {
      for (const listener of listeners.values())
        listener.fail(error instanceof Error ? error : new Error(String(error)));
    });
    return started;
  }

  try {
    return await use({
      open(compression) {
        const number = ++lastTable;
        worker ??= start();
        const { table, listener } = countTable(worker, number, compression, ring);
        listeners.set(number, listener);
        return table;
      },
    });
  } finally {
    await worker?.terminate();
  }
}

function countTable(
  worker: Worker,
  number: number,
  compression: Compressed,
  ring: Ring,
): { readonly table: CountedTable; readonly listener: Listener } {
  const total = Promise.withResolvers<CopyTextCounts | null>();
  // Told by finish() or drained(), whoever asks first.
  total.promise.catch(() => {});
  const inFlight: Uint8Array[] = [];
  let counts: CopyTextCounts = { rows: 0, rawBytes: 0 };
  let failure: Error | null = null;

  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
  const send = (order: CountingOrder): void => worker.postMessage(order);
  send({ kind: "open", table: number, compression });

  return {
    listener: {
      hear(report) {
        if (report.kind === "counted") {
          total.resolve(report.total);
          return;
        }
        counts = report.soFar;
        const taken = inFlight.shift();
        ring.inFlightBytes -= taken?.length ?? 0;
        if (taken?.buffer instanceof SharedArrayBuffer) ring.free.push(taken);
        if (ring.inFlightBytes > IN_FLIGHT_BYTES / 2) return;
        ring.room?.resolve();
        ring.room = null;
      },
      fail(error) {
        failure = error;
        total.reject(error);
        ring.room?.reject(error);
        ring.room = null;
      },
    },
    table: {
      push(bytes) {
        inFlight.push(bytes);
        ring.inFlightBytes += bytes.length;
        send({ kind: "bytes", table: number, bytes });
        // Shared with the thread: a message would copy it into new memory, which costs more than the counting, and is
        // collected as garbage in a heap that is large.
        return ring.free.pop() ?? new Uint8Array(new SharedArrayBuffer(bytes.length));
      },
      drained() {
        if (failure !== null) return Promise.reject(failure);
        if (ring.inFlightBytes <= IN_FLIGHT_BYTES) return null;
        ring.room ??= Promise.withResolvers<void>();
        return ring.room.promise;
      },
      soFar: () => counts,
      finish() {
        send({ kind: "end", table: number });
        return total.promise;
      },
    },
  };
}
