import { PassThrough, Readable } from "node:stream";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { createCopyTextCounter } from "../../../electron/backup/copy-text-counter.ts";
import { withCountingThread } from "../../../electron/backup/counting-thread.ts";
import { writeTo } from "../../../electron/backup/decoders.ts";
import { readPlainDump } from "../../../electron/backup/receive-plain.ts";

const nobody = { received() {}, tablesKnown() {}, tableRunning() {}, tableFinished() {} };

/** Text that hardly compresses, so that many pieces come. */
const noise = (bytes: number) =>
  Buffer.from(Array.from({ length: bytes }, (_, at) => 33 + (((at * 2_654_435_761) >>> 7) % 90)));

const pieces = (bytes: Buffer) =>
  Readable.from(
    (function* () {
      for (let at = 0; at < bytes.length; at += 65_536) yield bytes.subarray(at, at + 65_536);
    })(),
  );

test("waiting for a slow decoder leaves no listeners behind", async () => {
  const stream = new PassThrough({ highWaterMark: 1 });
  for (let round = 0; round < 20; round++) {
    const drained = writeTo(stream, Buffer.from("ab"));
    stream.read();
    await drained;
  }
  expect(stream.listenerCount("close")).toBeLessThan(3);
});

test("pieces that are written at once share one wait", async () => {
  const stream = new PassThrough({ highWaterMark: 1 });
  const waits = Array.from({ length: 20 }, () => writeTo(stream, Buffer.from("ab")));
  expect(stream.listenerCount("drain")).toBe(1);
  expect(stream.listenerCount("close")).toBeLessThan(3);
  stream.resume();
  await waits.at(-1);
  expect(stream.listenerCount("drain")).toBe(0);
});

test("a damaged compressed script is not whole, and nobody waits for it for ever", async () => {
  const bytes = gzipSync(noise(3_000_000), { level: 1 });
  bytes.fill(0xff, 200_000, 200_100);
  await expect(readPlainDump(pieces(bytes), "gzip", nobody)).rejects.toMatchObject({
    code: "backup.incomplete",
  });
});

test("a table with rubbish behind its compressed data is not whole, and nobody waits for it for ever", async () => {
  const bytes = Buffer.concat([gzipSync(Buffer.concat([noise(400_000), Buffer.from("\n\\.\n\n\n")])), noise(900_000)]);
  const counts = await withCountingThread(async (counting) => {
    const counter = createCopyTextCounter("gzip", counting);
    for (let at = 0; at < bytes.length; at += 65_536) {
      counter.push(bytes, at, Math.min(bytes.length, at + 65_536));
      await counter.drained();
    }
    return counter.finish();
  });
  expect(counts).toBeNull();
});
