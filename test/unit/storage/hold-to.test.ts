import { createHash } from "node:crypto";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { holdTo } from "../../../electron/storage/hold-to.ts";
import { piecesOf } from "../../../electron/storage/storage.ts";
import type { StoredFile } from "../../../shared/contract/manifest.ts";

const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

function describeFile(bytes: Uint8Array, chunkBytes: number): StoredFile {
  const count = Math.max(1, Math.ceil(bytes.length / chunkBytes));
  const chunks = Array.from({ length: count }, (_, at) =>
    sha256(bytes.subarray(at * chunkBytes, (at + 1) * chunkBytes)),
  );
  return { path: "x.dump", role: "archive", sizeBytes: bytes.length, sha256: sha256(bytes), chunkBytes, chunks };
}

async function pass(file: StoredFile, bytes: Uint8Array, pieceBytes: number): Promise<Uint8Array> {
  const pieces = Array.from({ length: Math.ceil(bytes.length / pieceBytes) }, (_, at) =>
    bytes.subarray(at * pieceBytes, (at + 1) * pieceBytes),
  );
  const passed: Uint8Array[] = [];
  for await (const piece of holdTo(file, piecesOf(...pieces), "x.dump")) passed.push(piece);
  return Buffer.concat(passed);
}

function without(file: StoredFile): StoredFile {
  const { path, role, sizeBytes, chunkBytes, chunks } = file;
  return { path, role, sizeBytes, chunkBytes, chunks };
}

describe("bytes held to what a manifest says", () => {
  it("pass where they are the ones, in pieces of any length, with or without the whole's hash", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 300 }),
        fc.integer({ min: 1, max: 100 }),
        fc.integer({ min: 1, max: 100 }),
        async (bytes, chunkBytes, pieceBytes) => {
          const file = describeFile(bytes, chunkBytes);
          for (const each of [file, without(file), { ...file, chunks: [] }])
            expect(Buffer.compare(await pass(each, bytes, pieceBytes), bytes)).toBe(0);
        },
      ),
    );
  });

  it("do not pass with one bit changed, wherever it is, nor cut, nor with more behind them", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ minLength: 1, maxLength: 300 }),
        fc.integer({ min: 1, max: 100 }),
        fc.nat(),
        fc.nat(7),
        async (bytes, chunkBytes, at, bit) => {
          const changed = Uint8Array.from(bytes);
          changed[at % bytes.length]! ^= 1 << bit;
          const file = without(describeFile(bytes, chunkBytes));
          await expect(pass(file, changed, 64)).rejects.toMatchObject({ code: "verify.checksumMismatch" });
          const cut = pass(file, bytes.subarray(0, -1), 64);
          await expect(cut).rejects.toMatchObject({ code: expect.stringMatching(/^verify\./) });
          const more = pass(file, Buffer.concat([bytes, Buffer.from([0])]), 64);
          await expect(more).rejects.toMatchObject({ code: "verify.sizeMismatch" });
        },
      ),
    );
  });

  it("name the bytes that differ, as soon as those have passed", async () => {
    const bytes = Buffer.alloc(1000, 7);
    const file = describeFile(bytes, 100);
    const changed = Buffer.from(bytes);
    changed[250] = 8;
    await expect(pass(file, changed, 100)).rejects.toMatchObject({ detail: "bytes 200 to 299" });
  });

  it("are not taken on trust where the manifest has no hash at all", async () => {
    const file = { ...without(describeFile(Buffer.from("x"), 10)), chunks: [] };
    await expect(pass(file, Buffer.from("x"), 10)).rejects.toMatchObject({ code: "backup.manifestInvalid" });
  });
});
