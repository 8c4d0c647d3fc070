import type { BitReader } from "./bit-reader.ts";
import { UnpackError } from "./stream-decoder.ts";

/** Bits of the longest code of bzip2. */
export const mostCodeBits = 20;
/** Codes up to so many bits are found in one look. */
const lookupBits = 10;

/** One canonical Huffman code of a bzip2 block. */
export class HuffmanTable {
  /** By the next bits: symbol and length of its code; 0 where the code is longer or there is none. */
  readonly #lookup = new Uint16Array(1 << lookupBits);
  /** Of each length: the first code behind the last one, and what turns a code into a place among the symbols. */
  readonly #limits = new Int32Array(mostCodeBits + 1);
  readonly #offsets = new Int32Array(mostCodeBits + 1);
  readonly #symbols: Uint16Array;

  /** @param lengths of each symbol's code, in bits @throws UnpackError where there are more codes than bits can tell apart */
  constructor(lengths: Uint8Array) {
    const counts = new Uint16Array(mostCodeBits + 1);
    for (const length of lengths) counts[length]!++;
    this.#symbols = new Uint16Array(lengths.length);
    let code = 0;
    let place = 0;
    for (let length = 1; length <= mostCodeBits; length++) {
      this.#offsets[length] = place - code;
      for (let symbol = 0; symbol < lengths.length; symbol++) {
        if (lengths[symbol] !== length) continue;
        this.#symbols[place++] = symbol;
        if (code >= 1 << length) throw new UnpackError("the codes of a bzip2 block cannot be told apart");
        if (length <= lookupBits) {
          const spare = lookupBits - length;
          this.#lookup.fill((symbol << 5) | length, code << spare, (code + 1) << spare);
        }
        code++;
      }
      this.#limits[length] = code;
      code <<= 1;
    }
  }

  /** @throws UnpackError where the bits are no code */
  read(reader: BitReader): number {
    const found = this.#lookup[reader.peek(lookupBits)]!;
    if (found !== 0) {
      reader.skip(found & 31);
      return found >> 5;
    }
    const bits = reader.peek(mostCodeBits);
    for (let length = lookupBits + 1; length <= mostCodeBits; length++) {
      const code = bits >> (mostCodeBits - length);
      if (code >= this.#limits[length]!) continue;
      reader.skip(length);
      const place = code + this.#offsets[length]!;
      if (place >= 0 && place < this.#symbols.length) return this.#symbols[place]!;
      break;
    }
    reader.check();
    throw new UnpackError("bits that are no code in a bzip2 block");
  }
}
