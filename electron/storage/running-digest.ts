import { createHash } from "node:crypto";
import { createHashSum, createPartSums, hashChunkBytes, sumOf } from "./part-sums.ts";

/** Size and hashes of a stored file, as the manifest has them: of each `hashChunkBytes` long part and, where it can be had, of the whole. */
export interface FileDigest {
  readonly sizeBytes: number;
  readonly sha256: string | null;
  readonly chunks: readonly string[];
}

/** The digest of what passes by. */
export interface RunningDigest {
  readonly sizeBytes: number;
  update(bytes: Uint8Array): void;
  /** Puts other bytes in place of the first ones, after the last update. The whole's hash is not known then. */
  replaceHead(bytes: Uint8Array): void;
  finish(): FileDigest;
}

/**
 * @param heldBytes how many bytes of the beginning may be replaced at the end; asked at every piece, since it may be known
 *   late. Their parts are kept in memory. Null: none ever, and then the whole is hashed too.
 */
export function createRunningDigest(heldBytes: (() => number) | null): RunningDigest {
  const whole = heldBytes === null ? createHash("sha256") : null;
  const parts = createPartSums(createHashSum);
  let start: Uint8Array[] = [];
  let sizeBytes = 0;
  let head: Uint8Array | null = null;

  return {
    get sizeBytes() {
      return sizeBytes;
    },
    update(bytes) {
      whole?.update(bytes);
      parts.update(bytes);
      const held = heldBytes === null ? 0 : wholeParts(heldBytes());
      if (held === 0) start = [];
      else if (sizeBytes < held) start.push(bytes);
      sizeBytes += bytes.length;
    },
    replaceHead(bytes) {
      head = bytes;
    },
    finish() {
      const chunks = parts.finish();
      if (head !== null) {
        const kept = Buffer.concat(start);
        kept.set(head, 0);
        for (let at = 0; at < head.length; at += hashChunkBytes)
          chunks[at / hashChunkBytes] = sumOf(createHashSum, kept.subarray(at, at + hashChunkBytes));
      }
      return { sizeBytes, sha256: whole?.digest("hex") ?? null, chunks };
    },
  };
}

/** Parts are hashed as a whole, so all of the last one that is touched is needed. */
function wholeParts(bytes: number): number {
  return Math.ceil(bytes / hashChunkBytes) * hashChunkBytes;
}
