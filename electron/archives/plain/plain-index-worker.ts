import { closeSync, openSync, readSync } from "node:fs";
import { parentPort } from "node:worker_threads";
import { buildPlainToc } from "../../../shared/archive/plain/plain-toc.ts";
import { AppError } from "../../../shared/error/app-error.ts";
import type { ErrorCode } from "../../../shared/error/catalogue.ts";
import { storageError } from "../../storage/storage-error.ts";
import type { PlainIndex } from "./plain-index.ts";
import { PlainScanner } from "./plain-scanner.ts";

/** What the thread is told: a file to read, or bytes as they come. */
export type IndexingOrder =
  | { readonly kind: "begin"; readonly writtenAt: Date; readonly file: string | null }
  | { readonly kind: "bytes"; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly kind: "end" };

export type IndexingReport =
  | { readonly kind: "taken" }
  | { readonly kind: "done"; readonly index: PlainIndex }
  | { readonly kind: "failed"; readonly code: ErrorCode; readonly message: string; readonly detail: string };

const readBytes = 1024 * 1024;

let scanner = new PlainScanner();
let writtenAt = new Date(0);

parentPort?.on("message", (order: IndexingOrder) => {
  try {
    if (order.kind === "begin") {
      scanner = new PlainScanner();
      writtenAt = order.writtenAt;
      if (order.file !== null) readFile(order.file);
    } else if (order.kind === "bytes") {
      scanner.push(Buffer.from(order.bytes.buffer));
      report({ kind: "taken" });
    } else report({ kind: "done", index: finish() });
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    report({ kind: "failed", code: error.code, message: error.message, detail: error.detail ?? "" });
  }
});

function report(message: IndexingReport): void {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port, not a window
  parentPort?.postMessage(message);
}

/** Reads into the same memory again and again, behind what was left over of the last piece: the scanner copies what it keeps. */
function readFile(path: string): void {
  try {
    const file = openSync(path, "r");
    try {
      let bytes = Buffer.allocUnsafeSlow(readBytes);
      let left = 0;
      for (;;) {
        // A line longer than all of it.
        if (left > bytes.length / 2) bytes = Buffer.concat([bytes, Buffer.allocUnsafeSlow(bytes.length)]);
        const count = readSync(file, bytes, left, bytes.length - left, null);
        if (count === 0) break;
        const filled = bytes.subarray(0, left + count);
        const read = scanner.scan(filled);
        left = filled.length - read;
        bytes.copyWithin(0, read, filled.length);
      }
      scanner.push(Buffer.from(bytes.subarray(0, left)));
    } finally {
      closeSync(file);
    }
  } catch (error) {
    throw error instanceof AppError ? error : storageError(error, path);
  }
}

function finish(): PlainIndex {
  const { isInRows } = scanner;
  scanner.end();
  const { isCluster, parts } = scanner;
  let firstId = 1;
  return {
    isCluster,
    parts: parts.map((part) => {
      const { toc, data, nextId } = buildPlainToc(part, writtenAt, firstId);
      firstId = nextId;
      return { database: part.database, toc, data };
    }),
    damage: findDamage(isInRows),
  };
}

function findDamage(isInRows: boolean): PlainIndex["damage"] {
  const { strangeCommand, parts, position } = scanner;
  if (strangeCommand !== null)
    return {
      code: "archive.hostile",
      message: "The script holds a command of psql that no pg_dump writes.",
      detail: `At byte ${strangeCommand}.`,
    };
  if (parts.every((part) => part.isComplete)) return null;
  const last = parts.findLast((part) => part.entries.length > 0)?.entries.at(-1);
  const where = isInRows ? "in the rows of" : "after";
  const what = last === undefined ? "before the first object" : `${where} ${last.desc} ${last.tag}`;
  return {
    code: "archive.truncated",
    message: "The script ends too early: the closing comment of pg_dump is missing.",
    detail: `At byte ${position}: it ends ${what}.`,
  };
}
