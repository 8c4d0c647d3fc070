import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createDataScanner } from "../../../shared/archive/data-scanner.ts";
import { BLOCK_BLOBS, BLOCK_DATA, INT_BYTES, writeInt } from "../../../shared/archive/encoding.ts";
import { AppError } from "../../../shared/error/app-error.ts";

const TOC_BYTES = 1000;

function int(value: number): number[] {
  const bytes = new Uint8Array(INT_BYTES);
  writeInt(bytes, 0, value);
  return [...bytes];
}

function chunks(...payloads: string[]): number[] {
  return [...payloads.flatMap((text) => [...int(text.length), ...Buffer.from(text)]), ...int(0)];
}

/** Feeds the bytes in pieces of the given sizes, over and over, and notes what the sink hears. */
function scan(bytes: readonly number[], pieceSizes: readonly number[]): string[] {
  const heard: string[] = [];
  let payload = "";
  const scanner = createDataScanner(TOC_BYTES, {
    blockStarted: (dumpId, kind, offset) => heard.push(`${kind} ${dumpId} at ${offset}`),
    streamStarted: (largeObject) => {
      if (largeObject !== null) heard.push(`large object ${largeObject}`);
    },
    payload: (piece, start, end) => {
      payload += Buffer.from(piece.subarray(start, end)).toString();
    },
    streamEnded: () => {
      heard.push(`stream ${payload}`);
      payload = "";
    },
    blockEnded: (offset) => heard.push(`end ${offset}`),
  });
  const whole = Uint8Array.from(bytes);
  for (let at = 0, turn = 0; at < whole.length; turn++) {
    const size = pieceSizes[turn % pieceSizes.length] ?? 1;
    scanner.push(whole.subarray(at, at + size));
    at += size;
  }
  scanner.end();
  return heard;
}

function codeOf(work: () => unknown): unknown {
  try {
    work();
    return null;
  } catch (error) {
    return error instanceof AppError ? error.code : error;
  }
}

const twoTablesAndBlobs = [
  [BLOCK_DATA, ...int(7), ...chunks("1\tone\n", "2\ttwo\n")],
  [BLOCK_BLOBS, ...int(8), ...int(-1_294_967_296), ...chunks("abc"), ...int(5), ...chunks(), ...int(0)],
  [BLOCK_DATA, ...int(9), ...chunks("x")],
].flat();
const heard = [
  `data 7 at ${TOC_BYTES}`,
  "stream 1\tone\n2\ttwo\n",
  `end ${TOC_BYTES + 33}`,
  `blobs 8 at ${TOC_BYTES + 33}`,
  "large object 3000000000",
  "stream abc",
  "large object 5",
  "stream ",
  `end ${TOC_BYTES + 72}`,
  `data 9 at ${TOC_BYTES + 72}`,
  "stream x",
  `end ${TOC_BYTES + 89}`,
];

describe("the scanner of an archive's data part", () => {
  test("hears the same however the bytes are cut", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 8 }), (sizes) => {
        expect(scan(twoTablesAndBlobs, sizes)).toEqual(heard);
      }),
    );
  });

  test("says that a cut archive is cut, wherever the cut is", () => {
    const ends = new Set([0, 33, 72, twoTablesAndBlobs.length]);
    for (let length = 0; length <= twoTablesAndBlobs.length; length++) {
      const cut = twoTablesAndBlobs.slice(0, length);
      expect(codeOf(() => scan(cut, [7]))).toBe(ends.has(length) ? null : "archive.truncated");
    }
  });

  test.each([
    ["a block type that pg_dump does not write", [2, ...int(7)]],
    ["a negative chunk length", [BLOCK_DATA, ...int(7), ...int(-5)]],
    ["a negative dump ID", [BLOCK_DATA, ...int(-7)]],
  ])("refuses %s, naming the byte", (_what, bytes) => {
    expect(() => scan(bytes, [3])).toThrow(
      expect.objectContaining({ code: "archive.damaged", detail: expect.stringMatching(/^byte 10\d\d: /) }),
    );
  });
});
