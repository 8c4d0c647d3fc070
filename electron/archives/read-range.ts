import type { ByteSource } from "./byte-source.ts";

const firstRead = 32 * 1024;
const largestRead = 1024 * 1024;

/** The bytes from start to end; the next ones are read while these are used, more each time, so that a glance reads little. */
export async function* readRange(
  source: ByteSource,
  { start, end }: { readonly start: number; readonly end: number },
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array> {
  let position = start;
  let size = firstRead;
  const begin = () => {
    const reading = source.read(position, Math.min(size, end - position));
    // Told where it is awaited, if anybody still wants it then.
    reading.catch(() => {});
    return reading;
  };
  let reading = begin();
  while (position < end) {
    const bytes = await reading;
    signal?.throwIfAborted();
    if (bytes.length === 0) return;
    position += bytes.length;
    size = Math.min(largestRead, size * 2);
    if (position < end) reading = begin();
    yield bytes;
  }
}
