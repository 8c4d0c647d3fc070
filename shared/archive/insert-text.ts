import { AppError } from "../error/app-error.ts";
import type { CopyRow } from "./copy-text.ts";
import { identifierPattern, unquote } from "./identifiers.ts";
import { MAX_ROW_BYTES } from "./limits.ts";
import type { TableColumn } from "./table-columns.ts";
import { type RowDecoding, rowDecoding, type TextDecoding } from "./text-decoding.ts";
import { WholeLines } from "./whole-lines.ts";

export interface InsertTextOptions {
  /** The table's columns in their order, for statements that do not list them; null where nobody knows them. */
  readonly tableColumns: readonly TableColumn[] | null;
  readonly encoding: string | null;
  /** The archive's standard_conforming_strings are off: backslashes are doubled in every string. */
  readonly hasEscapes: boolean;
  readonly decode: TextDecoding;
  /** Where the text comes from, for errors: `in the data block at byte 4711`. */
  readonly where: string;
}

/** DEFAULT, which pg_dump writes for computed columns. */
const isDefault = Symbol("DEFAULT");
type InsertValue = string | null | typeof isDefault;

/** MaxHeapAttributeNumber: a row with more values is none. */
const mostValues = 1600;

/**
 * Reads the INSERT statements of `pg_dump --inserts`, `--column-inserts` and `--rows-per-insert` as they stream by, whatever
 * way they are cut into pieces, into the rows that COPY would have given. Source: dumpTableData_insert in
 * PostgreSQL's src/bin/pg_dump/pg_dump.c. Real lines (pg_dump 15.18):
 * `INSERT INTO public.orders (id, total, "no te") OVERRIDING SYSTEM VALUE VALUES (1, -5.0, 'it''s') ON CONFLICT DO NOTHING;`
 * and `INSERT INTO public.orders VALUES` with rows below, each behind a tab. What pg_dump never writes is refused: it
 * would be guessed.
 */
export class InsertTextReader {
  readonly #options: InsertTextOptions;
  readonly #decoding: RowDecoding;
  readonly #lines: WholeLines;
  readonly #parser: Iterator<undefined>;
  #text = "";
  #at = 0;
  #rows: CopyRow[] = [];
  #rowCount = 0;
  /** Characters of the row so far that are no longer in `#text`. */
  #heldCharacters = 0;
  #isBetween = true;
  /** The text from INSERT to VALUES, which all statements share. */
  #head: string | null = null;
  /** Columns that the statements list; null where they list none. */
  #listed: string[] | null = null;
  #columns: string[] | null = null;
  /** By place in a statement's row: the value is one of the rows', not computed. */
  #isKept: readonly boolean[] = [];

  constructor(options: InsertTextOptions) {
    this.#options = options;
    this.#decoding = rowDecoding(options.encoding, options.decode);
    this.#lines = new WholeLines(() => this.#tooLong());
    this.#parser = this.#parse();
  }

  /** Names of the rows' columns; null until the first row has been read. */
  get columns(): readonly string[] | null {
    return this.#columns;
  }

  /**
   * Takes the next piece.
   * @returns the rows that became whole
   * @throws archive.damaged where the text is not what pg_dump writes, archive.limitExceeded for a row that is too long
   */
  push(piece: Uint8Array): CopyRow[] {
    const lines = this.#lines.push(piece);
    if (lines === null) return [];
    this.#text = this.#decoding.lines(lines, 0, lines.length);
    this.#at = 0;
    this.#parser.next();
    const rows = this.#rows;
    this.#rows = [];
    return rows;
  }

