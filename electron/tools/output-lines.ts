/** One line of a tool's output is cut at this length; pg_dump was seen to write a line of more than 200 kB. */
const lineLimitBytes = 64 * 1024;
/** The first words name the cause and the last ones the end: both are kept, together 20 MB, what lies between is counted. */
const headLimit = 4_000_000;
const tailLimit = 16_000_000;

/**
 * Cuts a byte stream into lines of text. Invalid UTF-8 becomes U+FFFD, CR before LF is dropped, and an endless line is
 * cut while it arrives, so that memory stays bounded whatever a tool writes.
 */
export class LineSplitter {
  readonly #onLine: (line: string) => void;
  #parts: Buffer[] = [];
  #length = 0;
  #leftOut = 0;

  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine;
  }

  push(chunk: Buffer): void {
    let start = 0;
    for (let end = chunk.indexOf(0x0a); end !== -1; end = chunk.indexOf(0x0a, start)) {
      this.#take(chunk.subarray(start, end));
      this.#emit();
      start = end + 1;
    }
    this.#take(chunk.subarray(start));
  }

  /** The last line, where it had no line feed. */
  end(): void {
    if (this.#length > 0) this.#emit();
  }

  #take(bytes: Buffer): void {
    const room = lineLimitBytes - this.#length;
    const kept = bytes.length > room ? bytes.subarray(0, room) : bytes;
    if (kept.length > 0) this.#parts.push(kept);
    this.#length += kept.length;
    this.#leftOut += bytes.length - kept.length;
  }

  #emit(): void {
    const line = this.#parts.length === 1 ? this.#parts[0] : Buffer.concat(this.#parts);
    const text = (line ?? Buffer.alloc(0)).toString("utf8").replace(/\r$/, "");
    const leftOut = this.#leftOut;
    this.#parts = [];
    this.#length = 0;
    this.#leftOut = 0;
    this.#onLine(leftOut === 0 ? text : `${text} … (${leftOut} bytes left out)`);
  }
}

/** Lines kept up to a bound: the beginning whole, then a ring of the newest. */
export class BoundedLines {
  readonly #head: string[] = [];
  #headLength = 0;
  #tail: string[] = [];
  #tailStart = 0;
  #tailLength = 0;
  #leftOut = 0;

  add(line: string): void {
    if (this.#tail.length === 0 && this.#headLength + line.length < headLimit) {
      this.#head.push(line);
      this.#headLength += line.length + 1;
      return;
    }
    this.#tail.push(line);
    this.#tailLength += line.length + 1;
    while (this.#tailLength > tailLimit) {
      this.#tailLength -= (this.#tail[this.#tailStart] ?? "").length + 1;
      this.#tailStart += 1;
      this.#leftOut += 1;
    }
    // Array.shift would move everything for each line; so the used-up front is cut off now and then.
    if (this.#tailStart > 10_000 && this.#tailStart * 2 > this.#tail.length) {
      this.#tail = this.#tail.slice(this.#tailStart);
      this.#tailStart = 0;
    }
  }

  text(): string {
    const gap = this.#leftOut === 0 ? [] : [`… (${this.#leftOut} lines left out)`];
    return [...this.#head, ...gap, ...this.#tail.slice(this.#tailStart)].join("\n");
  }
}
