/*
 * Buffers are memory outside of V8's heap, for whose sake it collects garbage every 64 MB or less. Of a gigabyte that passes
 * through, that is a sixth of all the processor time; so what is done with is given back at once.
 */

/** @param memory that nobody else uses; it is empty after this */
export function releaseMemory(memory: ArrayBuffer): void {
  memory.transfer(0);
}

/** Gives back the memory of a stream's piece where nothing else is in it, as of what comes from a pipe. */
export function releasePiece({ buffer, length }: Uint8Array): void {
  if (buffer instanceof ArrayBuffer && buffer.byteLength === length) releaseMemory(buffer);
}

/** Gives back what Node has made in one call, and the room it left behind it. Small results lie in a pool, which stays. */
export function releaseResult({ buffer }: Uint8Array): void {
  if (buffer instanceof ArrayBuffer && buffer.byteLength > Buffer.poolSize) releaseMemory(buffer);
}
