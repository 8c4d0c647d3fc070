import { describe, expect, it } from "vitest";
import { nodeDecoding } from "../../../electron/archives/node-decoding.ts";
import { HeadScan, readArchiveHead } from "../../../shared/archive/toc-reader.ts";
import { AppError } from "../../../shared/error/app-error.ts";
import { buildArchive, copyEnd, int, type SyntheticEntry } from "../../helpers/synthetic-archive.ts";

const encoding: SyntheticEntry = {
  dumpId: 1,
  desc: "ENCODING",
  definition: "SET client_encoding = 'UTF8';\n",
  owner: "",
};
const table: SyntheticEntry = {
  dumpId: 216,
  desc: "TABLE",
  tag: 'Odd; "näme"\n日本',
  namespace: "public",
  definition: "CREATE TABLE …;\n",
  dropStatement: "DROP TABLE …;\n",
  tablespace: "fast",
  tableAccessMethod: "heap",
  tableOid: "1259",
  oid: "4294967295",
  dependencies: [215, 9000],
};
const data: SyntheticEntry = {
  dumpId: 3988,
  desc: "TABLE DATA",
  tag: "orders",
  namespace: "public",
  copyStatement: "COPY public.orders (id) FROM stdin;\n",
  dependencies: [216],
  data: `1\n${copyEnd}`,
};
const entries = [encoding, table, data, { dumpId: 7, desc: "SCHEMA", namespace: null, owner: null, tag: "" }];

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof AppError) return error.code;
    throw error;
  }
  return "none";
}

