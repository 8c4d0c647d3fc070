import { BitReader, NeedsMore } from "./bit-reader.ts";
import { HuffmanTable, mostCodeBits } from "./bzip2-huffman.ts";
import { join, type StreamDecoder, UnpackError } from "./stream-decoder.ts";

/**
 * Decoder of bzip2 files, also of those that pbzip2 writes and of several put behind each other. The checksum of every
 * block and of every stream is compared. Source: the bzip2 manual and the format's description by Joe Tsai ("BZIP2: Format
 * Specification"); what the reference program writes is the measure.
 */

const blockMagic = [0x314159, 0x265359] as const;
const endMagic = [0x177245, 0x385090] as const;
const groupSymbols = 50;
const runA = 0;
const runB = 1;
const outputBytes = 256 * 1024;
/** A block that was not whole is tried again when there is half as much again of it, not with each byte. */
const retryGrowth = 1.5;

/** A block's bytes as the Burrows-Wheeler transform left them: in the low byte of each; the next one's place above it. */
interface SortedBlock {
  readonly length: number;
  readonly origin: number;
  readonly checksum: number;
}

/** Memory stays below 8 MB, however much a block unpacks to. */
export class Bzip2Decoder implements StreamDecoder {
  #input: Uint8Array = new Uint8Array(0);
  /** Bits of the input that are done with. */
  #bits = 0;
  /** Bytes a block of the stream may hold before its runs are undone; 0 between streams. */
  #blockBytes = 0;
  #streamChecksum = 0;
  #hasStream = false;
  #wantedBytes = 0;
  #sorted = new Uint32Array(0);
  readonly #selectors = new Uint8Array(1 << 15);

