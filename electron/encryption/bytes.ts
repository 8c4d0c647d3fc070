import type { ByteSource } from "../archives/byte-source.ts";
import type { EncryptFor } from "./age-package.ts";
import { openDecryptingSource } from "./decrypting-source.ts";
import { openEncryptingSink } from "./encrypting-sink.ts";

/** Something small as a whole age file. Throws encryption.badRecipient. */
export async function encryptBytes(bytes: Uint8Array, to: EncryptFor): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  const sink = await openEncryptingSink({ write: async (part) => void parts.push(part) }, to);
  await sink.write(bytes);
  await sink.end();
  return Buffer.concat(parts);
}

/** The plain bytes of a small age file. Throws as openDecryptingSource. */
export async function decryptBytes(
  file: Uint8Array,
  unlock: (header: Uint8Array) => Promise<Uint8Array>,
): Promise<Uint8Array> {
  const source: ByteSource = {
    sizeBytes: file.length,
    read: async (offset, length) => file.slice(offset, offset + length),
    close: async () => {},
  };
  const plain = await openDecryptingSource(source, unlock);
  const bytes = await plain.read(0, plain.sizeBytes);
  // An empty file has a last chunk too.
  await plain.proveWhole();
  return bytes;
}
