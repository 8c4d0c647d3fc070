import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import { AppError } from "../../shared/error/app-error.ts";

/** What the answer to a sent part, or to an object in one piece, says of what was stored. */
export interface StoredSums {
  readonly ETag?: string | undefined;
  readonly ChecksumCRC32?: string | undefined;
  readonly ServerSideEncryption?: string | undefined;
}

/**
 * Holds an upload to what the storage says it stored, part by part: to its CRC-32 where the storage gives one, else to its
 * ETag, which is the MD5 of a part nearly everywhere (S3 API reference, "Checking object integrity"). Services that encrypt
 * or compress give another ETag for every part; then nothing but the size is told.
 */
export interface UploadProof {
  /** Compares a part. @param md5 of its bytes, where it is known already. @throws storage.failed */
  check(number: number, bytes: Uint8Array, stored: StoredSums, md5?: Uint8Array): void;
  /** To be asked before an upload is completed. @throws storage.failed where some parts' ETags are right and others not */
  checkParts(): void;
  /** For what was read back. @throws storage.failed */
  compare(sent: Uint8Array, stored: Uint8Array): void;
  /** @throws storage.failed where it is not what was sent in all */
  checkSize(storedBytes: number): void;
  /** Whether the storage has said of every part that it is as it was sent. */
  isProved(): boolean;
}

/** @param what for the message: `s3://bucket/key` */
export function createUploadProof(what: string): UploadProof {
  let sentBytes = 0;
  const proved: number[] = [];
  const otherwise: number[] = [];
  const refuse = (detail: string): AppError =>
    new AppError("storage.failed", `${what} is not stored as it was sent.`, {
      detail,
      hint: "Run it again. If it happens again, test the storage with: lifeboat storages test",
    });

  return {
    check(number, bytes, { ETag, ChecksumCRC32, ServerSideEncryption }, known) {
      sentBytes += bytes.length;
      if (ChecksumCRC32 !== undefined) {
        if (ChecksumCRC32 !== crcText(bytes)) throw refuse(`part ${number}`);
        proved.push(number);
        return;
      }
      const stored = /^"?([0-9a-f]{32})"?$/.exec(ETag ?? "")?.[1];
      if (stored === undefined || ServerSideEncryption !== undefined) return;
      const sent = Buffer.from(known ?? createHash("md5").update(bytes).digest()).toString("hex");
      (sent === stored ? proved : otherwise).push(number);
    },
    checkParts() {
      const [first] = otherwise;
      if (first !== undefined && proved.length > 0) throw refuse(`part ${first}`);
    },
    compare(sent, stored) {
      if (Buffer.compare(sent, stored) !== 0) throw refuse("read back, it is something else");
    },
    checkSize(storedBytes) {
      if (storedBytes !== sentBytes) throw refuse(`${sentBytes} bytes were sent, ${storedBytes} are there`);
    },
    isProved: () => proved.length > 0 && otherwise.length === 0,
  };
}

/** As `x-amz-checksum-crc32` has it: big-endian, in base64. */
function crcText(bytes: Uint8Array): string {
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(bytes));
  return sum.toString("base64");
}