  *push(piece: Uint8Array): Generator<Uint8Array> {
    this.#input = join(this.#input.slice(this.#bits >>> 3), piece);
    this.#bits &= 7;
    if (this.#input.length < this.#wantedBytes) return;
    yield* this.#readAll();
  }

  *end(): Generator<Uint8Array> {
    yield* this.#readAll();
    if (this.#blockBytes === 0 && this.#hasStream && this.#bits === this.#input.length * 8) return;
    throw new UnpackError("the bzip2 stream is not whole", "archive.truncated");
  }

  *#readAll(): Generator<Uint8Array> {
    for (;;) {
      const reader = new BitReader(this.#input, this.#bits);
      let block: SortedBlock | null;
      try {
        if (this.#blockBytes === 0) {
          if (this.#bits === this.#input.length * 8) return;
          this.#readStart(reader);
          block = null;
        } else block = this.#readBlock(reader);
        reader.check();
      } catch (error) {
        if (!(error instanceof NeedsMore)) throw error;
        this.#wantedBytes = Math.ceil((this.#input.length - (this.#bits >>> 3)) * retryGrowth);
        return;
      }
      this.#wantedBytes = 0;
      this.#bits = reader.position;
      if (block !== null) yield* this.#restore(block);
    }
  }

  #readStart(reader: BitReader): void {
    const name = reader.read(24);
    const level = reader.read(8) - 0x30;
    reader.check();
    if (name !== 0x425a68)
      throw new UnpackError(
        this.#hasStream ? "bytes behind the end of the compressed stream" : "it does not begin like bzip2",
      );
    if (level < 1 || level > 9) throw new UnpackError(`block size ${level} of bzip2`);
    this.#blockBytes = level * 100_000;
    if (this.#sorted.length < this.#blockBytes) this.#sorted = new Uint32Array(this.#blockBytes);
    this.#streamChecksum = 0;
    this.#hasStream = true;
  }

  /** Reads up to the end of a block; null for the end of the stream. Nothing is changed but the room for the block. */
  #readBlock(reader: BitReader): SortedBlock | null {
    const magic = [reader.read(24), reader.read(24)];
    const checksum = ((reader.read(16) << 16) | reader.read(16)) >>> 0;
    reader.check();
    if (magic[0] === endMagic[0] && magic[1] === endMagic[1]) {
      if (checksum !== this.#streamChecksum) throw new UnpackError("wrong checksum of the bzip2 stream");
      reader.alignToByte();
      this.#blockBytes = 0;
      return null;
    }
    if (magic[0] !== blockMagic[0] || magic[1] !== blockMagic[1]) throw new UnpackError("a bzip2 block is missing");
    if (reader.read(1) === 1)
      throw new UnpackError("a randomised block, which bzip2 wrote before 2000", "archive.unsupportedFormat");
    const origin = reader.read(24);
    const used = readUsedBytes(reader);
    const tables = this.#readTables(reader, used.length + 2);
    const length = this.#readSymbols(reader, used, tables);
    if (origin >= length) throw new UnpackError("a bzip2 block begins behind its end");
    return { length, origin, checksum };
  }

  /** The tables, in the order of the groups of symbols that they are for. */
  #readTables(
    reader: BitReader,
    symbols: number,
  ): { readonly groups: readonly HuffmanTable[]; readonly count: number } {
    const tableCount = reader.read(3);
    const count = reader.read(15);
    reader.check();
    if (tableCount < 2 || tableCount > 6 || count === 0) throw new UnpackError("a bzip2 block has no tables");
    const order = Array.from({ length: tableCount }, (_, at) => at);
    for (let at = 0; at < count; at++) {
      let place = 0;
      while (reader.read(1) === 1)
        if (++place >= tableCount) {
          reader.check();
          throw new UnpackError("a bzip2 block names no table");
        }
      const [chosen = 0] = order.splice(place, 1);
      order.unshift(chosen);
      this.#selectors[at] = chosen;
    }
    reader.check();
    const groups = Array.from({ length: tableCount }, () => new HuffmanTable(readLengths(reader, symbols)));
    return { groups, count };
  }

  /** Undoes Huffman, move-to-front and the runs of zeros. @returns bytes of the block */
  #readSymbols(
    reader: BitReader,
    used: Uint8Array,
    { groups, count }: { readonly groups: readonly HuffmanTable[]; readonly count: number },
  ): number {
    const sorted = this.#sorted;
    const limit = this.#blockBytes;
    const front = Uint8Array.from(used);
    const end = used.length + 1;
    let length = 0;
    let run = 0;
    let weight = 1;
    for (let group = 0; group < count; group++) {
      const table = groups[this.#selectors[group]!]!;
      for (let at = 0; at < groupSymbols; at++) {
        const symbol = table.read(reader);
        if (symbol <= runB) {
          run += symbol === runA ? weight : weight * 2;
          weight *= 2;
          if (run > limit) throw tooMuch(reader);
          continue;
        }
        if (run > 0) {
          if (length + run > limit) throw tooMuch(reader);
          sorted.fill(front[0]!, length, length + run);
          length += run;
          run = 0;
          weight = 1;
        }
        if (symbol === end) {
          reader.check();
          return length;
        }
        if (length >= limit) throw tooMuch(reader);
        const place = symbol - 1;
        const byte = front[place]!;
        for (let to = place; to > 0; to--) front[to] = front[to - 1]!;
        front[0] = byte;
        sorted[length++] = byte;
      }
      reader.check();
    }
    throw new UnpackError("a bzip2 block has no end");
  }

  /** Undoes the sorting and the runs of four and more. */
  *#restore({ length, origin, checksum }: SortedBlock): Generator<Uint8Array> {
    const sorted = this.#sorted;
    link(sorted, length);
    let output = new Uint8Array(outputBytes);
    let filled = 0;
    let crc = 0xffffffff;
    let place = sorted[origin]! >>> 8;
    let same = 0;
    let last = -1;
    for (let left = length; left > 0; left--) {
      const value = sorted[place]!;
      place = value >>> 8;
      const byte = value & 0xff;
      if (filled + 256 > outputBytes) {
        crc = checksumOf(output, filled, crc);
        yield output.subarray(0, filled);
        output = new Uint8Array(outputBytes);
        filled = 0;
      }
      if (same === 4) {
        output.fill(last, filled, filled + byte);
        filled += byte;
        same = 0;
        last = -1;
        continue;
      }
      same = byte === last ? same + 1 : 1;
      last = byte;
      output[filled++] = byte;
    }
    crc = ~checksumOf(output, filled, crc) >>> 0;
    if (crc !== checksum) throw new UnpackError("wrong checksum of a bzip2 block");
    this.#streamChecksum = (((this.#streamChecksum << 1) | (this.#streamChecksum >>> 31)) ^ crc) >>> 0;
    yield output.subarray(0, filled);
  }
}

/** @throws NeedsMore where it was read behind the end of the input, where nothing is as it seems */
function tooMuch(reader: BitReader): UnpackError {
  reader.check();
  return new UnpackError("a bzip2 block holds more than it may");
}

/** The byte values that occur: a map of the sixteens that do, then one of each. */
function readUsedBytes(reader: BitReader): Uint8Array {
  const sixteens = reader.read(16);
  const used: number[] = [];
  for (let high = 0; high < 16; high++) {
    if ((sixteens & (0x8000 >> high)) === 0) continue;
    const map = reader.read(16);
    for (let low = 0; low < 16; low++) if ((map & (0x8000 >> low)) !== 0) used.push(high * 16 + low);
  }
  reader.check();
  if (used.length === 0) throw new UnpackError("a bzip2 block uses no bytes");
  return Uint8Array.from(used);
}

/** Lengths of the codes of all symbols, each told by its difference from the one before. */
function readLengths(reader: BitReader, symbols: number): Uint8Array {
  const lengths = new Uint8Array(symbols);
  let length = reader.read(5);
  for (let symbol = 0; symbol < symbols; symbol++) {
    for (;;) {
      if (length < 1 || length > mostCodeBits) {
        reader.check();
        throw new UnpackError(`a code of ${length} bits in a bzip2 block`);
      }
      if (reader.read(1) === 0) break;
      length += reader.read(1) === 0 ? 1 : -1;
    }
    lengths[symbol] = length;
  }
  reader.check();
  return lengths;
}

/** Writes over each byte where the one lies that follows it in the text. */
function link(sorted: Uint32Array, length: number): void {
  const next = new Uint32Array(256);
  for (let at = 0; at < length; at++) next[sorted[at]!]!++;
  let sum = 0;
  for (let byte = 0; byte < 256; byte++) {
    const count = next[byte]!;
    next[byte] = sum;
    sum += count;
  }
  for (let at = 0; at < length; at++) {
    const to = next[sorted[at]! & 0xff]!++;
    sorted[to] = sorted[to]! | (at << 8);
  }
}

/** CRC-32 with the highest bit first, which Node's is not. */
const crcTable = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 24;
  for (let bit = 0; bit < 8; bit++) crc = crc < 0 ? (crc << 1) ^ 0x04c11db7 : crc << 1;
  return crc >>> 0;
});

function checksumOf(bytes: Uint8Array, length: number, start: number): number {
  let crc = start;
  for (let at = 0; at < length; at++) crc = (crc << 8) ^ crcTable[((crc >>> 24) ^ bytes[at]!) & 0xff]!;
  return crc;
}
