import { deflateSync, gunzipSync, gzipSync, inflateSync, zstdCompressSync } from "node:zlib";
import { XzDecoder } from "../../electron/archives/unpack/xz.ts";
import { decompressZstdFrames } from "../../electron/archives/zstd-decoder.ts";
import { Lz4FrameDecoder } from "../../shared/archive/lz4.ts";
import { compressLz4 } from "../helpers/lz4-writer.ts";
import { int } from "../helpers/synthetic-archive.ts";
import { storeAsXz } from "../helpers/xz-writer.ts";
import type { FuzzCase } from "./fuzz-case.ts";
import { byteMutations, splice } from "./mutate-bytes.ts";
import { mutateScript } from "./mutate-script.ts";
import { mutateTar } from "./mutate-tar.ts";
import { blockNumbers, mutateToc } from "./mutate-toc.ts";
import type { Random } from "./random.ts";

/** What encrypts so that the fuzzer's own key opens it. */
export type Sealing = { readonly [Way in "age" | "databasus"]: Pick<Wrapping, "open" | "close"> };

const mostBytes = 8 * 1024 * 1024;

/** A case with one to four changes more, each at any depth: the stored bytes, what they decompress to, what they decrypt to. */
export async function mutateCase(
  from: FuzzCase,
  others: readonly FuzzCase[],
  random: Random,
  sealing: Sealing,
): Promise<FuzzCase> {
  const files = new Map(from.files);
  const done = [...from.done];
  for (let count = random.pick([1, 1, 1, 2, 2, 3, 4]); count > 0; count--) {
    const path = random.pick([...files.keys()]);
    const bytes = files.get(path) ?? new Uint8Array(0);
    if (files.size > 2 && random.chance(0.15)) {
      done.push(`${path}: ${mutateFiles(files, path, random)}`);
      continue;
    }
    const other = random.pick(others);
    const [changed, what] = await mutateAnyDepth(bytes, random.pick([...other.files.values()]), random, sealing);
    if (changed.length <= mostBytes) files.set(path, changed);
    done.push(`${path}: ${what}`);
  }
  return { ...from, files, done };
}

/** Whole files of a folder: gone, in each other's place, under another name. */
function mutateFiles(files: Map<string, Uint8Array>, path: string, random: Random): string {
  const bytes = files.get(path)!;
  const other = random.pick([...files.keys()]);
  switch (random.below(5)) {
    case 0:
      files.delete(path);
      return "gone";
    case 1:
      files.set(path, files.get(other)!);
      files.set(other, bytes);
      return `swapped with ${other}`;
    case 2:
      files.set(path, new Uint8Array(0));
      return "empty";
    case 3:
      files.set(`${path.replace(/\.(gz|lz4|zst)$/, "")}${random.pick(["", ".gz", ".lz4", ".zst", ".gz.gz"])}`, bytes);
      return "under another name too";
    default:
      files.set(path, files.get(other)!);
      return `a copy of ${other}`;
  }
}

async function mutateAnyDepth(
  bytes: Uint8Array,
  other: Uint8Array,
  random: Random,
  sealing: Sealing,
): Promise<[Uint8Array, string]> {
  const wrapping = random.chance(0.6) ? wrappingOf(bytes, sealing) : null;
  if (wrapping === null) return mutateFlat(bytes, other, random);
  try {
    const [changed, what] = await mutateAnyDepth(await wrapping.open(bytes), other, random, sealing);
    return [await wrapping.close(changed), `in ${wrapping.name}, ${what}`];
  } catch {
    // What was damaged before.
    return mutateFlat(bytes, other, random);
  }
}

interface Wrapping {
  readonly name: string;
  readonly open: (bytes: Uint8Array) => Uint8Array | Promise<Uint8Array>;
  readonly close: (bytes: Uint8Array) => Uint8Array | Promise<Uint8Array>;
}

const limited = { maxOutputLength: mostBytes };

