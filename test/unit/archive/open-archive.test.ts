import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { deflateSync } from "node:zlib";
import { afterAll, describe, expect, it } from "vitest";
import type { Archive } from "../../../electron/archives/archive.ts";
import { BlockFinder } from "../../../electron/archives/block-finder.ts";
import type { ByteSource } from "../../../electron/archives/byte-source.ts";
import { nodeDecoding } from "../../../electron/archives/node-decoding.ts";
import { openArchive } from "../../../electron/archives/open-archive.ts";
import type { CopyRow } from "../../../shared/archive/copy-text.ts";
import type { Compression } from "../../../shared/archive/toc-entry.ts";
import { readArchiveHead } from "../../../shared/archive/toc-reader.ts";
import { AppError } from "../../../shared/error/app-error.ts";
import { compressLz4 } from "../../helpers/lz4-writer.ts";
import { buildArchive, copyEnd, type SyntheticArchive, type SyntheticEntry } from "../../helpers/synthetic-archive.ts";

const folder = mkdtempSync(join(tmpdir(), "lifeboat-archive-"));
afterAll(() => rmSync(folder, { recursive: true }));

async function withArchive<T>(bytes: Uint8Array, work: (archive: Archive) => Promise<T>): Promise<T> {
  const path = join(folder, "a.dump");
  writeFileSync(path, bytes);
  const archive = await openArchive(path);
  try {
    return await work(archive);
  } finally {
    await archive.close();
  }
}

async function readAll(archive: Archive, id: number, limit?: number): Promise<CopyRow[]> {
  const rows: CopyRow[] = [];
  for await (const batch of archive.readRows(id, { limit })) rows.push(...batch);
  return rows;
}

async function collect<T>(values: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const value of values) all.push(value);
  return all;
}

async function codeOf(work: () => Promise<unknown>): Promise<string> {
  try {
    await work();
  } catch (error) {
    if (error instanceof AppError) return error.code;
    throw error;
  }
  return "none";
}

/** Text that hardly compresses, so that blocks have many chunks. */
function noise(rows: number, seed: number): string {
  let state = seed;
  const next = () => (state = (Math.imul(state, 1103515245) + 12345) >>> 0).toString(36);
  return Array.from({ length: rows }, (_, at) => `${at}\t${next()}${next()}${next()}\n`).join("");
}

const encoding: SyntheticEntry = { dumpId: 1, desc: "ENCODING", definition: "SET client_encoding = 'UTF8';\n" };
function table(dumpId: number, text: string, columns = "a, b"): SyntheticEntry {
  const copyStatement = `COPY public.t${dumpId} (${columns}) FROM stdin;\n`;
  return { dumpId, desc: "TABLE DATA", tag: `t${dumpId}`, namespace: "public", copyStatement, data: text + copyEnd };
}
const objects = [
  { oid: 4_000_000_000, bytes: Buffer.from("hello") },
  { oid: 5, bytes: Buffer.alloc(0) },
  { oid: 77, bytes: Buffer.from(noise(9000, 3)) },
];
const inserts = "INSERT INTO public.ins VALUES (1, 'it''s');\nINSERT INTO public.ins VALUES (2, NULL);\n\n\n";
const entries: SyntheticEntry[] = [
  encoding,
  { dumpId: 2, desc: "TABLE", tag: "t10", namespace: "public", definition: "CREATE TABLE …" },
  table(10, noise(4000, 1)),
  table(11, "1\tx\n2\t\\N\n"),
  { dumpId: 12, desc: "BLOBS", tag: "BLOBS", data: objects },
  table(13, noise(20, 2)),
  { dumpId: 14, desc: "TABLE DATA", tag: "ins", namespace: "public", copyStatement: null, data: inserts },
  table(15, "last\t\n"),
];

const compressions: [Compression, Partial<SyntheticArchive>][] = [
  ["gzip", { chunkBytes: 4096 }],
  ["gzip", { chunkBytes: null }],
  ["none", { chunkBytes: 77 }],
  ["none", { chunkBytes: 131_072 }],
  ["zstd", { version: 16, chunkBytes: 3000 }],
  ["lz4", { version: 16, chunkBytes: 2000, compress: (bytes) => compressLz4(bytes) }],
];

