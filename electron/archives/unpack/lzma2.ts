import type { LzmaWindow } from "./lzma-window.ts";
import { UnpackError } from "./stream-decoder.ts";

/**
 * The inner format of xz: chunks of LZMA, each of which says its length before it comes. Source: the LZMA specification
 * (lzma-specification.txt of the LZMA SDK) for the coding, the xz file format's text and xz-embedded for the chunks.
 */

/** How one chunk is stored, told by its first bytes. */
export interface Lzma2Chunk {
  readonly headerBytes: number;
  readonly storedBytes: number;
  readonly unpackedBytes: number;
  readonly control: number;
}

/**
 * The header of the chunk at `at`; null where it is not whole yet. The control byte 0 ends a block.
 * @throws UnpackError
 */
export function readChunkHeader(input: Uint8Array, at: number): Lzma2Chunk | null {
  const control = input[at];
  if (control === undefined) return null;
  if (control === 0) return { headerBytes: 1, storedBytes: 0, unpackedBytes: 0, control };
  if (control > 2 && control < 0x80) throw new UnpackError(`a chunk of xz of the unknown kind ${control}`);
  const isRaw = control < 0x80;
  const hasProperties = control >= 0xc0;
  const headerBytes = isRaw ? 3 : hasProperties ? 6 : 5;
  if (input.length < at + headerBytes) return null;
  const first = (input[at + 1]! << 8) | input[at + 2]!;
  if (isRaw) return { headerBytes, storedBytes: first + 1, unpackedBytes: first + 1, control };
  const unpackedBytes = (((control & 0x1f) << 16) | first) + 1;
  return { headerBytes, storedBytes: ((input[at + 3]! << 8) | input[at + 4]!) + 1, unpackedBytes, control };
}

const topValue = 2 ** 24;
const halfProbability = 1024;
const literalStates = 7;
const mostPositionStates = 16;
/** Symbols of a literal and of one that follows a repetition. */
const literalProbabilities = 0x300;

/** Decodes the chunks of one block into a window. */
export class Lzma2Decoder {
  readonly #window: LzmaWindow;
  #dictionaryBytes = 0;
  /** What the next chunk has to bring along: 3 a new dictionary, 2 properties, 1 a new state. */
  #missing = 3;

  #literalContext = 0;
  #literalMask = 0;
  #positionMask = 0;
  #state = 0;
  #reps = new Uint32Array(4);
  #literals = new Uint16Array(0);
  readonly #isMatch = new Uint16Array(12 * mostPositionStates);
  readonly #isRep = new Uint16Array(12);
  readonly #isRep0 = new Uint16Array(12);
  readonly #isRep1 = new Uint16Array(12);
  readonly #isRep2 = new Uint16Array(12);
  readonly #isLongRep0 = new Uint16Array(12 * mostPositionStates);
  readonly #slots = new Uint16Array(4 * 64);
  readonly #specialDistances = new Uint16Array(128);
  readonly #align = new Uint16Array(16);
  readonly #matchLengths = new LengthCoder();
  readonly #repLengths = new LengthCoder();

  #input: Uint8Array = new Uint8Array(0);
  #at = 0;
  #range = 0;
  #code = 0;

  constructor(window: LzmaWindow) {
    this.#window = window;
  }

  /** Begins a block. */
  begin(dictionaryBytes: number): void {
    this.#dictionaryBytes = dictionaryBytes;
    this.#missing = 3;
  }

