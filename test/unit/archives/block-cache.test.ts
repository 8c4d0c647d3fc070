import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { clearCache, openBlockCache, sizeOfCache } from "../../../electron/archives/block-cache.ts";

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});
function makeHome() {
  const cacheFolder = mkdtempSync(join(tmpdir(), "lifeboat-cache-"));
  folders.push(cacheFolder);
  return { cacheFolder };
}
const block = (fill: number, length = 1000) => Buffer.alloc(length, fill);

test("gives back what was kept under that key, and nothing else", async () => {
  const home = makeHome();
  const cache = openBlockCache(home);
  const bytes = block(1);
  cache.keep("one", bytes);
  // It has a copy of its own.
  bytes.fill(9);
  await cache.settle();
  expect(await cache.read("one")).toEqual(block(1));
  expect(await cache.read("other")).toBeUndefined();
  expect((await sizeOfCache(home)).files).toBe(1);
  await clearCache(home);
  expect(await cache.read("one")).toBeUndefined();
  expect(await sizeOfCache(home)).toEqual({ files: 0, bytes: 0 });
  // And goes on.
  cache.keep("one", block(2));
  await cache.settle();
  expect(await cache.read("one")).toEqual(block(2));
});

test("keeps to its bound, and lets go what was not used for longest", async () => {
  const home = makeHome();
  const cache = openBlockCache(home, 100_000);
  for (let index = 0; index < 400; index += 1) {
    cache.keep(`block ${index}`, block(index % 256));
    if (index % 20 === 0) {
      // oxlint-disable-next-line no-await-in-loop -- in order, as a reader's would come
      await cache.settle();
      // oxlint-disable-next-line no-await-in-loop -- used again and again
      await cache.read("block 0");
      // oxlint-disable-next-line no-await-in-loop -- file times have their grain
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }
  await cache.settle();
  const { bytes, files } = await sizeOfCache(home);
  expect(bytes).toBeLessThan(130_000);
  expect(files).toBeGreaterThan(50);
  expect(await cache.read("block 0")).toEqual(block(0));
  expect(await cache.read("block 30")).toBeUndefined();
  expect(await cache.read("block 399")).toEqual(block(399 % 256));
  const left = readdirSync(join(home.cacheFolder, "blocks"), { recursive: true, withFileTypes: true });
  for (const entry of left) expect(statSync(join(entry.parentPath, entry.name)).mode & 0o077, entry.name).toBe(0);
});
