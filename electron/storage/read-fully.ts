import type { FileHandle } from "node:fs/promises";

/** Fills a buffer from a place in a file. Gives what was filled of it: fewer bytes come only where the file ends. */
export async function readFully(
  file: FileHandle,
  buffer: Uint8Array<ArrayBuffer>,
  position: number,
): Promise<Uint8Array<ArrayBuffer>> {
  let done = 0;
  while (done < buffer.length) {
    const { bytesRead } = await file.read(buffer, done, buffer.length - done, position + done);
    if (bytesRead === 0) break;
    done += bytesRead;
  }
  return buffer.subarray(0, done);
}
