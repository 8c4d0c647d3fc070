import type { Duplex } from "node:stream";

/** What the driver's connection offers to a query of one's own; it checks none of it, so neither types say more. */
interface Wire {
  readonly stream: Duplex;
  query(text: string): void;
}

interface CopyWire extends Wire {
  sendCopyFromChunk(bytes: Uint8Array): void;
  endCopyFrom(): void;
  sendCopyFail(reason: string): void;
}

const pieceBytes = 256 * 1024;
/** So much is read ahead of the consumer before the server has to wait. */
const mostAheadBytes = 4 * pieceBytes;

/**
 * `COPY … TO STDOUT` as the driver's query object: the rows' bytes in pieces that end with a row. The server waits when
 * the consumer does. Where the consumer stops before the end, the rest passes unread, ahead of the session's next query.
 */
export class CopyOut {
  readonly #sql: string;
  #stream: Duplex | null = null;
  #full: Uint8Array[] = [];
  #fullBytes = 0;
  #piece: Buffer = Buffer.allocUnsafe(pieceBytes);
  #pieceAt = 0;
  #isEnded = false;
  #isUnwanted = false;
  #failure: { readonly error: unknown } | null = null;
  #wake: (() => void) | null = null;

  constructor(sql: string) {
    this.#sql = sql;
  }

  async *read(): AsyncGenerator<Uint8Array> {
    try {
      for (;;) {
        const next = this.#take();
        if (next !== null) {
          yield next;
          continue;
        }
        if (this.#failure !== null) throw this.#failure.error;
        if (this.#isEnded) return;
        // oxlint-disable-next-line no-await-in-loop -- there is nothing to do before more has come
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
    } finally {
      this.#isUnwanted = true;
      this.#full = [];
      if (!this.#isEnded && this.#failure === null) this.#stream?.resume();
    }
  }

  #take(): Uint8Array | null {
    const next = this.#full.shift();
    if (next !== undefined) {
      this.#fullBytes -= next.length;
      if (this.#fullBytes < mostAheadBytes && this.#stream?.isPaused()) this.#stream.resume();
      return next;
    }
    if (this.#pieceAt === 0) return null;
    // What the server has sent is given out at once: it may be slow.
    const rest = this.#piece.subarray(0, this.#pieceAt);
    this.#piece = Buffer.allocUnsafe(pieceBytes);
    this.#pieceAt = 0;
    return rest;
  }

  submit(connection: Wire): void {
    this.#stream = connection.stream;
    connection.query(this.#sql);
  }

  /** A row. Its bytes lie in the parser's buffer, which is used again, so they are copied. */
  handleCopyData({ chunk }: { readonly chunk: Uint8Array }): void {
    if (this.#isUnwanted) return;
    if (chunk.length > this.#piece.length - this.#pieceAt) {
      if (this.#pieceAt > 0) this.#keep(this.#piece.subarray(0, this.#pieceAt));
      this.#piece = Buffer.allocUnsafe(Math.max(pieceBytes, chunk.length));
      this.#pieceAt = 0;
    }
    this.#piece.set(chunk, this.#pieceAt);
    this.#pieceAt += chunk.length;
    this.#rouse();
  }

  #keep(piece: Uint8Array): void {
    this.#full.push(piece);
    this.#fullBytes += piece.length;
    if (this.#fullBytes >= mostAheadBytes) this.#stream?.pause();
  }

  handleCommandComplete(): void {}

  handleReadyForQuery(): void {
    this.#isEnded = true;
    this.#rouse();
  }

  handleError(error: unknown): void {
    this.#failure = { error };
    this.#stream?.resume();
    this.#rouse();
  }

  #rouse(): void {
    this.#wake?.();
    this.#wake = null;
  }
}

/** `COPY … FROM STDIN` as the driver's query object: sends what `source` gives, no faster than the server takes it. */
export class CopyIn {
  readonly #sql: string;
  readonly #source: AsyncIterable<Uint8Array>;
  readonly #settled: Promise<number>;
  #settle: { resolve(rows: number): void; reject(error: unknown): void } | null = null;
  #rows = 0;
  /** What the source threw; the server only echoes it. */
  #broken: { readonly error: unknown } | null = null;
  #isOver = false;

  constructor(sql: string, source: AsyncIterable<Uint8Array>) {
    this.#sql = sql;
    this.#source = source;
    this.#settled = new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
    });
  }

  /** The number of rows the server took. */
  ended(): Promise<number> {
    return this.#settled;
  }

  submit(connection: Wire): void {
    connection.query(this.#sql);
  }

  handleCopyInResponse(connection: CopyWire): void {
    void this.#send(connection);
  }

  async #send(connection: CopyWire): Promise<void> {
    try {
      for await (const bytes of this.#source) {
        if (this.#isOver) return;
        connection.sendCopyFromChunk(bytes);
        if (connection.stream.writableNeedDrain) await drained(connection.stream);
      }
      if (!this.#isOver) connection.endCopyFrom();
    } catch (error) {
      this.#broken = { error };
      if (!this.#isOver) connection.sendCopyFail("the rows could not be read");
    }
  }

  handleCommandComplete({ text }: { readonly text: string }): void {
    this.#rows = Number(/^COPY (\d+)/.exec(text)?.[1] ?? 0);
  }

  handleReadyForQuery(): void {
    this.#isOver = true;
    this.#settle?.resolve(this.#rows);
  }

  handleError(error: unknown): void {
    this.#isOver = true;
    this.#settle?.reject(this.#broken === null ? error : this.#broken.error);
  }
}

function drained(stream: Duplex): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      for (const event of ["drain", "close", "error"]) stream.off(event, done);
      resolve();
    };
    for (const event of ["drain", "close", "error"]) stream.on(event, done);
  });
}
