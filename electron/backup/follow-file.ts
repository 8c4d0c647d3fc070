import { type FileHandle, open } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { notAsWritten } from "../storage/checked-file.ts";
import { digestHandle, type WholeDigest } from "../storage/digest-file.ts";
import { readFully } from "../storage/read-fully.ts";
import { countHere } from "./counted-stream.ts";
import { type DumpShape, receivePieces } from "./receive-pieces.ts";
import type { DumpObserver, DumpSink, ReceivedDump } from "./received-dump.ts";

/** A file that another program writes, read behind it. */
export interface FileFollower {
  /**
   * Reads it up to the end it has when `ended` resolves. Throws as receivePieces, and the system's errors.
   */
  receive(ended: Promise<unknown>, observer: DumpObserver): Promise<ReceivedDump>;
  /**
   * Syncs and hashes it, once it is held to what was read of it: its size, and the table of contents that pg_dump has
   * written anew at its end to what the places of the data make of it. Throws storage.failed, the system's errors.
   */
  settle(): Promise<WholeDigest>;
  close(): Promise<void>;
}

const READ_BYTES = 1024 * 1024;
/** How long to wait for more: pieces are large and few then. */
const WAIT_MS = 25;

/** Opens the file, which is there already. */
export async function followFile(path: string, shape: DumpShape): Promise<FileFollower> {
  const file = await open(path, "r+");
  let receivedBytes = 0;
  let head: Uint8Array | null = null;
  const sink: DumpSink = {
    // Hashed at the end: until then every processor is pg_dump's and its server's.
    async write(bytes) {
      receivedBytes += bytes.length;
    },
    head: {
      expect: () => true,
      replace(bytes) {
        head = bytes;
      },
    },
  };
  return {
    receive: (ended, observer) => receivePieces(shape, readBehind(file, ended), sink, observer, countHere),
    async settle() {
      if (head !== null && !(await startsWith(file, head)))
        throw notAsWritten(path, "its table of contents does not say where its data is");
      const [digest] = await Promise.all([digestHandle(file), file.sync()]);
      if (digest.sizeBytes !== receivedBytes)
        throw notAsWritten(path, `it has ${digest.sizeBytes} bytes, and had ${receivedBytes} when it was read`);
      return digest;
    },
    close: () => file.close(),
  };
}

async function* readBehind(file: FileHandle, ended: Promise<unknown>): AsyncGenerator<Buffer> {
  let isOver = false;
  const over = (async () => {
    await ended;
    isOver = true;
  })();
  for (let position = 0; ; ) {
    // Asked before reading: an end that is met while more may come is none.
    const isLast = isOver;
    const bytes = Buffer.allocUnsafeSlow(READ_BYTES);
    const { bytesRead } = await file.read(bytes, 0, READ_BYTES, position);
    position += bytesRead;
    if (bytesRead > 0) yield bytes.subarray(0, bytesRead);
    else if (isLast) return;
    if (bytesRead < READ_BYTES && !isOver) await Promise.race([sleep(WAIT_MS), over]);
  }
}

async function startsWith(file: FileHandle, head: Uint8Array): Promise<boolean> {
  const stored = await readFully(file, new Uint8Array(head.length), 0);
  return Buffer.compare(stored, head) === 0;
}
