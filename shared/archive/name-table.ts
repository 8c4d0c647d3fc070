/**
 * Numbers for texts that many entries share (kinds, schemas, owners), told apart by their bytes so that no string is
 * made while the table of contents is read. The bytes are those of the encoded text, its length and sign included, so
 * that NULL is a name like any other and differs from an empty text.
 */
export class NameTable {
  /** Begin and end of each name's first occurrence; name n is at 2n. There is no name 0. */
  readonly #ranges: number[] = [0, 0];
  #slots = new Int32Array(256);

  /**
   * The number of the encoded text at `bytes[begin, end)`, from 1 on.
   * @param guess the number it probably has, 0 for none
   */
  intern(bytes: Uint8Array, begin: number, end: number, guess: number): number {
    if (guess !== 0 && this.#equals(guess, bytes, begin, end)) return guess;
    const mask = this.#slots.length - 1;
    let slot = hash(bytes, begin, end) & mask;
    for (;;) {
      const found = this.#slots[slot]!;
      if (found === 0) break;
      if (this.#equals(found, bytes, begin, end)) return found;
      slot = (slot + 1) & mask;
    }
    const name = this.#ranges.length >> 1;
    this.#ranges.push(begin, end);
    this.#slots[slot] = name;
    if (name * 2 > mask) this.#grow(bytes);
    return name;
  }

  /** Where the first occurrence of a name lies in the archive's bytes. */
  positionOf(name: number): number {
    return this.#ranges[name * 2]!;
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
    for (let name = 1; name * 2 < this.#ranges.length; name++) {
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
