import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { locateHome } from "../../../electron/home.ts";
import { loadIndex, readIndex, saveIndex, writeIndex } from "../../../electron/storage/backup-index.ts";
import { createLocalStorage } from "../../../electron/storage/local-storage.ts";
import { openManifestCache } from "../../../electron/storage/manifest-cache.ts";
import { piecesOf, type Storage } from "../../../electron/storage/storage.ts";
import { listStoredBackups } from "../../../electron/storage/stored-backups.ts";
import { listSummaries, recallSummaries } from "../../../electron/storage/stored-summaries.ts";
import { summarizeManifest } from "../../../shared/contract/backup-summary.ts";
import { AppError } from "../../../shared/error/app-error.ts";
import { putBackup } from "../../helpers/stored-backup.ts";

const folder = mkdtempSync(join(tmpdir(), "lifeboat-summaries-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const { signal } = new AbortController();

interface Machine {
  /** Lists with this machine's memory, and says which manifests and indexes it read. */
  list(): Promise<{ ids: string[]; read: string[]; unreadable: number }>;
  recall(): Promise<string[]>;
}

function machine(name: string, storage: Storage): Machine {
  const open = () => openManifestCache(locateHome({ LIFEBOAT_HOME: join(folder, `home-${name}`) }));
  return {
    async list() {
      const read: string[] = [];
      const watched: Storage = {
        ...storage,
        read: (path, options) => {
          read.push(path);
          return storage.read(path, options);
        },
      };
      const cache = await open();
      const { backups, unreadable } = await listSummaries(watched, cache, signal);
      cache.close();
      return { ids: backups.map(({ summary }) => summary.id), read, unreadable: unreadable.length };
    },
    async recall() {
      const cache = await open();
      const summaries = recallSummaries(storage.address, cache);
      cache.close();
      return summaries.map(({ id }) => id);
    },
  };
}

async function fill(name: string, count = 12): Promise<{ storage: Storage; paths: string[] }> {
  const storage = createLocalStorage(join(folder, name));
  const paths: string[] = [];
  for (let day = 1; day <= count; day++)
    paths.push((await putBackup(storage, `2026-01-${String(day).padStart(2, "0")}T02:00:00Z`)).path);
  return { storage, paths };
}

describe("listing summaries", () => {
  it("reads every manifest once; other machines read the index, and the same machine nothing", async () => {
    const { storage } = await fill("once");
    const one = machine("once1", storage);
    const first = await one.list();
    expect(first.ids).toHaveLength(12);
    expect(first.ids).toEqual(first.ids.toSorted().toReversed());
    expect(first.read).toHaveLength(13);
    expect((await one.list()).read).toEqual([]);
    expect(await one.recall()).toEqual(first.ids);
    const other = machine("once2", storage);
    expect(await other.recall()).toEqual([]);
    expect(await other.list()).toEqual({ ids: first.ids, read: [".lifeboat/index/shop.json.gz"], unreadable: 0 });
  });

  it("says the same as a listing by the manifests", async () => {
    const { storage } = await fill("same");
    await machine("same1", storage).list();
    const cache = await openManifestCache(locateHome({ LIFEBOAT_HOME: join(folder, "home-same2") }));
    const whole = await listStoredBackups(storage, cache, signal);
    const { backups, ...others } = await listSummaries(storage, cache, signal);
    cache.close();
    expect(backups).toEqual(
      whole.backups.map(({ manifest, ...place }) => ({ summary: summarizeManifest(manifest), ...place })),
    );
    expect(others).toEqual({ unreadable: [], unfinished: [], withoutManifest: [], pinned: [], proofs: [] });
  });

  it("takes from an index only what is of the manifest's own version, and nothing that is gone", async () => {
    const { storage, paths } = await fill("stale");
    await machine("stale1", storage).list();
    await storage.delete(paths[0] ?? "");
    const changed = JSON.parse(Buffer.from(await storage.read(paths[1] ?? "")).toString("utf8"));
    await storage.write(paths[1] ?? "", piecesOf(JSON.stringify({ ...changed, id: "99990101000000-changed" })));
    const { path: added } = await putBackup(storage, "2026-02-01T02:00:00Z");
    const { ids, read } = await machine("stale2", storage).list();
    expect(new Set(read)).toEqual(new Set([".lifeboat/index/shop.json.gz", paths[1], added]));
    expect(ids).toHaveLength(12);
    expect(ids).toContain("99990101000000-changed");
    expect((await machine("stale1", storage).list()).ids).toEqual(ids);
  });

  it("does without an index that is broken, hostile or cannot be written", async () => {
    const { storage } = await fill("broken");
    const index = ".lifeboat/index/shop.json.gz";
    await storage.write(index, piecesOf("no gzip at all"));
    expect((await machine("broken1", storage).list()).ids).toHaveLength(12);
    expect((await machine("broken2", storage).list()).read).toEqual([index]);
    await storage.delete(index);
    const readOnly: Storage = {
      ...storage,
      write: () => Promise.reject(new AppError("storage.permissionDenied", "no")),
    };
    expect((await machine("broken3", readOnly).list()).ids).toHaveLength(12);
  });

  it("tells a manifest that cannot be read each time", async () => {
    const { storage } = await fill("unreadable", 2);
    await storage.write("shop/x.manifest.json", piecesOf("{"));
    const one = machine("unreadable", storage);
    expect(await one.list()).toMatchObject({ unreadable: 1 });
    expect(await one.list()).toMatchObject({ unreadable: 1, read: ["shop/x.manifest.json"] });
  });
});

describe("a backup in an archive class", () => {
  it("is told as that", async () => {
    const storage = createLocalStorage(join(folder, "cold"));
    const { files } = await putBackup(storage, "2026-01-01T02:00:00Z");
    await putBackup(storage, "2026-01-02T02:00:00Z");
    const cold: Storage = {
      ...storage,
      async *list(...args) {
        for await (const entry of storage.list(...args))
          yield entry.kind === "object" && files.includes(entry.path) ? { ...entry, archived: true } : entry;
      },
    };
    const cache = await openManifestCache(locateHome({ LIFEBOAT_HOME: join(folder, "home-cold") }));
    const { backups } = await listSummaries(cold, cache, signal);
    cache.close();
    expect(backups.map(({ archive, archived }) => [archive, archived])).toEqual([
      ["present", undefined],
      ["present", true],
    ]);
  });
});

describe("an index", () => {
  it("leaves out what is no entry", async () => {
    const storage = createLocalStorage(join(folder, "index"));
    const { path } = await putBackup(storage, "2026-01-01T02:00:00Z");
    const summary = summarizeManifest(JSON.parse(Buffer.from(await storage.read(path)).toString("utf8")));
    const digest = "0".repeat(64);
    const index = new Map([["a.manifest.json", { etag: "1", summary, standing: "unproved" as const, digest }]]);
    expect(readIndex(writeIndex(index))).toEqual(index);
    const odd = [
      ["b", "1", {}],
      7,
      ["c", 1, summary, "proved", digest],
      ["d", "1", { ...summary, tables: -1 }, "proved", digest],
      ["e", "1", summary, "proved", digest],
      ["f", "1", summary, "proved"],
    ];
    expect([...readIndex(JSON.stringify({ indexVersion: 1, backups: odd })).keys()]).toEqual(["e"]);
    expect(readIndex(JSON.stringify({ indexVersion: 2, backups: odd })).size).toBe(0);
    expect(await saveIndex(storage, "", index, signal)).toBe(true);
    expect(await loadIndex(storage, "", signal)).toEqual(index);
  });
});
