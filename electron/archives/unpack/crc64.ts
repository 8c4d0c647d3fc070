/** CRC-64 as xz uses it (ECMA-182, the lowest bit first), in two halves: numbers of 64 bits are slow in JavaScript. */

const low = new Uint32Array(256);
const high = new Uint32Array(256);
for (let byte = 0; byte < 256; byte++) {
  let lo = byte;
  let hi = 0;
  for (let bit = 0; bit < 8; bit++) {
    const odd = lo & 1;
    lo = (lo >>> 1) | (hi << 31);
    hi >>>= 1;
    if (odd === 1) {
      lo ^= 0xd7870f42;
      hi ^= 0xc96c5795;
    }
  }
  low[byte] = lo;
  high[byte] = hi;
}

export class Crc64 {
  #low = 0xffffffff;
  #high = 0xffffffff;

  update(bytes: Uint8Array): void {
    let lo = this.#low;
    let hi = this.#high;
    for (let at = 0; at < bytes.length; at++) {
      const index = (lo ^ bytes[at]!) & 0xff;
      lo = ((lo >>> 8) | (hi << 24)) ^ low[index]!;
      hi = (hi >>> 8) ^ high[index]!;
    }
    this.#low = lo;
    this.#high = hi;
  }

  /** Eight bytes, the lowest first. */
  digest(): Buffer {
    const bytes = Buffer.alloc(8);
    bytes.writeUInt32LE(~this.#low >>> 0, 0);
    bytes.writeUInt32LE(~this.#high >>> 0, 4);
    return bytes;
  }
}
