import { UnpackError } from "./stream-decoder.ts";

/** Farther back nothing is kept, whatever a file asks for: `xz -9` reaches back 64 MiB. */
const mostDictionaryBytes = 256 * 1024 * 1024;
/** The most that a chunk of LZMA2 unpacks to. */
export const mostChunkBytes = 2 * 1024 * 1024;
/** LZMA looks at the lowest bits of a position, which stay the same when bytes move by so much. */
const positionUnit = 16;

/**
 * The bytes unpacked last, which the next ones may repeat. Room is taken as it is filled: what a header claims costs nothing.
 * Reads of `bytes` are good until the next prepare().
 */
export class LzmaWindow {
  bytes = new Uint8Array(0);
  /** Where the next byte goes. */
  at = 0;
  #dictionaryBytes = 0;
  #claimedBytes = 0;

  /** Begins anew. @param dictionaryBytes as the file's header says it */
  reset(dictionaryBytes: number): void {
    this.#claimedBytes = dictionaryBytes;
    this.#dictionaryBytes = Math.min(dictionaryBytes, mostDictionaryBytes);
    this.at = 0;
  }

  /** Makes room for a chunk. */
  prepare(length: number): void {
    if (this.at + length <= this.bytes.length) return;
    const most = this.#dictionaryBytes + positionUnit + Math.max(this.#dictionaryBytes >>> 1, mostChunkBytes);
    if (this.at + length <= most) {
      const larger = new Uint8Array(Math.min(most, Math.max(this.at + length, this.bytes.length * 2)));
      larger.set(this.bytes.subarray(0, this.at));
      this.bytes = larger;
      return;
    }
    const behind = Math.max(0, this.at - this.#dictionaryBytes);
    const start = behind - (behind % positionUnit);
    if (this.bytes.length < most) {
      const larger = new Uint8Array(most);
      larger.set(this.bytes.subarray(start, this.at));
      this.bytes = larger;
    } else this.bytes.copyWithin(0, start, this.at);
    this.at -= start;
  }

  /** Repeats bytes from `distance` back, 1 being the last one. @throws UnpackError */
  repeat(distance: number, length: number, limit: number): void {
    const { bytes, at } = this;
    if (distance > at || distance > this.#dictionaryBytes)
      throw distance > mostDictionaryBytes && distance <= this.#claimedBytes
        ? new UnpackError(`it reaches back ${distance} bytes`, "archive.limitExceeded")
        : new UnpackError("it reaches back behind its beginning");
    const end = at + length;
    if (end > limit) throw new UnpackError("a chunk of xz holds more than it may");
    if (distance >= length) bytes.copyWithin(at, at - distance, end - distance);
    else for (let to = at; to < end; to++) bytes[to] = bytes[to - distance]!;
    this.at = end;
  }
}
