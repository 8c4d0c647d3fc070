import { assemble, laneBytes, op, pageBytes } from "./assemble.ts";

/** Rows that were written, and what they became. */
export interface WrittenRows {
  /** Where in the piece the first row begins that was not written: its end, or a row that is not simple. */
  readonly at: number;
  readonly rows: number;
  /** Theirs until the next call. */
  readonly bytes: Uint8Array;
}

/**
 * COPY text as CSV, sixteen bytes at a time, as far as it is simple: rows of the right number of values in which nothing has
 * to be quoted or unescaped. NULL and empty values are simple. What it writes is what csvEncoder writes.
 * @param columns one at least
 * @returns a function for pieces that end with a row, and the place of a row's beginning in them. A row longer than 128 KiB is
 *   never simple. Ask for a piece's rows from its front to its end: what it keeps of a piece it knows again
 */
export function createCsvRows(columns: number): (piece: Uint8Array, at: number) => WrittenRows {
  const { memory, run } = assembleCsvRows();
  const answers = new DataView(memory.buffer);
  const input = memory.subarray(inputStart, inputStart + windowBytes);
  memory[inputStart - 1] = lineFeed;
  let loaded: Uint8Array | null = null;
  let from = 0;
  let to = 0;

  return (piece, at) => {
    if (at === 0 || piece !== loaded || at < from || at >= to) {
      const most = Math.min(piece.length, at + windowBytes);
      loaded = piece;
      from = at;
      // Behind the last row lies what was there before, which must not be taken for more of it.
      to = piece.lastIndexOf(lineFeed, most - 1) + 1;
      if (to <= at) return { at, rows: 0, bytes: nothing };
      input.set(piece.subarray(from, to));
    }
    const end = run(inputStart + at - from, inputStart + to - from, outputStart, columns - 1);
    const bytes = memory.subarray(outputStart, answers.getInt32(0, true));
    return { at: end - inputStart + from, rows: answers.getInt32(4, true), bytes };
  };
}

const nothing = new Uint8Array(0);
const [tab, lineFeed, carriageReturn, quote, comma, backslash, letterN] = [9, 10, 13, 34, 44, 92, 78];

/** Taken in at once; it stays in a processor's cache. */
const windowBytes = 2 * pageBytes;
/** The answers come first, then the line feed that stands before the first row. */
const inputStart = 16;
/** The input's last vector may reach behind it. */
const outputStart = inputStart + windowBytes + pageBytes - inputStart;
/** A byte becomes three at most: a tab behind another. The last vector may reach behind it here, too. */
const memoryPages = (outputStart + 3 * windowBytes) / pageBytes + 1;

const isByte = (vector: number, byte: number): number[][] => [
  op.get(vector),
  op.i32Const(byte),
  op.i8x16Splat,
  op.i8x16Equal,
];
const advance = (local: number, bytes: number): number[][] => [
  op.get(local),
  op.i32Const(bytes),
  op.i32Add,
  op.set(local),
];
/** Tabs and line feeds are neighbours. */
const isSeparator = (local: number): number[][] => [
  op.get(local),
  op.i32Const(tab),
  op.i32Subtract,
  op.i32Const(2),
  op.i32LessThan,
];

/**
 * run(at, end, out, last column): reads rows from `at` on and writes them to `out`. Gives where it stopped, before a row that is
 * not simple, and leaves where its output ends at 0 and the number of rows at 4. The byte before `at` is a line feed.
 */
