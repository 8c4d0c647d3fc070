import { posix } from "node:path";
import { AppError } from "../../shared/error/app-error.ts";
import { formatSftpLocation, joinPath } from "../../shared/storage/location.ts";
import type { SftpSettings } from "../../shared/storage/settings.ts";
import type { SftpAccess, SftpFile, SftpHandle, SftpSession } from "../ssh/sftp-session.ts";
import { createSftpLink } from "./sftp-link.ts";
import { readPieces, writePieces } from "./sftp-transfer.ts";
import {
  checkPath,
  collectBytes,
  piecesOf,
  type ReadOptions,
  type Storage,
  type StoredFolder,
  type StoredObject,
  staleUploadMs,
  type WriteOptions,
  type Written,
} from "./storage.ts";
import { isUnfinishedName, unfinishedNameOf } from "./unfinished-name.ts";

/** So many times a read goes on where a lost connection had cut it. */
const resumes = 4;
/** What is left of the space when a write that failed must have failed for want of it. */
const nothingLeftBytes = 1024 * 1024;

/** A folder on an SFTP server. Nothing is asked of it yet; a connection that is lost is made anew. */
export function createSftpStorage(settings: SftpSettings, access: SftpAccess): Storage {
  const address = formatSftpLocation(settings);
  const root = settings.path === "" ? "." : settings.path;
  const link = createSftpLink(settings, access);
  const place = (path: string): string => posix.join(root, checkPath(path));
  const placeOf = (folder: string): string => (folder === "" ? root : place(folder));

  async function* list(
    folder: string,
    options: { recursive?: boolean; signal?: AbortSignal | undefined } = {},
  ): AsyncGenerator<StoredObject | StoredFolder> {
    const { recursive = false, signal } = options;
    const at = placeOf(folder);
    // Whole folders: one that is listed half before a cut could not be taken up again.
    const entries = await link.use(signal, (session) => listFolder(session, at, signal));
    for (const { name, file } of entries) {
      const path = joinPath(folder, name);
      if (file.kind === "folder" && !recursive) yield { kind: "folder", path };
      // A link may lead back up; folders are walked, links to them are not.
      else if (file.kind === "folder" && !file.isLink) yield* list(path, options);
      else if (file.kind === "file" && !isUnfinishedName(name)) yield describeObject(path, file);
    }
  }

  async function stat(path: string, { signal }: { signal?: AbortSignal | undefined } = {}): Promise<StoredObject> {
    const at = place(path);
    const found = await link.use(signal, (session) => session.stat(at));
    if (found.kind !== "file") throw new AppError("storage.notFound", `${address}/${path} is not a file.`);
    return describeObject(path, found);
  }

  async function* readStream(path: string, options: ReadOptions = {}): AsyncGenerator<Uint8Array> {
    const { signal } = options;
    const at = place(path);
    let offset = options.offset ?? 0;
    let { etag } = options;
    for (let left = resumes; ; left -= 1) {
      // oxlint-disable-next-line no-await-in-loop -- goes on where the one before was cut
      const opened = await link.use(signal, (session) => openFile(session, at));
      const found = describeObject(path, opened.file);
      try {
        if (etag && etag !== found.etag)
          throw new AppError("storage.conflict", `${address}/${path} was changed while it was read.`);
        etag = found.etag;
        const end = Math.min(found.sizeBytes, (options.offset ?? 0) + (options.length ?? Number.POSITIVE_INFINITY));
        for await (const piece of readPieces(opened.session, opened.handle, { offset, end, signal })) {
          offset += piece.length;
          left = resumes;
          yield piece;
        }
        return;
      } catch (error) {
        if (signal?.aborted) throw signal.reason;
        if (left === 0 || !isCut(error)) throw error;
      } finally {
        if (!opened.session.isLost) void opened.session.close(opened.handle).catch(() => {});
      }
    }
  }

  async function write(path: string, pieces: AsyncIterable<Uint8Array>, options: WriteOptions = {}): Promise<Written> {
    const { ifAbsent = false, signal } = options;
    const at = place(path);
    const partial = unfinishedNameOf(at);
    const taken = () => new AppError("storage.conflict", `${address}/${path} is there already.`);
    try {
      await link.use(signal, (session) => makeFolders(session, posix.dirname(at)));
      if (ifAbsent && (await link.use(signal, (session) => isThere(session, at)))) throw taken();
      const session = await link.session(signal);
      const sizeBytes = await writeSynced(session, partial, pieces, options);
      const isCommitted = await commit(session, partial, at, ifAbsent).catch((error: unknown) =>
        wasCommitted(error, partial, at, sizeBytes),
      );
      if (!isCommitted) throw taken();
      return { sha256: null };
    } catch (error) {
      // Before what was written is removed.
      const failure = signal?.aborted ? signal.reason : await explainFull(error);
      // Where even this fails, sweepStaleUploads finds it a day later. The signal may be aborted, so it is left out.
      await link.tidy((session) => session.remove(partial));
      throw failure;
    }
  }

  /** When the connection went with the answer to the last step: whether that was done. */
  async function wasCommitted(thrown: unknown, partial: string, at: string, sizeBytes: number): Promise<boolean> {
    if (!isCut(thrown)) throw thrown;
    return link.use(undefined, async (session) => {
      if (await isThere(session, partial)) throw thrown;
      const found = await session.stat(at).catch(() => null);
      if (found?.sizeBytes !== sizeBytes) throw thrown;
      return true;
    });
  }

  /** Version 3 has no code for a full disk: it is told by asking for the space that is left. */
  async function explainFull(thrown: unknown): Promise<unknown> {
    if (!(thrown instanceof AppError) || thrown.code !== "storage.failed") return thrown;
    const freeBytes = await link.use(undefined, (session) => session.freeBytes(root)).catch(() => null);
    if (freeBytes === null || freeBytes > nothingLeftBytes) return thrown;
    return new AppError("storage.full", `There is no space left in ${address}.`, { cause: thrown });
  }

  return {
    kind: "sftp",
    address,
    identify: () => Promise.resolve(address),
    list,
    stat,
    readStream,
    read: (path, options = {}) => collectBytes(readStream(path, options)),
    write,
    async delete(path, { signal } = {}) {
      const at = place(path);
      await link.use(signal, async (session) => {
        await session.remove(at).catch(unlessMissing);
        await removeEmptied(session, posix.dirname(at), root);
      });
    },
    thaw: () => Promise.resolve(),
    async describe({ signal } = {}) {
      const freeBytes = await link.use(signal, (session) => session.freeBytes(root));
      return { versioning: "unknown", objectLock: "off", defaultRetention: null, ownRetention: null, freeBytes };
    },
    async sweepStaleUploads({ signal } = {}) {
      let swept = 0;
      const folders = [root];
      for (let at = folders.pop(); at !== undefined; at = folders.pop()) {
        const here = at;
        // oxlint-disable-next-line no-await-in-loop -- few, and no hurry
        const entries = await link.use(signal, (session) => listFolder(session, here, signal));
        for (const { name, file } of entries) {
          if (file.kind === "folder" && !file.isLink) folders.push(posix.join(at, name));
          if (!isUnfinishedName(name) || Date.now() - file.modifiedAtMs < staleUploadMs) continue;
          // oxlint-disable-next-line no-await-in-loop -- as above
          await link.use(signal, (session) => session.remove(posix.join(here, name)).catch(unlessMissing));
          swept += 1;
        }
      }
      return swept;
    },
    close: () => link.close(),
  };
}

