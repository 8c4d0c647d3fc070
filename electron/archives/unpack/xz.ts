import { createHash, type Hash } from "node:crypto";
import { crc32 } from "node:zlib";
import { Crc64 } from "./crc64.ts";
import { LzmaWindow } from "./lzma-window.ts";
import { Lzma2Decoder, readChunkHeader } from "./lzma2.ts";
import { join, type StreamDecoder, UnpackError } from "./stream-decoder.ts";

/**
 * Decoder of .xz files: several blocks (`xz -T`, pixz), several streams with padding between them, all checks that xz writes.
 * Source: "The .xz File Format" 1.2.1 of the XZ Utils. Filters before LZMA2 are for programs, not for text, and refused.
 */

const startMagic = Buffer.from("\xfd7zXZ\0", "latin1");
const startBytes = 12;
const footerBytes = 12;
const lzma2Filter = 0x21;
/** Bytes of the check by its kind, also of the kinds that nobody has defined. */
const checkBytes = [0, 4, 4, 4, 8, 8, 8, 16, 16, 16, 32, 32, 32, 64, 64, 64] as const;

type Part = "start" | "block" | "chunks" | "check" | "index" | "records" | "indexEnd" | "footer" | "padding";

/** What the index says of all blocks has to be what was read of them; kept as sums and a checksum, not as a list. */
interface BlockSums {
  count: number;
  checksum: number;
}

/** Memory is what the file's compression level needs for unpacking: 9 MB for `xz`, 98 MB for `xz -9`. */
export class XzDecoder implements StreamDecoder {
  #input: Uint8Array = new Uint8Array(0);
  #at = 0;
  #part: Part = "start";
  #hasStream = false;
  #flags = Buffer.alloc(2);
  readonly #window = new LzmaWindow();
  readonly #lzma = new Lzma2Decoder(this.#window);
  #check: Check = noCheck;
  /** Of the block that is open: what its header says, null where it does not, and what was read. */
  #saidStored: number | null = null;
  #saidUnpacked: number | null = null;
  #headerBytes = 0;
  #stored = 0;
  #unpacked = 0;
  #read: BlockSums = { count: 0, checksum: 0 };
  #listed: BlockSums = { count: 0, checksum: 0 };
  #recordsLeft = 0;
  #indexBytes = 0;
  #indexChecksum = 0;
  #paddingBytes = 0;

