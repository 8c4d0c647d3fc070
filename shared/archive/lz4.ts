import { readUnsigned } from "./encoding.ts";
import { Xxh32, xxh32 } from "./xxh32.ts";

/**
 * Decoder of LZ4 frames, as pg_dump writes them: blocks of 64 KB, linked (each may repeat bytes of the one before),
 * without checksums; all other frames of the format are read as well. Source: doc/lz4_Frame_format.md and
 * doc/lz4_Block_format.md of the LZ4 project.
 */

/** The bytes are no LZ4 frame, or one that was changed. */
export class Lz4Error extends Error {}

/** 0x184D2204, the lowest byte first. */
const magic = [0x04, 0x22, 0x4d, 0x18];
const historyBytes = 64 * 1024;

interface FrameHeader {
  readonly blockBytes: number;
  readonly isLinked: boolean;
  readonly hasBlockChecksums: boolean;
  readonly contentBytes: number | null;
  readonly hash: Xxh32 | null;
}

/**
 * Takes frames, one behind the other, in whatever pieces they come and gives their bytes back block by block, as one
 * (doc/lz4_Frame_format.md, "Frame concatenation"). Memory stays below 9 MB.
 */
export class Lz4FrameDecoder {
  #input: Uint8Array = new Uint8Array(0);
  #header: FrameHeader | null = null;
  /** Up to 64 KB that the next block may repeat, then room for the block. */
  #window = new Uint8Array(0);
  #history = 0;
  #contentBytes = 0;
  #ended = false;
  #isFirstFrame = true;

  /** True once a frame's end mark and checksum have been read, and nothing behind them. */
  get ended(): boolean {
    return this.#ended;
  }

  /**
   * Takes the next piece.
   * @returns the bytes of the blocks that became whole; each array is the caller's own
   * @throws Lz4Error
   */
  push(piece: Uint8Array): Uint8Array[] {
    const output: Uint8Array[] = [];
    this.#input = this.#input.length === 0 ? piece : join(this.#input, piece);
    let at = 0;
    for (;;) {
      if (this.#ended) {
        if (at === this.#input.length) break;
        this.#beginAnother();
      }
      const next = this.#header === null ? this.#readHeader(at) : this.#readBlock(this.#header, at, output);
      if (next === at) break;
      at = next;
    }
    this.#input = this.#input.slice(at);
    return output;
  }

  #beginAnother(): void {
    this.#ended = false;
    this.#isFirstFrame = false;
    this.#header = null;
    this.#history = 0;
    this.#contentBytes = 0;
  }

