import type { Random } from "./random.ts";

/** Changes that know nothing of what the bytes mean, save that numbers and lengths stand among them. */
export type ByteMutation = (bytes: Uint8Array, random: Random) => Uint8Array;

/** What C's int and PostgreSQL's lengths break at. */
const extremes = [0, 1, 2, 0x7f, 0x80, 0xff, 0x7fff, 0xffff, 0x10000, 0x7ffffffe, 0x7fffffff, 0x80000000, 0xffffffff];
const longestSpan = 4096;

export const byteMutations: Readonly<Record<string, ByteMutation>> = {
  flipBits(bytes, random) {
    const changed = Uint8Array.from(bytes);
    for (let count = 1 + random.below(8); count > 0 && changed.length > 0; count--)
      changed[random.below(changed.length)]! ^= 1 << random.below(8);
    return changed;
  },
  setBytes(bytes, random) {
    const changed = Uint8Array.from(bytes);
    for (let count = 1 + random.below(4); count > 0 && changed.length > 0; count--)
      changed[random.below(changed.length)] = random.chance(0.5)
        ? random.pick([0, 1, 10, 92, 127, 255])
        : random.below(256);
    return changed;
  },
  cut: (bytes, random) => bytes.slice(0, random.below(bytes.length + 1)),
  cutStart: (bytes, random) => bytes.slice(random.below(Math.min(bytes.length, longestSpan) + 1)),
  remove(bytes, random) {
    const { from, to } = span(bytes, random);
    return Buffer.concat([bytes.subarray(0, from), bytes.subarray(to)]);
  },
  duplicate(bytes, random) {
    const { from, to } = span(bytes, random);
    const times = random.chance(0.1) ? 50 : 1;
    return Buffer.concat([
      bytes.subarray(0, to),
      ...Array.from({ length: times }, () => bytes.subarray(from, to)),
      bytes.subarray(to),
    ]);
  },
  move(bytes, random) {
    const { from, to } = span(bytes, random);
    const rest = Buffer.concat([bytes.subarray(0, from), bytes.subarray(to)]);
    const at = random.below(rest.length + 1);
    return Buffer.concat([rest.subarray(0, at), bytes.subarray(from, to), rest.subarray(at)]);
  },
  fill(bytes, random) {
    const changed = Uint8Array.from(bytes);
    const { from, to } = span(bytes, random);
    return changed.fill(random.pick([0, 255, 32, 48]), from, to);
  },
  append: (bytes, random) =>
    Buffer.concat([
      bytes,
      Uint8Array.from({ length: 1 + random.below(600) }, () => random.pick([0, random.below(256)])),
    ]),
  /** pg_dump's own integers: a sign byte and four bytes. */
  extremeInt(bytes, random) {
    if (bytes.length < 5) return bytes;
    const changed = Buffer.from(bytes);
    const at = random.below(bytes.length - 4);
    changed[at] = random.pick([0, 1, 0, 2]);
    changed.writeUInt32LE(random.pick(extremes), at + 1);
    return changed;
  },
  extremeWord(bytes, random) {
    if (bytes.length < 8) return bytes;
    const changed = Buffer.from(bytes);
    const at = random.below(bytes.length - 7);
    const value = random.pick(extremes);
    if (random.chance(0.3)) changed.writeBigUInt64LE(BigInt(value) << BigInt(random.below(32)), at);
    else if (random.chance(0.5)) changed.writeUInt32LE(value, at);
    else changed.writeUInt32BE(value, at);
    return changed;
  },
  /** What stands in numbers that are written as text. */
  extremeDigits(bytes, random) {
    const text = Buffer.from(bytes).toString("latin1");
    const numbers = [...text.slice(0, 200_000).matchAll(/\d+/g)];
    if (numbers.length === 0) return bytes;
    const { index, 0: digits } = random.pick(numbers);
    const value = random.pick(["0", "-1", "4294967296", "2147483648", "99999999999999999999", "", "1e9", `${digits}0`]);
    return Buffer.from(text.slice(0, index) + value + text.slice(index + digits.length), "latin1");
  },
};

/** A part of one seed where another one has something else. */
export function splice(bytes: Uint8Array, other: Uint8Array, random: Random): Uint8Array {
  const { from, to } = span(other, random);
  const at = random.below(bytes.length + 1);
  const behind = random.chance(0.5) ? at : Math.min(bytes.length, at + to - from);
  return Buffer.concat([bytes.subarray(0, at), other.subarray(from, to), bytes.subarray(behind)]);
}

function span(bytes: Uint8Array, random: Random): { from: number; to: number } {
  const length = random.below(Math.min(bytes.length, random.chance(0.7) ? 64 : longestSpan) + 1);
  const from = random.below(bytes.length - length + 1);
  return { from, to: from + length };
}
