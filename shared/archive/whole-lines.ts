import type { AppError } from "../error/app-error.ts";
import { MAX_ROW_BYTES } from "./limits.ts";

const lineFeed = 10;

/** Whole lines out of pieces that are cut anywhere: a line feed is never a part of another character, whatever the encoding. */
export class WholeLines {
  readonly #tooLong: () => AppError;
  /** Pieces of a line that is not whole yet. */
  #pieces: Uint8Array[] = [];
  #pieceBytes = 0;

  /** @param tooLong made where a line has more than MAX_ROW_BYTES */
  constructor(tooLong: () => AppError) {
    this.#tooLong = tooLong;
  }

  /** Bytes of a line whose end has not come. */
  get restBytes(): number {
    return this.#pieceBytes;
  }

  /** The lines that became whole, the last one with its line feed; null where there is none. */
  push(piece: Uint8Array): Uint8Array | null {
    const cut = piece.lastIndexOf(lineFeed) + 1;
    if (cut === 0) {
      this.#keep(piece);
      return null;
    }
    let lines = piece.subarray(0, cut);
    if (this.#pieces.length > 0) {
      this.#keep(lines);
      lines = join(this.#pieces, this.#pieceBytes);
      this.#pieces = [];
      this.#pieceBytes = 0;
    }
    if (cut < piece.length) this.#keep(piece.slice(cut));
    return lines;
  }

  #keep(piece: Uint8Array): void {
    this.#pieces.push(piece);
    this.#pieceBytes += piece.length;
    if (this.#pieceBytes > MAX_ROW_BYTES) throw this.#tooLong();
  }
}

function join(pieces: Uint8Array[], length: number): Uint8Array {
  const joined = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    joined.set(piece, at);
    at += piece.length;
  }
  return joined;
}
