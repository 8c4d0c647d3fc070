/**
 * Instructions of WebAssembly, as bytes, and a module made of them (core specification, "Binary Format"; the 128-bit ones
 * under "Vector Instructions"). Those that this room needs, by names that say what they do.
 */
export const op = {
  block: [0x02, 0x40],
  loop: [0x03, 0x40],
  if: [0x04, 0x40],
  end: [0x0b],
  /** Leaves so many blocks and the one in hand, or begins a loop again. */
  branch: (depth: number) => [0x0c, depth],
  branchIf: (depth: number) => [0x0d, depth],
  select: [0x1b],
  get: (local: number) => [0x20, local],
  set: (local: number) => [0x21, local],
  tee: (local: number) => [0x22, local],
  i32Load8: (offset = 0) => [0x2d, 0, offset],
  i32Store: (offset = 0) => [0x36, 0, offset],
  i32Store8: [0x3a, 0, 0],
  i32Store16: [0x3b, 0, 0],
  i32Const: (value: number) => [0x41, ...signedLeb(value)],
  i32Equal: [0x46],
  i32NotEqual: [0x47],
  i32LessThan: [0x49],
  i32AtLeast: [0x4f],
  i32TrailingZeros: [0x68],
  i32OnesOf: [0x69],
  i32Add: [0x6a],
  i32Subtract: [0x6b],
  i32And: [0x71],
  i32Or: [0x72],
  i32ShiftLeft: [0x74],
  v128Load: (offset = 0) => [0xfd, 0x00, 0, offset],
  v128Store: [0xfd, 0x0b, 0, 0],
  v128Zero: [0xfd, 0x0c, ...new Uint8Array(16)],
  i8x16Splat: [0xfd, 0x0f],
  i8x16Equal: [0xfd, 0x23],
  v128And: [0xfd, 0x4e],
  v128Or: [0xfd, 0x50],
  /** Of two, the first one's bits where the third has ones. */
  v128Choose: [0xfd, 0x52],
  i8x16FirstBits: [0xfd, 0x64],
  i8x16Subtract: [0xfd, 0x71],
  i16x8AddPairsOfI8: [0xfd, 0x7d],
  i32x4AddPairsOfI16: [0xfd, 0x7f],
  i32x4Add: [0xfd, 0xae, 0x01],
  i32x4Lane: (lane: number) => [0xfd, 0x1b, lane],
};

/** Bytes of a vector. */
export const laneBytes = 16;
/** What memory is counted in. */
export const pageBytes = 64 * 1024;

/** A module of one function, with a memory of its own. */
export interface LaneModule {
  /** How many numbers it takes; it gives one. All are 32-bit integers. */
  readonly parameters: number;
  /** How many further locals it has: 32-bit integers, then vectors. Numbered behind the parameters. */
  readonly integers: number;
  readonly vectors: number;
  readonly body: readonly (readonly number[])[];
  readonly memoryPages: number;
}

/** As much as is used of what every Node, Electron and browser has, and its types do not know without the DOM's. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (
    module: object,
  ) => {
    readonly exports: {
      readonly memory: { readonly buffer: ArrayBuffer };
      readonly run: (...numbers: number[]) => number;
    };
  };
};

/** The function and its memory, in an instance of their own. */
export function assemble({ parameters, integers, vectors, body, memoryPages }: LaneModule): {
  readonly memory: Uint8Array<ArrayBuffer>;
  readonly run: (...numbers: number[]) => number;
} {
  const [i32, v128] = [0x7f, 0x7b];
  const locals = vector([
    [integers, i32],
    [vectors, v128],
  ]);
  const code = [...locals, ...body.flat(), ...op.end];
  const module = [
    [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    section(1, [[0x60, ...vector(Array.from({ length: parameters }, () => [i32])), ...vector([[i32]])]]),
    section(3, [[0]]),
    section(5, [[0, memoryPages]]),
    section(7, [
      [...text("memory"), 2, 0],
      [...text("run"), 0, 0],
    ]),
    section(10, [[...leb(code.length), ...code]]),
  ].flat();
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(new Uint8Array(module)));
  return { memory: new Uint8Array(exports.memory.buffer), run: exports.run };
}

function section(id: number, items: readonly (readonly number[])[]): number[] {
  const content = vector(items);
  return [id, ...leb(content.length), ...content];
}

function vector(items: readonly (readonly number[])[]): number[] {
  return [...leb(items.length), ...items.flat()];
}

/** A name in ASCII. */
function text(name: string): number[] {
  return vector(Array.from(name, (letter) => [letter.charCodeAt(0)]));
}

/** LEB128, unsigned. */
function leb(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...leb(value >>> 7)];
}

/** LEB128, signed, of a number that is not negative. */
function signedLeb(value: number): number[] {
  return value < 64 ? [value] : [(value & 127) | 128, ...signedLeb(value >>> 7)];
}
