import { parentPort } from "node:worker_threads";
import { type ErrorValue, toErrorValue } from "../../shared/error/app-error.ts";
import type { StoredData } from "../archives/archive.ts";
import { rowsOf } from "../archives/archived-rows.ts";
import { createPieceQueue } from "../storage/piece-queue.ts";
import { createRowWork, type RowPart, type RowWork } from "./row-work.ts";

/** To the thread: what is to be done, piece after piece, that no more come; and that so many bytes of its parts were taken. */
export type RowOrder =
  | {
      readonly kind: "begin";
      readonly work: RowWork;
      /** How the pieces are stored; null: they are rows. */
      readonly storedAs: Omit<StoredData, "compressed"> | null;
      /** Bytes of its parts that may wait to be taken. */
      readonly mostUnderWay: number;
    }
  | { readonly kind: "piece"; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly kind: "end" }
  | { readonly kind: "taken"; readonly bytes: number };

/** From it: so many bytes of the pieces are taken; a part; the last one was; it failed. */
export type RowReport =
  | { readonly kind: "taken"; readonly bytes: number }
  | { readonly kind: "part"; readonly part: RowPart }
  | { readonly kind: "done" }
  | { readonly kind: "failed"; readonly error: ErrorValue };

/*
 * The thread that decompresses rows and takes them apart: reading goes on beside it, whoever has a window to answer is not kept
 * from it however many rows there are, and what all that leaves behind is collected in a small heap.
 */
const port = parentPort;
if (port === null) throw new Error("row-worker.ts is a worker thread's file");

/** Who gives them keeps to a bound of its own. */
const pieces = createPieceQueue(Number.POSITIVE_INFINITY);
let untakenBytes = 0;
let roomMade = Promise.withResolvers<void>();

port.on("message", (order: RowOrder) => {
  if (order.kind === "piece") pieces.push(order.bytes);
  else if (order.kind === "end") pieces.end();
  else if (order.kind === "begin") run(order).catch((error) => report({ kind: "failed", error: toErrorValue(error) }));
  else {
    untakenBytes -= order.bytes;
    roomMade.resolve();
    roomMade = Promise.withResolvers<void>();
  }
});

async function run({ work, storedAs, mostUnderWay }: Extract<RowOrder, { kind: "begin" }>): Promise<void> {
  const running = createRowWork(work);
  const compressed = { parts: takePieces(), isOver: () => false };
  const rows = storedAs === null ? compressed.parts : rowsOf({ compressed, ...storedAs });
  for await (const piece of rows) {
    send(running.take(piece));
    await roomFor(mostUnderWay);
  }
  send(running.end());
  report({ kind: "done" });
}

function send(part: RowPart): void {
  untakenBytes += part.bytes.length;
  report({ kind: "part", part }, [part.bytes.buffer]);
}

/** Resolves when no more than so many bytes wait to be taken. */
async function roomFor(mostBytes: number): Promise<void> {
  const isFull = (): boolean => untakenBytes > mostBytes;
  // oxlint-disable-next-line no-await-in-loop -- one after another is taken
  while (isFull()) await roomMade.promise;
}

async function* takePieces(): AsyncGenerator<Uint8Array> {
  for await (const piece of pieces.pieces) {
    yield piece;
    report({ kind: "taken", bytes: piece.length });
  }
}

function report(message: RowReport, transfer: ArrayBuffer[] = []): void {
  port?.postMessage(message, transfer);
}
