import { createDecipheriv, pbkdf2 } from "node:crypto";
import { promisify } from "node:util";
import { AppError } from "../../shared/error/app-error.ts";
import type { ByteSource } from "../archives/byte-source.ts";
import type { Secret } from "../secrets/secret.ts";

/**
 * What Databasus (once Postgresus) stores when its backups are encrypted, by its own "Manual recovery from backup without
 * Databasus" (databasus.com): `PGRSUS01`, a salt of 32 bytes, a nonce of 12, 12 bytes that say nothing; then parts of 1 MiB,
 * each with its sealed length before it, big-endian, sealed with AES-256-GCM under the nonce whose last eight bytes are the
 * part's number. The key is PBKDF2-SHA256 of secret.key and the backup's id, one behind the other.
 */
const magic = "PGRSUS01";
const saltBytes = 32;
const nonceBytes = 12;
const headerBytes = 64;
const iterations = 100_000;
const partBytes = 1024 * 1024;
const tagBytes = 16;
const lengthBytes = 4;
const storedPartBytes = lengthBytes + partBytes + tagBytes;
/** A search looks at a few places again and again. */
const keptParts = 4;

export function isDatabasusFile(firstBytes: Uint8Array): boolean {
  return Buffer.from(firstBytes.subarray(0, magic.length)).toString("latin1") === magic;
}

/** The id that Databasus puts at the end of a backup's name; null where there is none. */
export function backupIdIn(name: string): string | null {
  const [id] = [...name.matchAll(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/gi)].at(-1) ?? [];
  return id?.toLowerCase() ?? null;
}

/** The id in the JSON of a backup's `.metadata` file; null where the text is another. */
export function backupIdOf(metadata: string): string | null {
  return backupIdIn(/"backupId"\s*:\s*"([^"]*)"/.exec(metadata)?.[1] ?? "");
}

/**
 * The plain bytes of such a file, readable at any place; of each part the tag is checked. The first and the last part are
 * opened at once, so that a wrong key and a cut are told before anything is shown. A cut just between two parts the file
 * itself does not tell: whoever reads the archive in it does. Closing it closes the source.
 * @throws encryption.databasusKeyWrong, archive.truncated, archive.damaged
 */
export async function openDatabasusSource(
  source: ByteSource,
  masterKey: Secret,
  backupId: string,
): Promise<ByteSource> {
  const header = await source.read(0, headerBytes);
  const payloadBytes = source.sizeBytes - headerBytes;
  const lastBytes = ((payloadBytes - 1) % storedPartBytes) + 1;
  if (payloadBytes <= 0 || lastBytes <= lengthBytes + tagBytes) throw cut();
  const salt = header.subarray(magic.length, magic.length + saltBytes);
  const nonce = header.subarray(magic.length + saltBytes, magic.length + saltBytes + nonceBytes);
  const key = await promisify(pbkdf2)(`${masterKey.reveal().trim()}${backupId}`, salt, iterations, 32, "sha256");
  const parts = Math.ceil(payloadBytes / storedPartBytes);
  const sizeBytes = payloadBytes - parts * (lengthBytes + tagBytes);
  const kept = new Map<number, Uint8Array>();

  async function openPart(index: number): Promise<Uint8Array> {
    const known = kept.get(index);
    if (known !== undefined) return known;
    const at = headerBytes + index * storedPartBytes;
    const stored = await source.read(at, Math.min(storedPartBytes, source.sizeBytes - at));
    const sealed = stored.subarray(lengthBytes);
    const says = stored.length < lengthBytes ? 0 : Buffer.from(stored.subarray(0, lengthBytes)).readUInt32BE();
    if (says > sealed.length && index === parts - 1 && says <= partBytes + tagBytes) throw cut();
    const plain = says === sealed.length ? unseal(key, nonce, index, sealed) : null;
    if (plain === null) {
      if (index === 0 && says === sealed.length) throw wrongKey();
      throw new AppError("archive.damaged", "A part of the encrypted file was changed.", {
        detail: `1 MiB part ${index} of ${parts}, at byte ${at} of the file`,
      });
    }
    kept.set(index, plain);
    const [oldest] = kept.keys();
    if (kept.size > keptParts && oldest !== undefined) kept.delete(oldest);
    return plain;
  }

  await openPart(0);
  await openPart(parts - 1);
  return {
    sizeBytes,
    streamedBytes: partBytes,
    async read(offset, length) {
      const wanted = Math.max(0, Math.min(length, sizeBytes - offset));
      const bytes = Buffer.allocUnsafeSlow(wanted);
      for (let done = 0; done < wanted; ) {
        const position = offset + done;
        // oxlint-disable-next-line no-await-in-loop -- in its order
        const part = await openPart(Math.floor(position / partBytes));
        const piece = part.subarray(position % partBytes, (position % partBytes) + wanted - done);
        bytes.set(piece, done);
        done += piece.length;
      }
      return bytes;
    },
    close() {
      kept.clear();
      return source.close();
    },
  };
}

/** Null where the tag does not fit. */
function unseal(key: Buffer, nonce: Uint8Array, index: number, sealed: Uint8Array): Uint8Array | null {
  const partNonce = Buffer.from(nonce);
  partNonce.writeBigUInt64BE(BigInt(index), nonceBytes - 8);
  const end = sealed.length - tagBytes;
  const decipher = createDecipheriv("aes-256-gcm", key, partNonce, { authTagLength: tagBytes });
  decipher.setAuthTag(sealed.subarray(end));
  const plain = decipher.update(sealed.subarray(0, end));
  try {
    decipher.final();
    return plain;
  } catch {
    return null;
  }
}

function cut(): AppError {
  return new AppError("archive.truncated", "The encrypted file was cut short.");
}

function wrongKey(): AppError {
  return new AppError("encryption.databasusKeyWrong", "The key does not open this backup of Databasus.");
}
