import { createHash } from "node:crypto";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ByteSource } from "../../../electron/archives/byte-source.ts";
import { holdSource } from "../../../electron/archives/held-source.ts";
import { touchedParts } from "../../../electron/storage/hold-to.ts";
import type { StoredFile } from "../../../shared/contract/manifest.ts";
import { AppError } from "../../../shared/error/app-error.ts";

const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

function describeFile(bytes: Uint8Array, chunkBytes: number): StoredFile {
  const count = Math.max(1, Math.ceil(bytes.length / chunkBytes));
  const chunks = Array.from({ length: count }, (_, at) =>
    sha256(bytes.subarray(at * chunkBytes, (at + 1) * chunkBytes)),
  );
  return { path: "x.dump", role: "archive", sizeBytes: bytes.length, chunkBytes, chunks };
}

function sourceOf(bytes: Uint8Array, more: Partial<ByteSource> = {}): ByteSource {
  return {
    sizeBytes: bytes.length,
    read: (offset, length) => Promise.resolve(bytes.slice(offset, offset + length)),
    close: () => Promise.resolve(),
    ...more,
  };
}

const file = fc.record({
  bytes: fc.uint8Array({ minLength: 1, maxLength: 300 }),
  chunkBytes: fc.integer({ min: 1, max: 100 }),
  offset: fc.nat(320),
  length: fc.nat(320),
});

describe("a source held to its manifest", () => {
  it("gives the bytes that are there, whatever is asked for", async () => {
    await fc.assert(
      fc.asyncProperty(file, async ({ bytes, chunkBytes, offset, length }) => {
        const held = holdSource(sourceOf(bytes), describeFile(bytes, chunkBytes), "x.dump", "refuse");
        for (let again = 0; again < 2; again += 1)
          expect(Buffer.compare(await held.read(offset, length), bytes.subarray(offset, offset + length))).toBe(0);
      }),
    );
  });

  it("gives not a byte out of a part with another bit, and tells it once to who only looks", async () => {
    await fc.assert(
      fc.asyncProperty(file, fc.nat(), fc.nat(7), async ({ bytes, chunkBytes, offset, length }, at, bit) => {
        const place = at % bytes.length;
        const changed = Uint8Array.from(bytes);
        changed[place]! ^= 1 << bit;
        const said = describeFile(bytes, chunkBytes);
        const end = Math.min(bytes.length, offset + length);
        const isTouched =
          end > offset && touchedParts(said, [{ start: offset, end }]).includes(Math.floor(place / chunkBytes));
        const held = holdSource(sourceOf(changed), said, "x.dump", "refuse");
        const outcome = await held.read(offset, length).then(
          (read) => (Buffer.compare(read, bytes.subarray(offset, offset + length)) === 0 ? "same" : "other"),
          (error: unknown) => (error instanceof AppError ? error.code : error),
        );
        expect(outcome).toBe(isTouched ? "verify.checksumMismatch" : "same");

        const told: unknown[] = [];
        const looked = holdSource(sourceOf(changed), said, "x.dump", (_, where) => told.push(where));
        for (let again = 0; again < 2; again += 1)
          expect(Buffer.compare(await looked.read(offset, length), changed.subarray(offset, offset + length))).toBe(0);
        const part = Math.floor(place / chunkBytes);
        const where = { start: part * chunkBytes, end: Math.min(bytes.length, (part + 1) * chunkBytes) };
        expect(told).toEqual(isTouched ? [where] : []);
      }),
    );
  });

  it("asks once more for what came otherwise than it lies there", async () => {
    const bytes = Uint8Array.from({ length: 100 }, (_, at) => at);
    const forgotten: number[][] = [];
    let isSpoilt = true;
    const stored = sourceOf(bytes, {
      read: (offset, length) => {
        const found = bytes.slice(offset, offset + length);
        if (isSpoilt) found[0]! ^= 1;
        return Promise.resolve(found);
      },
      forget: (offset, length) => {
        forgotten.push([offset, length]);
        isSpoilt = false;
        return Promise.resolve();
      },
    });
    const held = holdSource(stored, describeFile(bytes, 40), "x.dump", "refuse");
    expect([...(await held.read(45, 2))]).toEqual([45, 46]);
    expect(forgotten).toEqual([[40, 40]]);
  });

  it("refuses another size at once, and holds no more parts than it shall", async () => {
    const bytes = Uint8Array.from({ length: 100 }, (_, at) => at);
    const said = describeFile(bytes, 40);
    const refused = () => holdSource(sourceOf(bytes.subarray(1)), said, "x.dump", "refuse");
    expect(refused).toThrow(expect.objectContaining({ code: "verify.sizeMismatch" }));
    const changed = Uint8Array.from(bytes);
    changed[90] = 0;
    const first = holdSource(sourceOf(changed), said, "x.dump", "refuse", 1);
    expect([...(await first.read(30, 70))]).toEqual([...changed.subarray(30)]);
    changed[3] = 0;
    await expect(first.read(30, 70)).resolves.toBeDefined();
    await expect(holdSource(sourceOf(changed), said, "x.dump", "refuse", 1).read(30, 70)).rejects.toMatchObject({
      code: "verify.checksumMismatch",
    });
  });
});