interface ListedFile extends SftpFile {
  readonly isLink: boolean;
}

async function listFolder(
  session: SftpSession,
  at: string,
  signal: AbortSignal | undefined,
): Promise<{ name: string; file: ListedFile }[]> {
  const found: { name: string; file: ListedFile }[] = [];
  try {
    for await (const { name, file } of session.entries(at)) {
      signal?.throwIfAborted();
      const isLink = file.kind === "link";
      // What is gone since, or a link to nowhere, is not there.
      const meant = isLink ? await session.stat(posix.join(at, name)).catch(() => null) : file;
      if (meant !== null) found.push({ name, file: { ...meant, isLink } });
    }
  } catch (error) {
    unlessMissing(error);
  }
  return found;
}

async function openFile(
  session: SftpSession,
  at: string,
): Promise<{ session: SftpSession; handle: SftpHandle; file: SftpFile }> {
  const handle = await session.open(at, "read");
  const file = await session.statHandle(handle);
  return { session, handle, file };
}

/** @returns how many bytes it has */
async function writeSynced(
  session: SftpSession,
  path: string,
  pieces: AsyncIterable<Uint8Array>,
  { signal, lateHead }: WriteOptions,
): Promise<number> {
  const handle = await session.open(path, "new");
  try {
    const sizeBytes = await writePieces(session, handle, pieces, signal);
    const head = lateHead?.bytes() ?? null;
    if (head !== null) await writePieces(session, handle, piecesOf(head), signal);
    await session.sync(handle);
    // What comes over SSH is proved on its way; that the server kept all of it is asked.
    const stored = await session.statHandle(handle);
    if (stored.sizeBytes !== sizeBytes)
      throw new AppError("storage.failed", `${path} is not stored as it was sent.`, {
        detail: `${sizeBytes} bytes were sent, ${stored.sizeBytes} are there`,
      });
    return sizeBytes;
  } finally {
    await session.close(handle).catch(() => {});
  }
}

