import { type ArchiveHead, HeadScan } from "../../shared/archive/toc-reader.ts";
import type { ByteSource } from "./byte-source.ts";
import { nodeDecoding } from "./node-decoding.ts";

/** Enough for the whole head of an ordinary archive. */
const firstReadBytes = 64 * 1024;
/** Parts of a large table of contents: one is taken apart while the next one is read. */
const partBytes = 1024 * 1024;
const trustedBytes = 64 * 1024 * 1024;

/**
 * Reads header and table of contents from the beginning of a source, in one read where they are small.
 * @throws as readArchiveHead
 */
export async function readHead(source: ByteSource): Promise<ArchiveHead> {
  const scan = new HeadScan(nodeDecoding);
  let bytes = await source.read(0, firstReadBytes);
  let filled = bytes.length;
  let needed = scan.advance(bytes);
  while (needed !== 0) {
    if (filled >= source.sizeBytes) throw scan.truncated(filled);
    // Twice as much each time, should the guess be wrong: few reads, and never more than the file holds. The guess
    // itself comes from the file, so it is not trusted with much memory before as much has been read.
    const wanted = Math.min(needed, Math.max(trustedBytes, filled * 4));
    const target = Math.min(source.sizeBytes, Math.max(wanted, filled * 2));
    const larger = Buffer.allocUnsafeSlow(target);
    larger.set(bytes.subarray(0, filled));
    bytes = larger;
    let reading = source.read(filled, Math.min(partBytes, target - filled));
    while (needed !== 0 && filled < target) {
      const part = await reading;
      if (part.length === 0) throw scan.truncated(filled);
      bytes.set(part, filled);
      filled += part.length;
      if (filled < target) {
        reading = source.read(filled, Math.min(partBytes, target - filled));
        // An error of the read comes out where it is awaited, if the scan does not throw first.
        reading.catch(() => {});
      }
      needed = scan.advance(bytes.subarray(0, filled));
    }
    if (filled < target) await reading;
  }
  return scan.head();
}
