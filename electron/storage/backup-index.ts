import { promisify } from "node:util";
import { gunzip, gzip } from "node:zlib";
import { type BackupSummary, isBackupSummary } from "../../shared/contract/backup-summary.ts";
import type { ManifestStanding } from "../../shared/contract/manifest-standing.ts";
import { AppError } from "../../shared/error/app-error.ts";
import { piecesOf, type Storage } from "./storage.ts";

/** Summaries of the manifests in one folder of a storage, by the manifest's file name, each of one version of it. */
export type BackupIndex = Map<string, IndexEntry>;

export interface IndexEntry {
  readonly etag: string;
  readonly summary: BackupSummary;
  /** As it was found here. What somebody else wrote into an index is no reason to call a manifest proved. */
  readonly standing: ManifestStanding;
  /** SHA-256 of the manifest's bytes. */
  readonly digest: string;
}

/** What Lifeboat keeps in a storage beside the backups. No database's folder begins with a dot. */
export const ownFolder = ".lifeboat";

/** Far above what a folder of a hundred thousand backups needs; what is larger is not of ours. */
const mostBytes = 512 * 1024 * 1024;

function indexPathOf(folder: string): string {
  return folder === "" ? `${ownFolder}/index.json.gz` : `${ownFolder}/index/${folder}.json.gz`;
}

/**
 * The index of a folder; empty where there is none or it cannot be read: it is a cache that anybody who can write there
 * may have put there, and only ever for looking at a list.
 * @throws the signal's reason alone
 */
export async function loadIndex(storage: Storage, folder: string, signal: AbortSignal): Promise<BackupIndex> {
  try {
    const bytes = await storage.read(indexPathOf(folder), { length: mostBytes, signal });
    const index = readIndex((await promisify(gunzip)(bytes, { maxOutputLength: mostBytes })).toString("utf8"));
    for (const [name, { etag, summary, digest }] of index)
      index.set(name, { etag, summary, digest, standing: summary.hasProof ? "unchecked" : "unproved" });
    return index;
  } catch {
    signal.throwIfAborted();
    return new Map();
  }
}

/**
 * Puts an index in place of the one that is there. It needs no condition: whoever writes has just listed the folder, and
 * of two who do so at once either index is right.
 * @returns whether it could be written; credentials that may only read cannot
 * @throws the signal's reason alone
 */
export async function saveIndex(
  storage: Storage,
  folder: string,
  index: BackupIndex,
  signal: AbortSignal,
): Promise<boolean> {
  const bytes = await promisify(gzip)(writeIndex(index), { level: 6 });
  try {
    await storage.write(indexPathOf(folder), piecesOf(bytes), { expectedBytes: bytes.length, signal });
    return true;
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof AppError)) throw error;
    return false;
  }
}

/** As it is kept: `{"indexVersion":1,"backups":[["shop_20261121T020000Z.manifest.json","\"etag\"",{…},"proved","9f…"],…]}`. */
export function writeIndex(index: BackupIndex): string {
  const backups = Array.from(index, ([name, { etag, summary, standing, digest }]) => {
    return [name, etag, summary, standing, digest];
  });
  return JSON.stringify({ indexVersion: 1, backups });
}

/** What is no entry is left out; its manifest will be read. */
export function readIndex(text: string): BackupIndex {
  const index: BackupIndex = new Map();
  const value: unknown = JSON.parse(text);
  if (typeof value !== "object" || value === null || !("indexVersion" in value) || value.indexVersion !== 1)
    return index;
  const backups: readonly unknown[] = "backups" in value && Array.isArray(value.backups) ? value.backups : [];
  for (const entry of backups) {
    if (!Array.isArray(entry)) continue;
    const [name, etag, summary, standing, digest]: readonly unknown[] = entry;
    if (typeof name !== "string" || typeof etag !== "string" || typeof digest !== "string") continue;
    if (isBackupSummary(summary) && isStanding(standing)) index.set(name, { etag, summary, standing, digest });
  }
  return index;
}

function isStanding(value: unknown): value is ManifestStanding {
  return value === "proved" || value === "unproved" || value === "unchecked" || value === "changed";
}
