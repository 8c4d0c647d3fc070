import { createCipheriv, pbkdf2Sync, randomBytes } from "node:crypto";

export const databasusKey = "5b1f0f6e-5d1c-4a86-9a43-5d6f0f0c2a11b02a9c1e-8a57-4f0e-9d2b-6a5f4e3d2c1b";
export const databasusBackupId = "550e8400-e29b-41d4-a716-446655440000";

/** A file as Databasus stores an encrypted backup, written by its description and not by our reader. */
export function encryptAsDatabasus(plain: Buffer, key = databasusKey, backupId = databasusBackupId): Buffer {
  const [salt, nonce] = [randomBytes(32), randomBytes(12)];
  const derived = pbkdf2Sync(key + backupId, salt, 100_000, 32, "sha256");
  const parts = [Buffer.from("PGRSUS01"), salt, nonce, Buffer.alloc(12)];
  for (let at = 0, index = 0n; at < plain.length; at += 1 << 20, index++) {
    const partNonce = Buffer.concat([nonce.subarray(0, 4), Buffer.alloc(8)]);
    partNonce.writeBigUInt64BE(index, 4);
    const cipher = createCipheriv("aes-256-gcm", derived, partNonce);
    const sealed = Buffer.concat([
      cipher.update(plain.subarray(at, at + (1 << 20))),
      cipher.final(),
      cipher.getAuthTag(),
    ]);
    const length = Buffer.alloc(4);
    length.writeUInt32BE(sealed.length);
    parts.push(length, sealed);
  }
  return Buffer.concat(parts);
}
