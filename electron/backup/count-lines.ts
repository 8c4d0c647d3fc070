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
const laneBytes = 16;
const pageBytes = 64 * 1024;

interface Counter {
  readonly window: Uint8Array;
  /** Line feeds in the window's first bytes, a multiple of `laneBytes` and more than none. */
  readonly countIn: (length: number) => number;
}

let counter: Counter | null = null;

/** As much as is used of what every Node and Electron has, and their types do not know without the DOM's. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (
    module: object,
  ) => {
    readonly exports: { readonly window: { readonly buffer: ArrayBuffer }; readonly countIn: Counter["countIn"] };
  };
};

/** Instructions and types of WebAssembly (core specification, "Binary Format"), those that are needed here. */
const op = {
  loop: [0x03, 0x40],
  end: [0x0b],
  loopAgainIf: [0x0d, 0],
  select: [0x1b],
  get: (local: number) => [0x20, local],
  set: (local: number) => [0x21, local],
  tee: (local: number) => [0x22, local],
  i32Const: (value: number) => [0x41, ...signedLeb(value)],
  i32LessThan: [0x49],
  i32Add: [0x6a],
  v128Load: [0xfd, 0x00, 0, 0],
  v128Zero: [0xfd, 0x0c, ...new Uint8Array(16)],
  i8x16Splat: [0xfd, 0x0f],
  i8x16Equal: [0xfd, 0x23],
  i8x16Subtract: [0xfd, 0x71],
  i16x8AddPairsOfI8: [0xfd, 0x7d],
  i32x4AddPairsOfI16: [0xfd, 0x7f],
  i32x4Add: [0xfd, 0xae, 0x01],
  i32x4Lane: (lane: number) => [0xfd, 0x1b, lane],
};
const i32 = 0x7f;
const v128 = 0x7b;

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
    op.v128Load,
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
    op.loopAgainIf,
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
    op.loopAgainIf,
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
    op.end,
  ].flat();
  const locals = [
    [2, i32],
    [2, v128],
  ];
  const code = [vector(locals), body].flat();
  const module = [
    [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    section(1, [[0x60, ...vector([[i32]]), ...vector([[i32]])]]),
    section(3, [[0]]),
    section(5, [[0, windowBytes / pageBytes]]),
    section(7, [
      [...text("window"), 2, 0],
      [...text("countIn"), 0, 0],
    ]),
    section(10, [[...leb(code.length), ...code]]),
  ].flat();
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(new Uint8Array(module)));
  return { window: new Uint8Array(exports.window.buffer), countIn: exports.countIn };
}

function section(id: number, items: readonly (readonly number[])[]): number[] {
  const content = vector(items);
  return [id, ...leb(content.length), ...content];
}

function vector(items: readonly (readonly number[])[]): number[] {
  return [...leb(items.length), ...items.flat()];
}

function text(name: string): number[] {
  return vector(Array.from(Buffer.from(name), (byte) => [byte]));
}

/** LEB128, unsigned. */
function leb(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...leb(value >>> 7)];
}

/** LEB128, signed, of a number that is not negative. */
function signedLeb(value: number): number[] {
  return value < 64 ? [value] : [(value & 127) | 128, ...signedLeb(value >>> 7)];
}
