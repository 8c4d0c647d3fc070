import { createHash, randomBytes } from "node:crypto";
import { crc32 } from "node:zlib";
import { describe, expect, it } from "vitest";
import { createUploadProof } from "../../../electron/storage/s3-proof.ts";

const part = randomBytes(1000);
const md5 = (bytes: Uint8Array) => `"${createHash("md5").update(bytes).digest("hex")}"`;
function crc(bytes: Uint8Array): string {
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(bytes));
  return sum.toString("base64");
}

const refused = expect.objectContaining({ code: "storage.failed", message: "s3://b/k is not stored as it was sent." });

describe("what a bucket says it stored", () => {
  it("proves a part by its CRC-32, and refuses another", () => {
    const proof = createUploadProof("s3://b/k");
    proof.check(1, part, { ETag: '"whatever"', ChecksumCRC32: crc(part) });
    expect(proof.isProved()).toBe(true);
    expect(() => proof.check(2, part, { ChecksumCRC32: crc(randomBytes(1000)) })).toThrow(refused);
  });

  it("proves it by its MD5 where there is no CRC", () => {
    const proof = createUploadProof("s3://b/k");
    for (const number of [1, 2]) proof.check(number, part, { ETag: md5(part) });
    proof.checkParts();
    expect(proof.isProved()).toBe(true);
  });

  it("refuses the part whose ETag is another where those of others are right", () => {
    const proof = createUploadProof("s3://b/k");
    proof.check(1, part, { ETag: md5(part) });
    proof.check(2, part, { ETag: md5(randomBytes(9)) });
    expect(() => proof.checkParts()).toThrow(expect.objectContaining({ detail: "part 2" }));
  });

  it("proves nothing where the ETag is never the MD5, as with encryption in the storage", () => {
    const proof = createUploadProof("s3://b/k");
    proof.check(1, part, { ETag: md5(randomBytes(9)) });
    proof.check(2, part, { ETag: md5(randomBytes(9)), ServerSideEncryption: "aws:kms" });
    proof.checkParts();
    expect(proof.isProved()).toBe(false);
  });

  it("refuses another size, and other bytes read back", () => {
    const proof = createUploadProof("s3://b/k");
    proof.check(1, part, {});
    expect(() => proof.checkSize(999)).toThrow(refused);
    proof.checkSize(1000);
    expect(() => proof.compare(part, part.subarray(1))).toThrow(refused);
    proof.compare(part, Buffer.from(part));
  });
});
