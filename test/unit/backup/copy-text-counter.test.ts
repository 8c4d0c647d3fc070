import { deflateSync, gzipSync, zstdCompressSync } from "node:zlib";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createCopyTextCounter } from "../../../electron/backup/copy-text-counter.ts";
import { withCountingThread } from "../../../electron/backup/counting-thread.ts";
import type { Compression } from "../../../shared/archive/toc-entry.ts";
import { compressLz4 } from "../../helpers/lz4-writer.ts";

const END_MARK = "\\.\n\n\n";

const encodings = [
  ["none", (text: Buffer) => text],
  ["gzip", (text: Buffer) => deflateSync(text)],
  ["gzip", (text: Buffer) => gzipSync(text)],
  ["zstd", (text: Buffer) => zstdCompressSync(text)],
  ["lz4", (text: Buffer) => compressLz4(text)],
] as const;

function count(compression: Compression, stored: Uint8Array, pieceBytes: number) {
  return withCountingThread(async (counting) => {
    const counter = createCopyTextCounter(compression, counting);
    for (let at = 0; at < stored.length; at += pieceBytes) {
      counter.push(stored, at, Math.min(stored.length, at + pieceBytes));
      await counter.drained();
    }
    return counter.finish();
  });
}

describe.each(encodings)("counting rows in %s data", (compression, encode) => {
  test("gives rows and bytes without the end mark, small and large", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(fc.nat(50), fc.integer({ min: 5000, max: 30_000 })),
        fc.integer({ min: 1, max: 9000 }),
        async (rows, pieceBytes) => {
          const text = Array.from({ length: rows }, (_, row) => `${row}\tvalue ${(row * 7919) % 10_007}\\n\n`).join("");
          const stored = encode(Buffer.from(text + END_MARK));
          expect(await count(compression, stored, Math.max(pieceBytes, Math.ceil(stored.length / 200)))).toEqual({
            rows,
            rawBytes: text.length,
          });
        },
      ),
      { numRuns: 25 },
    );
  });

  test("does not take cut data for whole", async () => {
    const stored = encode(Buffer.from(`${"1\tone\n".repeat(40_000)}${END_MARK}`));
    for (const length of [0, 1, Math.floor(stored.length / 2), stored.length - 1])
      expect(await count(compression, stored.subarray(0, length), 500)).toBeNull();
  });
});

test("data that decompresses to very much is counted as a stream", async () => {
  const text = `${"x".repeat(20_000_000)}\n`;
  expect(await count("zstd", zstdCompressSync(Buffer.from(text + END_MARK)), 1000)).toEqual({
    rows: 1,
    rawBytes: text.length,
  });
});

test("many tables are counted beside each other, and one that is given up holds nothing", async () => {
  const rows = [70_000, 1, 90_000, 0, 80_000];
  const counts = await withCountingThread((counting) => {
    const stored = zstdCompressSync(Buffer.from("1\tone\n".repeat(60_000)));
    createCopyTextCounter("zstd", counting).push(stored, 0, stored.length);
    return Promise.all(
      rows.map(async (number) => {
        const lines = Array.from({ length: number }, (_, row) => `${row}\t${(row * 7919) % 10_007}\n`).join("");
        const bytes = zstdCompressSync(Buffer.from(lines + END_MARK));
        const counter = createCopyTextCounter("zstd", counting);
        for (let at = 0; at < bytes.length; at += 50_000) {
          counter.push(bytes, at, Math.min(bytes.length, at + 50_000));
          await counter.drained();
        }
        return counter.finish();
      }),
    );
  });
  expect(counts.map((each) => each?.rows)).toEqual(rows);
});

test("many tables together have one bound for what waits", async () => {
  const stored = zstdCompressSync(
    Buffer.from(Array.from({ length: 200_000 }, (_, row) => `${row}\t${(row * 7919) % 10_007}\n`).join("")),
  );
  await withCountingThread(async (counting) => {
    let waited: Promise<void> | null = null;
    for (let table = 0; waited === null && table < 100; table++) {
      const counter = createCopyTextCounter("zstd", counting);
      counter.push(stored, 0, stored.length);
      waited = counter.drained();
    }
    expect(waited).not.toBeNull();
    await waited;
  });
});
