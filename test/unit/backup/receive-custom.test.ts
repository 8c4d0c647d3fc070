import { createHash, randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openArchive } from "../../../electron/archives/open-archive.ts";
import { withCountingThread } from "../../../electron/backup/counting-thread.ts";
import { receiveCustomDump } from "../../../electron/backup/receive-custom.ts";
import type { DumpSink, ReceivedDump } from "../../../electron/backup/received-dump.ts";
import type { DumpOptions } from "../../../shared/command/dump-command.ts";
import { compressLz4 } from "../../helpers/lz4-writer.ts";
import { buildArchive, copyEnd, type SyntheticArchive } from "../../helpers/synthetic-archive.ts";

const nowhere = { write: async () => {}, head: null };
const nobody = { received() {}, tablesKnown() {}, tableRunning() {}, tableFinished() {} };

const table = (dumpId: number, tag: string, rows = "1\n2\n") => ({
  dumpId,
  desc: "TABLE DATA",
  namespace: "public",
  tag,
  copyStatement: `COPY public.${tag} (id) FROM stdin;\n`,
  data: `${rows}${copyEnd}`,
});

function receive(
  bytes: Buffer,
  compression: DumpOptions["compression"] = { method: "zstd", level: 3 },
  sink: DumpSink = nowhere,
): Promise<ReceivedDump> {
  // Copies: the memory of what comes is given back.
  const pieces = function* () {
    for (let at = 0; at < bytes.length; at += 65_536) yield Buffer.from(bytes.subarray(at, at + 65_536));
  };
  return withCountingThread((counting) =>
    receiveCustomDump(Readable.from(pieces()), compression, sink, nobody, counting),
  );
}

/** A sink whose first bytes are replaced at the end, as a file's are. */
function fileLike() {
  const parts: Buffer[] = [];
  let head: Uint8Array = new Uint8Array(0);
  return {
    write: async (bytes: Uint8Array) => void parts.push(Buffer.from(bytes)),
    head: { expect: () => true, replace: (bytes: Uint8Array) => void (head = bytes) },
    whole: () => Buffer.concat([head, Buffer.concat(parts).subarray(head.length)]),
  };
}

test("every table whose data is there is counted", async () => {
  const entries = [table(1, "one"), table(2, "two")];
  const { data, incomplete } = await receive(
    buildArchive({ entries, hasOffsets: false, compression: "none", version: 16 }),
  );
  expect(data.map(({ tag, rows }) => [tag, rows])).toEqual([
    ["one", 2],
    ["two", 2],
  ]);
  expect(incomplete).toEqual([]);
});

test("a stream that ends between two tables is not whole, whatever the exit code says", async () => {
  const entries = [table(1, "one"), table(2, "two")];
  const whole = buildArchive({ entries, hasOffsets: false, compression: "none", version: 16 });
  // Type byte and dump ID (pg_backup_custom.c, _StartData).
  const second = whole.lastIndexOf(Buffer.from([1, 0, 2, 0, 0, 0]));
  const { data, incomplete } = await receive(whole.subarray(0, second));
  expect(data.map(({ tag }) => tag)).toEqual(["one"]);
  expect(incomplete).toEqual(["public.two"]);
});

