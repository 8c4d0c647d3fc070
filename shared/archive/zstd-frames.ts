/**
 * Finds where zstd frames end, in bytes that come in whatever pieces. A zstd stream may be several frames, one behind the
 * other (RFC 8878, 3 "Compression Algorithm"); Node's decoder takes what stands behind a frame's end in the same piece for
 * the end of all, and goes on where the next frame begins with a piece of its own.
 * Source: RFC 8878, 3.1.1 "Zstandard Frames" and 3.1.2 "Skippable Frames".
 */

const magic = 0xfd2fb528;
const skippableMagic = 0x184d2a50;
const skippableMask = 0xfffffff0;
/** Of the frame's content size, by the descriptor's first two bits; the first is 1 in a single segment. */
const contentSizeBytes = [0, 2, 4, 8] as const;
const dictionaryIdBytes = [0, 1, 2, 4] as const;
const blockHeaderBytes = 3;
const checksumBytes = 4;
const runLengthBlock = 1;

type Field = "magic" | "skippableSize" | "descriptor" | "blockHeader";
const fieldBytes: Readonly<Record<Field, number>> = {
  magic: 4,
  skippableSize: 4,
  descriptor: 1,
  blockHeader: blockHeaderBytes,
};

/** Cuts the pieces of one stream. */
export class ZstdFrameCutter {
  #field: Field = "magic";
  /** Of the field in hand, which a border between pieces may cut. */
  #value = 0;
  #valueBytes = 0;
  /** Bytes before the next field. */
  #skip = 0;
  #hasChecksum = false;
  /** What is skipped is the last of the frame. */
  #isLast = false;
  /** Not a frame: left whole, for the decoder to refuse. */
  #isForeign = false;

  /** True before the first frame and wherever one has just ended. */
  get isBetweenFrames(): boolean {
    return this.#field === "magic" && this.#valueBytes === 0 && this.#skip === 0;
  }

  /** Gives the piece in parts, each of which ends where a frame does, but for the last one. All are views of it. */
  cut(piece: Uint8Array): Uint8Array[] {
    const parts: Uint8Array[] = [];
    let start = 0;
    let at = 0;
    while (at < piece.length && !this.#isForeign) {
      at = this.#skip > 0 ? this.#pass(piece, at) : this.#read(piece, at);
      if (!this.isBetweenFrames) continue;
      parts.push(piece.subarray(start, at));
      start = at;
    }
    if (start < piece.length) parts.push(piece.subarray(start));
    return parts;
  }

  #pass(piece: Uint8Array, at: number): number {
    const passed = Math.min(this.#skip, piece.length - at);
    this.#skip -= passed;
    if (this.#skip === 0 && this.#isLast) this.#endFrame();
    return at + passed;
  }

  #read(piece: Uint8Array, at: number): number {
    // Little-endian, up to four bytes; not shifted into the sign.
    this.#value += piece[at]! * 256 ** this.#valueBytes;
    this.#valueBytes += 1;
    if (this.#valueBytes === fieldBytes[this.#field]) {
      const value = this.#value;
      this.#value = 0;
      this.#valueBytes = 0;
      this.#take(value);
    }
    return at + 1;
  }

  #take(value: number): void {
    switch (this.#field) {
      case "magic":
        if (value === magic) this.#field = "descriptor";
        else if ((value & skippableMask) >>> 0 === skippableMagic) this.#field = "skippableSize";
        else this.#isForeign = true;
        return;
      case "skippableSize":
        this.#endAfter(value);
        return;
      case "descriptor": {
        const isSingle = (value & 0x20) !== 0;
        const sizeBytes = contentSizeBytes[value >> 6]!;
        const windowBytes = isSingle ? 0 : 1;
        this.#hasChecksum = (value & 0x04) !== 0;
        this.#skip = windowBytes + dictionaryIdBytes[value & 3]! + (isSingle && sizeBytes === 0 ? 1 : sizeBytes);
        this.#field = "blockHeader";
        return;
      }
      case "blockHeader": {
        const isLast = (value & 1) === 1;
        const size = ((value >> 1) & 3) === runLengthBlock ? 1 : value >>> 3;
        if (isLast) this.#endAfter(size + (this.#hasChecksum ? checksumBytes : 0));
        else this.#skip = size;
      }
    }
  }

  #endAfter(bytes: number): void {
    this.#skip = bytes;
    this.#isLast = true;
    if (bytes === 0) this.#endFrame();
  }

  #endFrame(): void {
    this.#isLast = false;
    this.#field = "magic";
  }
}
