const prime1 = 0x9e3779b1;
const prime2 = 0x85ebca77;
const prime3 = 0xc2b2ae3d;
const prime4 = 0x27d4eb2f;
const prime5 = 0x165667b1;

/** xxHash, 32 bits, seed 0: the checksum of LZ4 frames. Source: doc/xxhash_spec.md of the xxHash project. */
export class Xxh32 {
  readonly #lanes = new Uint32Array([prime1 + prime2, prime2, 0, -prime1]);
  readonly #rest = new Uint8Array(16);
  #restBytes = 0;
  #length = 0;

  update(bytes: Uint8Array): void {
    this.#length += bytes.length;
    let at = 0;
    if (this.#restBytes > 0) {
      at = Math.min(bytes.length, 16 - this.#restBytes);
      this.#rest.set(bytes.subarray(0, at), this.#restBytes);
      this.#restBytes += at;
      if (this.#restBytes < 16) return;
      this.#stripe(this.#rest, 0);
      this.#restBytes = 0;
    }
    for (; at + 16 <= bytes.length; at += 16) this.#stripe(bytes, at);
    this.#rest.set(bytes.subarray(at));
    this.#restBytes = bytes.length - at;
  }

  /** The checksum of all bytes so far, as an unsigned number. */
  digest(): number {
    const [a, b, c, d] = this.#lanes;
    let value = this.#length >= 16 ? rotate(a!, 1) + rotate(b!, 7) + rotate(c!, 12) + rotate(d!, 18) : prime5;
    value = (value + this.#length) | 0;
    let at = 0;
    for (; at + 4 <= this.#restBytes; at += 4)
      value = Math.imul(rotate((value + Math.imul(word(this.#rest, at), prime3)) | 0, 17), prime4);
    for (; at < this.#restBytes; at++)
      value = Math.imul(rotate((value + Math.imul(this.#rest[at]!, prime5)) | 0, 11), prime1);
    value = Math.imul(value ^ (value >>> 15), prime2);
    value = Math.imul(value ^ (value >>> 13), prime3);
    return (value ^ (value >>> 16)) >>> 0;
  }

  #stripe(bytes: Uint8Array, at: number): void {
    for (let lane = 0; lane < 4; lane++) {
      const input = Math.imul(word(bytes, at + lane * 4), prime2);
      this.#lanes[lane] = Math.imul(rotate((this.#lanes[lane]! + input) | 0, 13), prime1);
    }
  }
}

/** The checksum of bytes that are all there. */
export function xxh32(bytes: Uint8Array): number {
  const hash = new Xxh32();
  hash.update(bytes);
  return hash.digest();
}

function rotate(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}

function word(bytes: Uint8Array, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
}
