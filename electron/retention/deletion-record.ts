import { join } from "node:path";
import { z } from "zod";
import type { PrunedBackup } from "../../shared/contract/job-results.ts";
import { splitPath } from "../../shared/storage/location.ts";
import type { Home } from "../home.ts";
import { encodeFileName, stemOf } from "../storage/backup-folder.ts";
import { ownFolder } from "../storage/backup-index.ts";
import { makePrivateFolder, writeFileDurably } from "../storage/durable-file.ts";
import { createLocalStorage } from "../storage/local-storage.ts";
import { piecesOf, type Storage } from "../storage/storage.ts";
import type { PlannedBackup } from "./plan-prune.ts";
import type { RetainedBackup } from "./retained-backups.ts";

const recordsFolder = `${ownFolder}/deletions`;
const pendingSuffix = ".pending.json";
/** After this nobody works on it any more. */
const abandonedMs = 24 * 60 * 60 * 1000;

const seenFile = z.object({ path: z.string(), sizeBytes: z.number(), etag: z.string().nullable() });
const recordSchema = z.object({
  recordVersion: z.literal(1),
  jobId: z.string(),
  location: z.string(),
  keep: z.string(),
  startedAt: z.iso.datetime(),
  endedAt: z.iso.datetime().nullable(),
  /** What is to go and why. */
  backups: z.array(
    z.object({
      id: z.string(),
      database: z.string(),
      madeAt: z.string(),
      reasons: z.array(z.string()),
      manifest: seenFile,
      files: z.array(seenFile),
    }),
  ),
  /** What became of them; left out until it has ended. */
  outcomes: z.array(z.object({ id: z.string(), outcome: z.string() })).exactOptional(),
});
type DeletionRecord = z.infer<typeof recordSchema>;

/** Says what will go before anything goes, on this machine and in the storage, and afterwards what became of it. */
export interface OpenRecord {
  /** On this machine. */
  readonly file: string;
  /** Call it however it ended. @throws storage.* */
  close(outcomes: readonly PrunedBackup[]): Promise<void>;
}

/** Writes both records. @throws storage.*, and then nothing may be deleted */
export async function openRecord(
  storage: Storage,
  home: Home,
  pruning: { readonly jobId: string; readonly keep: string },
  due: readonly (readonly [PlannedBackup, RetainedBackup])[],
): Promise<OpenRecord> {
  const startedAt = new Date().toISOString();
  const record: DeletionRecord = {
    recordVersion: 1,
    ...pruning,
    location: storage.address,
    startedAt,
    endedAt: null,
    backups: due.map(([{ id, database, madeAt, reasons }, { manifestFile, files, proofs }]) => ({
      id,
      database,
      madeAt,
      reasons: [...reasons],
      manifest: pick(manifestFile),
      files: [...files, ...proofs].map(pick),
    })),
  };
  const file = join(home.deletionsFolder, `${pruning.jobId}.json`);
  await makePrivateFolder(home.deletionsFolder);
  await writeFileDurably(file, print(record));
  const pending = `${recordsFolder}/${pruning.jobId}${pendingSuffix}`;
  await storage.write(pending, piecesOf(print(record)), { ifAbsent: true });
  return {
    file,
    async close(outcomes) {
      const ended = print({ ...record, endedAt: new Date().toISOString(), outcomes });
      await writeFileDurably(file, ended);
      // Files that could not be deleted stay named for the next pruning.
      if (outcomes.some(({ outcome }) => outcome === "failed")) return;
      await storage.write(finalPathOf(pending), piecesOf(ended));
      await storage.delete(pending);
    },
  };
}

/**
 * Deletes what a pruning that was cut short left behind: files whose manifest it deleted already. They are gone only if
 * they are still the very files that were written down; a backup whose manifest is there is none of this one's business.
 * @returns how many files
 */
