import { randomBytes } from "node:crypto";
import { constants, zstdCompressSync } from "node:zlib";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decompressZstdFrames, openZstdFrames } from "../../../electron/archives/zstd-decoder.ts";
import { ZstdFrameCutter } from "../../../shared/archive/zstd-frames.ts";

const {
  ZSTD_c_checksumFlag: checksum,
  ZSTD_c_contentSizeFlag: contentSize,
  ZSTD_c_compressionLevel: level,
} = constants;

/** Of every kind: with and without checksum and size, empty, of one byte over and over, not compressible, of many blocks. */
const texts = [
  Buffer.alloc(0),
  Buffer.from("a"),
  Buffer.alloc(700_000, "x"),
  randomBytes(300_000),
  Buffer.from("1\tone\n".repeat(90_000)),
];
const frames = texts.flatMap((text) =>
  [
    {},
    { params: { [checksum]: 1 } },
    { params: { [contentSize]: 0 } },
    { params: { [level]: 19, [checksum]: 1 }, pledgedSrcSize: text.length },
  ].map((options) => ({ text, frame: zstdCompressSync(text, options) })),
);
/** RFC 8878, 3.1.2: magic number, length, anything. */
const skippable = Buffer.concat([Buffer.from([0x5e, 0x2a, 0x4d, 0x18, 5, 0, 0, 0]), Buffer.from("hello")]);

const someFrames = fc.array(
  fc.oneof(fc.constantFrom(...frames), fc.constant({ text: Buffer.alloc(0), frame: skippable })),
  { minLength: 1, maxLength: 5 },
);
const cuts = fc.array(fc.integer({ min: 1, max: 40_000 }), { minLength: 1, maxLength: 6 });

function piecesOf(bytes: Buffer, sizes: readonly number[]): Buffer[] {
  const pieces: Buffer[] = [];
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const size = sizes[turn % sizes.length] ?? 1;
    pieces.push(bytes.subarray(at, at + size));
    at += size;
  }
  return pieces;
}

function decode(pieces: readonly Buffer[]): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const stream = openZstdFrames({});
    const out: Buffer[] = [];
    stream.on("data", (bytes: Buffer) => out.push(bytes));
    stream.on("end", () => resolve(Buffer.concat(out)));
    stream.on("error", reject);
    for (const piece of pieces) stream.write(piece);
    stream.end();
  });
}

describe("frames of zstd behind each other", () => {
  test("are cut where each ends, however they come", () => {
    fc.assert(
      fc.property(someFrames, cuts, (some, sizes) => {
        const whole = Buffer.concat(some.map(({ frame }) => frame));
        const ends = new Set<number>();
        let end = 0;
        for (const { frame } of some) ends.add((end += frame.length));
        const cutter = new ZstdFrameCutter();
        const seen = new Set<number>();
        let at = 0;
        for (const piece of piecesOf(whole, sizes)) {
          const parts = cutter.cut(piece);
          for (const [index, part] of parts.entries()) {
            at += part.length;
            if (index < parts.length - 1 || cutter.isBetweenFrames) seen.add(at);
          }
        }
        expect(at).toBe(whole.length);
        expect(seen).toEqual(ends);
      }),
      { numRuns: 40 },
    );
  });

  test("decode as one stream", async () => {
    await fc.assert(
      fc.asyncProperty(someFrames, cuts, async (some, sizes) => {
        const whole = Buffer.concat(some.map(({ frame }) => frame));
        const text = Buffer.concat(some.map((one) => one.text));
        expect((await decode(piecesOf(whole, sizes))).equals(text)).toBe(true);
        expect(decompressZstdFrames(whole, { maxOutputLength: 10_000_000 }).equals(text)).toBe(true);
      }),
      { numRuns: 40 },
    );
  });

  test("are refused in one call where all of them together are too long", () => {
    const frame = zstdCompressSync(Buffer.alloc(1_000_000, "x"));
    const three = Buffer.concat([frame, frame, frame]);
    expect(decompressZstdFrames(three, { maxOutputLength: 3_000_000 }).length).toBe(3_000_000);
    for (const maxOutputLength of [1, 999_999, 1_000_000, 2_999_999])
      expect(() => decompressZstdFrames(three, { maxOutputLength })).toThrow(
        expect.objectContaining({ code: "ERR_BUFFER_TOO_LARGE" }),
      );
  });

  test("are refused where something else stands behind them, or the last one is cut", async () => {
    const [one, two] = [zstdCompressSync(Buffer.alloc(300_000, "abc")), zstdCompressSync(randomBytes(200_000))];
    const whole = Buffer.concat([one, two]);
    for (const behind of ["x", "\x28\xb5", "not a frame at all"])
      await expect(decode([whole, Buffer.from(behind, "latin1")]), behind).rejects.toMatchObject({
        code: expect.stringMatching(/^Z/),
      });
    for (const length of [1, one.length - 1, one.length + 3, one.length + 9, whole.length - 1])
      await expect(decode([whole.subarray(0, length)]), String(length)).rejects.toMatchObject({ code: "Z_BUF_ERROR" });
  });
});