describe.each([true, false])("an archive with offsets: %s", (hasOffsets) => {
  it.each(compressions)("reads rows and large objects, %s %o", async (compression, how) => {
    const spec = { compression, hasOffsets, entries, ...how };
    await withArchive(buildArchive(spec), async (archive) => {
      expect(archive.hasOffsets).toBe(hasOffsets);
      // The last one first, so that a search has to cross all others.
      expect(await readAll(archive, 15)).toEqual([["last", ""]]);
      expect(await readAll(archive, 11)).toEqual([
        ["1", "x"],
        ["2", null],
      ]);
      expect(await readAll(archive, 14)).toEqual([
        ["1", "it's"],
        ["2", null],
      ]);
      expect(await archive.columns(14)).toEqual(["column1", "column2"]);
      const many = await readAll(archive, 10);
      expect(many.map((row) => row.join("\t")).join("\n")).toBe(noise(4000, 1).trimEnd());
      expect(await readAll(archive, 10, 3)).toEqual(many.slice(0, 3));
      expect(await readAll(archive, 10, 0)).toEqual([]);
      const found: { oid: number; bytes: Buffer }[] = [];
      for await (const { oid, bytes } of archive.readLargeObjects(12))
        found.push({ oid, bytes: Buffer.concat(await collect(bytes)) });
      expect(found).toEqual(objects.map(({ oid, bytes }) => ({ oid, bytes: Buffer.from(bytes) })));
      const unread: number[] = [];
      for await (const { oid } of archive.readLargeObjects(12)) unread.push(oid);
      expect(unread).toEqual(objects.map(({ oid }) => oid));
      const peeked: number[] = [];
      for await (const { oid, bytes } of archive.readLargeObjects(12)) {
        for await (const part of bytes) if (part.length > 0) break;
        peeked.push(oid);
      }
      expect(peeked).toEqual(unread);
      const ranges = await Promise.all([13, 10, 15, 11, 12, 14].map((id) => archive.dataRange(id)));
      const ends = ranges.map(({ offset, length }) => offset + length).toSorted((a, b) => a - b);
      expect(ranges.map(({ offset }) => offset).toSorted((a, b) => a - b)).toEqual([
        archive.tocBytes,
        ...ends.slice(0, -1),
      ]);
      expect(ends.at(-1)).toBe(archive.sizeBytes);
    });
  });

  it("says what has no rows", async () => {
    await withArchive(buildArchive({ hasOffsets, entries }), async (archive) => {
      expect(await codeOf(() => readAll(archive, 2))).toBe("archive.noData");
      expect(await codeOf(() => readAll(archive, 12))).toBe("archive.noData");
      expect(await codeOf(() => readAll(archive, 99))).toBe("archive.objectNotFound");
      expect(await codeOf(() => archive.readLargeObjects(11)[Symbol.asyncIterator]().next())).toBe("archive.noData");
    });
  });

  it("tells every cut in the data", async () => {
    const small = [
      encoding,
      table(10, "1\tx\n"),
      { dumpId: 12, desc: "BLOBS", data: objects.slice(0, 2) },
      table(11, "2\ty\n"),
    ];
    for (const [compression, how] of compressions) {
      const bytes = buildArchive({ compression, hasOffsets, entries: small, ...how });
      const { tocBytes } = readArchiveHead(bytes, nodeDecoding);
      for (let size = tocBytes; size < bytes.length; size++) {
        const code = await withArchive(bytes.subarray(0, size), (archive) => codeOf(() => readEverything(archive)));
        expect([size, code]).toEqual([size, "archive.truncated"]);
      }
    }
  });

  it("never hangs, and never fails but with an error of its own, whatever bit is flipped", async () => {
    const small = [
      encoding,
      table(10, "1\tx\n"),
      { dumpId: 12, desc: "BLOBS", data: objects.slice(0, 2) },
      table(11, "2\ty\n"),
    ];
    for (const [compression, how] of compressions) {
      const bytes = buildArchive({ compression, hasOffsets, entries: small, ...how });
      const { tocBytes } = readArchiveHead(bytes, nodeDecoding);
      for (let bit = tocBytes * 8; bit < bytes.length * 8; bit += 11) {
        const changed = Buffer.from(bytes);
        changed[bit >> 3]! ^= 1 << (bit & 7);
        expect(await withArchive(changed, (archive) => codeOf(() => readEverything(archive)))).toMatch(
          /^archive\.|^none$/,
        );
      }
    }
  });
});

