import { type FileHandle, mkdtemp, open, rm, statfs } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AppError } from "../../shared/error/app-error.ts";
import { formatBytes } from "../../shared/text/format.ts";
import { storageError } from "../storage/storage-error.ts";
import { type ByteSource, openFileSource } from "./byte-source.ts";

/**
 * What can be read only from its beginning, unpacked once into a file that only this user can read: an archive has to be
 * read at any place. The file goes with the source that is given; where the system allows it, it has no name even before,
 * so that it is gone whatever becomes of this process.
 * @param leastBytes how much will hardly be less: refused where there is not so much room
 * @param fill writes all of it; what it throws leaves nothing
 * @throws storage.full, storage.*, and what `fill` throws
 */
export async function openUnpacked(
  leastBytes: number,
  fill: (write: (bytes: Uint8Array) => Promise<void>) => Promise<void>,
): Promise<ByteSource> {
  const place = tmpdir();
  await insistOnRoom(place, leastBytes);
  const folder = await mkdtemp(join(place, "lifeboat-unpacked-")).catch((error) =>
    Promise.reject(storageError(error, place)),
  );
  try {
    const path = join(folder, "archive");
    await write(path, fill);
    const source = await openFileSource(path);
    if (process.platform !== "win32") await rm(folder, { recursive: true });
    return {
      sizeBytes: source.sizeBytes,
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

async function insistOnRoom(place: string, leastBytes: number): Promise<void> {
  const found = await statfs(place).catch(() => null);
  if (found === null || found.bavail * found.bsize >= leastBytes) return;
  throw new AppError("storage.full", `There is no room in ${place} to unpack the file.`, {
    detail: `${formatBytes(leastBytes)} or more are needed, ${formatBytes(found.bavail * found.bsize)} are free`,
    hint: "Make room there, or name another folder with TMPDIR.",
  });
}

async function write(
  path: string,
  fill: (write: (bytes: Uint8Array) => Promise<void>) => Promise<void>,
): Promise<void> {
  let file: FileHandle | null = null;
  let position = 0;
  try {
    const opened = await open(path, "wx", 0o600);
    file = opened;
    await fill(async (bytes) => {
      for (let at = 0; at < bytes.length; ) {
        // oxlint-disable-next-line no-await-in-loop -- in its order
        const { bytesWritten } = await opened.write(bytes, at, bytes.length - at, position);
        at += bytesWritten;
        position += bytesWritten;
      }
    });
  } catch (error) {
    throw error instanceof AppError ? error : storageError(error, path);
  } finally {
    await file?.close();
  }
}
