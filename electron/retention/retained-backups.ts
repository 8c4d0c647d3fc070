import { join } from "node:path";
import type { Manifest } from "../../shared/contract/manifest.ts";
import { AppError } from "../../shared/error/app-error.ts";
import { seriesOf } from "../../shared/policy/backup-series.ts";
import type { RetentionBackup } from "../../shared/policy/retention-backup.ts";
import type { Verdict } from "../../shared/policy/verdicts.ts";
import { joinPath, splitPath } from "../../shared/storage/location.ts";
import {
  archiveNameOf,
  encodeFileName,
  parseManifest,
  pinPathOf,
  sortPaths,
  stemOf,
} from "../storage/backup-folder.ts";
import {
  isDecided,
  manifestDigest,
  noProofs,
  type ProofHistory,
  proofsByManifest,
  readProofs,
  subjectOf,
} from "../storage/backup-proofs.ts";
import type { ProofKeys } from "../storage/manifest-proof.ts";
import type { Storage, StoredObject } from "../storage/storage.ts";
import { inParallel, manifestsAtOnce, walkStorage } from "../storage/stored-backups.ts";

/** A file as it was when it was looked at. */
export type SeenFile = Pick<StoredObject, "path" | "sizeBytes" | "etag">;

/** A backup of ours in a storage, with all files that are its own and what retention has to know of it. */
export interface RetainedBackup {
  readonly manifest: Manifest;
  readonly manifestFile: SeenFile;
  /** Those that its manifest names and that are there. */
  readonly files: readonly SeenFile[];
  /** What checks of it found; they go with it. */
  readonly proofs: readonly SeenFile[];
  readonly retention: RetentionBackup;
}

/** What retention finds in a storage. */
export interface RetainedListing {
  readonly backups: readonly RetainedBackup[];
  /** Files and manifests of which nobody can tell what they are; never deleted, and reason for caution where newest. */
  readonly strays: readonly RetentionBackup[];
}

/**
 * Looks through a storage and one level of folders below it. The manifests are read anew each time: what is deleted by
 * them must be what is there now.
 * @param verdicts of this machine's verifications, by the archive's address; those that stand beside the backups count too
 * @param keys a manifest that its writer did not leave so is a stray by them: it neither counts as a backup nor goes. Left
 *   out where one backup is meant, by whoever names it
 * @throws what Storage.list throws
 */
export async function listRetained(
  storage: Storage,
  verdicts: ReadonlyMap<string, Verdict>,
  signal: AbortSignal,
  keys?: ProofKeys,
): Promise<RetainedListing> {
  const { objects, folders } = await walkStorage(storage, signal);
  const { manifests, unfinished, withoutManifest } = sortPaths([...objects.keys(), ...folders]);
  const proofPaths = proofsByManifest(objects.keys());
  const backups: RetainedBackup[] = [];
  const unusable: { readonly path: string; readonly fault: string }[] = [];
  await inParallel(manifests, manifestsAtOnce, async (path) => {
    const file = objects.get(path);
    if (file === undefined) return;
    try {
      const bytes = await storage.read(path, { signal, etag: file.etag });
      const manifest = await parseManifest(Buffer.from(bytes).toString("utf8"), path, keys);
      const files = await findFiles(storage, manifest, path, objects, signal);
      const archive = addressOf(storage, path, archiveNameOf(manifest));
      const paths = proofPaths.get(path) ?? [];
      const subject = subjectOf(manifest, manifestDigest(bytes));
      // Without keys somebody means one backup, and nothing is decided by what was found of it.
      const history =
        keys === undefined
          ? noProofs
          : await readProofs(storage, subject, paths, keys, { signal, isEnough: isDecided });
      const last = lastWord(verdicts.get(archive), history);
      const retention = judge(manifest, file, files, objects, last);
      const proofs = paths.flatMap((each) => objects.get(each) ?? []);
      backups.push({ manifest, manifestFile: file, files, proofs, retention });
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof AppError)) throw error;
      const isChanged = error.code === "backup.manifestChanged";
      unusable.push({ path, fault: isChanged ? "its manifest was changed" : "its manifest cannot be read" });
    }
  });
  const names = new Map(backups.map(({ manifest }) => [encodeFileName(manifest.database), manifest.database]));
  const stray = (fault: string) => (path: string) => strayOf(path, fault, names);
  return {
    backups,
    strays: [
      ...unusable.flatMap(({ path, fault }) => stray(fault)(path)),
      ...unfinished.flatMap(stray("it is not finished, or still being made")),
      ...withoutManifest.flatMap(stray("it has no manifest")),
    ],
  };
}