async function readEverything(archive: Archive): Promise<void> {
  for (const entry of archive.toc) {
    if (!entry.hasData) continue;
    if (entry.copyStatement !== null) await readAll(archive, entry.dumpId);
    else
      for await (const { bytes } of archive.readLargeObjects(entry.dumpId)) for await (const part of bytes) void part;
  }
}

function deflateAndMore(bytes: Uint8Array): Buffer {
  return Buffer.concat([deflateSync(bytes), Buffer.from("more")]);
}

describe("damage and hostile archives", () => {
  it("refuses an offset that points elsewhere", async () => {
    const bytes = buildArchive({ entries });
    const head = readArchiveHead(bytes, nodeDecoding);
    const field = (head.offsetFieldAt(11) ?? 0) + 1;
    for (const [offset, code] of [
      [0, "archive.damaged"],
      [head.tocBytes, "archive.damaged"],
      [head.tocBytes + 3, "archive.damaged"],
      [bytes.length, "archive.truncated"],
      [2 ** 50, "archive.truncated"],
    ] as const) {
      const changed = Buffer.from(bytes);
      changed.writeBigUInt64LE(BigInt(offset), field);
      expect(await withArchive(changed, (archive) => codeOf(() => readAll(archive, 11)))).toBe(code);
    }
  });

  it("refuses bytes behind the compressed stream", async () => {
    for (const text of ["1\tx\n", noise(40_000, 5)])
      await withArchive(
        buildArchive({ entries: [encoding, table(10, text)], compress: deflateAndMore }),
        async (archive) => {
          expect(await codeOf(() => readAll(archive, 10))).toBe("archive.damaged");
        },
      );
  });

  it("reads a bomb in constant memory, and no further than asked", async () => {
    const line = `${"x".repeat(1000)}\ty\n`;
    const bomb = Buffer.from(line.repeat(200_000));
    const spec = { entries: [encoding, { ...table(10, ""), data: Buffer.concat([bomb, Buffer.from(copyEnd)]) }] };
    await withArchive(buildArchive(spec), async (archive) => {
      expect(archive.sizeBytes).toBeLessThan(2_000_000);
      expect(await readAll(archive, 10, 2)).toHaveLength(2);
      const before = process.memoryUsage.rss();
      let rows = 0;
      for await (const batch of archive.readRows(10)) rows += batch.length;
      expect(rows).toBe(200_000);
      expect(process.memoryUsage.rss() - before).toBeLessThan(120_000_000);
    });
  });

  it("stops at once when asked to", async () => {
    const controller = new AbortController();
    await withArchive(buildArchive({ entries, chunkBytes: 4096 }), async (archive) => {
      controller.abort(new AppError("job.cancelled", "Cancelled."));
      const work = () => collect(archive.readRows(10, { signal: controller.signal }));
      expect(await codeOf(work)).toBe("job.cancelled");
    });
  });

  it("refuses a small file that claims ten million entries", async () => {
    const bytes = buildArchive({ entries: [encoding], tocCount: 10_000_000 });
    expect(await codeOf(() => withArchive(bytes, () => Promise.resolve()))).toBe("archive.truncated");
  });

  it("opens a table of contents much longer than the first read", async () => {
    const many = Array.from({ length: 20_000 }, (_, at) => ({ dumpId: at + 2, desc: "TABLE", tag: `table ${at}` }));
    // The first entries are small, so that the guess of the whole is wrong.
    const large = many.map((entry, at) => (at > 15_000 ? { ...entry, definition: "x".repeat(2000) } : entry));
    await withArchive(buildArchive({ entries: [encoding, ...large, table(30_000, "1\tx\n")] }), async (archive) => {
      expect(archive.toc.length).toBe(20_002);
      expect(archive.toc.byDumpId(20_001)?.definition).toHaveLength(2000);
      expect(await readAll(archive, 30_000)).toEqual([["1", "x"]]);
    });
  });
});

