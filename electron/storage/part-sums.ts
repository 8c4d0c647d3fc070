import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";

/** Length of the parts that are hashed on their own, so that any range can be verified without reading the whole. */
export const hashChunkBytes = 4 * 1024 * 1024;

/** A sum over bytes that come in pieces. */
export interface RunningSum<Sum> {
  update(bytes: Uint8Array): void;
  finish(): Sum;
}

/** SHA-256 in hexadecimal. */
export function createHashSum(): RunningSum<string> {
  const hash = createHash("sha256");
  return { update: (bytes) => void hash.update(bytes), finish: () => hash.digest("hex") };
}

/** CRC-32: a third of SHA-256's time, for telling damage from what one wrote oneself. */
export function createCrcSum(): RunningSum<number> {
  let sum = 0;
  return {
    update(bytes) {
      sum = crc32(bytes, sum);
    },
    finish: () => sum,
  };
}

/** The sum of bytes that are all there. */
export function sumOf<Sum>(createSum: () => RunningSum<Sum>, bytes: Uint8Array): Sum {
  const sum = createSum();
  sum.update(bytes);
  return sum.finish();
}

/** One sum for each `chunkBytes` of what passes; an empty file has one part. */
export function createPartSums<Sum>(
  createSum: () => RunningSum<Sum>,
  chunkBytes = hashChunkBytes,
): {
  /** Of the parts that have passed whole. */
  readonly sums: readonly Sum[];
  update(bytes: Uint8Array): void;
  finish(): Sum[];
} {
  const sums: Sum[] = [];
  let sum = createSum();
  let filled = 0;
  return {
    sums,
    update(bytes) {
      let at = 0;
      while (at < bytes.length) {
        const end = Math.min(bytes.length, at + chunkBytes - filled);
        sum.update(at === 0 && end === bytes.length ? bytes : bytes.subarray(at, end));
        filled += end - at;
        at = end;
        if (filled === chunkBytes) {
          sums.push(sum.finish());
          sum = createSum();
          filled = 0;
        }
      }
    },
    finish() {
      if (filled > 0 || sums.length === 0) sums.push(sum.finish());
      return sums;
    },
  };
}