test.each([
  { method: "gzip", level: 6 },
  { method: "zstd", level: 3 },
] as const)(
  "tens of thousands of tiny large objects take little memory, though they come at once: $method",
  async (asked) => {
    const objects = Array.from({ length: 30_000 }, (_, at) => ({ oid: at + 1, bytes: Buffer.from(`object ${at}`) }));
    const whole = buildArchive({
      version: 16,
      entries: [{ dumpId: 9, desc: "BLOBS", data: objects }],
      compression: "none",
      hasOffsets: false,
    });
    const most = 64 * 1024 * 1024;
    setFlagsFromString("--expose-gc");
    const collectGarbage: () => void = runInNewContext("gc");
    const before = process.memoryUsage().arrayBuffers;
    let mostBytes = 0;
    const sink = {
      head: null,
      async write() {
        // What nobody holds any more is collected first: how soon that happens by itself is not what this is about.
        if (process.memoryUsage().arrayBuffers - before > most) collectGarbage();
        mostBytes = Math.max(mostBytes, process.memoryUsage().arrayBuffers - before);
      },
    };
    const { data } = await withCountingThread((counting) =>
      receiveCustomDump(Readable.from([whole]), asked, sink, nobody, counting),
    );
    expect(data.map(({ dumpId }) => dumpId)).toEqual([9]);
    expect(mostBytes).toBeLessThan(most);
  },
);

describe("what is written", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "lifeboat-receive-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const events = Array.from({ length: 60_000 }, (_, row) => `${row}\tevent ${(row * 7919) % 10_007}\\n\n`).join("");
  const objects = [
    { oid: 16_400, bytes: Buffer.alloc(0) },
    { oid: 16_401, bytes: Buffer.from("small") },
    { oid: 3_000_000_000, bytes: randomBytes(1_300_000) },
  ];
  const entries = [
    table(7, "events", events),
    table(8, "empty", ""),
    { dumpId: 9, desc: "BLOBS", data: objects },
    table(10, "last"),
  ];

  test.each([
    [14, "none", { method: "gzip", level: 6 }],
    [14, "none", { method: "none", level: null }],
    [15, "none", { method: "zstd", level: 3 }],
    [16, "none", { method: "zstd", level: 19 }],
    [16, "none", { method: "gzip", level: 1 }],
    [16, "lz4", { method: "lz4", level: null }],
  ] as const)("1.%i, %s made %o, reads as what came", async (version, compression, asked) => {
    const spec: SyntheticArchive = {
      version,
      entries,
      compression,
      hasOffsets: false,
      // As pg_dump writes uncompressed rows.
      chunkBytes: compression === "none" ? 29 : 4096,
      ...(compression === "lz4" ? { compress: (bytes) => compressLz4(Buffer.from(bytes)) } : {}),
    };
    const sink = fileLike();
    const dump = await receive(buildArchive(spec), asked, sink);
    const bytes = sink.whole();
    expect(dump.incomplete).toEqual([]);
    expect(dump.compression).toBe(asked.method);
    expect(dump.tocDigest).toBe(
      createHash("sha256")
        .update(bytes.subarray(0, dump.tocBytes ?? 0))
        .digest("hex"),
    );
    expect(dump.data.map(({ dumpId, rows, rawBytes }) => [dumpId, rows, rawBytes])).toEqual([
      [7, 60_000, events.length],
      [8, 0, 0],
      [9, null, null],
      [10, 2, 4],
    ]);
    // Block behind block, from the table of contents to the end.
    let at = dump.tocBytes;
    for (const { offset, length } of dump.data) {
      expect(offset).toBe(at);
      at = (offset ?? 0) + (length ?? 0);
    }
    expect(at).toBe(bytes.length);

    const path = join(folder, "x.dump");
    await writeFile(path, bytes);
    const archive = await openArchive(path);
    try {
      expect(archive.header?.compression).toBe(asked.method);
      const text = [];
      for await (const part of archive.readData(7)) text.push(part);
      expect(Buffer.concat(text).toString()).toBe(events + copyEnd);
      const found = [];
      for await (const { oid, bytes: content } of archive.readLargeObjects(9)) {
        const parts = [];
        for await (const part of content) parts.push(part);
        found.push({ oid, bytes: Buffer.concat(parts) });
      }
      expect(found.map(({ oid }) => oid)).toEqual(objects.map(({ oid }) => oid));
      for (const [index, object] of objects.entries()) expect(found[index]?.bytes.equals(object.bytes)).toBe(true);
    } finally {
      await archive.close();
    }
  });
});