/** Counts what is read. */
function sourceOf(bytes: Buffer): ByteSource & { reads: number; bytesRead: number } {
  return {
    reads: 0,
    bytesRead: 0,
    sizeBytes: bytes.length,
    read(offset, length) {
      const part = Buffer.from(bytes.subarray(offset, offset + length));
      this.reads++;
      this.bytesRead += part.length;
      return Promise.resolve(part);
    },
    close: () => Promise.resolve(),
  };
}

describe("BlockFinder", () => {
  it("crosses large blocks in few small reads", async () => {
    const big = Array.from({ length: 4 }, (_, at) => table(20 + at, noise(70_000, at + 7)));
    const bytes = buildArchive({
      entries: [encoding, ...big, table(50, "1\tx\n")],
      hasOffsets: false,
      chunkBytes: 4096,
    });
    const { toc, tocBytes } = readArchiveHead(bytes, nodeDecoding);
    const source = sourceOf(bytes);
    const range = await new BlockFinder(source, toc, tocBytes).find(50);
    expect(range.offset + range.length).toBe(bytes.length);
    expect(bytes.length).toBeGreaterThan(4_000_000);
    expect(source.reads).toBeLessThan(120);
    expect(source.bytesRead).toBeLessThan(800_000);
  });

  it("is not misled by a later block in step with the one it crosses", async () => {
    // Blocks of whole chunks alone: header and end mark are filled up to the distance of chunk headers by the next block.
    const chunk = 4096;
    const step = chunk + 5;
    for (let shift = 0; shift < 40; shift++) {
      // none: chunk bytes are ours. The block in between is as long as brings the third in step with the first.
      const data = (dumpId: number, bytes: number) => ({ ...table(dumpId, "", "a"), data: "x".repeat(bytes) });
      const first = data(20, chunk * 9);
      const between = data(21, step - 11 - 11 - 5 - shift > 0 ? step - 11 - 11 - 5 - shift : 1);
      const third = data(22, chunk * 40);
      const spec = { compression: "none", hasOffsets: false, chunkBytes: chunk } as const;
      const bytes = buildArchive({ ...spec, entries: [encoding, first, between, third, data(23, 10)] });
      const withOffsets = buildArchive({
        ...spec,
        hasOffsets: true,
        entries: [encoding, first, between, third, data(23, 10)],
      });
      const { toc, tocBytes } = readArchiveHead(bytes, nodeDecoding);
      const truth = readArchiveHead(withOffsets, nodeDecoding).toc;
      const finder = new BlockFinder(sourceOf(bytes), toc, tocBytes);
      for (const id of [23, 21, 20, 22]) expect((await finder.find(id)).offset).toBe(truth.byDumpId(id)?.dataOffset);
    }
  });

  it("finds blocks that stand in another order than the table of contents", async () => {
    const [first, second, third] = [table(20, noise(3000, 1)), table(21, noise(3000, 2)), table(22, "1\tx\n")];
    const spec = { hasOffsets: false, chunkBytes: 4096 };
    const turned = buildArchive({ ...spec, entries: [encoding, second, first, third] });
    const bytes = buildArchive({ ...spec, entries: [encoding, first, second, third] });
    const { toc, tocBytes } = readArchiveHead(bytes, nodeDecoding);
    const blocks = Buffer.concat([bytes.subarray(0, tocBytes), turned.subarray(tocBytes)]);
    const finder = new BlockFinder(sourceOf(blocks), toc, tocBytes);
    const { offset } = await finder.find(20);
    expect(offset).toBeGreaterThan(tocBytes);
    expect((await finder.find(21)).offset).toBe(tocBytes);
  });
});
