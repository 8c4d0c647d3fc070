import { type FileHandle, mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AppError } from "../../shared/error/app-error.ts";
import { storageError } from "../storage/storage-error.ts";
import { openFileSource } from "./byte-source.ts";
import { type Codec, decompress } from "./decompress.ts";
import type { ArchiveSource } from "./open-source.ts";
import { readRange } from "./read-range.ts";

/**
 * The bytes in a compressed file, unpacked once into a file of their own that only this user can read and that goes with the
 * archive. An archive has to be read at any place, and a compressed file can be read only from its beginning.
 * @param wrapped which is closed here
 * @throws archive.limitExceeded, archive.truncated, archive.damaged, archive.unsupportedFormat for an encrypted file, whose
 *   plain bytes are not to lie on a disk, storage.*
 */
export async function unwrapSource(wrapped: ArchiveSource, codec: Codec): Promise<ArchiveSource> {
  if (wrapped.isEncrypted)
    throw new AppError("archive.unsupportedFormat", `The file is encrypted, and compressed with ${codec} inside.`, {
      hint: "Decrypt it with age first, then open what comes out.",
    });
  const folder = await mkdtemp(join(tmpdir(), "lifeboat-unpacked-"));
  try {
    const path = join(folder, "archive");
    await unpack(wrapped, codec, path);
    const source = await openFileSource(path);
    // Where the system allows it the file has no name from now on, so that it is gone whatever becomes of this process.
    if (process.platform !== "win32") await rm(folder, { recursive: true });
    await wrapped.close();
    return {
      sizeBytes: source.sizeBytes,
      isEncrypted: false,
      isFile: false,
      read: (offset, length) => source.read(offset, length),
      async close() {
        await source.close();
        await rm(folder, { recursive: true, force: true });
      },
    };
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

async function unpack(wrapped: ArchiveSource, codec: Codec, path: string): Promise<void> {
  let file: FileHandle | null = null;
  let position = 0;
  const parts = readRange(wrapped, { start: 0, end: wrapped.sizeBytes });
  try {
    file = await open(path, "wx", 0o600);
    for await (const bytes of decompress({ parts, isOver: () => false }, codec, "of the file")) {
      for (let at = 0; at < bytes.length; ) {
        // oxlint-disable-next-line no-await-in-loop -- in its order
        const { bytesWritten } = await file.write(bytes, at, bytes.length - at, position);
        at += bytesWritten;
        position += bytesWritten;
      }
    }
  } catch (error) {
    throw error instanceof AppError ? error : storageError(error, path);
  } finally {
    await parts.return(undefined);
    await file?.close();
  }
}
