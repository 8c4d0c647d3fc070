import { setTimeout as sleep } from "node:timers/promises";
import type { Storage } from "./storage.ts";

/** No more than this is let through at once, so that a slow line is kept evenly busy. */
const sliceBytes = 64 * 1024;

/**
 * Makes storages slower: what goes to and comes from all that it is given, together, is at most so much a second. Requests
 * without content do not count.
 */
export function limitRate(bytesPerSecond: number): (storage: Storage) => Storage {
  let freeAt = 0;

  async function* pace(pieces: AsyncIterable<Uint8Array>, signal: AbortSignal | undefined): AsyncGenerator<Uint8Array> {
    for await (const piece of pieces)
      for (let at = 0; at < piece.length; at += sliceBytes) {
        const slice = piece.subarray(at, at + sliceBytes);
        const now = performance.now();
        const waitMs = freeAt - now;
        freeAt = Math.max(now, freeAt) + (slice.length / bytesPerSecond) * 1000;
        if (waitMs > 0) await sleep(waitMs, undefined, signal === undefined ? {} : { signal }).catch(() => {});
        signal?.throwIfAborted();
        yield slice;
      }
  }

  return (storage) => ({
    ...storage,
    write: (path, pieces, options) => storage.write(path, pace(pieces, options?.signal), options),
    readStream: (path, options) => pace(storage.readStream(path, options), options?.signal),
  });
}