/** SFTP cannot sync a folder, so a power cut may still take the new name; then there is no backup, not half of one. */
async function commit(session: SftpSession, partial: string, at: string, ifAbsent: boolean): Promise<boolean> {
  if (!ifAbsent) {
    await session.replace(partial, at);
    return true;
  }
  try {
    await session.rename(partial, at);
    return true;
  } catch (error) {
    if (isCut(error) || !(await isThere(session, at))) throw error;
    return false;
  }
}

/** A folder and its parents, private to this user where they did not exist. */
async function makeFolders(session: SftpSession, at: string): Promise<void> {
  if (at === "." || at === "/") return;
  const found = await session.stat(at).catch((error: unknown) => unlessMissing(error));
  if (found?.kind === "folder") return;
  await makeFolders(session, posix.dirname(at));
  try {
    await session.makeFolder(at);
  } catch (error) {
    // Somebody else may have made it meanwhile.
    const now = await session.stat(at).catch(() => null);
    if (now?.kind !== "folder") throw error;
  }
}

async function removeEmptied(session: SftpSession, folder: string, root: string): Promise<void> {
  for (let at = folder; at !== posix.normalize(root) && at !== "." && at !== "/"; at = posix.dirname(at)) {
    // oxlint-disable-next-line no-await-in-loop -- from the inside out
    const isGone = await session.removeFolder(at).then(
      () => true,
      () => false,
    );
    if (!isGone) return;
  }
}

async function isThere(session: SftpSession, at: string): Promise<boolean> {
  const found = await session.stat(at).catch((error: unknown) => unlessMissing(error));
  return found !== null;
}

function unlessMissing(error: unknown): null {
  if (error instanceof AppError && error.code === "storage.notFound") return null;
  throw error;
}

function isCut(error: unknown): boolean {
  return error instanceof AppError && error.code === "storage.unreachable";
}

/** Two changes within a second that leave the size as it was look the same: version 3 tells whole seconds. */
function describeObject(path: string, { sizeBytes, modifiedAtMs }: SftpFile): StoredObject {
  return {
    kind: "object",
    path,
    sizeBytes,
    modifiedAt: new Date(modifiedAtMs).toISOString(),
    etag: `${sizeBytes}-${modifiedAtMs}`,
    archived: false,
  };
}
