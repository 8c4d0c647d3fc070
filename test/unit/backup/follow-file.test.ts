import { createHash, randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { appendFile, open, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type FileFollower, followFile } from "../../../electron/backup/follow-file.ts";
import { hashChunkBytes } from "../../../electron/storage/part-sums.ts";
import { buildArchive, copyEnd } from "../../helpers/synthetic-archive.ts";

const shape = { format: "custom", compression: "none" } as const;
const nobody = { received() {}, tablesKnown() {}, tableRunning() {}, tableFinished() {} };
/** Longer than two parts, in rows of one kilobyte. */
const rows = Array.from({ length: 9000 }, (_, index) => `${index}\t${randomBytes(500).toString("hex")}\n`);
const archive = (hasOffsets: boolean): Buffer =>
  buildArchive({
    entries: [
      {
        dumpId: 1,
        desc: "TABLE DATA",
        namespace: "public",
        tag: "orders",
        copyStatement: "COPY public.orders (id, note) FROM stdin;\n",
        data: rows.join("") + copyEnd,
      },
    ],
    hasOffsets,
    compression: "none",
  });

let folder: string;
let path: string;
let follower: FileFollower | null = null;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "lifeboat-follow-"));
  path = join(folder, "x.partial");
  await writeFile(path, "");
});
afterEach(async () => {
  await follower?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Writes as pg_dump does: piece by piece, and the table of contents anew at the end. */
async function dumpInto(file: string, bytes: Buffer, head: Buffer): Promise<void> {
  const step = 700_001;
  for (let at = 0; at < bytes.length; at += step) await appendFile(file, bytes.subarray(at, at + step));
  const handle = await open(file, "r+");
  await handle.write(head, 0, head.length, 0);
  await handle.close();
}

const sha256 = (bytes: Buffer): string => createHash("sha256").update(bytes).digest("hex");

test("a file is received while it is written, and hashed as it is in the end", async () => {
  const whole = archive(true);
  follower = await followFile(path, shape);
  const dump = await follower.receive(dumpInto(path, archive(false), whole.subarray(0, 1000)), nobody);
  expect(dump.data.map(({ tag, rows: counted }) => [tag, counted])).toEqual([["orders", rows.length]]);
  expect(dump.incomplete).toEqual([]);
  expect((await readFile(path)).equals(whole)).toBe(true);
  const parts = [0, 1, 2].map((part) => whole.subarray(part * hashChunkBytes, (part + 1) * hashChunkBytes));
  expect(await follower.settle()).toEqual({
    sizeBytes: whole.length,
    sha256: sha256(whole),
    chunks: parts.map(sha256),
  });
});

test("a table of contents that was not written anew is told", async () => {
  const bytes = archive(false);
  follower = await followFile(path, shape);
  await follower.receive(dumpInto(path, bytes, bytes.subarray(0, 10)), nobody);
  await expect(follower.settle()).rejects.toMatchObject({
    code: "storage.failed",
    detail: expect.stringMatching(/table of contents/),
  });
});

test("what grows or shrinks after the end is told", async () => {
  const whole = archive(true);
  follower = await followFile(path, shape);
  await follower.receive(dumpInto(path, whole, whole.subarray(0, 10)), nobody);
  await appendFile(path, "more");
  await expect(follower.settle()).rejects.toMatchObject({
    code: "storage.failed",
    detail: expect.stringMatching(/had \d+ when it was read/),
  });
});

test("a file that ends in the middle of a table is cut, whatever the writer says", async () => {
  const bytes = archive(false);
  follower = await followFile(path, shape);
  const cut = bytes.subarray(0, 5_000_000);
  await expect(follower.receive(dumpInto(path, cut, cut.subarray(0, 10)), nobody)).rejects.toMatchObject({
    code: "archive.truncated",
  });
});
