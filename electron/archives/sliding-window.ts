import type { ByteSource } from "./byte-source.ts";

const smallRead = 64 * 1024;
const largeRead = 4 * 1024 * 1024;

/** Reads that move forwards in small steps through a source, served by few large reads. */
export class SlidingWindow {
  readonly #source: ByteSource;
  #bytes: Uint8Array = new Uint8Array(0);
  #base = 0;
  #readSize = smallRead;

  constructor(source: ByteSource) {
    this.#source = source;
  }

  /**
   * At least `count` bytes at `position`, and all that are at hand behind them.
   * @returns the bytes and the place of `position` among them; null where the source ends before
   */
  async view(position: number, count: number): Promise<{ bytes: Uint8Array; at: number } | null> {
    const end = this.#base + this.#bytes.length;
    if (position < this.#base || position + count > end) {
      if (position + count > this.#source.sizeBytes) return null;
      // Reading on is a walk and gets longer reads; a jump may be a glance.
      const isNext = position <= end && position >= this.#base;
      this.#readSize = isNext ? Math.min(largeRead, this.#readSize * 2) : smallRead;
      this.#bytes = await this.#source.read(position, Math.max(count, this.#readSize));
      this.#base = position;
      if (this.#bytes.length < count) return null;
    }
    return { bytes: this.#bytes, at: position - this.#base };
  }
}