function wrappingOf(bytes: Uint8Array, sealing: Sealing): Wrapping | null {
  const start = Buffer.from(bytes.subarray(0, 4)).toString("latin1");
  if (start === "age-") return { name: "age", ...sealing.age };
  if (start === "PGRS") return { name: "databasus", ...sealing.databasus };
  if (start.startsWith("\x1f\x8b"))
    return { name: "gzip", open: (packed) => gunzipSync(packed, limited), close: (raw) => gzipSync(raw) };
  if (start === "\x28\xb5\x2f\xfd")
    return {
      name: "zstd",
      open: (packed) => decompressZstdFrames(packed, limited),
      close: (raw) => zstdCompressSync(raw),
    };
  if (start === "\x04\x22\x4d\x18") return { name: "lz4", open: unpackLz4, close: (raw) => compressLz4(raw) };
  if (start === "\xfd7zX") return { name: "xz", open: unpackXz, close: storeAsXz };
  return null;
}

function unpackXz(packed: Uint8Array): Uint8Array {
  const parts: Uint8Array[] = [];
  let length = 0;
  for (const part of new XzDecoder().push(packed)) {
    length += part.length;
    if (length > mostBytes) throw new Error("too long");
    parts.push(part);
  }
  return Buffer.concat(parts);
}

function unpackLz4(packed: Uint8Array): Uint8Array {
  return Buffer.concat(new Lz4FrameDecoder().push(packed));
}

function mutateFlat(bytes: Uint8Array, other: Uint8Array, random: Random): [Uint8Array, string] {
  const start = Buffer.from(bytes.subarray(0, 5)).toString("latin1");
  if (start === "PGDMP" && random.chance(0.7)) {
    const changed = random.chance(0.6) ? mutateToc(bytes, random) : mutateBlocks(bytes, random);
    if (changed !== null) return [changed, "fields"];
  }
  if (start === "toc.d" && random.chance(0.7)) {
    const changed = random.chance(0.5) ? mutateTar(bytes, random) : mutateTocInTar(bytes, random);
    if (changed !== null) return [changed, "members"];
  }
  if (/^(--\n|\{)/.test(start) && random.chance(0.7)) return [mutateScript(bytes, random), "lines"];
  if (random.chance(0.06)) return [splice(bytes, other, random), "splice"];
  const name = random.pick(Object.keys(byteMutations));
  return [byteMutations[name]!(bytes, random), name];
}

/** Its length stays, so that the members behind it are where they were. */
function mutateTocInTar(bytes: Uint8Array, random: Random): Uint8Array | null {
  const length = Number.parseInt(Buffer.from(bytes.subarray(124, 135)).toString("latin1"), 8);
  // One that was cut before may have no more than the name.
  const room = Math.min(length, bytes.length - 512);
  const changed = room > 0 ? mutateToc(bytes.slice(512, 512 + room), random) : null;
  if (changed === null) return null;
  const whole = Buffer.from(bytes);
  whole.set(changed.subarray(0, room), 512);
  return whole;
}

/** Numbers among the data blocks, or what a zlib stream in them holds. */
function mutateBlocks(bytes: Uint8Array, random: Random): Uint8Array | null {
  const places = blockNumbers(bytes);
  if (places.length === 0) return null;
  const changed = Buffer.from(bytes);
  const at = random.pick(places);
  if (random.chance(0.5)) return mutateStream(changed, at, random) ?? changed;
  for (let count = 1 + random.below(2); count > 0; count--)
    changed.set(
      int(random.pick([0, 1, -1, 2, 5, 4096, 0x7fffffff, -0x7fffffff, bytes.length, random.below(300)])),
      random.pick(places),
    );
  return changed;
}

/** A chunk that is a whole zlib stream, with other text in it. */
function mutateStream(bytes: Buffer, at: number, random: Random): Uint8Array | null {
  const length = bytes.readUInt32LE(at + 1);
  const stream = bytes.subarray(at + 5, at + 5 + length);
  if (stream[0] !== 0x78) return null;
  try {
    const text = inflateSync(stream, limited);
    const changed = deflateSync(byteMutations[random.pick(Object.keys(byteMutations))]!(text, random));
    return Buffer.concat([bytes.subarray(0, at), int(changed.length), changed, bytes.subarray(at + 5 + length)]);
  } catch {
    return null;
  }
}
