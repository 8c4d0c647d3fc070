import { opendir, realpath, rm, rmdir, stat, statfs } from "node:fs/promises";
import { hostname } from "node:os";
import { dirname, join, resolve } from "node:path";
import { AppError } from "../../shared/error/app-error.ts";
import { joinPath } from "../../shared/storage/location.ts";
import { createCheckedFile } from "./checked-file.ts";
import { makePrivateFolder, syncFolder } from "./durable-file.ts";
import { isThere, nameFile, nameIsTaken } from "./name-file.ts";
import { openWithoutWaiting } from "./open-without-waiting.ts";
import {
  checkPath,
  collectBytes,
  type ReadOptions,
  type Storage,
  type StoredFolder,
  type StoredObject,
  staleUploadMs,
  type WriteOptions,
  type Written,
} from "./storage.ts";
import { errnoOf, storageError } from "./storage-error.ts";
import { isUnfinishedName, unfinishedNameOf } from "./unfinished-name.ts";

const readBytes = 1024 * 1024;

/** A folder of this machine, or one that is mounted here. It need not exist yet. */
export function createLocalStorage(folder: string): Storage {
  const root = resolve(folder);
  const place = (path: string): string => join(root, checkPath(path));

  async function* list(
    path: string,
    options: { recursive?: boolean; signal?: AbortSignal | undefined } = {},
  ): AsyncGenerator<StoredObject | StoredFolder> {
    const at = path === "" ? root : place(path);
    const entries = await opendir(at).catch((error: unknown) => {
      if (errnoOf(error) === "ENOENT") return null;
      throw storageError(error, at);
    });
    if (entries === null) return;
    for await (const entry of entries) {
      options.signal?.throwIfAborted();
      const inner = joinPath(path, entry.name);
      // What is gone since, or a link to nowhere, is not there.
      const found = await stat(join(at, entry.name)).catch(() => null);
      if (found?.isDirectory()) {
        if (!options.recursive) yield { kind: "folder", path: inner };
        // A link may lead back up; folders are walked, links to them are not.
        else if (!entry.isSymbolicLink()) yield* list(inner, options);
      } else if (found?.isFile() && !isUnfinishedName(entry.name)) yield describeFile(inner, found);
    }
  }

  async function* readStream(path: string, options: ReadOptions = {}): AsyncGenerator<Uint8Array> {
    const at = place(path);
    const file = await openWithoutWaiting(at).catch((error: unknown) => Promise.reject(storageError(error, at)));
    try {
      const facts = await file.stat();
      if (!facts.isFile()) throw new AppError("storage.notFound", `${at} is not a file.`);
      const found = describeFile(path, facts);
      if (options.etag && options.etag !== found.etag) throw changed(at);
      let offset = options.offset ?? 0;
      const end = Math.min(found.sizeBytes, offset + (options.length ?? Number.POSITIVE_INFINITY));
      while (offset < end) {
        options.signal?.throwIfAborted();
        const bytes = Buffer.allocUnsafeSlow(Math.min(readBytes, end - offset));
        const { bytesRead } = await file.read(bytes, 0, bytes.length, offset);
        if (bytesRead === 0) return;
        offset += bytesRead;
        yield bytes.subarray(0, bytesRead);
      }
    } catch (error) {
      throw options.signal?.aborted ? options.signal.reason : storageError(error, at);
    } finally {
      await file.close();
    }
  }

  return {
    kind: "folder",
    address: root,
    identify: async () => `${hostname()}:${await realpath(root).catch(() => root)}`,
    list,
    readStream,
    read: (path, options) => collectBytes(readStream(path, options)),
    async stat(path) {
      const at = place(path);
      const found = await stat(at).catch((error: unknown) => Promise.reject(storageError(error, at)));
      if (!found.isFile()) throw new AppError("storage.notFound", `${at} is not a file.`);
      return describeFile(path, found);
    },
    async write(path, pieces, options = {}) {
      const { ifAbsent = false, signal } = options;
      const at = place(path);
      const partial = unfinishedNameOf(at);
      let written: Written;
      try {
        await makePrivateFolder(dirname(at));
        if (ifAbsent && (await isThere(at))) throw nameIsTaken(at);
        options.onPartial?.(partial);
        written = await writeChecked(partial, pieces, options);
        await nameFile(partial, at, ifAbsent);
      } catch (error) {
        await rm(partial, { force: true }).catch(() => {});
        if (signal?.aborted) throw signal.reason;
        // What the source throws is told as it is; the system's own errors have a name.
        throw errnoOf(error) === undefined ? error : storageError(error, at);
      }
      await syncFolder(dirname(at));
      return written;
    },
    async delete(path) {
      const at = place(path);
      try {
        await rm(at, { force: true });
        await syncFolder(dirname(at));
        await removeEmptied(dirname(at), root);
      } catch (error) {
        if (errnoOf(error) !== "ENOENT") throw storageError(error, at);
      }
    },
    thaw: () => Promise.resolve(),
    async describe() {
      const freeBytes = await freeBytesAt(root);
      return { versioning: "off", objectLock: "off", defaultRetention: null, ownRetention: null, freeBytes };
    },
    async sweepStaleUploads({ signal } = {}) {
      const entries = await opendir(root, { recursive: true }).catch(() => null);
      let swept = 0;
      for await (const entry of entries ?? []) {
        signal?.throwIfAborted();
        if (!entry.isFile() || !isUnfinishedName(entry.name)) continue;
        const at = join(entry.parentPath, entry.name);
        const found = await stat(at).catch(() => null);
        if (found === null || Date.now() - found.mtimeMs < staleUploadMs) continue;
        await rm(at, { force: true }).catch((error: unknown) => Promise.reject(storageError(error, at)));
        swept += 1;
      }
      return swept;
    },
    close: () => Promise.resolve(),
  };
}

/** A folder is there for what is in it, as a prefix of a bucket is: the members of a directory archive go, and so does it. */
async function removeEmptied(folder: string, root: string): Promise<void> {
  for (let at = folder; at !== root; at = dirname(at)) {
    const isGone = await rmdir(at).then(
      () => true,
      () => false,
    );
    if (!isGone) return;
  }
}

async function writeChecked(
  path: string,
  pieces: AsyncIterable<Uint8Array>,
  { signal, lateHead }: WriteOptions,
): Promise<Written> {
  const file = await createCheckedFile(path);
  try {
    for await (const piece of pieces) {
      signal?.throwIfAborted();
      await file.write(piece);
    }
    signal?.throwIfAborted();
    const head = lateHead?.bytes() ?? null;
    if (head !== null) await file.patch(0, head);
    return await file.seal();
  } catch (error) {
    await file.discard();
    throw error;
  }
}

function describeFile(path: string, found: { size: number; mtimeMs: number }): StoredObject {
  return {
    kind: "object",
    path,
    sizeBytes: found.size,
    modifiedAt: new Date(found.mtimeMs).toISOString(),
    etag: `${found.size}-${found.mtimeMs}`,
    archived: false,
  };
}

function changed(path: string): AppError {
  return new AppError("storage.conflict", `${path} was changed while it was read.`);
}

/** Of the folder, or of the nearest one above that is there. */
async function freeBytesAt(folder: string): Promise<number | null> {
  for (let at = folder; ; at = dirname(at)) {
    // oxlint-disable-next-line no-await-in-loop
    const found = await statfs(at).catch(() => null);
    if (found !== null) return found.bavail * found.bsize;
    if (at === dirname(at)) return null;
  }
}
