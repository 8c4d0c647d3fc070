const lineFeed = 10;

/** Lines of a byte stream as they are needed. Every line ends with a line feed; so COPY writes them. */
export class LineReader {
  /** What is at hand; unread from `at` on. */
  bytes: Buffer = Buffer.alloc(0);
  at = 0;
  /** Where the next line's line feed is, -1 while that is not known. */
  #lineEnd = -1;
  readonly #source: AsyncIterator<Uint8Array>;
  #isEnded = false;

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  get unread(): number {
    return this.bytes.length - this.at;
  }

  /** End of the next line, without its line feed; -1 where it is not wholly at hand. */
  get lineEnd(): number {
    if (this.#lineEnd < this.at) this.#lineEnd = this.bytes.indexOf(lineFeed, this.at);
    return this.#lineEnd;
  }

  /** Fetches the next piece; false at the end. */
  async fill(): Promise<boolean> {
    if (this.#isEnded) return false;
    const { done, value } = await this.#source.next();
    if (done === true) {
      this.#isEnded = true;
      return false;
    }
    const piece = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
    this.bytes = this.unread === 0 ? piece : Buffer.concat([this.bytes.subarray(this.at), piece]);
    this.at = 0;
    this.#lineEnd = -1;
    return true;
  }

  /** Has a whole line at hand; false at the end. */
  async fillLine(): Promise<boolean> {
    // oxlint-disable-next-line no-await-in-loop -- one piece follows the other
    while (this.lineEnd < 0) if (!(await this.fill())) return false;
    return true;
  }

  /** Goes behind the next line. */
  skipLine(): void {
    this.at = this.lineEnd + 1;
  }

  /** Lets the source go; what is left of it stays unread. */
  async close(): Promise<void> {
    await this.#source.return?.();
  }
}
