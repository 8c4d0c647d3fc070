/** Bytes that grow as they are written. The memory is used again, so what is taken out is a copy. */
export class ByteWriter {
  bytes = new Uint8Array(256 * 1024);
  /** Where the next byte goes. Write to `bytes` directly only after room(). */
  at = 0;

  /** Makes sure that so many more bytes fit. */
  room(count: number): void {
    if (this.at + count <= this.bytes.length) return;
    const larger = new Uint8Array(Math.max(this.bytes.length * 2, this.at + count));
    larger.set(this.bytes.subarray(0, this.at));
    this.bytes = larger;
  }

  /** A byte, for which there is room. */
  byte(value: number): void {
    this.bytes[this.at++] = value;
  }

  /** from[start, end), for which there is room. */
  copy(from: Uint8Array, start: number, end: number): void {
    const { bytes } = this;
    let { at } = this;
    // A loop is faster than a call for the short values that most are.
    if (end - start < 64) for (let index = start; index < end; index++) bytes[at++] = from[index]!;
    else {
      bytes.set(from.subarray(start, end), at);
      at += end - start;
    }
    this.at = at;
  }

  /** All of many bytes, for which there is room. */
  append(bytes: Uint8Array): void {
    this.bytes.set(bytes, this.at);
    this.at += bytes.length;
  }

  /** What was written, and none of it left. */
  take(): Uint8Array<ArrayBuffer> {
    const taken = this.bytes.slice(0, this.at);
    this.at = 0;
    return taken;
  }
}
