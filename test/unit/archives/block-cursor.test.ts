import { expect, test } from "vitest";
import { BlockCursor } from "../../../electron/archives/block-cursor.ts";

test("a block that goes on behind where it was thought to end is read in few reads", async () => {
  const length = 200_000;
  // An int is a sign and four bytes, the lowest first (pg_backup_archiver.c, WriteInt).
  const head = Buffer.from([0, length & 255, (length >> 8) & 255, length >> 16, 0]);
  const bytes = Buffer.concat([head, Buffer.alloc(length, "x"), Buffer.alloc(5)]);
  let reads = 0;
  const source = {
    sizeBytes: bytes.length,
    async read(offset: number, wanted: number) {
      reads += 1;
      return Uint8Array.from(bytes.subarray(offset, offset + wanted));
    },
    async close() {},
  };
  const cursor = new BlockCursor(source, { offset: 0, length: 100 });
  let taken = 0;
  for await (const part of cursor.readChunks()) taken += part.length;
  expect(taken).toBe(length);
  expect(reads).toBeLessThan(10);
});
