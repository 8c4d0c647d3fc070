import { assemble, laneBytes, op, pageBytes } from "./assemble.ts";

/**
 * How many line feeds are in bytes[start, end). COPY text escapes line feeds inside values, so in a table's data this
 * is the number of rows. A backup's whole text goes through here while it streams, so sixteen bytes are looked at at once.
 */
export function countLineFeeds(bytes: Uint8Array, start = 0, end = bytes.length): number {
  let count = 0;
  for (let at = start; at < end; at += windowBytes) {
    const length = Math.min(windowBytes, end - at);
    const { window, countIn } = (counter ??= createCounter());
    window.set(bytes.subarray(at, at + length), 0);
    const padded = Math.ceil(length / laneBytes) * laneBytes;
    window.fill(0, length, padded);
    count += countIn(padded);
  }
  return count;
}

/** What is counted at once lies in memory of its own; this much stays in a processor's cache. */
const windowBytes = 128 * 1024;

interface Counter {
  readonly window: Uint8Array;
  /** Line feeds in the window's first bytes, a multiple of `laneBytes` and more than none. */
  readonly countIn: (length: number) => number;
}

let counter: Counter | null = null;

/** The function, in an instance of its own. */
function createCounter(): Counter {
  const [length, at, stop, total, lanes] = [0, 1, 2, 3, 4];
  const body = [
    op.loop,
    // Each byte of `lanes` counts its own column, so it may take 255 steps before it is emptied.
    op.v128Zero,
    op.set(lanes),
    op.get(at),
    op.i32Const(255 * laneBytes),
    op.i32Add,
    op.tee(stop),
    op.get(length),
    op.get(stop),
    op.get(length),
    op.i32LessThan,
    op.select,
    op.set(stop),
    op.loop,
    // Where bytes are equal, all bits are set: subtracting that adds one.
    op.get(lanes),
    op.get(at),
    op.v128Load(),
    op.i32Const(10),
    op.i8x16Splat,
    op.i8x16Equal,
    op.i8x16Subtract,
    op.set(lanes),
    op.get(at),
    op.i32Const(laneBytes),
    op.i32Add,
    op.tee(at),
    op.get(stop),
    op.i32LessThan,
    op.branchIf(0),
    op.end,
    op.get(total),
    op.get(lanes),
    op.i16x8AddPairsOfI8,
    op.i32x4AddPairsOfI16,
    op.i32x4Add,
    op.set(total),
    op.get(at),
    op.get(length),
    op.i32LessThan,
    op.branchIf(0),
    op.end,
    op.get(total),
    op.i32x4Lane(0),
    op.get(total),
    op.i32x4Lane(1),
    op.i32Add,
    op.get(total),
    op.i32x4Lane(2),
    op.i32Add,
    op.get(total),
    op.i32x4Lane(3),
    op.i32Add,
  ];
  const { memory, run } = assemble({
    parameters: 1,
    integers: 2,
    vectors: 2,
    body,
    memoryPages: windowBytes / pageBytes,
  });
  return { window: memory, countIn: run };
}