  /** Where the frame's header ends, or `at` when it is not whole yet. */
  #readHeader(at: number): number {
    const input = this.#input;
    const begun = input.subarray(at, at + magic.length);
    if (begun.some((byte, index) => byte !== magic[index]))
      throw new Lz4Error(this.#isFirstFrame ? "not an LZ4 frame" : "bytes behind the end of the frame");
    if (input.length < at + 7) return at;
    const flags = input[at + 4]!;
    const blockSize = (input[at + 5]! >> 4) & 7;
    if (flags >> 6 !== 1) throw new Lz4Error(`frame version ${flags >> 6}`);
    if (blockSize < 4) throw new Lz4Error(`block size ${blockSize}`);
    if ((flags & 1) !== 0) throw new Lz4Error("a dictionary is needed");
    const hasContentSize = (flags & 8) !== 0;
    const checksumAt = at + 6 + (hasContentSize ? 8 : 0);
    if (input.length <= checksumAt) return at;
    const checksum = (xxh32(input.subarray(at + 4, checksumAt)) >>> 8) & 0xff;
    if (input[checksumAt] !== checksum) throw new Lz4Error("wrong checksum of the frame's header");
    this.#header = {
      blockBytes: 1 << (8 + 2 * blockSize),
      isLinked: (flags & 32) === 0,
      hasBlockChecksums: (flags & 16) !== 0,
      contentBytes: hasContentSize ? readUnsigned(input, at + 6, 8) : null,
      hash: (flags & 4) === 0 ? null : new Xxh32(),
    };
    this.#window = new Uint8Array(historyBytes + this.#header.blockBytes);
    return checksumAt + 1;
  }

  /** Where the block ends, or `at` when it is not whole yet. */
  #readBlock(header: FrameHeader, at: number, output: Uint8Array[]): number {
    const input = this.#input;
    if (input.length < at + 4) return at;
    const word = readUnsigned(input, at, 4);
    if (word === 0) return this.#readEnd(header, at);
    const isRaw = word > 0x7fffffff;
    const size = word % 0x80000000;
    if (size > header.blockBytes) throw new Lz4Error(`a block of ${size} bytes`);
    const end = at + 4 + size;
    const next = header.hasBlockChecksums ? end + 4 : end;
    if (input.length < next) return at;
    const block = input.subarray(at + 4, end);
    if (header.hasBlockChecksums && readUnsigned(input, end, 4) !== xxh32(block))
      throw new Lz4Error("wrong checksum of a block");
    output.push(this.#decode(header, block, isRaw));
    return next;
  }

  #readEnd(header: FrameHeader, at: number): number {
    const end = header.hash === null ? at + 4 : at + 8;
    if (this.#input.length < end) return at;
    if (header.hash !== null && readUnsigned(this.#input, at + 4, 4) !== header.hash.digest())
      throw new Lz4Error("wrong checksum of the content");
    if (header.contentBytes !== null && header.contentBytes !== this.#contentBytes)
      throw new Lz4Error(`${this.#contentBytes} bytes where the frame says ${header.contentBytes}`);
    this.#ended = true;
    return end;
  }

  #decode(header: FrameHeader, block: Uint8Array, isRaw: boolean): Uint8Array {
    const start = header.isLinked ? this.#history : 0;
    const limit = start + header.blockBytes;
    let end: number;
    if (isRaw) {
      this.#window.set(block, start);
      end = start + block.length;
    } else end = decodeBlock(block, this.#window, start, limit);
    const decoded = this.#window.slice(start, end);
    header.hash?.update(decoded);
    this.#contentBytes += decoded.length;
    if (end > historyBytes) this.#window.copyWithin(0, end - historyBytes, end);
    this.#history = Math.min(end, historyBytes);
    return decoded;
  }
}

/**
 * Decodes one LZ4 block to `target` from `start` on; matches may reach back to the beginning of `target`.
 * @returns where the decoded bytes end
 * @throws Lz4Error where the block is not whole, reaches back too far or goes beyond `limit`
 */
export function decodeBlock(block: Uint8Array, target: Uint8Array, start: number, limit: number): number {
  const size = block.length;
  let at = 0;
  let to = start;
  while (at < size) {
    const token = block[at++]!;
    let literals = token >> 4;
    if (literals === 15) {
      let more = 255;
      while (more === 255) {
        if (at >= size) throw new Lz4Error("a block ends too early");
        more = block[at++]!;
        literals += more;
      }
    }
    if (at + literals > size) throw new Lz4Error("a block ends too early");
    if (to + literals > limit) throw new Lz4Error("a block holds more than it may");
    if (literals > 32) {
      target.set(block.subarray(at, at + literals), to);
      to += literals;
      at += literals;
    } else for (const end = at + literals; at < end; ) target[to++] = block[at++]!;
    // The last sequence has literals alone.
    if (at === size) return to;

    if (at + 2 > size) throw new Lz4Error("a block ends too early");
    const distance = block[at]! | (block[at + 1]! << 8);
    at += 2;
    if (distance === 0 || distance > to) throw new Lz4Error("a block reaches back too far");
    let length = (token & 15) + 4;
    if (length === 19) {
      let more = 255;
      while (more === 255) {
        if (at >= size) throw new Lz4Error("a block ends too early");
        more = block[at++]!;
        length += more;
      }
    }
    if (to + length > limit) throw new Lz4Error("a block holds more than it may");
    if (distance >= length && length > 32) {
      target.copyWithin(to, to - distance, to - distance + length);
      to += length;
    } else for (const end = to + length; to < end; to++) target[to] = target[to - distance]!;
  }
  throw new Lz4Error("a block ends too early");
}

function join(first: Uint8Array, second: Uint8Array): Uint8Array {
  const joined = new Uint8Array(first.length + second.length);
  joined.set(first);
  joined.set(second, first.length);
  return joined;
}
