/** The input ended inside of what is being read. */
export class NeedsMore extends Error {}

/**
 * Bits of bytes, the highest first. Behind the end zeros are read, so that no step has to ask whether there are bits left;
 * check() says afterwards whether there were.
 */
export class BitReader {
  readonly #bytes: Uint8Array;
  #at: number;
  #buffer = 0;
  #count = 0;

  /** @param start in bits */
  constructor(bytes: Uint8Array, start: number) {
    this.#bytes = bytes;
    this.#at = start >>> 3;
    if ((start & 7) !== 0) this.read(start & 7);
  }

  /** Bits read so far. */
  get position(): number {
    return this.#at * 8 - this.#count;
  }

  /** The next 1 to 24 bits. */
  read(bits: number): number {
    const value = this.peek(bits);
    this.#count -= bits;
    return value;
  }

  /** The same without reading them. */
  peek(bits: number): number {
    while (this.#count < bits) {
      this.#buffer = (this.#buffer << 8) | (this.#at < this.#bytes.length ? this.#bytes[this.#at]! : 0);
      this.#at++;
      this.#count += 8;
    }
    return (this.#buffer >>> (this.#count - bits)) & ((1 << bits) - 1);
  }

  /** Passes over bits that were peeked at. */
  skip(bits: number): void {
    this.#count -= bits;
  }

  alignToByte(): void {
    this.#count -= this.#count & 7;
  }

  /** @throws NeedsMore where more was read than there is */
  check(): void {
    if (this.position > this.#bytes.length * 8) throw new NeedsMore();
  }
}