export async function deleteLeftovers(storage: Storage, signal: AbortSignal): Promise<number> {
  let deleted = 0;
  const pending: string[] = [];
  for await (const { path } of storage.list(recordsFolder, { signal }))
    if (path.endsWith(pendingSuffix)) pending.push(path);
  for (const path of pending) {
    const record = await readRecord(storage, path, signal);
    if (record === null) continue;
    let isDone = true;
    for (const { manifest, files } of record.backups) {
      signal.throwIfAborted();
      if ((await etagAt(storage, manifest.path)) !== undefined) {
        isDone = false;
        continue;
      }
      for (const file of files.filter((each) => isOwn(each.path, manifest.path)))
        if ((await etagAt(storage, file.path)) === file.etag) {
          await storage.delete(file.path);
          deleted += 1;
        }
    }
    if (!isDone && Date.now() - Date.parse(record.startedAt) < abandonedMs) continue;
    await storage.write(finalPathOf(path), piecesOf(print({ ...record, endedAt: new Date().toISOString() })));
    await storage.delete(path);
  }
  return deleted;
}

/**
 * The ids of all backups of these databases that clean-ups and deletions by hand wrote down before they deleted them: those of
 * the storage, and those of a database's folder by itself, as LOCATION may name it too; there and on this machine.
 * @returns null where some record cannot be read, so that nobody can tell
 * @throws the signal's reason alone
 */
export async function listDeletedIds(
  storage: Storage,
  databases: ReadonlySet<string>,
  home: Home,
  signal: AbortSignal,
): Promise<Set<string> | null> {
  const ids = new Set<string>();
  const folders = Array.from(databases, encodeFileName);
  const locations = new Set([storage.address, ...folders.map((folder) => addressIn(storage, folder))]);
  try {
    const places = [
      { records: storage, folder: recordsFolder },
      ...folders.map((folder) => ({ records: storage, folder: `${folder}/${recordsFolder}` })),
      { records: createLocalStorage(home.deletionsFolder), folder: "" },
    ];
    for (const { records, folder } of places)
      for await (const { path } of records.list(folder, { signal })) {
        if (!path.endsWith(".json")) continue;
        const record = await readRecord(records, path, signal);
        if (record === null) return null;
        if (records !== storage && !locations.has(record.location)) continue;
        const kept = new Set(record.outcomes?.filter(({ outcome }) => outcome === "kept").map(({ id }) => id));
        for (const { id } of record.backups) if (!kept.has(id)) ids.add(id);
      }
    return ids;
  } catch {
    signal.throwIfAborted();
    return null;
  }
}

/** A folder's own address, as a storage that is opened there has it. */
function addressIn({ kind, address }: Storage, folder: string): string {
  return kind === "folder" ? join(address, folder) : `${address.replace(/\/$/, "")}/${folder}`;
}

async function readRecord(storage: Storage, path: string, signal: AbortSignal): Promise<DeletionRecord | null> {
  try {
    const bytes = await storage.read(path, { signal });
    return recordSchema.parse(JSON.parse(Buffer.from(bytes).toString("utf8")));
  } catch {
    signal.throwIfAborted();
    // Damaged, or gone meanwhile: it does not say for certain what may be deleted.
    return null;
  }
}

/** Undefined where there is nothing. @throws storage.* but storage.notFound */
async function etagAt(storage: Storage, path: string): Promise<string | null | undefined> {
  try {
    return (await storage.stat(path)).etag;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "storage.notFound") return undefined;
    throw error;
  }
}

function isOwn(path: string, manifestPath: string): boolean {
  return path.startsWith(`${stemOf(manifestPath)}.`) && splitPath(manifestPath).name.endsWith(".manifest.json");
}

function pick({ path, sizeBytes, etag }: z.infer<typeof seenFile>): z.infer<typeof seenFile> {
  return { path, sizeBytes, etag };
}

function finalPathOf(pending: string): string {
  return `${pending.slice(0, -pendingSuffix.length)}.json`;
}

function print(record: object): string {
  return `${JSON.stringify(record, null, 2)}\n`;
}
