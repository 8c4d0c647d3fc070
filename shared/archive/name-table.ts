/**
 * Numbers for texts that many entries share (kinds, schemas, owners), told apart by their bytes so that no string is
 * made while the table of contents is read. 0 is left for NULL.
 */
export class NameTable {
  /** Begin and end of each name's first occurrence; name n is at 2n. */
  readonly #ranges: number[] = [0, 0];
  #slots = new Int32Array(256);
  #last = 0;

  /** The number of the text at `bytes[begin, end)`. */
  intern(bytes: Uint8Array, begin: number, end: number): number {
    if (this.#last !== 0 && this.#equals(this.#last, bytes, begin, end)) return this.#last;
    const mask = this.#slots.length - 1;
    let slot = hash(bytes, begin, end) & mask;
    for (;;) {
      const found = this.#slots[slot]!;
      if (found === 0) break;
      if (this.#equals(found, bytes, begin, end)) return (this.#last = found);
      slot = (slot + 1) & mask;
    }
    const name = this.#ranges.length >> 1;
    this.#ranges.push(begin, end);
    this.#slots[slot] = name;
    if (name * 2 > mask) this.#grow(bytes);
    return (this.#last = name);
  }

  /** Number of names, NULL included. */
  get length(): number {
    return this.#ranges.length >> 1;
  }

  /** Where the first occurrence of a name lies in the archive's bytes. */
  rangeOf(name: number): { begin: number; end: number } {
    return { begin: this.#ranges[name * 2]!, end: this.#ranges[name * 2 + 1]! };
  }

  #equals(name: number, bytes: Uint8Array, begin: number, end: number): boolean {
    const other = this.#ranges[name * 2]!;
    if (this.#ranges[name * 2 + 1]! - other !== end - begin) return false;
    for (let index = end - begin - 1; index >= 0; index--)
      if (bytes[begin + index] !== bytes[other + index]) return false;
    return true;
  }

  #grow(bytes: Uint8Array): void {
    this.#slots = new Int32Array(this.#slots.length * 4);
    const mask = this.#slots.length - 1;
    for (let name = 1; name < this.length; name++) {
      let slot = hash(bytes, this.#ranges[name * 2]!, this.#ranges[name * 2 + 1]!) & mask;
      while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
      this.#slots[slot] = name;
    }
  }
}

/** FNV-1a, 32 bits. */
function hash(bytes: Uint8Array, begin: number, end: number): number {
  let value = 0x811c9dc5;
  for (let index = begin; index < end; index++) value = Math.imul(value ^ bytes[index]!, 0x01000193);
  return value >>> 8;
}
