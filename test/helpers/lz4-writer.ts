import { xxh32 } from "../../shared/archive/xxh32.ts";

export interface Lz4Options {
  readonly isLinked: boolean;
  readonly blockBytes: 65_536 | 262_144;
  readonly checksums: boolean;
  readonly contentSize: boolean;
}

/** pg_dump's own way: 64 KB blocks, linked, without checksums. */
export const asPgDump: Lz4Options = { isLinked: true, blockBytes: 65_536, checksums: false, contentSize: false };

/** A plain LZ4 frame writer for tests: the last place of every four bytes is the match tried. */
export function compressLz4(bytes: Uint8Array, options: Lz4Options = asPgDump): Buffer {
  const { isLinked, blockBytes, checksums, contentSize } = options;
  const flags = 0x40 | (isLinked ? 0 : 0x20) | (checksums ? 0x14 : 0) | (contentSize ? 8 : 0);
  const descriptor = Buffer.alloc(contentSize ? 10 : 2);
  descriptor[0] = flags;
  descriptor[1] = blockBytes === 65_536 ? 0x40 : 0x50;
  if (contentSize) descriptor.writeBigUInt64LE(BigInt(bytes.length), 2);
  const parts: Uint8Array[] = [word(0x184d2204), descriptor, Buffer.from([(xxh32(descriptor) >>> 8) & 0xff])];
  for (let at = 0; at < bytes.length; at += blockBytes) {
    const end = Math.min(bytes.length, at + blockBytes);
    const packed = compressBlock(bytes, isLinked ? Math.max(0, at - 65_535) : at, at, end);
    const isRaw = packed.length >= end - at;
    const block = isRaw ? bytes.subarray(at, end) : packed;
    parts.push(word(isRaw ? (block.length | 0x80000000) >>> 0 : block.length), block);
    if (checksums) parts.push(word(xxh32(block)));
  }
  parts.push(word(0));
  if (checksums) parts.push(word(xxh32(bytes)));
  return Buffer.concat(parts);
}

function compressBlock(bytes: Uint8Array, from: number, start: number, end: number): Buffer {
  const seen = new Map<number, number>();
  const output: number[] = [];
  const key = (at: number) => (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16)) * 256 + bytes[at + 3]!;
  for (let at = from; at + 4 <= start; at++) seen.set(key(at), at);
  let literals = start;
  let at = start;
  // The format keeps the last 12 bytes free of the beginning of a match, and the last 5 literal.
  while (at < end - 12) {
    const match = seen.get(key(at));
    seen.set(key(at), at);
    if (match === undefined || at - match > 65_535) {
      at++;
      continue;
    }
    let length = 4;
    while (at + length < end - 5 && bytes[match + length] === bytes[at + length]) length++;
    writeSequence(output, bytes.subarray(literals, at), length - 4);
    output.splice(output.length - extraBytes(length - 4), 0, (at - match) & 0xff, (at - match) >> 8);
    at += length;
    literals = at;
  }
  writeSequence(output, bytes.subarray(literals, end), 0);
  return Buffer.from(output);
}

/** Token, long literal length, literals, long match length; the distance goes between by the caller. */
function writeSequence(output: number[], literals: Uint8Array, match: number): void {
  output.push((Math.min(15, literals.length) << 4) | Math.min(15, match));
  writeLong(output, literals.length);
  for (const literal of literals) output.push(literal);
  writeLong(output, match);
}

function writeLong(output: number[], length: number): void {
  if (length < 15) return;
  let rest = length - 15;
  for (; rest >= 255; rest -= 255) output.push(255);
  output.push(rest);
}

function extraBytes(length: number): number {
  return length < 15 ? 0 : Math.floor((length - 15) / 255) + 1;
}

function word(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}
