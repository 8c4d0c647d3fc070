import { parentPort } from "node:worker_threads";
import type { CopyTextCounts } from "./copy-text-tally.ts";
import { type CountedStream, openCountedStream } from "./counted-stream.ts";
import type { Compressed } from "./decoders.ts";

/** To the worker: a table begins, more of its compressed bytes, its end. */
export type CountingOrder =
  | { readonly kind: "open"; readonly table: number; readonly compression: Compressed }
  | { readonly kind: "bytes"; readonly table: number; readonly bytes: Uint8Array }
  | { readonly kind: "end"; readonly table: number };

/** From it: the oldest bytes are done with, and what is counted so far; the end's verdict as a tally gives it. */
export type CountingReport =
  | {
      readonly kind: "taken";
      readonly table: number;
      readonly soFar: CopyTextCounts;
    }
  | { readonly kind: "counted"; readonly table: number; readonly total: CopyTextCounts | null };

/*
 * The thread that decompresses and counts. It is apart for two reasons: the decoder's output is memory outside of V8's
 * heap, for whose sake V8 collects garbage every 64 MB, which is cheap in a heap as small as this one and cost a fifth
 * of the whole backup's processor time in the main one; and the main thread has a window to answer.
 */
const port = parentPort;
if (port === null) throw new Error("counting-worker.ts is a worker thread's file");

const tables = new Map<number, CountedStream>();

port.on("message", (order: CountingOrder) => {
  if (order.kind === "open") tables.set(order.table, openCountedStream(order.compression));
  else if (order.kind === "bytes") void take(order.table, order.bytes);
  else void finish(order.table);
});

function report(message: CountingReport): void {
  port?.postMessage(message);
}

async function take(table: number, bytes: Uint8Array): Promise<void> {
  const stream = tables.get(table);
  await stream?.write(bytes);
  if (stream) report({ kind: "taken", table, soFar: stream.soFar() });
}

async function finish(table: number): Promise<void> {
  const total = (await tables.get(table)?.finish()) ?? null;
  tables.delete(table);
  report({ kind: "counted", table, total });
}
