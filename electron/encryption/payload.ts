import {
  type CipherKey,
  createCipheriv,
  createDecipheriv,
  createSecretKey,
  getCipherInfo,
  hkdfSync,
  type KeyObject,
} from "node:crypto";
import { AppError } from "../../shared/error/app-error.ts";

/**
 * The payload of an age v1 file (C2SP age.md, "Payload"): a nonce of 16 bytes, then the plain bytes in chunks of 64 KiB,
 * each sealed with ChaCha20-Poly1305 under a nonce of its number and a mark on the last one.
 */

export const payloadNonceBytes = 16;
export const chunkBytes = 64 * 1024;
export const tagBytes = 16;
/** A whole chunk as it is stored. */
export const sealedChunkBytes = chunkBytes + tagBytes;

const cipherName = "chacha20-poly1305";

/**
 * The key of one file's payload. It must never seal two different payloads: a new payload takes a new nonce.
 * Throws encryption.unavailable where Node was built over a library without this cipher (BoringSSL has had none).
 */
export function derivePayloadKey(fileKey: Uint8Array, payloadNonce: Uint8Array): KeyObject {
  if (getCipherInfo(cipherName) === undefined)
    throw new AppError("encryption.unavailable", "This program was built without the cipher that age files need.");
  // As an object it is looked at once, not anew for every chunk.
  return createSecretKey(Buffer.from(hkdfSync("sha256", fileKey, payloadNonce, "payload", 32)));
}

/** Seals a chunk, given in parts; what comes back is to be written in its order. Only the last chunk may be short. */
export function sealChunk(key: CipherKey, index: number, isLast: boolean, parts: readonly Uint8Array[]): Uint8Array[] {
  const cipher = createCipheriv(cipherName, key, chunkNonce(index, isLast), { authTagLength: tagBytes });
  const sealed = parts.map((part) => cipher.update(part));
  cipher.final();
  return [...sealed, cipher.getAuthTag()];
}

/** The plain bytes of a stored chunk; null where it was changed, or stands in another place than it was written to. */
export function openChunk(key: CipherKey, index: number, isLast: boolean, sealed: Uint8Array): Uint8Array | null {
  if (sealed.length < tagBytes) return null;
  const decipher = createDecipheriv(cipherName, key, chunkNonce(index, isLast), { authTagLength: tagBytes });
  decipher.setAuthTag(sealed.subarray(sealed.length - tagBytes));
  const plain = decipher.update(sealed.subarray(0, sealed.length - tagBytes));
  try {
    decipher.final();
    return plain;
  } catch {
    return null;
  }
}

/** Plain bytes of a payload of so many stored bytes (behind its nonce); null where no payload has this size. */
export function plainSizeOf(payloadBytes: number): number | null {
  const rest = payloadBytes % sealedChunkBytes;
  const whole = (payloadBytes - rest) / sealedChunkBytes;
  // Only an empty file has an empty chunk.
  if (rest === tagBytes && whole === 0) return 0;
  if (rest === 0) return whole === 0 ? null : whole * chunkBytes;
  return rest <= tagBytes ? null : whole * chunkBytes + rest - tagBytes;
}

/** An 11-byte big-endian counter, then 1 for the last chunk. Six bytes of counter are 18 exabytes. */
function chunkNonce(index: number, isLast: boolean): Uint8Array {
  const nonce = Buffer.alloc(12);
  nonce.writeUIntBE(index, 5, 6);
  nonce[11] = isLast ? 1 : 0;
  return nonce;
}