/** The backups whose id begins so. */
export async function findRetained(storage: Storage, idStart: string, signal: AbortSignal): Promise<RetainedBackup[]> {
  const { backups } = await listRetained(storage, new Map(), signal);
  return backups.filter(({ manifest }) => manifest.id.startsWith(idStart));
}

async function findFiles(
  storage: Storage,
  manifest: Manifest,
  manifestPath: string,
  objects: ReadonlyMap<string, StoredObject>,
  signal: AbortSignal,
): Promise<StoredObject[]> {
  const { folder } = splitPath(manifestPath);
  const inFolder = (path: string) => joinPath(folder, path);
  const members = new Map<string, StoredObject>();
  if (manifest.format === "directory")
    for await (const entry of storage.list(inFolder(archiveNameOf(manifest)), { signal }))
      if (entry.kind === "object") members.set(entry.path, entry);
  return manifest.files.flatMap(({ path }) => objects.get(inFolder(path)) ?? members.get(inFolder(path)) ?? []);
}

function judge(
  manifest: Manifest,
  manifestFile: StoredObject,
  files: readonly StoredObject[],
  objects: ReadonlyMap<string, StoredObject>,
  last: LastWord,
): RetentionBackup {
  return {
    id: manifestFile.path,
    database: manifest.database,
    series: seriesOf(manifest),
    madeAt: manifest.startedAt,
    fault: findFault(manifest, manifestFile.path, files, last.fault),
    provedAt: last.provedAt,
    pinned: objects.has(pinPathOf(manifestFile.path)),
    dependsOn: [],
  };
}

function findFault(
  manifest: Manifest,
  manifestPath: string,
  files: readonly StoredObject[],
  found: string | null,
): string | null {
  const { folder, name } = splitPath(manifestPath);
  const own = stemOf(name);
  // A manifest that somebody edited must not lead to files of others.
  if (manifest.files.some(({ path }) => !path.startsWith(`${own}.`))) return "its manifest names files of other names";
  if (files.length < manifest.files.length) return "files are missing";
  const sizes = new Map(files.map(({ path, sizeBytes }) => [path, sizeBytes]));
  const isChanged = manifest.files.some(
    ({ path, sizeBytes }) => sizes.get(folder === "" ? path : `${folder}/${path}`) !== sizeBytes,
  );
  if (isChanged) return "a file was changed";
  return found === null ? null : `its last check found: ${found}`;
}

interface LastWord {
  readonly provedAt: string | null;
  /** What the last check found to be wrong. */
  readonly fault: string | null;
}

/** The newer one of what this machine's jobs found and what stands beside the backup, wherever that was found. */
function lastWord(verdict: Verdict | undefined, { proofs }: ProofHistory): LastWord {
  const proof = proofs.find(isDecided);
  const beside =
    proof === undefined ? null : { at: proof.at, fault: proof.outcome === "bad" ? (proof.error?.message ?? "") : null };
  const here =
    verdict?.kind === "good" || verdict?.kind === "bad"
      ? { at: verdict.at, fault: verdict.kind === "bad" ? verdict.error.message : null }
      : null;
  const last = beside === null || (here !== null && here.at > beside.at) ? here : beside;
  if (last === null) return { provedAt: null, fault: null };
  return { provedAt: last.fault === null ? last.at : null, fault: last.fault };
}

/** As a verification's request names it. */
function addressOf(storage: Storage, manifestPath: string, archive: string): string {
  const { folder } = splitPath(manifestPath);
  const path = folder === "" ? archive : `${folder}/${archive}`;
  return storage.kind === "folder" ? join(storage.address, path) : `${storage.address}/${path}`;
}

/** Of databases that have no backup here there is nothing to be cautious about. */
function strayOf(path: string, fault: string, names: ReadonlyMap<string, string>): RetentionBackup[] {
  const [, name = "", y, mo, d, h, mi, s] =
    /^(.*)_(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z\./s.exec(splitPath(path).name) ?? [];
  const database = names.get(name);
  if (database === undefined) return [];
  const madeAt = `${y}-${mo}-${d}T${h}:${mi}:${s}Z`;
  return [{ id: path, database, series: null, madeAt, fault, provedAt: null, pinned: false, dependsOn: [] }];
}