  /**
   * Says that no more comes.
   * @throws archive.truncated where a statement is not whole
   */
  end(): void {
    if (this.#isBetween && this.#lines.restBytes === 0) return;
    throw new AppError("archive.truncated", "The rows end too early.", {
      detail: `After row ${this.#rowCount} ${this.#options.where}: the INSERT statement is not whole.`,
    });
  }

  /** Runs until all text is read, then waits for more. */
  *#parse(): Generator<undefined, never> {
    for (;;) {
      yield* this.#passSpace();
      this.#isBetween = false;
      const isOfDefaults = yield* this.#readHead();
      if (isOfDefaults) this.#takeRow([]);
      else yield* this.#readRows();
      if (this.#takes(" ON CONFLICT DO NOTHING")) this.#at += " ON CONFLICT DO NOTHING".length;
      this.#expect(";");
      this.#isBetween = true;
    }
  }

  /** True for a row without values: `INSERT INTO public.empty DEFAULT VALUES;` */
  *#readHead(): Generator<undefined, boolean> {
    if (this.#head !== null && this.#takes(this.#head)) {
      this.#at += this.#head.length;
      return this.#head.endsWith(" DEFAULT VALUES");
    }
    let head = "";
    let found = statementHead.exec(this.#text.slice(this.#at, this.#at + mostHeadCharacters));
    // A name may hold a line feed, so the head may go on in the next piece.
    while (found === null) {
      head += this.#text.slice(this.#at);
      const isInName = (head.match(/"/g) ?? []).length % 2 === 1;
      if (!isInName || !head.startsWith("INSERT INTO ") || head.length > mostHeadCharacters)
        throw this.#damaged("no INSERT statement as pg_dump writes it");
      yield* this.#more();
      found = statementHead.exec(`${head}${this.#text.slice(0, mostHeadCharacters)}`);
    }
    const [whole, list] = found;
    if (this.#head !== null && whole !== this.#head) throw this.#damaged("statements of different kinds");
    this.#head = whole;
    if (list !== undefined)
      this.#listed = (list.match(new RegExp(identifierPattern, "g")) ?? []).map((name) => this.#decoded(unquote(name)));
    this.#at += whole.length - head.length;
    return whole.endsWith(" DEFAULT VALUES");
  }

  *#readRows(): Generator<undefined, void> {
    for (;;) {
      yield* this.#passSpace();
      this.#expect("(");
      this.#heldCharacters = 0;
      const row: InsertValue[] = [];
      for (;;) {
        row.push(yield* this.#readValue());
        if (row.length > mostValues) throw this.#damaged(`over ${mostValues} values`);
        if (!this.#takes(", ")) break;
        this.#at += 2;
      }
      this.#expect(")");
      this.#takeRow(row);
      if (this.#text.charCodeAt(this.#at) !== comma) return;
      this.#at++;
    }
  }

  *#readValue(): Generator<undefined, InsertValue> {
    const text = this.#text;
    switch (text.charAt(this.#at)) {
      case "'":
        this.#at++;
        return this.#decoded(yield* this.#readString(this.#options.hasEscapes));
      case "E":
        this.#expect("E'");
        return this.#decoded(yield* this.#readString(true));
      case "B":
        this.#expect("B'");
        return yield* this.#readString(false);
      case "N":
        this.#expect("NULL");
        return null;
      case "D":
        this.#expect("DEFAULT");
        return isDefault;
      case "t":
        this.#expect("true");
        return "t";
      case "f":
        this.#expect("false");
        return "f";
      default: {
        number.lastIndex = this.#at;
        const [digits] = number.exec(text) ?? [];
        if (digits === undefined) throw this.#damaged("a value that pg_dump does not write");
        this.#at = number.lastIndex;
        return digits;
      }
    }
  }

  /**
   * The rest of a string behind its first quote. In one with escapes backslashes are doubled and nothing else is escaped
   * (appendStringLiteral in PostgreSQL's src/fe_utils/string_utils.c).
   */
  *#readString(hasEscapes: boolean): Generator<undefined, string> {
    let value = "";
    for (;;) {
      const end = this.#text.indexOf("'", this.#at);
      const part = this.#text.slice(this.#at, end === -1 ? undefined : end);
      value += part;
      if (end === -1) {
        this.#heldCharacters += part.length;
        if (this.#heldCharacters > MAX_ROW_BYTES) throw this.#tooLong();
        yield* this.#more();
        continue;
      }
      this.#at = end + 1;
      if (this.#text.charCodeAt(this.#at) !== apostrophe) break;
      value += "'";
      this.#at++;
    }
    if (!hasEscapes || !value.includes("\\")) return value;
    const unescaped = value.replaceAll("\\\\", "\0");
    if (unescaped.includes("\\")) throw this.#damaged("an escape that pg_dump does not write");
    return unescaped.replaceAll("\0", "\\");
  }

  #takeRow(values: readonly InsertValue[]): void {
    this.#rowCount++;
    if (this.#columns === null) this.#settleColumns(values);
    const isKept = this.#isKept;
    if (values.length !== isKept.length) throw this.#damaged(`${values.length} values for ${isKept.length} columns`);
    const row: CopyRow = [];
    for (const [place, value] of values.entries()) {
      if ((value === isDefault) === isKept[place])
        throw this.#damaged("a value for a computed column, or none for another");
      if (value !== isDefault) row.push(value);
    }
    this.#rows.push(row);
  }

  /** With the first row it is known what there is in each. */
  #settleColumns(values: readonly InsertValue[]): void {
    const { tableColumns } = this.#options;
    if (this.#listed !== null) {
      this.#columns = this.#listed;
      this.#isKept = this.#listed.map(() => true);
    } else if (tableColumns !== null && values.length > 0) {
      this.#isKept = tableColumns.map(({ isGenerated }) => !isGenerated);
      this.#columns = tableColumns.filter(({ isGenerated }) => !isGenerated).map(({ name }) => name);
    } else {
      this.#isKept = values.map((value) => value !== isDefault);
      this.#columns = columnsOfValues(this.#isKept);
    }
  }

  *#passSpace(): Generator<undefined, void> {
    for (;;) {
      const code = this.#text.charCodeAt(this.#at);
      if (Number.isNaN(code)) yield* this.#more();
      else if (code === lineFeed || code === tab || code === space) this.#at++;
      else return;
    }
  }

  *#more(): Generator<undefined, void> {
    this.#text = "";
    yield;
  }

  #takes(word: string): boolean {
    return this.#text.startsWith(word, this.#at);
  }

  #expect(word: string): void {
    if (!this.#takes(word)) throw this.#damaged(`no ${word} where there should be one`);
    this.#at += word.length;
  }

  #decoded(value: string): string {
    return this.#decoding.value === null ? value : this.#decoding.value(value);
  }

  #damaged(what: string): AppError {
    return new AppError("archive.damaged", "The INSERT statements are damaged.", {
      detail: `After row ${this.#rowCount} ${this.#options.where}: ${what}.`,
    });
  }

  #tooLong(): AppError {
    return new AppError("archive.limitExceeded", "A row is too long to be shown.", {
      detail: `Row ${this.#rowCount + 1} ${this.#options.where}: over ${MAX_ROW_BYTES} bytes.`,
      hint: "Restore the table to read it.",
    });
  }
}

/** PostgreSQL calls the columns of a VALUES list so. */
function columnsOfValues(isKept: readonly boolean[]): string[] {
  return isKept.flatMap((is, place) => (is ? [`column${place + 1}`] : []));
}

const lineFeed = 10;
const tab = 9;
const space = 32;
const apostrophe = 39;
const comma = 44;
/** 1,600 columns with names of 63 bytes, each doubled at most. */
const mostHeadCharacters = 1600 * 132;
const qualified = `(?:${identifierPattern}\\.)?${identifierPattern}`;
const columnList = `\\((${identifierPattern}(?:, ${identifierPattern})*)\\) `;
const statementHead = new RegExp(
  `^INSERT INTO ${qualified} (?:DEFAULT VALUES|(?:${columnList})?(?:OVERRIDING SYSTEM VALUE )?VALUES(?=\\s))`,
);
/** What pg_dump does not put into quotes: `-5`, `1e+20`, `.5`. */
const number = /[-+0-9.][-+0-9eE.]*/y;