describe("readArchiveHead", () => {
  it.each([12, 13, 14, 15, 16])("reads every field of version 1.%i", (version) => {
    const bytes = buildArchive({ version, entries });
    const { header, toc, tocBytes, hasOffsets, offsetFieldAt } = readArchiveHead(bytes, nodeDecoding);
    expect(header).toEqual({
      format: "custom",
      archiveVersion: `1.${version}`,
      compression: "gzip",
      intSize: 4,
      offsetSize: 8,
      createdAt: "2026-11-21T02:30:07",
      database: "shop",
      serverVersion: "15.18",
      dumpVersion: "15.18 (Debian)",
      tocCount: 4,
    });
    expect(toc.length).toBe(4);
    expect(toc.encoding).toBe("UTF8");
    expect(hasOffsets).toBe(true);
    const entry = toc.byDumpId(216);
    expect(entry).toMatchObject({
      dumpId: 216,
      hadDumper: false,
      tableOid: 1259,
      oid: 4294967295,
      tag: 'Odd; "näme"\n日本',
      desc: "TABLE",
      section: "pre-data",
      definition: "CREATE TABLE …;\n",
      dropStatement: "DROP TABLE …;\n",
      copyStatement: null,
      namespace: "public",
      tablespace: "fast",
      tableAccessMethod: version >= 14 ? "heap" : null,
      owner: "shop_app",
      dependencies: [215, 9000],
      hasData: false,
      dataOffset: null,
    });
    const dataEntry = toc.at(2);
    expect(dataEntry).toMatchObject({ section: "data", hadDumper: true, hasData: true, dataOffset: tocBytes });
    expect(bytes[tocBytes]).toBe(1);
    const field = offsetFieldAt(3988);
    expect(field).not.toBeNull();
    expect(bytes.readBigUInt64LE((field ?? 0) + 1)).toBe(BigInt(tocBytes));
    expect(offsetFieldAt(5)).toBeNull();
    expect(toc.at(3)).toMatchObject({ namespace: null, owner: null, tag: "", dependencies: [] });
    expect(toc.at(0).owner).toBe("");
    expect([...toc].map((each) => each.dumpId)).toEqual([1, 216, 3988, 7]);
    expect(toc.indexOf(7)).toBe(3);
    expect(toc.indexOf(8)).toBe(-1);
    expect(toc.byDumpId(-1)).toBeUndefined();
  });

  it.each([
    ["none", 14],
    ["none", 15],
    ["lz4", 15],
    ["zstd", 16],
  ] as const)("tells compression %s of version 1.%i", (compression, version) => {
    const bytes = buildArchive({ version, compression, entries: [encoding] });
    expect(readArchiveHead(bytes, nodeDecoding).header.compression).toBe(compression);
  });

  it("says where an archive from a pipe leaves offsets out", () => {
    const { toc, hasOffsets } = readArchiveHead(buildArchive({ entries, hasOffsets: false }), nodeDecoding);
    expect(hasOffsets).toBe(false);
    expect(toc.byDumpId(3988)).toMatchObject({ hasData: true, dataOffset: null });
  });

  it("throws archive.truncated for every cut inside the head", () => {
    const bytes = buildArchive({ entries });
    const { tocBytes } = readArchiveHead(bytes, nodeDecoding);
    for (let size = 1; size < tocBytes; size++)
      expect(codeOf(() => readArchiveHead(bytes.subarray(0, size), nodeDecoding))).toBe("archive.truncated");
    expect(codeOf(() => readArchiveHead(bytes.subarray(0, tocBytes), nodeDecoding))).toBe("none");
  });

  it("goes on where it stopped when more bytes come", () => {
    const bytes = buildArchive({ entries });
    const scan = new HeadScan(nodeDecoding);
    let size = 1;
    for (let needed = 1; needed !== 0; size++) {
      needed = scan.advance(bytes.subarray(0, size));
      expect(needed).toBeLessThan(1_000_000);
    }
    expect(scan.head().tocBytes).toBe(size - 1);
    expect([...scan.head().toc].map((entry) => entry.tag)).toEqual(
      [...readArchiveHead(bytes, nodeDecoding).toc].map((entry) => entry.tag),
    );
  });

  it("never fails but with an error of its own, whatever bit is flipped", () => {
    const bytes = buildArchive({ entries });
    const { tocBytes } = readArchiveHead(bytes, nodeDecoding);
    const allowed = /^archive\.|^none$/;
    for (let bit = 0; bit < tocBytes * 8; bit++) {
      const changed = Buffer.from(bytes);
      changed[bit >> 3]! ^= 1 << (bit & 7);
      const code = codeOf(() => {
        const { toc } = readArchiveHead(changed, nodeDecoding);
        for (const entry of toc) {
          void entry.dependencies;
          void [entry.tag, entry.oid, entry.tableOid, entry.definition, entry.owner, entry.dataOffset];
        }
      });
      expect(code).toMatch(allowed);
    }
  });

  const atCount = buildArchive({ entries: [] }).length - 5;
  it.each([
    ["a text of 4 GB", (bytes: Buffer) => bytes.writeUInt32LE(0xfffffff0, atCount + 5 + 11), "archive.limitExceeded"],
    ["a negative length", (bytes: Buffer) => bytes.set(int(-2), atCount + 5 + 10), "archive.damaged"],
    ["a sign that is none", (bytes: Buffer) => bytes.set([7], atCount + 5), "archive.damaged"],
    ["ten million entries", (bytes: Buffer) => bytes.set(int(10_000_000), atCount), "archive.damaged"],
    ["more entries than any", (bytes: Buffer) => bytes.set(int(2_000_000_000), atCount), "archive.limitExceeded"],
    ["a negative number of entries", (bytes: Buffer) => bytes.set(int(-3), atCount), "archive.damaged"],
    ["dump ID 0", (bytes: Buffer) => bytes.set(int(0), atCount + 5), "archive.damaged"],
    ["integers of eight bytes", (bytes: Buffer) => bytes.set([8], 8), "archive.damaged"],
    ["an unknown format", (bytes: Buffer) => bytes.set([5], 10), "archive.damaged"],
    ["the format of a directory", (bytes: Buffer) => bytes.set([3], 10), "archive.unsupportedFormat"],
    ["version 1.11", (bytes: Buffer) => bytes.set([11], 6), "archive.unsupportedVersion"],
    ["version 1.17", (bytes: Buffer) => bytes.set([17], 6), "archive.unsupportedVersion"],
    ["version 2.14", (bytes: Buffer) => bytes.set([2], 5), "archive.unsupportedVersion"],
    ["a 13th month", (bytes: Buffer) => bytes.set(int(12), 11 + 5 + 20), "archive.damaged"],
  ])("refuses %s", (_, change, code) => {
    const bytes = buildArchive({ entries });
    change(bytes);
    expect(codeOf(() => readArchiveHead(bytes, nodeDecoding))).toBe(code);
  });

  it("refuses two entries of one dump ID, also where IDs are far apart", () => {
    const twice = [encoding, { ...encoding, desc: "TABLE" }];
    expect(codeOf(() => readArchiveHead(buildArchive({ entries: twice }), nodeDecoding))).toBe("archive.damaged");
    const far = [encoding, ...twice.map((entry) => ({ ...entry, dumpId: 2_000_000_000 }))];
    expect(codeOf(() => readArchiveHead(buildArchive({ entries: far }), nodeDecoding))).toBe("archive.damaged");
    const ok = readArchiveHead(buildArchive({ entries: far.slice(0, 2) }), nodeDecoding).toc;
    expect(ok.byDumpId(2_000_000_000)?.dumpId).toBe(2_000_000_000);
    expect(ok.byDumpId(5)).toBeUndefined();
  });

  it.each([
    ["LATIN1", "latin1", "Käse"],
    ["LATIN9", null, "10 €"],
    ["WIN1251", null, "Заказ"],
    ["SJIS", null, "注文"],
    ["MULE_INTERNAL", null, "\u0081þ"],
    ["SQL_ASCII", "utf8", "Käse"],
    ["SQL_ASCII", "latin1", "Käse"],
  ])("reads names of a dump in %s", (name, how, text) => {
    const bytes: Record<string, number[]> = {
      LATIN9: [0x31, 0x30, 0x20, 0xa4],
      WIN1251: [0xc7, 0xe0, 0xea, 0xe0, 0xe7],
      SJIS: [0x92, 0x8d, 0x95, 0xb6],
    };
    const encode = (value: string): Uint8Array => {
      if (value !== text) return Buffer.from(value, "latin1");
      if (how === "utf8" || how === "latin1") return Buffer.from(text, how);
      return Uint8Array.from(bytes[name] ?? [0x81, 0xfe]);
    };
    const spec = [
      { ...encoding, definition: `SET client_encoding = '${name}';\n` },
      { dumpId: 2, desc: "TABLE", tag: text },
    ];
    const { toc } = readArchiveHead(buildArchive({ entries: spec, encode }), nodeDecoding);
    expect(toc.encoding).toBe(name);
    expect(toc.at(1).tag).toBe(text);
  });

  it("keeps reading with dependencies that run in a circle", () => {
    const circle = [
      { dumpId: 1, desc: "TABLE", dependencies: [2] },
      { dumpId: 2, desc: "TABLE", dependencies: [1, 2] },
    ];
    const { toc } = readArchiveHead(buildArchive({ entries: circle }), nodeDecoding);
    expect([...toc].map((entry) => entry.dependencies)).toEqual([[2], [1, 2]]);
  });
});

describe("files that are no custom archive", () => {
  it.each([
    ["archive.notAnArchive", /empty/, ""],
    ["archive.truncated", /too early/, "PGD"],
    ["archive.notAnArchive", /is text/, "CREATE TABLE t();\n"],
    ["archive.unsupportedFormat", /zip/, "PK\x03\x04"],
    ["archive.unsupportedFormat", /age/, "age-encryption.org/v1\n"],
    ["archive.unsupportedFormat", /openssl/, "Salted__"],
    ["archive.notAnArchive", /SQLite/, "SQLite format 3\0"],
    ["archive.unsupportedFormat", /a tar file/, `shop/\0${"\0".repeat(251)}ustar\0`],
    ["archive.notAnArchive", /not an archive/, "\0\0\0\0"],
  ])("%s: %s", (code, message, text) => {
    const run = () => readArchiveHead(Buffer.from(text, "latin1"), nodeDecoding);
    expect(codeOf(run)).toBe(code);
    expect(run).toThrow(message);
  });
});
