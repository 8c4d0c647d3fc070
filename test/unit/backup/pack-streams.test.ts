import { createHash, pbkdf2, randomBytes } from "node:crypto";
import { promisify } from "node:util";
import { gunzipSync, inflateSync } from "node:zlib";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decompressZstdFrames } from "../../../electron/archives/zstd-decoder.ts";
import { pieceBytesOf, type StreamShape } from "../../../electron/backup/compressors.ts";
import { createPacker } from "../../../electron/backup/pack-streams.ts";
import { INT_BYTES, readInt } from "../../../shared/archive/encoding.ts";

const big = { maxOutputLength: 100_000_000 };
const shapes: readonly [string, StreamShape, (stored: Buffer) => Buffer][] = [
  ["zstd", { method: "zstd", level: null, within: "archive" }, (stored) => decompressZstdFrames(stored, big)],
  ["zstd:17", { method: "zstd", level: 17, within: "archive" }, (stored) => decompressZstdFrames(stored, big)],
  ["zlib", { method: "gzip", level: null, within: "archive" }, (stored) => inflateSync(stored)],
  ["zlib:1", { method: "gzip", level: 1, within: "archive" }, (stored) => inflateSync(stored)],
  ["zlib:9", { method: "gzip", level: 9, within: "archive" }, (stored) => inflateSync(stored)],
  ["gzip", { method: "gzip", level: 6, within: "file" }, (stored) => gunzipSync(stored)],
  ["none", { method: "none", level: null, within: "archive" }, (stored) => stored],
  ["a zstd file", { method: "zstd", level: null, within: "file" }, (stored) => decompressZstdFrames(stored, big)],
  ["a file as it is", { method: "none", level: null, within: "file" }, (stored) => stored],
];

const piece = 512 * 1024;
/** Rows of a table, the same for a length. */
function rows(bytes: number): Buffer {
  const lines: string[] = [];
  for (let length = 0, row = 0; length < bytes; row++) {
    const line = `${row}\t${createHash("md5").update(String(row)).digest("hex")}\tpaid\n`;
    lines.push(line);
    length += line.length;
  }
  return Buffer.from(lines.join("")).subarray(0, bytes);
}

function collect() {
  const parts: Uint8Array[] = [];
  return {
    parts,
    whole: () => Buffer.concat(parts),
    write: async (bytes: Uint8Array) => void parts.push(bytes),
  };
}

/** One stream, as its compressor reads it: without the lengths of its pieces. */
async function packOne(shape: StreamShape, text: Buffer, stepBytes = 65_536): Promise<Buffer> {
  const sink = collect();
  const packer = createPacker(shape, sink);
  const seen = createHash("sha256");
  packer.beginStream((bytes) => void seen.update(bytes));
  for (let at = 0; at < text.length; at += stepBytes) {
    packer.add(text, at, Math.min(text.length, at + stepBytes));
    await packer.room();
  }
  packer.endStream();
  await packer.finish();
  expect(seen.digest("hex")).toBe(createHash("sha256").update(text).digest("hex"));
  const whole = sink.whole();
  if (shape.within === "file") return whole;
  const { chunks, end } = readChunks(whole, 0);
  expect(end).toBe(whole.length);
  return Buffer.concat(chunks);
}

/** The chunks of a custom archive's stream, and where it ends. */
function readChunks(bytes: Buffer, from: number): { chunks: Buffer[]; end: number } {
  const chunks: Buffer[] = [];
  for (let at = from; ; ) {
    const length = readInt(bytes, at);
    at += INT_BYTES;
    if (length === 0) return { chunks, end: at };
    chunks.push(bytes.subarray(at, at + length));
    at += length;
  }
}

describe.each(shapes)("%s", (_name, shape, unpack) => {
  test.each([0, 1, 5, 40_000, piece - 1, piece, piece + 1, 2 * piece, 5 * piece + 77])(
    "a stream of %i bytes is what went in",
    async (bytes) => {
      const text = rows(bytes);
      expect(unpack(await packOne(shape, text)).equals(text)).toBe(true);
    },
  );
});

