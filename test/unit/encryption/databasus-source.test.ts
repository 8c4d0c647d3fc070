import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { ByteSource } from "../../../electron/archives/byte-source.ts";
import {
  backupIdIn,
  backupIdOf,
  isDatabasusFile,
  openDatabasusSource,
} from "../../../electron/encryption/databasus-source.ts";
import { Secret } from "../../../electron/secrets/secret.ts";
import { databasusBackupId, databasusKey, encryptAsDatabasus } from "../../helpers/databasus-writer.ts";

const mebibyte = 1 << 20;
const plain = randomBytes(2 * mebibyte + 12_345);
const stored = encryptAsDatabasus(plain);

function open(bytes: Buffer, key = databasusKey, id = databasusBackupId): Promise<ByteSource> {
  const source: ByteSource = {
    sizeBytes: bytes.length,
    read: (offset, length) => Promise.resolve(Buffer.from(bytes.subarray(offset, offset + length))),
    close: () => Promise.resolve(),
  };
  return openDatabasusSource(source, new Secret(key), id);
}

describe("an encrypted backup of Databasus", () => {
  it("is read at any place", async () => {
    expect(isDatabasusFile(stored)).toBe(true);
    const source = await open(stored, `${databasusKey}\n`);
    expect(source.sizeBytes).toBe(plain.length);
    for (const [offset, length] of [
      [0, 5],
      [mebibyte - 3, 6],
      [10, 2 * mebibyte + 100],
      [plain.length - 7, 100],
      [plain.length, 10],
    ] as const)
      expect(Buffer.compare(await source.read(offset, length), plain.subarray(offset, offset + length))).toBe(0);
  });

  it.each([1, mebibyte, 2 * mebibyte])("of %i bytes is whole", async (size) => {
    const source = await open(encryptAsDatabasus(plain.subarray(0, size)));
    expect(Buffer.compare(await source.read(0, size + 1), plain.subarray(0, size))).toBe(0);
  });

  it("tells another key or another backup's id, a cut and a changed byte", async () => {
    await expect(open(stored, "other")).rejects.toMatchObject({ code: "encryption.databasusKeyWrong" });
    const otherId = databasusBackupId.replace("5", "6");
    await expect(open(stored, databasusKey, otherId)).rejects.toMatchObject({ code: "encryption.databasusKeyWrong" });
    for (const size of [0, 8, 63, 64, 70, 84, stored.length - 1, stored.length - 5000, mebibyte + 1000])
      await expect(open(stored.subarray(0, size))).rejects.toMatchObject({ code: "archive.truncated" });
    const changed = Buffer.from(stored);
    changed[mebibyte + 5000]! ^= 1;
    const source = await open(changed);
    await expect(source.read(mebibyte, 10)).rejects.toMatchObject({ code: "archive.damaged" });
    await expect(open(Buffer.concat([stored, Buffer.from("more")]))).rejects.toMatchObject({ code: "archive.damaged" });
    const hostile = Buffer.from(stored);
    hostile.writeUInt32BE(0xffffffff, 64);
    await expect(open(hostile)).rejects.toMatchObject({ code: "archive.damaged" });
  });

  it("has its id at the end of its name, or in the file beside it", () => {
    expect(backupIdIn(databasusBackupId)).toBe(databasusBackupId);
    expect(backupIdIn(`shop-20260218-${databasusBackupId.toUpperCase()}.dump`)).toBe(databasusBackupId);
    expect(backupIdIn("shop.dump")).toBeNull();
    expect(backupIdOf(`{ "backupId": "${databasusBackupId}", "encryption": "encrypted" }`)).toBe(databasusBackupId);
    expect(backupIdOf("{}")).toBeNull();
  });
});