  *push(piece: Uint8Array): Generator<Uint8Array> {
    this.#input = join(this.#input.slice(this.#at), piece);
    this.#at = 0;
    for (;;) {
      const before = this.#at;
      const part = this.#part;
      if (part === "chunks") {
        const bytes = this.#readChunk();
        if (bytes !== null) yield bytes;
      } else this.#readFrame(part);
      if (this.#at === before && this.#part === part) return;
    }
  }

  end(): Iterable<Uint8Array> {
    const rest = this.#input.subarray(this.#at, this.#at + startMagic.length);
    if (this.#part === "start" && this.#hasStream && !startMagic.subarray(0, rest.length).equals(rest))
      throw new UnpackError("bytes behind the end of the compressed stream");
    const isWhole = this.#part === "padding" && this.#at === this.#input.length;
    if (!isWhole || !this.#hasStream) throw new UnpackError("the xz stream is not whole", "archive.truncated");
    if (this.#paddingBytes % 4 !== 0) throw new UnpackError("bytes behind the end of the compressed stream");
    return [];
  }

  /** Reads one part of what frames the data, and stays where it is when that is not whole yet. */
  #readFrame(part: Exclude<Part, "chunks">): void {
    switch (part) {
      case "start":
        return this.#readStart();
      case "block":
        return this.#readBlockHeader();
      case "check":
        return this.#readCheck();
      case "index":
        return this.#readIndexStart();
      case "records":
        return this.#readRecord();
      case "indexEnd":
        return this.#readIndexEnd();
      case "footer":
        return this.#readFooter();
      case "padding":
        return this.#readPadding();
    }
  }

  /** The next bytes, null where there are not so many yet. */
  #take(length: number): Buffer | null {
    if (this.#input.length - this.#at < length) return null;
    const bytes = Buffer.from(this.#input.buffer, this.#input.byteOffset + this.#at, length);
    this.#at += length;
    return bytes;
  }

  #readStart(): void {
    const bytes = this.#take(startBytes);
    if (bytes === null) return;
    if (!bytes.subarray(0, 6).equals(startMagic))
      throw new UnpackError(
        this.#hasStream ? "bytes behind the end of the compressed stream" : "it does not begin like xz",
      );
    this.#flags = Buffer.from(bytes.subarray(6, 8));
    if (crc32(this.#flags) !== bytes.readUInt32LE(8)) throw new UnpackError("wrong checksum of the xz header");
    if (this.#flags[0] !== 0 || this.#flags[1]! > 15)
      throw new UnpackError("an xz stream of a later kind", "archive.unsupportedFormat");
    this.#hasStream = true;
    this.#read = { count: 0, checksum: 0 };
    this.#listed = { count: 0, checksum: 0 };
    this.#part = "block";
  }

  #readBlockHeader(): void {
    const first = this.#input[this.#at];
    if (first === undefined) return;
    if (first === 0) {
      this.#part = "index";
      return;
    }
    const length = (first + 1) * 4;
    const bytes = this.#take(length);
    if (bytes === null) return;
    if (crc32(bytes.subarray(0, length - 4)) !== bytes.readUInt32LE(length - 4))
      throw new UnpackError("wrong checksum of a block's header in xz");
    const flags = bytes[1]!;
    if ((flags & 0x3c) !== 0) throw new UnpackError("an xz block of a later kind", "archive.unsupportedFormat");
    const fields = new NumberReader(bytes.subarray(0, length - 4), 2);
    this.#saidStored = (flags & 0x40) === 0 ? null : fields.read();
    this.#saidUnpacked = (flags & 0x80) === 0 ? null : fields.read();
    const filter = fields.read();
    if ((flags & 3) !== 0 || filter !== lzma2Filter)
      throw new UnpackError("xz with a filter for programs", "archive.unsupportedFormat");
    const propertyBytes = fields.read();
    const dictionary = bytes[fields.at] ?? 255;
    if (propertyBytes !== 1 || dictionary > 40 || fields.at >= length - 4)
      throw new UnpackError("a block of xz has wrong properties");
    if (bytes.subarray(fields.at + 1, length - 4).some((byte) => byte !== 0))
      throw new UnpackError("an xz block of a later kind", "archive.unsupportedFormat");
    this.#lzma.begin(dictionary === 40 ? 2 ** 32 - 1 : (2 | (dictionary & 1)) * 2 ** ((dictionary >> 1) + 11));
    this.#check = openCheck(this.#flags[1]!);
    this.#headerBytes = length;
    this.#stored = 0;
    this.#unpacked = 0;
    this.#part = "chunks";
  }

  #readChunk(): Uint8Array | null {
    const chunk = readChunkHeader(this.#input, this.#at);
    if (chunk === null) return null;
    const bytes = this.#take(chunk.headerBytes + chunk.storedBytes);
    if (bytes === null) return null;
    this.#stored += bytes.length;
    if (chunk.control === 0) {
      this.#part = "check";
      return null;
    }
    const unpacked = this.#lzma.decode(chunk, bytes);
    this.#unpacked += unpacked.length;
    this.#check.update(unpacked);
    return unpacked;
  }

  #readCheck(): void {
    const padding = (4 - (this.#stored % 4)) % 4;
    const length = checkBytes[this.#flags[1]!]!;
    const bytes = this.#take(padding + length);
    if (bytes === null) return;
    if (bytes.subarray(0, padding).some((byte) => byte !== 0)) throw new UnpackError("an xz block is padded wrongly");
    const wanted = this.#check.digest();
    if (wanted !== null && !bytes.subarray(padding).equals(wanted))
      throw new UnpackError("wrong checksum of a block in xz");
    if (
      (this.#saidStored ?? this.#stored) !== this.#stored ||
      (this.#saidUnpacked ?? this.#unpacked) !== this.#unpacked
    )
      throw new UnpackError("an xz block is not as long as it says");
    add(this.#read, this.#headerBytes + this.#stored + length, this.#unpacked);
    this.#part = "block";
  }

  #readIndexStart(): void {
    const start = this.#at;
    const count = readNumber(this.#input, start + 1);
    if (count === null) return;
    if (count.value !== this.#read.count) throw new UnpackError("the index of xz lists other blocks than there are");
    this.#recordsLeft = count.value;
    this.#indexBytes = count.end - start;
    this.#indexChecksum = crc32(this.#input.subarray(start, count.end));
    this.#at = count.end;
    this.#part = "records";
  }

  #readRecord(): void {
    if (this.#recordsLeft === 0) {
      this.#part = "indexEnd";
      return;
    }
    const stored = readNumber(this.#input, this.#at);
    const unpacked = stored === null ? null : readNumber(this.#input, stored.end);
    if (stored === null || unpacked === null) return;
    add(this.#listed, stored.value, unpacked.value);
    this.#indexBytes += unpacked.end - this.#at;
    this.#indexChecksum = crc32(this.#input.subarray(this.#at, unpacked.end), this.#indexChecksum);
    this.#at = unpacked.end;
    this.#recordsLeft--;
  }

  #readIndexEnd(): void {
    const padding = (4 - (this.#indexBytes % 4)) % 4;
    const bytes = this.#take(padding + 4);
    if (bytes === null) return;
    const zeros = bytes.subarray(0, padding);
    if (zeros.some((byte) => byte !== 0)) throw new UnpackError("the index of xz is padded wrongly");
    if (crc32(zeros, this.#indexChecksum) !== bytes.readUInt32LE(padding))
      throw new UnpackError("wrong checksum of the index of xz");
    if (this.#listed.checksum !== this.#read.checksum)
      throw new UnpackError("the index of xz lists other blocks than there are");
    this.#indexBytes += bytes.length;
    this.#part = "footer";
  }

  #readFooter(): void {
    const bytes = this.#take(footerBytes);
    if (bytes === null) return;
    if (bytes.toString("latin1", 10) !== "YZ" || crc32(bytes.subarray(4, 10)) !== bytes.readUInt32LE(0))
      throw new UnpackError("wrong checksum of the end of xz");
    if ((bytes.readUInt32LE(4) + 1) * 4 !== this.#indexBytes || !bytes.subarray(8, 10).equals(this.#flags))
      throw new UnpackError("the end of xz is not that of its beginning");
    this.#paddingBytes = 0;
    this.#part = "padding";
  }

  #readPadding(): void {
    while (this.#input[this.#at] === 0) {
      this.#at++;
      this.#paddingBytes++;
    }
    if (this.#at === this.#input.length) return;
    if (this.#paddingBytes % 4 !== 0) throw new UnpackError("bytes behind the end of the compressed stream");
    this.#part = "start";
  }
}

interface Check {
  update(bytes: Uint8Array): void;
  /** Null where nobody knows how to compute it. */
  digest(): Buffer | null;
}

const noCheck: Check = { update() {}, digest: () => null };

function openCheck(kind: number): Check {
  if (kind === 1) {
    let crc = 0;
    return {
      update(bytes) {
        crc = crc32(bytes, crc);
      },
      digest() {
        const bytes = Buffer.alloc(4);
        bytes.writeUInt32LE(crc);
        return bytes;
      },
    };
  }
  if (kind === 4) return new Crc64();
  if (kind !== 10) return noCheck;
  const hash: Hash = createHash("sha256");
  return { update: (bytes) => void hash.update(bytes), digest: () => hash.digest() };
}

function add(sums: BlockSums, stored: number, unpacked: number): void {
  sums.count++;
  sums.checksum = crc32(`${stored} ${unpacked};`, sums.checksum);
}

/** A number of up to nine bytes of seven bits, the lowest first; null where it is not whole yet. @throws UnpackError */
function readNumber(bytes: Uint8Array, start: number): { readonly value: number; readonly end: number } | null {
  let value = 0;
  for (let at = 0; at < 9; at++) {
    const byte = bytes[start + at];
    if (byte === undefined) return null;
    value += (byte & 0x7f) * 2 ** (7 * at);
    if (byte < 0x80) {
      if (!Number.isSafeInteger(value) || (byte === 0 && at > 0)) break;
      return { value, end: start + at + 1 };
    }
  }
  throw new UnpackError("a number that no xz writes");
}

/** The numbers of a header that is whole. */
class NumberReader {
  at: number;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array, at: number) {
    this.#bytes = bytes;
    this.at = at;
  }

  /** @throws UnpackError */
  read(): number {
    const found = readNumber(this.#bytes, this.at);
    if (found === null) throw new UnpackError("a block of xz has wrong properties");
    this.at = found.end;
    return found.value;
  }
}
