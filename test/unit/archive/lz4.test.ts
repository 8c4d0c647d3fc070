import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Lz4FrameDecoder } from "../../../shared/archive/lz4.ts";
import { xxh32 } from "../../../shared/archive/xxh32.ts";
import { asPgDump, compressLz4, type Lz4Options } from "../../helpers/lz4-writer.ts";

function decode(frame: Uint8Array, pieceBytes = frame.length): Buffer {
  const decoder = new Lz4FrameDecoder();
  const output: Uint8Array[] = [];
  for (let at = 0; at < frame.length; at += pieceBytes)
    output.push(...decoder.push(frame.subarray(at, at + pieceBytes)));
  if (!decoder.ended) throw new Error("not ended");
  return Buffer.concat(output);
}

/** What `printf 'lifeboat lifeboat lifeboat\\n' | lz4 -c` of lz4 1.9.4 writes: content checksum, no links. */
const real = "04224d186440a712000000996c696665626f617420090050626f61740a00000000c775be17";

describe("xxh32", () => {
  // Known values of the reference implementation.
  it.each([
    ["", 0x02cc5d05],
    ["a", 0x550d7456],
    ["abc", 0x32d153ff],
    ["Nobody inspects the spammish repetition", 0xe2293b2f],
  ])("%j", (text, value) => {
    expect(xxh32(Buffer.from(text))).toBe(value);
  });
});

describe("Lz4FrameDecoder", () => {
  const options: fc.Arbitrary<Lz4Options> = fc.record({
    isLinked: fc.boolean(),
    blockBytes: fc.constantFrom(65_536, 262_144),
    checksums: fc.boolean(),
    contentSize: fc.boolean(),
  });
  const content = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    // Much the same over and over: long matches, overlapping ones, matches into the block before.
    fc
      .tuple(
        fc.uint8Array({ minLength: 1, maxLength: 50 }),
        fc.integer({ min: 1, max: 6000 }),
        fc.uint8Array({ maxLength: 40 }),
      )
      .map(([part, times, tail]) => Buffer.concat([...Array.from({ length: times }, () => part), tail])),
  );

  it("gives back what was compressed, in whatever pieces it comes", () => {
    fc.assert(
      fc.property(content, options, fc.integer({ min: 1, max: 70_000 }), (bytes, how, pieceBytes) => {
        const frame = compressLz4(bytes, how);
        expect(decode(frame, pieceBytes).equals(bytes)).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  it("reads a frame of the lz4 program", () => {
    expect(decode(Buffer.from(real, "hex")).toString()).toBe("lifeboat lifeboat lifeboat\n");
  });

  it("links blocks: the second repeats bytes of the first", () => {
    const noise = Buffer.from(Array.from({ length: 60_000 }, (_, at) => (at * at * 31 + (at >> 3)) & 0xff));
    const bytes = Buffer.concat([noise, noise]);
    const linked = compressLz4(bytes, { isLinked: true, blockBytes: 65_536, checksums: false, contentSize: false });
    const apart = compressLz4(bytes, { isLinked: false, blockBytes: 65_536, checksums: false, contentSize: false });
    expect(linked.length).toBeLessThan(apart.length);
    expect(decode(linked).equals(bytes)).toBe(true);
    expect(decode(apart).equals(bytes)).toBe(true);
  });

  it("never ends well when cut, and never crashes or gives other bytes with checksums when a bit is flipped", () => {
    const bytes = Buffer.from("the quick brown fox, the quick brown fox, the quick brown cat");
    const frame = compressLz4(bytes, { isLinked: true, blockBytes: 65_536, checksums: true, contentSize: true });
    for (let size = 0; size < frame.length; size++) expect(() => decode(frame.subarray(0, size))).toThrow(Error);
    for (let bit = 0; bit < frame.length * 8; bit++) {
      const changed = Buffer.from(frame);
      changed[bit >> 3]! ^= 1 << (bit & 7);
      expect(() => decode(changed)).toThrow(Error);
    }
  });

  it.each([
    ["another magic", (frame: Buffer) => frame.set([5], 0)],
    ["a block above its size", (frame: Buffer) => frame.writeUInt32LE(0x00ffffff, 7)],
  ])("refuses %s", (_, change) => {
    const frame = compressLz4(Buffer.from("some text"), asPgDump);
    change(frame);
    expect(() => decode(frame)).toThrow(Error);
  });

  it("reads frames one behind the other, each for itself, in whatever pieces they come", () => {
    const frames = [
      compressLz4(Buffer.from("one and "), asPgDump),
      compressLz4(Buffer.alloc(0), asPgDump),
      compressLz4(Buffer.from("two and "), {
        isLinked: false,
        blockBytes: 262_144,
        checksums: true,
        contentSize: true,
      }),
      Buffer.from(real, "hex"),
    ];
    const whole = Buffer.concat(frames);
    for (const pieceBytes of [1, 5, 11, whole.length])
      expect(decode(whole, pieceBytes).toString()).toBe("one and two and lifeboat lifeboat lifeboat\n");
    // A match may not reach back into the frame before.
    expect(() => decode(Buffer.concat([...frames, frameOf([0x10, 0x61, 0x05, 0x00, 0x10, 0x61])]))).toThrow(
      /reaches back/,
    );
    for (const cut of [1, 3, 6, 20]) expect(() => decode(whole.subarray(0, -cut))).toThrow(Error);
  });

  it("refuses what is behind a frame and is none, at its first byte", () => {
    const frame = compressLz4(Buffer.from("some text"), asPgDump);
    for (const behind of [[0], [0x04, 0x22, 0x4e], [0x05, 0x22, 0x4d, 0x18, 0, 0, 0, 0]])
      expect(() => decode(Buffer.concat([frame, Buffer.from(behind)]))).toThrow(/bytes behind the end/);
  });

  it("refuses matches before the beginning and beyond the block", () => {
    const far = frameOf([0x10, 0x61, 0x05, 0x00, 0x10, 0x61]);
    expect(() => decode(far)).toThrow(/reaches back/);
    const bomb = frameOf([0x1f, 0x61, 0x01, 0x00, ...Array.from({ length: 300 }, () => 0xff), 0x00, 0x10, 0x61]);
    expect(() => decode(bomb)).toThrow(/more than it may/);
  });
});

/** A frame of one compressed block of the given bytes. */
function frameOf(block: number[]): Buffer {
  const frame = compressLz4(new Uint8Array(0), {
    isLinked: true,
    blockBytes: 65_536,
    checksums: false,
    contentSize: false,
  });
  const size = Buffer.alloc(4);
  size.writeUInt32LE(block.length);
  return Buffer.concat([frame.subarray(0, 7), size, Buffer.from(block), Buffer.alloc(4)]);
}
