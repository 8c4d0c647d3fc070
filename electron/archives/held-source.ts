import { createHash } from "node:crypto";
import type { StoredFile } from "../../shared/contract/manifest.ts";
import type { AppError } from "../../shared/error/app-error.ts";
import { changedPart, hasParts, otherSize, type Stretch } from "../storage/hold-to.ts";
import type { ByteSource } from "./byte-source.ts";

/**
 * What is done about bytes that are not those of the manifest: "refuse" throws where they are read; a function is told, once
 * for each part with the stored bytes that differ (null: all of the file), and they are read all the same, by whoever only
 * looks or takes what is left.
 */
export type Hold = "refuse" | ((difference: AppError, where: Stretch | null) => void);

/** A part is asked for by its beginning and again by its end, and the next one is read ahead. */
const keptParts = 3;

/**
 * A source whose bytes are compared with the manifest's hashes as they are read: in whole parts, each before anybody gets a
 * byte of it. What is read again is compared again, unless it is the very bytes that were.
 * @param stored the file as it is stored, which belongs to the result from then on
 * @param name of the file, for messages
 * @param heldParts so many parts from the beginning; left out: all
 * @throws verify.sizeMismatch at once; reading throws verify.checksumMismatch, storage.*
 */
export function holdSource(
  stored: ByteSource,
  file: StoredFile,
  name: string,
  hold: Hold,
  heldParts = file.chunks.length,
): ByteSource {
  const { chunkBytes, chunks, sizeBytes } = file;
  if (!hasParts(file)) return stored;
  if (stored.sizeBytes !== sizeBytes) {
    const difference = otherSize(name, `${stored.sizeBytes} bytes, written were ${sizeBytes}`);
    if (hold === "refuse") throw difference;
    hold(difference, null);
    return stored;
  }
  /** The one used last at the end. */
  const parts = new Map<number, Promise<Uint8Array>>();
  const told = new Set<number>();

  async function load(part: number): Promise<Uint8Array> {
    const offset = part * chunkBytes;
    const length = Math.min(chunkBytes, sizeBytes - offset);
    const isRight = (found: Uint8Array) => createHash("sha256").update(found).digest("hex") === chunks[part];
    let bytes = await stored.read(offset, length);
    if (isRight(bytes)) return bytes;
    if (stored.forget !== undefined) {
      // It may have been changed on its way here, or in what is kept of it.
      await stored.forget(offset, length);
      bytes = await stored.read(offset, length);
      if (isRight(bytes)) return bytes;
    }
    const difference = changedPart(name, file, part);
    if (hold === "refuse") throw difference;
    if (!told.has(part)) hold(difference, { start: offset, end: offset + bytes.length });
    told.add(part);
    return bytes;
  }

  function take(part: number): Promise<Uint8Array> {
    const bytes = parts.get(part) ?? load(part);
    parts.delete(part);
    parts.set(part, bytes);
    // What failed is asked for again; the error itself comes out where it is awaited.
    bytes.catch(() => parts.delete(part));
    const [oldest] = parts.keys();
    if (parts.size > keptParts && oldest !== undefined) parts.delete(oldest);
    return bytes;
  }

  return {
    sizeBytes,
    streamedBytes: chunkBytes,
    async read(offset, length) {
      const wanted = Math.max(0, Math.min(length, sizeBytes - offset));
      const bytes = Buffer.allocUnsafeSlow(wanted);
      for (let filled = 0; filled < wanted; ) {
        const at = offset + filled;
        const part = Math.floor(at / chunkBytes);
        const isHeld = part < heldParts;
        // oxlint-disable-next-line no-await-in-loop -- one at a time: a long read would hold all of them in memory
        const found = isHeld ? await take(part) : await stored.read(at, wanted - filled);
        const piece = isHeld ? found.subarray(at - part * chunkBytes) : found;
        if (piece.length === 0) throw otherSize(name, `it ends at byte ${at}`);
        bytes.set(piece.subarray(0, wanted - filled), filled);
        filled += Math.min(piece.length, wanted - filled);
      }
      return bytes;
    },
    expect(offset, length) {
      const start = Math.floor(offset / chunkBytes) * chunkBytes;
      const end = Math.ceil((offset + length) / chunkBytes) * chunkBytes;
      if (start < heldParts * chunkBytes) stored.expect?.(start, Math.min(end, sizeBytes) - start);
      else stored.expect?.(offset, length);
    },
    close() {
      parts.clear();
      return stored.close();
    },
  };
}