  /**
   * Decodes a chunk that is whole.
   * @param input from the chunk's header to its end
   * @returns its bytes, the caller's own
   * @throws UnpackError
   */
  decode(chunk: Lzma2Chunk, input: Uint8Array): Uint8Array {
    const { control, unpackedBytes, headerBytes } = chunk;
    const window = this.#window;
    const reset = control < 0x80 ? (control === 1 ? 3 : 0) : (control >> 5) & 3;
    if (reset === 3) window.reset(this.#dictionaryBytes);
    else if (this.#missing === 3) throw new UnpackError("a block of xz does not begin with a new dictionary");
    window.prepare(unpackedBytes);
    const start = window.at;
    if (control < 0x80) {
      window.bytes.set(input.subarray(headerBytes), start);
      window.at += unpackedBytes;
      if (control === 1) this.#missing = 2;
      return window.bytes.slice(start, window.at);
    }
    if (reset >= 2) this.#setProperties(input[5]!);
    else if (this.#missing >= 2) throw new UnpackError("a chunk of xz lacks its properties");
    if (reset >= 1) this.#resetState();
    else if (this.#missing >= 1) throw new UnpackError("a chunk of xz lacks its state");
    this.#missing = 0;
    this.#decodeLzma(input, headerBytes, start + unpackedBytes);
    return window.bytes.slice(start, window.at);
  }

  #setProperties(properties: number): void {
    const literalContext = properties % 9;
    const rest = Math.floor(properties / 9);
    const literalPosition = rest % 5;
    const position = Math.floor(rest / 5);
    if (position > 4 || literalContext + literalPosition > 4)
      throw new UnpackError("a chunk of xz has wrong properties");
    this.#literalContext = literalContext;
    this.#literalMask = (1 << literalPosition) - 1;
    this.#positionMask = (1 << position) - 1;
    this.#literals = new Uint16Array(literalProbabilities << (literalContext + literalPosition));
  }

  #resetState(): void {
    this.#state = 0;
    this.#reps.fill(0);
    for (const probabilities of [
      this.#literals,
      this.#isMatch,
      this.#isRep,
      this.#isRep0,
      this.#isRep1,
      this.#isRep2,
      this.#isLongRep0,
      this.#slots,
      this.#specialDistances,
      this.#align,
    ])
      probabilities.fill(halfProbability);
    this.#matchLengths.reset();
    this.#repLengths.reset();
  }

  #decodeLzma(input: Uint8Array, from: number, limit: number): void {
    if (input.length < from + 5 || input[from] !== 0) throw new UnpackError("a chunk of xz begins wrongly");
    this.#input = input;
    this.#range = 0xffffffff;
    this.#code =
      ((input[from + 1]! << 24) | (input[from + 2]! << 16) | (input[from + 3]! << 8) | input[from + 4]!) >>> 0;
    this.#at = from + 5;
    const window = this.#window;
    const reps = this.#reps;
    while (window.at < limit) {
      const positionState = window.at & this.#positionMask;
      const state = this.#state;
      if (this.#bit(this.#isMatch, state * mostPositionStates + positionState) === 0) {
        this.#decodeLiteral();
        continue;
      }
      let length: number;
      if (this.#bit(this.#isRep, state) === 0) {
        reps[3] = reps[2]!;
        reps[2] = reps[1]!;
        reps[1] = reps[0]!;
        length = this.#readLength(this.#matchLengths, positionState);
        this.#state = state < literalStates ? 7 : 10;
        reps[0] = this.#readDistance(length);
      } else if (this.#bit(this.#isRep0, state) === 0) {
        if (this.#bit(this.#isLongRep0, state * mostPositionStates + positionState) === 0) {
          this.#state = state < literalStates ? 9 : 11;
          window.repeat(reps[0]! + 1, 1, limit);
          continue;
        }
        length = this.#readLength(this.#repLengths, positionState);
        this.#state = state < literalStates ? 8 : 11;
      } else {
        let distance: number;
        if (this.#bit(this.#isRep1, state) === 0) distance = reps[1]!;
        else {
          if (this.#bit(this.#isRep2, state) === 0) distance = reps[2]!;
          else {
            distance = reps[3]!;
            reps[3] = reps[2]!;
          }
          reps[2] = reps[1]!;
        }
        reps[1] = reps[0]!;
        reps[0] = distance;
        length = this.#readLength(this.#repLengths, positionState);
        this.#state = state < literalStates ? 8 : 11;
      }
      window.repeat(reps[0]! + 1, length, limit);
    }
    if (this.#range < topValue) this.#normalize();
    if (this.#code !== 0 || this.#at !== input.length) throw new UnpackError("a chunk of xz ends wrongly");
  }

  #decodeLiteral(): void {
    const window = this.#window;
    const { bytes, at } = window;
    const previous = at === 0 ? 0 : bytes[at - 1]!;
    const context = ((at & this.#literalMask) << this.#literalContext) + (previous >> (8 - this.#literalContext));
    const base = context * literalProbabilities;
    const literals = this.#literals;
    let symbol = 1;
    if (this.#state >= literalStates) {
      const distance = this.#reps[0]! + 1;
      if (distance > at) throw new UnpackError("it reaches back behind its beginning");
      let match = bytes[at - distance]!;
      do {
        const matchBit = (match >> 7) & 1;
        match <<= 1;
        const bit = this.#bit(literals, base + ((1 + matchBit) << 8) + symbol);
        symbol = (symbol << 1) | bit;
        if (matchBit !== bit) break;
      } while (symbol < 0x100);
    }
    while (symbol < 0x100) symbol = (symbol << 1) | this.#bit(literals, base + symbol);
    bytes[at] = symbol;
    window.at = at + 1;
    this.#state = this.#state < 4 ? 0 : this.#state < 10 ? this.#state - 3 : this.#state - 6;
  }

  #readLength(coder: LengthCoder, positionState: number): number {
    if (this.#bit(coder.choices, 0) === 0) return 2 + this.#tree(coder.low, positionState << 3, 3);
    if (this.#bit(coder.choices, 1) === 0) return 10 + this.#tree(coder.middle, positionState << 3, 3);
    return 18 + this.#tree(coder.high, 0, 8);
  }

  /** @returns one less than how far back; 2^32 - 1 would be the mark of an end, which LZMA2 does not have */
  #readDistance(length: number): number {
    const slot = this.#tree(this.#slots, Math.min(length - 2, 3) << 6, 6);
    if (slot < 4) return slot;
    const directBits = (slot >> 1) - 1;
    const start = 2 | (slot & 1);
    if (slot < 14) {
      const distance = start << directBits;
      return distance + this.#reverseTree(this.#specialDistances, distance - slot, directBits);
    }
    const middle = this.#directBits(directBits - 4);
    return start * 2 ** directBits + middle * 16 + this.#reverseTree(this.#align, 0, 4);
  }

  #tree(probabilities: Uint16Array, base: number, bits: number): number {
    let symbol = 1;
    for (let bit = 0; bit < bits; bit++) symbol = (symbol << 1) | this.#bit(probabilities, base + symbol);
    return symbol - (1 << bits);
  }

  #reverseTree(probabilities: Uint16Array, base: number, bits: number): number {
    let node = 1;
    let symbol = 0;
    for (let at = 0; at < bits; at++) {
      const bit = this.#bit(probabilities, base + node);
      node = (node << 1) | bit;
      symbol |= bit << at;
    }
    return symbol;
  }

  #directBits(bits: number): number {
    let value = 0;
    for (let at = 0; at < bits; at++) {
      if (this.#range < topValue) this.#normalize();
      this.#range = this.#range >>> 1;
      let bit = 0;
      if (this.#code >= this.#range) {
        this.#code -= this.#range;
        bit = 1;
      }
      value = value * 2 + bit;
    }
    return value;
  }

  #bit(probabilities: Uint16Array, index: number): number {
    if (this.#range < topValue) this.#normalize();
    const probability = probabilities[index]!;
    const bound = (this.#range >>> 11) * probability;
    if (this.#code < bound) {
      this.#range = bound;
      probabilities[index] = probability + ((2048 - probability) >> 5);
      return 0;
    }
    this.#range -= bound;
    this.#code -= bound;
    probabilities[index] = probability - (probability >> 5);
    return 1;
  }

  /** @throws UnpackError where the chunk has no bytes left: else a damaged one would be made up to its end */
  #normalize(): void {
    if (this.#at >= this.#input.length) throw new UnpackError("a chunk of xz ends too early");
    this.#range = (this.#range << 8) >>> 0;
    this.#code = ((this.#code << 8) | this.#input[this.#at]!) >>> 0;
    this.#at++;
  }
}

class LengthCoder {
  readonly choices = new Uint16Array(2);
  readonly low = new Uint16Array(mostPositionStates << 3);
  readonly middle = new Uint16Array(mostPositionStates << 3);
  readonly high = new Uint16Array(256);

  reset(): void {
    for (const probabilities of [this.choices, this.low, this.middle, this.high]) probabilities.fill(halfProbability);
  }
}
