import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Home } from "../home.ts";
import { makePrivateFolder } from "./durable-file.ts";

/** Manifests of storages far away, as they were read: an object of the same etag need not be fetched again. */
export interface ManifestCache {
  /** What is kept for a storage: text by path and etag. */
  load(storage: string): Map<string, { readonly etag: string; readonly text: string }>;
  /** Keeps new ones and forgets those that are gone. */
  change(storage: string, added: readonly CachedManifest[], gone: readonly string[]): void;
  /** The summaries of a storage's manifests, folder by folder, as writeIndex makes them. */
  loadIndexes(storage: string): Map<string, CachedIndex>;
  /** Keeps them in place of the older ones of these folders; null forgets a folder. */
  changeIndexes(storage: string, indexes: ReadonlyMap<string, CachedIndex | null>): void;
  close(): void;
}

export interface CachedManifest {
  readonly path: string;
  readonly etag: string;
  readonly text: string;
}

export interface CachedIndex {
  readonly text: string;
  /** How many of its summaries are of manifests that were read from here, and are not in the storage's own index yet. */
  readonly unpublished: number;
}

/** A file of its own under LIFEBOAT_HOME that may be removed at any time; the storage is the truth. */
export async function openManifestCache(home: Home): Promise<ManifestCache> {
  const folder = join(home.root, "cache");
  await makePrivateFolder(folder);
  const database = new DatabaseSync(join(folder, "manifests.db"), { timeout: 5000 });
  database.exec(
    "pragma journal_mode = wal; pragma synchronous = off;" +
      "create table if not exists manifest (storage text, path text, etag text, text text, primary key (storage, path)) without rowid;" +
      "create table if not exists folder (storage text, path text, text text, unpublished integer, primary key (storage, path))",
  );
  return {
    load(storage) {
      const rows = database.prepare("select path, etag, text from manifest where storage = ?").all(storage);
      return new Map(
        rows.map((row) => [String(row["path"]), { etag: String(row["etag"]), text: String(row["text"]) }]),
      );
    },
    change(storage, added, gone) {
      const put = database.prepare("insert or replace into manifest values (?, ?, ?, ?)");
      const drop = database.prepare("delete from manifest where storage = ? and path = ?");
      database.exec("begin immediate");
      for (const { path, etag, text } of added) put.run(storage, path, etag, text);
      for (const path of gone) drop.run(storage, path);
      database.exec("commit");
    },
    loadIndexes(storage) {
      const rows = database.prepare("select path, text, unpublished from folder where storage = ?").all(storage);
      return new Map(
        rows.map((row) => [
          String(row["path"]),
          { text: String(row["text"]), unpublished: Number(row["unpublished"]) },
        ]),
      );
    },
    changeIndexes(storage, indexes) {
      const put = database.prepare("insert or replace into folder values (?, ?, ?, ?)");
      const drop = database.prepare("delete from folder where storage = ? and path = ?");
      database.exec("begin immediate");
      for (const [path, index] of indexes)
        if (index === null) drop.run(storage, path);
        else put.run(storage, path, index.text, index.unpublished);
      database.exec("commit");
    },
    close: () => database.close(),
  };
}