describe.each(shapes.filter(([, { within }]) => within === "archive"))("%s in an archive", (_name, shape, unpack) => {
  test("many streams keep their order, whatever each takes, and marks are where they say", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof(fc.nat(400), fc.integer({ min: 30_000, max: 3 * piece })), { minLength: 1, maxLength: 12 }),
        fc.integer({ min: 1000, max: 200_000 }),
        async (lengths, stepBytes) => {
          const sink = collect();
          const packer = createPacker(shape, sink);
          const marks: number[] = [];
          for (const [index, length] of lengths.entries()) {
            packer.mark((position) => marks.push(position));
            packer.put(Uint8Array.of(index));
            packer.beginStream(() => {});
            const text = rows(length);
            for (let at = 0; at < length; at += stepBytes) {
              packer.add(text, at, Math.min(length, at + stepBytes));
              await packer.room();
            }
            packer.endStream();
          }
          await packer.finish();
          const whole = sink.whole();
          let at = 0;
          for (const [index, length] of lengths.entries()) {
            expect(marks[index]).toBe(at);
            expect(whole[at]).toBe(index);
            const { chunks, end } = readChunks(whole, at + 1);
            expect(unpack(Buffer.concat(chunks)).equals(rows(length))).toBe(true);
            at = end;
          }
          expect(at).toBe(whole.length);
        },
      ),
      { numRuns: shape.level === 17 ? 3 : 12 },
    );
  });
});

test("a pool with one thread left makes the same, only later", async () => {
  // A piece's sum waits behind its compression then, and must not be of what is in its memory by that time.
  const others = Array.from({ length: 3 }, () => promisify(pbkdf2)("busy", "salt", 1_500_000, 64, "sha512"));
  const text = rows(12 * piece);
  for (const [name, shape, unpack] of shapes.filter(([, { method }]) => method === "gzip"))
    expect(unpack(await packOne(shape, text)).equals(text), name).toBe(true);
  await Promise.all(others);
});

test("what does not compress is packed all the same", async () => {
  const noise = randomBytes(3 * piece + 5);
  for (const [, shape, unpack] of shapes) expect(unpack(await packOne(shape, noise)).equals(noise)).toBe(true);
});

test("a changed byte of a zstd stream is noticed by the decoder", async () => {
  const [, shape] = shapes[0]!;
  const text = rows(2 * piece);
  const stored = await packOne(shape, text);
  let unnoticed = 0;
  for (let at = 10; at < stored.length; at += Math.ceil(stored.length / 200)) {
    const changed = Buffer.from(stored);
    changed[at] = changed[at]! ^ 0x10;
    try {
      if (!decompressZstdFrames(changed, big).equals(text)) unnoticed += 1;
    } catch {
      // As it should be.
    }
  }
  expect(unnoticed).toBe(0);
});

test("no more is taken than is worked on: whoever gives waits for a sink that is slow", async () => {
  const gate = Promise.withResolvers<void>();
  const [, shape] = shapes[0]!;
  const packer = createPacker(shape, { write: () => gate.promise });
  packer.beginStream(() => {});
  const text = rows(pieceBytesOf(shape));
  let given = 0;
  const giving = (async () => {
    for (; given < 20; given++) {
      packer.add(text, 0, text.length);
      await packer.room();
    }
  })();
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(given).toBeLessThan(7);
  gate.resolve();
  await giving;
  expect(given).toBe(20);
});

test("a sink that fails is told to whoever gives", async () => {
  const [, shape] = shapes[0]!;
  const packer = createPacker(shape, { write: () => Promise.reject(new Error("disk full")) });
  packer.put(Uint8Array.of(1));
  await expect(packer.room()).rejects.toThrow("disk full");
});