function assembleCsvRows() {
  const [at, end, out, lastColumn, rowAt, rowOut, column, rows, length, byte, before] = [
    0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10,
  ];
  const [bytes, previous, tabs] = [11, 12, 13];
  const stop = 1;
  const body = [
    op.get(at),
    op.set(rowAt),
    op.get(out),
    op.set(rowOut),
    op.block,
    op.loop,
    op.get(at),
    op.get(end),
    op.i32AtLeast,
    op.branchIf(stop),

    // Sixteen bytes are copied with commas for tabs; so far as nothing else is among them, that was it.
    op.get(at),
    op.v128Load(),
    op.set(bytes),
    op.get(at),
    op.i32Const(1),
    op.i32Subtract,
    op.v128Load(),
    op.set(previous),
    ...isByte(bytes, tab),
    op.set(tabs),
    op.get(out),
    op.i32Const(comma),
    op.i8x16Splat,
    op.get(bytes),
    op.get(tabs),
    op.v128Choose,
    op.v128Store,
    ...isByte(bytes, lineFeed),
    ...isByte(bytes, backslash),
    op.v128Or,
    ...isByte(bytes, comma),
    op.v128Or,
    ...isByte(bytes, quote),
    op.v128Or,
    ...isByte(bytes, carriageReturn),
    op.v128Or,
    // A tab behind a tab or a line feed: an empty value. (Before a line feed it is found below.)
    op.get(tabs),
    ...isByte(previous, tab),
    ...isByte(previous, lineFeed),
    op.v128Or,
    op.v128And,
    op.v128Or,
    op.i8x16FirstBits,
    op.i32Const(1 << laneBytes),
    op.i32Or,
    op.i32TrailingZeros,
    op.set(length),
    op.get(column),
    op.get(tabs),
    op.i8x16FirstBits,
    op.i32Const(1),
    op.get(length),
    op.i32ShiftLeft,
    op.i32Const(1),
    op.i32Subtract,
    op.i32And,
    op.i32OnesOf,
    op.i32Add,
    op.set(column),
    op.get(at),
    op.get(length),
    op.i32Add,
    op.set(at),
    op.get(out),
    op.get(length),
    op.i32Add,
    op.set(out),
    op.get(length),
    op.i32Const(laneBytes),
    op.i32Equal,
    op.branchIf(0),

    op.get(at),
    op.i32Load8(),
    op.set(byte),
    op.get(at),
    op.i32Const(1),
    op.i32Subtract,
    op.i32Load8(),
    op.set(before),
    ...isSeparator(byte),
    op.if,
    ...isSeparator(before),
    op.if,
    op.get(out),
    op.i32Const(quote + (quote << 8)),
    op.i32Store16,
    ...advance(out, 2),
    op.end,
    ...advance(at, 1),
    op.get(byte),
    op.i32Const(tab),
    op.i32Equal,
    op.if,
    op.get(out),
    op.i32Const(comma),
    op.i32Store8,
    ...advance(out, 1),
    ...advance(column, 1),
    op.branch(2),
    op.end,
    op.get(column),
    op.get(lastColumn),
    op.i32NotEqual,
    op.branchIf(stop + 1),
    op.get(out),
    op.i32Const(carriageReturn + (lineFeed << 8)),
    op.i32Store16,
    ...advance(out, 2),
    ...advance(rows, 1),
    op.get(at),
    op.set(rowAt),
    op.get(out),
    op.set(rowOut),
    op.i32Const(0),
    op.set(column),
    op.branch(1),
    op.end,

    // NULL is \N alone between separators, and becomes nothing. All else has to be quoted or unescaped.
    op.get(byte),
    op.i32Const(backslash),
    op.i32NotEqual,
    op.branchIf(stop),
    ...isSeparator(before),
    op.i32Const(1),
    op.i32NotEqual,
    op.branchIf(stop),
    op.get(at),
    op.i32Load8(1),
    op.i32Const(letterN),
    op.i32NotEqual,
    op.branchIf(stop),
    op.get(at),
    op.i32Load8(2),
    op.set(byte),
    ...isSeparator(byte),
    op.i32Const(1),
    op.i32NotEqual,
    op.branchIf(stop),
    ...advance(at, 2),
    op.branch(0),
    op.end,
    op.end,

    op.i32Const(0),
    op.get(rowOut),
    op.i32Store(),
    op.i32Const(0),
    op.get(rows),
    op.i32Store(4),
    op.get(rowAt),
  ];
  return assemble({ parameters: 4, integers: 7, vectors: 3, body, memoryPages });
}
