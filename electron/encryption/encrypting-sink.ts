import { createHash, randomBytes } from "node:crypto";
import { type EncryptFor, wrapFileKey } from "./age-package.ts";
import { chunkBytes, derivePayloadKey, payloadNonceBytes, sealChunk } from "./payload.ts";

/** Where bytes are written one after another. */
export interface ByteSink {
  /** The bytes belong to the sink from then on. */
  write(bytes: Uint8Array): Promise<void>;
}

/** Encrypts what is written to it. Without `end()` the file it makes is not whole, and no reader takes it for whole. */
export interface EncryptingSink extends ByteSink {
  /** Length and SHA-256 of what comes before the first chunk: header and nonce. */
  readonly start: { readonly bytes: number; readonly sha256: string };
  /** Writes the last chunk; nothing may be written afterwards. */
  end(): Promise<void>;
}

/**
 * Writes an age file to a sink: its header at once, then each 64 KiB as they are full. Holds one chunk back, whatever the
 * size of the whole, because the last one is marked. Throws encryption.badRecipient, and what the sink throws.
 */
export async function openEncryptingSink(sink: ByteSink, to: EncryptFor): Promise<EncryptingSink> {
  const { header, fileKey } = await wrapFileKey(to);
  const payloadNonce = randomBytes(payloadNonceBytes);
  const key = derivePayloadKey(fileKey, payloadNonce);
  let index = 0;
  let waiting: Uint8Array[] = [];
  let waitingBytes = 0;

  const holdsMoreThanOne = (): boolean => waitingBytes > chunkBytes;

  async function seal(isLast: boolean): Promise<void> {
    const parts = takeChunk();
    for (const sealed of sealChunk(key, index, isLast, parts)) await sink.write(sealed);
    index += 1;
  }

  /** Up to a chunk from the front of what waits, without copying it. */
  function takeChunk(): Uint8Array[] {
    const parts: Uint8Array[] = [];
    let left = Math.min(chunkBytes, waitingBytes);
    let taken = 0;
    waitingBytes -= left;
    for (; left > 0; taken++) {
      const part = waiting[taken] ?? new Uint8Array(0);
      if (part.length > left) {
        parts.push(part.subarray(0, left));
        waiting[taken] = part.subarray(left);
        break;
      }
      parts.push(part);
      left -= part.length;
    }
    waiting = waiting.slice(taken);
    return parts;
  }

  const start = {
    bytes: header.length + payloadNonce.length,
    sha256: createHash("sha256").update(header).update(payloadNonce).digest("hex"),
  };
  await sink.write(header);
  await sink.write(payloadNonce);
  return {
    start,
    async write(bytes) {
      if (bytes.length === 0) return;
      waiting.push(bytes);
      waitingBytes += bytes.length;
      while (holdsMoreThanOne()) await seal(false);
    },
    end: () => seal(true),
  };
}
