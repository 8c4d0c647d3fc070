import { parentPort } from "node:worker_threads";
import { type CopyTextCounts, createCopyTextTally } from "./copy-text-tally.ts";
import { type Compressed, decoderFor, writeTo } from "./decoders.ts";

/** To the worker: a table begins, more of its compressed bytes, its end. */
export type CountingOrder =
  | { readonly kind: "open"; readonly table: number; readonly compression: Compressed }
  | { readonly kind: "bytes"; readonly table: number; readonly bytes: Uint8Array }
  | { readonly kind: "end"; readonly table: number };

/** From it: so many compressed bytes are taken, and what is counted of them; the end's verdict as a tally gives it. */
export type CountingReport =
  | {
      readonly kind: "taken";
      readonly table: number;
      readonly takenBytes: number;
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

interface OpenTable {
  take(bytes: Uint8Array): void;
  end(): void;
}

const tables = new Map<number, OpenTable>();

port.on("message", (order: CountingOrder) => {
  if (order.kind === "open") tables.set(order.table, openTable(order.table, order.compression));
  else if (order.kind === "bytes") tables.get(order.table)?.take(order.bytes);
  else tables.get(order.table)?.end();
});

function report(message: CountingReport): void {
  port?.postMessage(message);
}

function openTable(table: number, compression: Compressed): OpenTable {
  const tally = createCopyTextTally();
  const stream = decoderFor(compression).open();
  let writing = Promise.resolve();
  const ended = new Promise<boolean>((resolve) => {
    stream.once("end", () => resolve(true));
    stream.once("error", () => resolve(false));
  });
  stream.on("data", (raw: Buffer) => tally.add(raw, 0, raw.length));

  async function write(bytes: Uint8Array): Promise<void> {
    await writeTo(stream, bytes);
    report({ kind: "taken", table, takenBytes: bytes.length, soFar: tally.soFar() });
  }

  async function finish(): Promise<void> {
    await writing;
    stream.end();
    const isWhole = await ended;
    tables.delete(table);
    report({ kind: "counted", table, total: isWhole ? tally.total() : null });
  }

  return {
    take(bytes) {
      writing = writing.then(() => write(bytes));
    },
    end() {
      void finish();
    },
  };
}
