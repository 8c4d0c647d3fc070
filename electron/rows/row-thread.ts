import { Worker } from "node:worker_threads";
import { AppError } from "../../shared/error/app-error.ts";
import type { StoredData } from "../archives/archive.ts";
import { rowsOf } from "../archives/archived-rows.ts";
import { workerFile } from "../worker-file.ts";
import { createRowWork, type RowPart, type RowWork } from "./row-work.ts";
import type { RowOrder, RowReport } from "./row-worker.ts";

/** So many bytes of rows are given to the thread and not taken by it yet, at most; of its answers, not taken here. */
const mostUnderWay = 2 * 1024 * 1024;

/**
 * Nearly all that rows are made into is let go at once. Left to itself the heap of a thread puts that off until it has three times
 * as much; a smaller nursery costs no time that can be measured.
 */
const mostYoungMegabytes = 16;

/** So many bytes are worked on here: less time than a thread takes to start. */
const mostHere = 1024 * 1024;
/** The same of rows as they are stored, which become several times as many. */
const mostStoredHere = 128 * 1024;

/**
 * Row work, part after part in the rows' order: the beginning here, all that follows in a thread of its own. Not for a format
 * whose end depends on its beginning.
 * @throws as workInThread
 */
export async function* workOnRows(pieces: AsyncIterable<Uint8Array>, work: RowWork): AsyncGenerator<RowPart> {
  const source = pieces[Symbol.asyncIterator]();
  const here = createRowWork(work);
  try {
    let found = 0;
    for (let bytes = 0; bytes < mostHere; ) {
      // oxlint-disable-next-line no-await-in-loop -- piece after piece
      const { done, value } = await source.next();
      if (done === true) {
        yield here.end();
        return;
      }
      bytes += value.length;
      const part = here.take(value);
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
 * The same of rows as they are stored: little of them here, more of them in a thread, which decompresses them too.
 * @throws as workInThread, decompress
 */
export async function* workOnStoredRows(stored: StoredData, work: RowWork): AsyncGenerator<RowPart> {
  const { compressed, codec, where } = stored;
  try {
    const first: Uint8Array[] = [];
    let isOver = false;
    for (let bytes = 0; bytes < mostStoredHere && !isOver; ) {
      // oxlint-disable-next-line no-await-in-loop -- part after part
      const { done, value } = await compressed.parts.next();
      if (done === true) isOver = true;
      else first.push(value);
      bytes += value?.length ?? 0;
    }
    const parts = join(first, compressed.parts);
    if (!isOver) {
      yield* workInThread(parts, work, { codec, where });
      return;
    }
    const here = createRowWork(work);
    const rows = rowsOf({ compressed: { parts, isOver: () => first.length === 0 }, codec, where });
    for await (const piece of rows) yield here.take(piece);
    yield here.end();
  } finally {
    await compressed.parts.return(undefined);
  }
}

/** Those that were taken already, which are let go, and those that follow. */
async function* join(first: Uint8Array[], rest: AsyncGenerator<Uint8Array>): AsyncGenerator<Uint8Array> {
  for (let part = first.shift(); part !== undefined; part = first.shift()) yield part;
  yield* rest;
}

/**
 * Row work in a thread of its own, part after part in the rows' order. Memory stays the same however many rows there are:
 * whoever takes no part stops the reading. Leaving the loop ends the thread.
 * @param pieces whole rows; with `storedAs`, what is stored of them
 * @throws what `pieces` throws, and what the work does
 */
export async function* workInThread(
  pieces: AsyncIterable<Uint8Array>,
  work: RowWork,
  storedAs: Omit<StoredData, "compressed"> | null = null,
): AsyncGenerator<RowPart> {
  const worker = new Worker(workerFile("rows/row-worker"), {
    name: "rows",
    resourceLimits: { maxYoungGenerationSizeMb: mostYoungMegabytes },
  });
  const source = pieces[Symbol.asyncIterator]();
  const answers: RowPart[] = [];
  let underWay = 0;
  let isDone = false;
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
    else if (report.kind === "taken") underWay -= report.bytes;
    else if (report.kind === "done") isDone = true;
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
      underWay += bytes.length;
      send({ kind: "piece", bytes }, [bytes.buffer]);
    }
    send({ kind: "end" });
  }

  let reading: Promise<void> | null = null;
  try {
    send({ kind: "begin", work, storedAs, mostUnderWay });
    reading = readAll().catch(fail);
    for (;;) {
      // oxlint-disable-next-line no-await-in-loop -- part after part
      await until(() => answers.length > 0 || failure !== null || isDone);
      const part = answers.shift();
      if (part === undefined) {
        throwIfFailed(failure);
        return;
      }
      const { length } = part.bytes;
      yield part;
      send({ kind: "taken", bytes: length });
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
