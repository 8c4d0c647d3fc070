/** Whether the end of a line of SQL lies in a string, a quoted name or a dollar-quoted body: then the next one goes on there. */
export class SqlQuotes {
  /** `standard_conforming_strings = off`: a backslash escapes in plain strings too. */
  hasEscapes = false;
  #quote: "none" | "string" | "escaped" | "name" | "dollar" | "comment" = "none";
  #tag = "";

  get isOpen(): boolean {
    return this.#quote !== "none";
  }

  /** @param bytes[start, end) a line without its line feed */
  push(bytes: Buffer, start: number, end: number): void {
    let at = start;
    while (at < end) {
      switch (this.#quote) {
        case "none":
          at = this.#plain(bytes, start, at, end);
          break;
        case "string":
          at = this.#until(bytes, at, end, apostrophe);
          break;
        case "name":
          at = this.#until(bytes, at, end, quotationMark);
          break;
        case "escaped":
          at = this.#escaped(bytes, at, end);
          break;
        case "dollar": {
          const found = bytes.subarray(at, end).indexOf(this.#tag, 0, "latin1");
          if (found === -1) return;
          at += found + this.#tag.length;
          this.#quote = "none";
          break;
        }
        default: {
          const found = bytes.subarray(at, end).indexOf("*/", 0, "latin1");
          if (found === -1) return;
          at += found + 2;
          this.#quote = "none";
        }
      }
    }
  }

  /** A doubled quote closes and opens again, which comes to the same. */
  #until(bytes: Buffer, from: number, end: number, mark: number): number {
    // In this line alone: what is behind it would be searched again from each line.
    const found = bytes.subarray(from, end).indexOf(mark);
    if (found === -1) return end;
    this.#quote = "none";
    return from + found + 1;
  }

  #escaped(bytes: Buffer, from: number, end: number): number {
    for (let at = from; at < end; at++) {
      const byte = bytes[at];
      if (byte === backslash) at++;
      else if (byte === apostrophe) {
        if (bytes[at + 1] === apostrophe && at + 1 < end) at++;
        else {
          this.#quote = "none";
          return at + 1;
        }
      }
    }
    return end;
  }

  #plain(bytes: Buffer, start: number, from: number, end: number): number {
    for (let at = from; at < end; at++) {
      const byte = bytes[at];
      if (byte === apostrophe) {
        const before = at === start ? 0 : bytes[at - 1]! | 0x20;
        const isE = before === 0x65 && !(at - 1 > start && isWord(bytes[at - 2]!));
        this.#quote = isE || this.hasEscapes ? "escaped" : "string";
        return at + 1;
      }
      if (byte === quotationMark) {
        this.#quote = "name";
        return at + 1;
      }
      if (byte === dollar && !(at > start && isWord(bytes[at - 1]!))) {
        const tag = dollarTag(bytes, at, end);
        if (tag !== null) {
          this.#quote = "dollar";
          this.#tag = tag;
          return at + tag.length;
        }
      } else if (byte === hyphen && bytes[at + 1] === hyphen) return end;
      else if (byte === slash && bytes[at + 1] === asterisk && at + 1 < end) {
        this.#quote = "comment";
        return at + 2;
      }
    }
    return end;
  }
}

const apostrophe = 39;
const quotationMark = 34;
const dollar = 36;
const backslash = 92;
const hyphen = 45;
const slash = 47;
const asterisk = 42;
/** PostgreSQL's identifiers have at most 63 bytes; a tag is one. */
const longestTag = 66;

function isWord(byte: number): boolean {
  const letter = byte | 0x20;
  return (letter >= 97 && letter <= 122) || (byte >= 48 && byte <= 57) || byte === 95 || byte === dollar || byte > 127;
}

/** `$$` or `$body$`; null where the dollar begins a parameter or nothing. */
function dollarTag(bytes: Buffer, at: number, end: number): string | null {
  const text = bytes.toString("latin1", at, Math.min(end, at + longestTag));
  return /^\$(?:[A-Za-z_\u0080-\u00ff][A-Za-z0-9_\u0080-\u00ff]*)?\$/.exec(text)?.[0] ?? null;
}
