import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";

/** Windows has no FIFOs among its files, nor this flag. */
const reading = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

/**
 * Opens what lies at a path that others write to, for reading. A FIFO that nobody writes to would keep an ordinary open waiting
 * for ever, and with it one of Node's few threads. What it is, is for the caller to look at.
 */
export function openWithoutWaiting(path: string): Promise<FileHandle> {
  return open(path, reading);
}
