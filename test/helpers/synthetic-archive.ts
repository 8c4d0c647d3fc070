import { deflateSync, zstdCompressSync } from "node:zlib";
import { BLOCK_BLOBS, BLOCK_DATA, OFFSET_NO_DATA, OFFSET_NOT_SET, OFFSET_SET } from "../../shared/archive/encoding.ts";
import type { Compression } from "../../shared/archive/toc-entry.ts";

/**
 * Custom archives made by hand, field by field, so that any of them can be wrong on purpose. An independent second
 * writing of the format (pg_backup_archiver.c, WriteHead and WriteToc; pg_backup_custom.c), not the reader run backwards.
 */
export interface SyntheticEntry {
  readonly dumpId: number;
  readonly desc: string;
  readonly tag?: string | null;
  readonly namespace?: string | null;
  readonly owner?: string | null;
  readonly section?: number;
  readonly definition?: string | null;
  readonly dropStatement?: string | null;
  readonly copyStatement?: string | null;
  readonly tablespace?: string | null;
  readonly tableAccessMethod?: string | null;
  readonly tableOid?: string;
  readonly oid?: string;
  readonly dependencies?: readonly (number | string)[];
  /** COPY text of a data block, end mark included; or large objects. */
  readonly data?: string | Uint8Array | readonly { oid: number; bytes: Uint8Array }[];
}

export interface SyntheticArchive {
  readonly version?: number;
  readonly compression?: Compression;
  readonly entries: readonly SyntheticEntry[];
  readonly hasOffsets?: boolean;
  /** Bytes of a chunk, or null for one chunk a compressed stream. */
  readonly chunkBytes?: number | null;
  /** Texts are written in this encoding. */
  readonly encode?: (text: string) => Uint8Array;
  /** Written in place of the number of entries. */
  readonly tocCount?: number;
  /** Compresses in place of the built-in ones (lz4 has none). */
  readonly compress?: (bytes: Uint8Array) => Uint8Array;
}

/** End of COPY text as pg_dump writes it into an archive. */
export const copyEnd = "\\.\n\n\n";

export function buildArchive(spec: SyntheticArchive): Buffer {
  const version = spec.version ?? 14;
  const compression = spec.compression ?? "gzip";
  const blocks = new Map<SyntheticEntry, Buffer>();
  for (const entry of spec.entries) if (entry.data !== undefined) blocks.set(entry, buildBlock(entry, spec));
  // Offsets have a fixed width, so the size of the head is known before they are.
  const tocBytes = buildHead(spec, version, compression, blocks, 0).length;
  return Buffer.concat([buildHead(spec, version, compression, blocks, tocBytes), ...blocks.values()]);
}

function buildHead(
  spec: SyntheticArchive,
  version: number,
  compression: Compression,
  blocks: ReadonlyMap<SyntheticEntry, Buffer>,
  firstBlock: number,
): Buffer {
  const encode = spec.encode ?? ((text) => Buffer.from(text));
  const str = (value: string | null | undefined) => {
    if (value === null || value === undefined) return int(-1);
    const bytes = encode(value);
    return Buffer.concat([int(bytes.length), bytes]);
  };
  const parts: Uint8Array[] = [Buffer.from("PGDMP"), Buffer.from([1, version, 0, 4, 8, 1])];
  if (version >= 15) parts.push(Buffer.from([["none", "gzip", "lz4", "zstd"].indexOf(compression)]));
  else parts.push(int(compression === "none" ? 0 : -1));
  for (const value of [7, 30, 2, 21, 10, 126, 0]) parts.push(int(value));
  parts.push(str("shop"), str("15.18"), str("15.18 (Debian)"), int(spec.tocCount ?? spec.entries.length));
  let offset = firstBlock;
  for (const entry of spec.entries) {
    const block = blocks.get(entry);
    parts.push(int(entry.dumpId), int(block === undefined ? 0 : 1));
    parts.push(str(entry.tableOid ?? "1259"), str(entry.oid ?? "16384"));
    parts.push(str(entry.tag === undefined ? `object ${entry.dumpId}` : entry.tag), str(entry.desc));
    parts.push(int(entry.section ?? (block === undefined ? 2 : 3)));
    parts.push(str(entry.definition), str(entry.dropStatement), str(entry.copyStatement));
    parts.push(str(entry.namespace), str(entry.tablespace === undefined ? "" : entry.tablespace));
    if (version >= 14) parts.push(str(entry.tableAccessMethod));
    if (version >= 16) parts.push(int(0x72));
    parts.push(str(entry.owner === undefined ? "shop_app" : entry.owner), str("false"));
    for (const id of entry.dependencies ?? []) parts.push(str(String(id)));
    parts.push(int(-1));
    const field = Buffer.alloc(9);
    field[0] = block === undefined ? OFFSET_NO_DATA : OFFSET_NOT_SET;
    if (block !== undefined && spec.hasOffsets !== false) {
      field[0] = OFFSET_SET;
      field.writeBigUInt64LE(BigInt(offset), 1);
    }
    parts.push(field);
    offset += block?.length ?? 0;
  }
  return Buffer.concat(parts);
}

function buildBlock(entry: SyntheticEntry, spec: SyntheticArchive): Buffer {
  const data = entry.data ?? "";
  const isLargeObjects = typeof data !== "string" && !(data instanceof Uint8Array);
  const parts: Uint8Array[] = [Buffer.from([isLargeObjects ? BLOCK_BLOBS : BLOCK_DATA]), int(entry.dumpId)];
  if (isLargeObjects) {
    for (const { oid, bytes } of data)
      parts.push(int(oid > 0x7fffffff ? oid - 2 ** 32 : oid), buildChunks(bytes, spec));
    parts.push(int(0));
  } else parts.push(buildChunks(typeof data === "string" ? Buffer.from(data) : data, spec));
  return Buffer.concat(parts);
}

function buildChunks(raw: Uint8Array, spec: SyntheticArchive): Buffer {
  const bytes = spec.compress?.(raw) ?? compress(raw, spec.compression ?? "gzip");
  const size = spec.chunkBytes ?? Math.max(1, bytes.length);
  const parts: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += size) {
    const chunk = bytes.subarray(at, at + size);
    parts.push(int(chunk.length), chunk);
  }
  return Buffer.concat([...parts, int(0)]);
}

function compress(bytes: Uint8Array, method: Compression): Uint8Array {
  if (method === "gzip") return deflateSync(bytes);
  if (method === "zstd") return zstdCompressSync(bytes);
  if (method === "lz4") throw new Error("give `compress` for lz4");
  return bytes;
}

/** WriteInt: a sign byte and four bytes, little-endian. */
export function int(value: number): Buffer {
  const bytes = Buffer.alloc(5);
  bytes[0] = value < 0 ? 1 : 0;
  bytes.writeUInt32LE(Math.abs(value), 1);
  return bytes;
}
