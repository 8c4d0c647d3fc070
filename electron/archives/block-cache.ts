import { createHash, randomBytes } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, stat, unlink, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Home } from "../home.ts";
import { inParallel } from "../storage/stored-backups.ts";

/**
 * Blocks of objects in storages, kept on this machine's disk. Nobody relies on it: what cannot be read or written is
 * fetched again. It holds stored bytes alone, so what is encrypted there is encrypted here.
 */
export interface BlockCache {
  /** As it was kept; undefined where it is not there, or is not what was put. @param key says object, version and place */
  read(key: string): Promise<Uint8Array | undefined>;
  /** It was not what it should have been, so it is asked for again the next time. */
  drop(key: string): Promise<void>;
  /** Keeps a copy soon; where the disk cannot follow, not at all. */
  keep(key: string, block: Uint8Array): void;
  /** Resolves when nothing waits to be written. */
  settle(): Promise<void>;
}

/** What the cache takes, files and bytes. */
export interface CacheSize {
  readonly files: number;
  readonly bytes: number;
}

/** It grows to this and a little more; then what was not used for longest goes. */
export const mostCacheBytes = 512 * 1024 * 1024;
const writesAtOnce = 8;
const mostWaiting = 128;
const digestBytes = 32;

/** One for each folder in a process: together they must know what is waiting. */
const caches = new Map<string, BlockCache>();

/** The cache of a home. Nothing is touched before it is used. @param mostBytes its bound; another for tests alone */
export function openBlockCache({ cacheFolder }: Pick<Home, "cacheFolder">, mostBytes = mostCacheBytes): BlockCache {
  const root = join(cacheFolder, "blocks");
  const known = caches.get(root) ?? createBlockCache(root, mostBytes);
  caches.set(root, known);
  return known;
}

function createBlockCache(root: string, mostBytes: number): BlockCache {
  const writing = new Set<Promise<void>>();
  const waiting = new Map<string, () => Promise<void>>();
  // The first write of a process looks what others have left.
  let unsweptBytes = Number.POSITIVE_INFINITY;

  function next(): void {
    while (writing.size < writesAtOnce) {
      const [first] = waiting;
      if (first === undefined) return;
      const [key, work] = first;
      waiting.delete(key);
      const write: Promise<void> = work()
        .catch(() => {})
        .finally(() => {
          writing.delete(write);
          next();
        });
      writing.add(write);
    }
  }

  async function writeBlock(key: string, block: Uint8Array): Promise<void> {
    const { folder, file } = placeOf(root, key);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const partial = `${file}.${randomBytes(6).toString("hex")}`;
    try {
      await writeFile(partial, Buffer.concat([digestOf(key, block), block]), { mode: 0o600, flag: "wx" });
      await rename(partial, file);
    } catch (error) {
      await rm(partial, { force: true }).catch(() => {});
      throw error;
    }
    unsweptBytes += block.length;
    if (unsweptBytes < mostBytes / 8) return;
    unsweptBytes = 0;
    await sweep(root, mostBytes);
  }

  return {
    async read(key) {
      const { file } = placeOf(root, key);
      const kept = await readFile(file).catch(() => null);
      if (kept === null) return undefined;
      const block = kept.subarray(digestBytes);
      if (!kept.subarray(0, digestBytes).equals(digestOf(key, block))) {
        await unlink(file).catch(() => {});
        return undefined;
      }
      const now = new Date();
      // Used now: it goes later than what was not.
      void utimes(file, now, now).catch(() => {});
      return block;
    },
    async drop(key) {
      waiting.delete(key);
      await rm(placeOf(root, key).file, { force: true }).catch(() => {});
    },
    keep(key, block) {
      if (waiting.size >= mostWaiting) return;
      // A copy: a part of a long answer would keep all of it.
      const copy = Uint8Array.from(block);
      waiting.set(key, () => writeBlock(key, copy));
      next();
    },
    async settle() {
      // oxlint-disable-next-line no-await-in-loop -- each that ends may begin another
      while (writing.size > 0) await Promise.all(writing);
    },
  };
}

/** What the cache of a home takes now. */
export async function sizeOfCache({ cacheFolder }: Pick<Home, "cacheFolder">): Promise<CacheSize> {
  const files = await listBlocks(join(cacheFolder, "blocks"));
  return { files: files.length, bytes: files.reduce((sum, { bytes }) => sum + bytes, 0) };
}

/** Empties the cache of a home. @returns what it took */
export async function clearCache(home: Pick<Home, "cacheFolder">): Promise<CacheSize> {
  const size = await sizeOfCache(home);
  await rm(join(home.cacheFolder, "blocks"), { recursive: true, force: true });
  return size;
}

/** The key is part of it: a file that was put in another's place is not taken for it. */
function digestOf(key: string, block: Uint8Array): Buffer {
  return createHash("sha256").update(`${key}\0`).update(block).digest();
}

/** The name tells nothing of what is in it. */
function placeOf(root: string, key: string): { folder: string; file: string } {
  const name = createHash("sha256").update(key).digest("hex");
  const folder = join(root, name.slice(0, 2));
  return { folder, file: join(folder, name.slice(2)) };
}

interface KeptBlock {
  readonly path: string;
  readonly bytes: number;
  readonly usedMs: number;
}

async function listBlocks(root: string): Promise<KeptBlock[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true }).catch(() => []);
  const blocks: KeptBlock[] = [];
  await inParallel(
    entries.filter((entry) => entry.isFile()),
    writesAtOnce,
    async (entry) => {
      const path = join(entry.parentPath, entry.name);
      const found = await stat(path).catch(() => null);
      if (found !== null) blocks.push({ path, bytes: found.size, usedMs: found.mtimeMs });
    },
  );
  return blocks;
}

/** Deletes what was not used for longest until an eighth is free again. */
async function sweep(root: string, mostBytes: number): Promise<void> {
  const blocks = (await listBlocks(root)).toSorted((one, other) => one.usedMs - other.usedMs);
  let bytes = blocks.reduce((sum, block) => sum + block.bytes, 0);
  if (bytes <= mostBytes) return;
  for (const block of blocks) {
    if (bytes <= (mostBytes * 7) / 8) return;
    // oxlint-disable-next-line no-await-in-loop -- in no hurry
    await unlink(block.path).catch(() => {});
    bytes -= block.bytes;
  }
}
