import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { constants, createDeflateRaw, createZstdCompress, gzipSync } from "node:zlib";
import { afterAll, describe, expect, it } from "vitest";
import { decompress } from "../../electron/archives/decompress.ts";
import { openArchive } from "../../electron/archives/open-archive.ts";
import { surveyArchive } from "../../electron/archives/salvage.ts";
import { xxh32 } from "../../shared/archive/xxh32.ts";
import { AppError } from "../../shared/error/app-error.ts";
import { runFuzz } from "../fuzz/run-fuzz.ts";
import { buildArchive } from "../helpers/synthetic-archive.ts";

/** Archives made to do harm: the fuzzer's short run, the same each time, and bombs of ten megabytes. */
const folder = mkdtempSync(join(tmpdir(), "lifeboat-bombs-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const mebibyte = 1024 * 1024;
const gibibyte = 1024 * mebibyte;

it("thousands of mutated archives: always a clear error, soon, in little memory, and nothing else is read", async () => {
  const outcome = await runFuzz({ cases: 1500, seed: 20_261_128, workers: 2, isGuided: false, keepIn: null });
  expect(outcome.findings).toEqual([]);
  expect(outcome.cases).toBe(1500);
  // Most mutations are met; a run in which nothing is refused has tried nothing.
  for (const code of ["archive.damaged", "archive.truncated", "archive.notAnArchive", "archive.hostile"])
    expect([...outcome.codes.keys()]).toContain(code);
}, 600_000);

describe("a bomb of ten megabytes", () => {
  it("gzip in a custom archive: told when it is read, in constant memory", async () => {
    const path = join(folder, "bomb.dump");
    const bomb = await zlibBomb(11 * gibibyte);
    const copyStatement = "COPY public.t (a) FROM stdin;\n";
    const entries = [{ dumpId: 1, desc: "TABLE DATA", tag: "t", namespace: "public", copyStatement, data: "" }];
    writeFileSync(path, buildArchive({ entries, compress: () => bomb, chunkBytes: 4096 }));
    expect(bomb.length).toBeLessThan(12 * mebibyte);
    const archive = await openArchive(path);
    // A glance at its rows is no harm.
    let glanced = 0;
    for await (const rows of archive.readRows(1, { limit: 10 })) glanced += rows.length;
    expect(glanced).toBe(10);
    const idle = process.memoryUsage.rss();
    const [survey] = await surveyArchive(archive, undefined);
    expect(survey?.broken?.code).toBe("archive.limitExceeded");
    expect(process.memoryUsage.rss() - idle).toBeLessThan(300 * mebibyte);
    await archive.close();
  });

  it("zstd: told", async () => {
    expect(await codeOf(decompress(inParts(await zstdBomb(11 * gibibyte)), "zstd", "here"))).toBe(
      "archive.limitExceeded",
    );
  });

  it("lz4, of which ten megabytes make no more than three gigabytes: read, in constant memory", async () => {
    const bytes = lz4Bomb(8000);
    const idle = process.memoryUsage.rss();
    let given = 0;
    for await (const part of decompress(inParts(bytes), "lz4", "here")) given += part.length;
    expect(given).toBe(8000 * 65_536);
    expect(given / bytes.length).toBeLessThan(256);
    expect(process.memoryUsage.rss() - idle).toBeLessThan(300 * mebibyte);
  });

  it("a table of contents that unpacks beyond its limit", async () => {
    const path = join(folder, "archive");
    execFileSync("mkdir", [path]);
    writeFileSync(join(path, "toc.dat.gz"), gzipSync(Buffer.alloc(500 * mebibyte)));
    await expect(openArchive(path)).rejects.toMatchObject({ code: "archive.limitExceeded" });
  });
});

async function codeOf(bytes: AsyncIterable<Uint8Array>): Promise<string> {
  try {
    for await (const _ of bytes);
    return "whole";
  } catch (error) {
    if (error instanceof AppError) return error.code;
    throw error;
  }
}

function inParts(bytes: Uint8Array) {
  let at = 0;
  async function* parts(): AsyncGenerator<Uint8Array> {
    while (at < bytes.length) {
      const part = bytes.slice(at, at + 65_536);
      at += part.length;
      yield part;
    }
  }
  return { parts: parts(), isOver: () => at >= bytes.length };
}

/** Long lines, so that what takes the time is what is tested. */
function linesOf(sizeBytes: number): Buffer {
  const bytes = Buffer.alloc(sizeBytes, "x");
  for (let at = 65_535; at < sizeBytes; at += 65_536) bytes[at] = 10;
  return bytes;
}

/** Blocks of a byte and the same one 65,530 times more, as LZ4 writes them at best. */
function lz4Bomb(blocks: number): Buffer {
  const descriptor = Buffer.from([0x60, 0x40]);
  const more = 65_536 - 1 - 5 - 19;
  const block = Buffer.concat([
    Buffer.from([0x1f, 120, 1, 0]),
    Buffer.alloc(Math.floor(more / 255), 255),
    Buffer.from([more % 255, 0x50, 120, 120, 120, 120, 10]),
  ]);
  const size = Buffer.alloc(4);
  size.writeUInt32LE(block.length);
  const magic = Buffer.from([0x04, 0x22, 0x4d, 0x18]);
  const head = [magic, descriptor, Buffer.from([(xxh32(descriptor) >>> 8) & 0xff])];
  return Buffer.concat([...head, ...Array.from({ length: blocks }, () => [size, block]).flat(), Buffer.alloc(4)]);
}

/** A zlib stream: one piece of it, ended at a whole byte, again and again. */
async function zlibBomb(sizeBytes: number): Promise<Buffer> {
  const pieceBytes = 64 * mebibyte;
  const piece = await compressed(createDeflateRaw({ level: 9 }), constants.Z_FULL_FLUSH, pieceBytes);
  const end = Buffer.from([3, 0]);
  // The checksum of what never is reached to the end of may be any.
  return Buffer.concat([
    Buffer.from([0x78, 0x9c]),
    ...Array.from({ length: sizeBytes / pieceBytes }, () => piece),
    end,
    Buffer.alloc(4),
  ]);
}

async function zstdBomb(sizeBytes: number): Promise<Buffer> {
  const stream = createZstdCompress();
  const parts: Buffer[] = [];
  stream.on("data", (part: Buffer) => parts.push(part));
  const piece = linesOf(16 * mebibyte);
  for (let given = 0; given < sizeBytes; given += piece.length)
    await new Promise<void>((settle) => stream.write(piece, () => settle()));
  await new Promise<void>((settle) => {
    stream.on("end", settle);
    stream.end();
  });
  return Buffer.concat(parts);
}

async function compressed(
  stream: ReturnType<typeof createDeflateRaw>,
  flush: number,
  sizeBytes: number,
): Promise<Buffer> {
  const parts: Buffer[] = [];
  stream.on("data", (part: Buffer) => parts.push(part));
  await new Promise<void>((settle) => stream.write(linesOf(sizeBytes), () => settle()));
  await new Promise<void>((settle) => stream.flush(flush, settle));
  return Buffer.concat(parts);
}
