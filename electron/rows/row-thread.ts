import { Worker } from "node:worker_threads";
import { AppError } from "../../shared/error/app-error.ts";
import { workerFile } from "../worker-file.ts";
import { createRowWork, type RowPart, type RowWork } from "./row-work.ts";
import type { RowOrder, RowReport } from "./row-worker.ts";

/** So many bytes are under way at most: given to the thread, and its answers that nobody has taken yet. */
const mostUnderWay = 4 * 1024 * 1024;

/** So many bytes are worked on at once: less time than a thread takes to start. */
const mostHere = 1024 * 1024;

/**
 * Row work, part after part in the rows' order: the beginning here, all that follows in a thread of its own.
 * @throws as workInThread
 */
export async function* workOnRows(pieces: AsyncIterable<Uint8Array>, work: RowWork): AsyncGenerator<RowPart> {
  const source = pieces[Symbol.asyncIterator]();
  const workHere = createRowWork(work);
  try {
    let found = 0;
    for (let bytes = 0; bytes < mostHere; ) {
      // oxlint-disable-next-line no-await-in-loop -- piece after piece
      const { done, value } = await source.next();
      if (done === true) return;
      bytes += value.length;
      const part = workHere(value);
      found += part.foundRows;
      yield part;
    }
    const limit = work.limit === null ? null : work.limit - found;
    yield* workInThread({ [Symbol.asyncIterator]: () => source }, { ...work, limit });
  } finally {
    await source.return?.();
  }
}

/**
 * Row work in a thread of its own, part after part in the rows' order. Memory stays the same however many rows there are:
 * whoever takes no part stops the reading. Leaving the loop ends the thread.
 * @throws what `pieces` throws, and what the work does
 */
export async function* workInThread(pieces: AsyncIterable<Uint8Array>, work: RowWork): AsyncGenerator<RowPart> {
  const worker = new Worker(workerFile("rows/row-worker"), { name: "rows" });
  const source = pieces[Symbol.asyncIterator]();
  /** Sizes of the pieces that are under way, in their order, and the answers that came. */
  const sizes: number[] = [];
  const answers: RowPart[] = [];
  let underWay = 0;
  let isRead = false;
  let failure: { readonly error: unknown } | null = null;
  let wake = Promise.withResolvers<void>();

  const changed = (): void => {
    wake.resolve();
    wake = Promise.withResolvers<void>();
  };
  const fail = (error: unknown): void => {
    failure ??= { error };
    changed();
  };
  const send = (order: RowOrder, transfer: ArrayBuffer[] = []): void => worker.postMessage(order, transfer);
  worker.on("message", (report: RowReport) => {
    if (report.kind === "part") answers.push(report.part);
    else fail(new AppError(report.error.code, report.error.message, report.error));
    changed();
  });
  worker.on("error", fail);

  async function until(condition: () => boolean): Promise<void> {
    // oxlint-disable-next-line no-await-in-loop -- change after change
    while (!condition()) await wake.promise;
  }

  async function readAll(): Promise<void> {
    for (;;) {
      // oxlint-disable-next-line no-await-in-loop -- piece after piece
      await until(() => underWay < mostUnderWay || failure !== null);
      if (failure !== null) return;
      // oxlint-disable-next-line no-await-in-loop -- the same
      const { done, value } = await source.next();
      if (done === true) break;
      // A copy: its memory goes to the thread, and what it was cut from may be somebody's still.
      const bytes = new Uint8Array(value);
      sizes.push(bytes.length);
      underWay += bytes.length;
      send({ kind: "piece", bytes }, [bytes.buffer]);
    }
    isRead = true;
    changed();
  }

  let reading: Promise<void> | null = null;
  try {
    send({ kind: "begin", work });
    reading = readAll().catch(fail);
    for (;;) {
      // oxlint-disable-next-line no-await-in-loop -- part after part
      await until(() => answers.length > 0 || failure !== null || (isRead && sizes.length === 0));
      const part = answers.shift();
      if (part === undefined) {
        throwIfFailed(failure);
        return;
      }
      yield part;
      underWay -= sizes.shift() ?? 0;
      changed();
    }
  } finally {
    failure ??= { error: null };
    changed();
    await worker.terminate();
    await reading;
    await source.return?.();
  }
}

function throwIfFailed(failure: { readonly error: unknown } | null): void {
  if (failure !== null) throw failure.error;
}
