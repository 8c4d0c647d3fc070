import { parentPort } from "node:worker_threads";
import { type ErrorValue, toErrorValue } from "../../shared/error/app-error.ts";
import { createRowWork, type RowPart, type RowWork } from "./row-work.ts";

/** To the thread: what is to be done, then piece after piece. */
export type RowOrder =
  | { readonly kind: "begin"; readonly work: RowWork }
  | { readonly kind: "piece"; readonly bytes: Uint8Array<ArrayBuffer> };

/** From it, for each piece. */
export type RowReport =
  | { readonly kind: "part"; readonly part: RowPart }
  | { readonly kind: "failed"; readonly error: ErrorValue };

/*
 * The thread that takes rows apart: reading and decompressing go on beside it, and whoever has a window to answer is not
 * kept from it however many rows there are.
 */
const port = parentPort;
if (port === null) throw new Error("row-worker.ts is a worker thread's file");

let work: ((piece: Uint8Array) => RowPart) | null = null;

port.on("message", (order: RowOrder) => {
  try {
    if (order.kind === "begin") {
      work = createRowWork(order.work);
      return;
    }
    const part = work?.(order.bytes);
    if (part !== undefined) report({ kind: "part", part }, [part.bytes.buffer]);
  } catch (error) {
    report({ kind: "failed", error: toErrorValue(error) });
  }
});

function report(message: RowReport, transfer: ArrayBuffer[] = []): void {
  port?.postMessage(message, transfer);
}
