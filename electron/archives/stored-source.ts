import { AppError } from "../../shared/error/app-error.ts";
import type { Storage } from "../storage/storage.ts";
import { archivedError } from "../storage/thaw-backup.ts";
import type { BlockCache } from "./block-cache.ts";
import type { ByteSource } from "./byte-source.ts";

/** Reads go to the storage in whole blocks of this length, so that what is read twice is fetched once. */
const blockBytes = 64 * 1024;
const cachedBlocks = 256;
/** Each read is a journey. Of this length they pass the cache by, which would only lose what is in it. */
const streamedBytes = (cachedBlocks / 2) * blockBytes;

/**
 * Blocks of objects that were closed: a restore opens its archive to plan, to list and to read. Newest last. They are kept
 * under the object's version, so what was replaced is never taken for what is there.
 */
const closed = new Map<string, Uint8Array>();

function keep(key: string, block: Uint8Array): void {
  closed.delete(key);
  // A copy: a part of a long answer would keep all of it.
  closed.set(key, Uint8Array.from(block));
  if (closed.size <= cachedBlocks) return;
  const [oldest] = closed.keys();
  if (oldest !== undefined) closed.delete(oldest);
}

/**
 * An object of a storage as a source: range reads of whole blocks, the latest 16 MiB of them kept, and as much for the next
 * one who opens it; more of them on the disk, for the next time. The source owns the storage and closes it. An object that is replaced while it is read is refused, never mixed.
 * @throws storage.notFound, storage.archived and what else Storage throws
 */
export async function openStoredSource(
  storage: Storage,
  path: string,
  disk: BlockCache | null = null,
): Promise<ByteSource> {
  const object = await storage.stat(path);
  if (object.archived) throw archivedError(storage, object);
  const { sizeBytes, etag } = object;
  const ending = new AbortController();
  /** Newest last: a Map keeps the order in which keys were set. */
  const blocks = new Map<number, Promise<Uint8Array>>();

  const keyOf = (index: number): string => `${storage.address}/${path}\n${etag} ${sizeBytes}\n${index}`;
  // Without a version nobody could tell that it was replaced.
  const cache = etag === null ? null : disk;

  /** From this source's own blocks, or from those of an earlier one. */
  function find(index: number): Promise<Uint8Array> | undefined {
    const kept = etag === null ? undefined : closed.get(keyOf(index));
    return blocks.get(index) ?? (kept === undefined ? undefined : Promise.resolve(kept));
  }

  function remember(index: number, block: Promise<Uint8Array>): void {
    blocks.delete(index);
    blocks.set(index, block);
    if (blocks.size <= cachedBlocks) return;
    const [oldest] = blocks.keys();
    if (oldest !== undefined) blocks.delete(oldest);
  }

  /** One request for neighbouring blocks, each of which is kept for the next time. */
  async function askFor(first: number, last: number): Promise<Uint8Array[]> {
    const offset = first * blockBytes;
    const length = Math.min(sizeBytes, (last + 1) * blockBytes) - offset;
    const bytes = await storage.read(path, { offset, length, etag, signal: ending.signal });
    if (bytes.length !== length)
      throw new AppError("storage.failed", `${storage.address}/${path} is shorter than the storage said.`);
    return Array.from({ length: last - first + 1 }, (_, at) => {
      const block = bytes.subarray(at * blockBytes, (at + 1) * blockBytes);
      cache?.keep(keyOf(first + at), block);
      return block;
    });
  }

  /** Neighbouring blocks that are not in memory: from the disk those that are there, the others in a request for each gap. */
  async function loadRun(first: number, last: number): Promise<Uint8Array[]> {
    if (cache === null) return askFor(first, last);
    const indexes = Array.from({ length: last - first + 1 }, (_, at) => first + at);
    const kept = await Promise.all(indexes.map((index) => cache.read(keyOf(index))));
    const loaded: Uint8Array[] = [];
    for (let block = kept[0]; loaded.length < kept.length; block = kept[loaded.length]) {
      if (block !== undefined) {
        loaded.push(block);
        continue;
      }
      const from = loaded.length;
      const next = kept.findIndex((found, at) => at > from && found !== undefined);
      // oxlint-disable-next-line no-await-in-loop -- one gap as a rule
      loaded.push(...(await askFor(first + from, first + (next === -1 ? kept.length : next) - 1)));
    }
    return loaded;
  }

  function fetchRun(first: number, last: number): Promise<Uint8Array>[] {
    const run = loadRun(first, last);
    return Array.from({ length: last - first + 1 }, (_, at) => {
      const block = run.then((loaded) => loaded[at] ?? new Uint8Array(0));
      // What failed is asked for again; the error itself comes out where the block is awaited.
      block.catch(() => blocks.delete(first + at));
      return block;
    });
  }

  /** Begins to fetch what is missing of blocks, in as few requests as there are gaps, and gives all of them. */
  function fetchBlocks(first: number, last: number): Promise<Uint8Array>[] {
    const indexes = Array.from({ length: last - first + 1 }, (_, at) => first + at);
    const found = new Map<number, Promise<Uint8Array>>();
    for (const index of indexes) {
      const block = find(index);
      if (block !== undefined) found.set(index, block);
    }
    for (let index = first; index <= last; index += 1) {
      if (found.has(index)) continue;
      let end = index;
      while (end < last && !found.has(end + 1)) end += 1;
      for (const [at, block] of fetchRun(index, end).entries()) found.set(index + at, block);
      index = end;
    }
    for (const [index, block] of found) remember(index, block);
    return indexes.flatMap((index) => found.get(index) ?? []);
  }

  return {
    sizeBytes,
    streamedBytes,
    async read(offset, length) {
      const end = Math.min(sizeBytes, offset + length);
      if (end <= offset) return new Uint8Array(0);
      const first = Math.floor(offset / blockBytes);
      const last = Math.floor((end - 1) / blockBytes);
      // More than the cache holds at once would lose its own beginning.
      if (last - first >= cachedBlocks / 2)
        return storage.read(path, { offset, length: end - offset, etag, signal: ending.signal });
      const parts = await Promise.all(fetchBlocks(first, last));
      const bytes = Buffer.allocUnsafeSlow(end - offset);
      let filled = 0;
      for (const [at, part] of parts.entries()) {
        const start = (first + at) * blockBytes;
        const wanted = part.subarray(Math.max(0, offset - start), Math.min(part.length, end - start));
        bytes.set(wanted, filled);
        filled += wanted.length;
      }
      return bytes;
    },
    expect(offset, length) {
      const end = Math.min(sizeBytes, offset + length);
      if (end > offset) void fetchBlocks(Math.floor(offset / blockBytes), Math.floor((end - 1) / blockBytes));
    },
    async forget(offset, length) {
      for (let index = Math.floor(offset / blockBytes); index * blockBytes < offset + length; index += 1) {
        blocks.delete(index);
        closed.delete(keyOf(index));
        // oxlint-disable-next-line no-await-in-loop -- few, of a damaged part
        await cache?.drop(keyOf(index));
      }
    },
    async close() {
      ending.abort(new AppError("job.cancelled", "The archive was closed."));
      if (etag !== null)
        // What did not come whole was aborted, and is not kept.
        for (const [index, block] of blocks) await block.then((bytes) => keep(keyOf(index), bytes)).catch(() => {});
      await cache?.settle();
      await storage.close();
    },
  };
}
