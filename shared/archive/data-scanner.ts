import { AppError } from "../error/app-error.ts";
import { BLOCK_BLOBS, BLOCK_DATA, INT_BYTES, readInt, readOid } from "./encoding.ts";
import type { DumpId } from "./toc-entry.ts";

/**
 * Follows the data part of a custom archive as its bytes pass by, whatever way they are cut into pieces.
 * Format: PostgreSQL's src/bin/pg_dump/pg_backup_custom.c (_StartData, _WriteData, _EndData, _StartLOs):
 * a block is one type byte, the dump ID and chunks of `int length, bytes` up to a length of 0; a block of large
 * objects repeats `int oid, chunks, int 0` up to an oid of 0. Each table's data and each large object is one
 * compressed stream of its own.
 */
export interface DataSink {
  /** @param offset of the block's type byte in the archive */
  blockStarted(dumpId: DumpId, kind: "data" | "blobs", offset: number): void;
  /** @param largeObject its oid in a block of large objects, null in a table's */
  streamStarted(largeObject: number | null): void;
  /** bytes[start, end) belong to the current compressed stream. Valid during the call only. */
  payload(bytes: Uint8Array, start: number, end: number): void;
  streamEnded(): void;
  /** @param offset just behind the block's end mark */
  blockEnded(offset: number): void;
}

export interface DataScanner {
  /** Takes the next piece. Throws archive.damaged where the bytes are not what pg_dump writes. */
  push(bytes: Uint8Array): void;
  /** Says that no more bytes come. Throws archive.truncated when a block is still open. */
  end(): void;
}

type State = "block" | "dumpId" | "oid" | "chunkLength" | "chunk";

/** @param offset of the first data block: the length of header and table of contents */
export function createDataScanner(offset: number, sink: DataSink): DataScanner {
  let state: State = "block";
  let isBlobs = false;
  let blockOffset = offset;
  /** Position in the archive of the first byte of the piece in hand. */
  let position = offset;
  let chunkLeft = 0;
  /** An integer cut by the border between two pieces. */
  const cutInteger = new Uint8Array(INT_BYTES);
  let cutBytes = 0;

  function fail(at: number, what: string): never {
    throw new AppError("archive.damaged", "The archive's data is not what pg_dump writes.", {
      detail: `byte ${position + at}: ${what}`,
    });
  }

  function readNumber(bytes: Uint8Array, start: number): number {
    const value = state === "oid" ? readOid(bytes, start) : readInt(bytes, start);
    return value >= 0 ? value : fail(start, `${state === "dumpId" ? "dump ID" : "length"} ${value}`);
  }

  function takeInteger(value: number, end: number): void {
    switch (state) {
      case "dumpId":
        sink.blockStarted(value, isBlobs ? "blobs" : "data", blockOffset);
        if (isBlobs) state = "oid";
        else startStream(null);
        return;
      case "oid":
        if (value === 0) endBlock(end);
        else startStream(value);
        return;
      default:
        if (value > 0) {
          chunkLeft = value;
          state = "chunk";
          return;
        }
        sink.streamEnded();
        if (isBlobs) state = "oid";
        else endBlock(end);
    }
  }

  function startStream(largeObject: number | null): void {
    state = "chunkLength";
    sink.streamStarted(largeObject);
  }

  function endBlock(end: number): void {
    state = "block";
    sink.blockEnded(position + end);
  }

  return {
    push(bytes) {
      const length = bytes.length;
      let at = 0;
      while (at < length) {
        if (state === "chunk") {
          const end = Math.min(length, at + chunkLeft);
          sink.payload(bytes, at, end);
          chunkLeft -= end - at;
          at = end;
          if (chunkLeft === 0) state = "chunkLength";
        } else if (state === "block") {
          const type = bytes[at]!;
          if (type !== BLOCK_DATA && type !== BLOCK_BLOBS) fail(at, `unknown block type ${type}`);
          isBlobs = type === BLOCK_BLOBS;
          blockOffset = position + at;
          at++;
          state = "dumpId";
        } else {
          const wanted = INT_BYTES - cutBytes;
          if (cutBytes === 0 && at + INT_BYTES <= length) {
            at += INT_BYTES;
            takeInteger(readNumber(bytes, at - INT_BYTES), at);
          } else {
            const part = bytes.subarray(at, at + wanted);
            cutInteger.set(part, cutBytes);
            cutBytes += part.length;
            at += part.length;
            if (cutBytes < INT_BYTES) break;
            cutBytes = 0;
            takeInteger(readNumber(cutInteger, 0), at);
          }
        }
      }
      position += length;
    },
    end() {
      if (state !== "block")
        throw new AppError("archive.truncated", "The archive ends in the middle of a table's data.", {
          detail: `byte ${position}`,
        });
    },
  };
}
