import { createHash } from "node:crypto";
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createCheckedFile } from "../../../electron/storage/checked-file.ts";
import { digestFile } from "../../../electron/storage/digest-file.ts";
import { hashChunkBytes } from "../../../electron/storage/part-sums.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "lifeboat-hashed-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

describe("a file that is summed while it is written", () => {
  test("has the hashes of what is on the disk, also after a patch", async () => {
    const path = join(folder, "deep", "file");
    const bytes = Buffer.alloc(2 * hashChunkBytes + 12_345, "some bytes that repeat, ");
    const file = await createCheckedFile(path);
    for (let at = 0; at < bytes.length; at += 65_521) await file.write(Buffer.from(bytes.subarray(at, at + 65_521)));
    await file.patch(10, Buffer.from("PATCH"));
    bytes.write("PATCH", 10);
    const sealed = await file.seal();

    expect(await readFile(path)).toEqual(bytes);
    expect(sealed).toEqual({ sha256: sha256(bytes) });
    expect(await digestFile(path)).toEqual({
      sizeBytes: bytes.length,
      sha256: sha256(bytes),
      chunks: [0, 1, 2].map((part) => sha256(bytes.subarray(part * hashChunkBytes, (part + 1) * hashChunkBytes))),
    });
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  test("is not sealed when the disk gives other bytes back", async () => {
    const path = join(folder, "file");
    const file = await createCheckedFile(path);
    await file.write(Buffer.alloc(1024 * 1024, 1));
    await file.write(Buffer.alloc(1024 * 1024, 1));
    await writeFile(path, Buffer.alloc(10, 9), { flag: "r+" });
    await expect(file.seal()).rejects.toMatchObject({ code: "storage.failed" });
    await file.discard();
    expect(await readdir(folder)).toEqual([]);
  });

  test("is held to its hash also where it was patched, as the head of every custom archive is", async () => {
    const path = join(folder, "file");
    const file = await createCheckedFile(path);
    await file.write(Buffer.alloc(hashChunkBytes + 100, 1));
    await file.patch(hashChunkBytes - 2, Buffer.from("over the border"));
    await writeFile(path, Buffer.alloc(10, 9), { flag: "r+" });
    await expect(file.seal()).rejects.toMatchObject({ code: "storage.failed" });
    await file.discard();
  });

  test("is not patched where it is damaged already", async () => {
    const path = join(folder, "file");
    const file = await createCheckedFile(path);
    await file.write(Buffer.alloc(2 * 1024 * 1024, 1));
    await writeFile(path, Buffer.alloc(10, 9), { flag: "r+" });
    await expect(file.patch(100, Buffer.from("PATCH"))).rejects.toMatchObject({ code: "storage.failed" });
    await file.discard();
  });

  test("in a place that cannot be says so", async () => {
    await writeFile(join(folder, "a-file"), "");
    await expect(createCheckedFile(join(folder, "a-file", "shop", "x"))).rejects.toMatchObject({
      message: expect.stringContaining("is a file, not a folder"),
    });
  });

  test("does not replace a file that is there", async () => {
    const path = join(folder, "file");
    await writeFile(path, "mine");
    await expect(createCheckedFile(path)).rejects.toMatchObject({ code: "backup.destinationExists" });
    expect(await readFile(path, "utf8")).toBe("mine");
  });
});
