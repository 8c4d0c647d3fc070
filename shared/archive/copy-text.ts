import { AppError } from "../error/app-error.ts";
import { MAX_ROW_BYTES } from "./limits.ts";
import { type RowDecoding, rowDecoding, type TextDecoding } from "./text-decoding.ts";
import { WholeLines } from "./whole-lines.ts";

/** One row's values as PostgreSQL's text; null is NULL and differs from an empty string. */
export type CopyRow = (string | null)[];

export interface CopyTextOptions {
  /** Number of columns; a table may have none. */
  readonly columns: number;
  readonly encoding: string | null;
  readonly decode: TextDecoding;
  /** Where the text comes from, for errors: `in the data block at byte 4711`. */
  readonly where: string;
}

const endMark = "\\.";

/**
 * Reads COPY's text format as it streams by, whatever way it is cut into pieces: rows up to the end mark `\.`, which
 * pg_dump follows with empty lines. Source: CopyReadAttributesText in PostgreSQL's
 * src/backend/commands/copyfromparse.c. One thing COPY FROM would take is refused, because COPY TO never writes it and
 * a damaged file may: a bare backslash before a tab or a line feed.
 */
export class CopyTextReader {
  readonly #options: CopyTextOptions;
  readonly #decoding: RowDecoding;
  readonly #lines: WholeLines;
  #rows = 0;
  #ended = false;

  constructor(options: CopyTextOptions) {
    this.#options = options;
    this.#decoding = rowDecoding(options.encoding, options.decode);
    this.#lines = new WholeLines(() => this.#tooLong());
  }

  /** True once the end mark has been read. */
  get ended(): boolean {
    return this.#ended;
  }

  /**
   * Takes the next piece.
   * @returns the rows that became whole
   * @throws archive.damaged where the text is not what COPY writes, archive.limitExceeded for a line that is too long
   */
  push(piece: Uint8Array): CopyRow[] {
    const lines = this.#lines.push(piece);
    if (lines === null) return [];
    return this.#readLines(this.#decoding.lines(lines, 0, lines.length - 1).split("\n"));
  }

  /**
   * Says that no more comes.
   * @throws archive.truncated where the end mark has not been read
   */
  end(): void {
    if (this.#ended && this.#lines.restBytes === 0) return;
    throw new AppError("archive.truncated", "The rows end too early.", {
      detail: `After row ${this.#rows} ${this.#options.where}: no end mark.`,
    });
  }

  #tooLong(): AppError {
    return new AppError("archive.limitExceeded", "A row is too long to be shown.", {
      detail: `Row ${this.#rows + 1} ${this.#options.where}: over ${MAX_ROW_BYTES} bytes.`,
      hint: "Restore the table to read it.",
    });
  }

  #readLines(lines: string[]): CopyRow[] {
    const rows: CopyRow[] = [];
    for (const line of lines) {
      if (this.#ended) {
        if (line !== "") throw this.#damaged("text behind the end mark");
      } else if (line === endMark) this.#ended = true;
      else {
        this.#rows++;
        rows.push(this.#readRow(line));
      }
    }
    return rows;
  }

  #readRow(line: string): CopyRow {
    const { columns } = this.#options;
    if (columns === 0) {
      if (line !== "") throw this.#damaged("a value in a table without columns");
      return [];
    }
    const row: CopyRow = line.split("\t");
    if (row.length !== columns) throw this.#damaged(`${row.length} values for ${columns} columns`);
    const { value: decodeValue } = this.#decoding;
    if (decodeValue === null && !line.includes("\\")) return row;
    for (const [index, field] of row.entries()) {
      if (field === null) continue;
      const value = field.includes("\\") ? this.#unescape(field) : field;
      row[index] = decodeValue !== null && value !== null ? decodeValue(value) : value;
    }
    return row;
  }

  #unescape(field: string): string | null {
    if (field === "\\N") return null;
    let value = "";
    let at = 0;
    for (let slash = field.indexOf("\\"); slash >= 0; slash = field.indexOf("\\", at)) {
      value += field.slice(at, slash);
      const next = field.charAt(slash + 1);
      const plain = escapes[next];
      at = slash + 2;
      if (plain !== undefined) value += plain;
      else if (next === "") throw this.#damaged("a backslash at the end of a value");
      else if (startsNumber(field, slash)) {
        const bytes: number[] = [];
        at = slash + readNumbers(field.slice(slash), bytes);
        value += this.#decodeNumbers(bytes);
      } else value += next;
    }
    return value + field.slice(at);
  }

  /** Bytes written as numbers, which may be the parts of one character. */
  #decodeNumbers(bytes: number[]): string {
    return this.#decoding.lines(Uint8Array.from(bytes), 0, bytes.length);
  }

  #damaged(what: string): AppError {
    return new AppError("archive.damaged", "The rows are damaged.", {
      detail: `Row ${this.#rows} ${this.#options.where}: ${what}.`,
    });
  }
}

const escapes: Readonly<Record<string, string>> = {
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
  "\\": "\\",
};

/** `\101` or `\x41`; an x without a hexadecimal digit behind it is an x. */
function startsNumber(field: string, at: number): boolean {
  return /^\\(?:[0-7]|x[0-9A-Fa-f])/.test(field.slice(at, at + 3));
}

/** Puts the bytes of all numbers at the beginning of `text` into `bytes`, and returns their length as text. */
function readNumbers(text: string, bytes: number[]): number {
  const number = /\\(?:([0-7]{1,3})|x([0-9A-Fa-f]{1,2}))/y;
  let end = 0;
  for (let match = number.exec(text); match !== null; match = number.exec(text)) {
    const [, octal, hexadecimal = ""] = match;
    bytes.push((octal === undefined ? Number.parseInt(hexadecimal, 16) : Number.parseInt(octal, 8)) & 0xff);
    end = number.lastIndex;
  }
  return end;
}
