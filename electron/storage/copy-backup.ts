import type { Manifest, StoredFile } from "../../shared/contract/manifest.ts";
import { AppError } from "../../shared/error/app-error.ts";
import { joinPath, splitPath } from "../../shared/storage/location.ts";
import { archiveNameOf, encodeFileName, parseManifest, pinPathOf } from "./backup-folder.ts";
import { proofsByManifest } from "./backup-proofs.ts";
import { copyBeside } from "./copy-beside.ts";
import { holdTo } from "./hold-to.ts";
import type { ProofKeys } from "./manifest-proof.ts";
import { collectBytes, piecesOf, type Storage, type StoredObject } from "./storage.ts";

export interface CopyOptions {
  readonly signal: AbortSignal;
  /** A manifest that its writer did not leave so is refused by them; left out for a backup that was made just now. */
  readonly keys?: ProofKeys | undefined;
  /** As WriteOptions has it. */
  readonly onPartial?: ((path: string) => void) | undefined;
  /** Of the backup's files, as they pass or are found there already. */
  readonly onBytes?: ((bytes: number) => void) | undefined;
}

/** What a copy came to. */
export interface CopiedBackup {
  readonly manifest: Manifest;
  /** From the target's root. */
  readonly archivePath: string;
  readonly manifestPath: string;
  readonly sentFiles: number;
  /** Files that an earlier attempt had left there, whole. */
  readonly foundFiles: number;
}

/**
 * Copies a finished backup to another storage, under the same names: its files first, each held to the manifest's hashes on
 * the way, the manifest last. Replaces nothing. A file that is there already is read and kept where it is the right one. When
 * the copy fails its finished files stay for the next attempt, without a manifest no backup; when it is cancelled, or what is
 * copied is damaged, what it made goes.
 * @param manifestPath from the source's root
 * @throws verify.* when the source is not what its manifest says, backup.destinationExists, backup.manifestInvalid,
 *   backup.manifestChanged, storage.*
 */
export async function copyBackup(
  source: Storage,
  manifestPath: string,
  target: Storage,
  options: CopyOptions,
): Promise<CopiedBackup> {
  const { signal } = options;
  const { folder: from, name: manifestName } = splitPath(manifestPath);
  const inSource = (name: string): string => joinPath(from, name);
  // As it stands, not written anew: a newer Lifeboat may have put in what this one does not know.
  const text = await collectBytes(source.readStream(manifestPath, { signal }));
  const manifest = await parseManifest(
    Buffer.from(text).toString("utf8"),
    `${source.address}/${manifestPath}`,
    options.keys,
  );
  const to = encodeFileName(manifest.database);
  const made: string[] = [];
  let foundFiles = 0;

  async function send(name: string, pieces: AsyncIterable<Uint8Array>, sizeBytes: number): Promise<void> {
    const path = `${to}/${name}`;
    const { onPartial } = options;
    await target.write(path, pieces, { ifAbsent: true, expectedBytes: sizeBytes, signal, onPartial });
    made.push(path);
  }

  async function copyFile(file: StoredFile): Promise<void> {
    const there = await find(target, `${to}/${file.path}`, signal);
    if (there !== null) {
      await insistOnSame(target, there, file, options);
      foundFiles += 1;
      return;
    }
    const path = inSource(file.path);
    const pieces = holdTo(file, source.readStream(path, { signal }), `${source.address}/${path}`);
    await send(file.path, counted(pieces, options.onBytes), file.sizeBytes);
  }

  /** Its checks, and its pin: what is to stay in one place is to stay in the other, too. */
  async function copyWhatLiesBeside(): Promise<void> {
    const paths: string[] = [];
    for await (const { kind, path } of source.list(from, { signal })) if (kind === "object") paths.push(path);
    const pin = pinPathOf(manifestPath);
    const own = [...(proofsByManifest(paths).get(manifestPath) ?? []), ...(paths.includes(pin) ? [pin] : [])];
    await copyBeside(source, own, target, to, { signal, onMade: (path) => void made.push(path) });
  }

  try {
    const there = await find(target, `${to}/${manifestName}`, signal);
    if (there !== null && !(await isEqual(target, there, text, signal))) throw taken(target, there.path);
    // oxlint-disable-next-line no-await-in-loop -- each goes in several parts at once already
    for (const file of manifest.files) await copyFile(file);
    await copyWhatLiesBeside();
    signal.throwIfAborted();
    if (there === null) await send(manifestName, piecesOf(text), text.length);
  } catch (error) {
    const isBad = error instanceof AppError && error.code.startsWith("verify.");
    // Best effort: what stays is told as files without a manifest. The signal may be aborted, so it is left out.
    if (signal.aborted || isBad) for (const path of made) await target.delete(path).catch(() => {});
    throw signal.aborted ? signal.reason : conflictAsTaken(error);
  }
  return {
    manifest,
    archivePath: `${to}/${archiveNameOf(manifest)}`,
    manifestPath: `${to}/${manifestName}`,
    sentFiles: manifest.files.length - foundFiles,
    foundFiles,
  };
}

async function* counted(
  pieces: AsyncIterable<Uint8Array>,
  onBytes: CopyOptions["onBytes"],
): AsyncGenerator<Uint8Array> {
  for await (const piece of pieces) {
    onBytes?.(piece.length);
    yield piece;
  }
}

async function find(storage: Storage, path: string, signal: AbortSignal): Promise<StoredObject | null> {
  try {
    return await storage.stat(path, { signal });
  } catch (error) {
    if (error instanceof AppError && error.code === "storage.notFound") return null;
    throw error;
  }
}

/** @throws backup.destinationExists where it is something else */
async function insistOnSame(
  target: Storage,
  there: StoredObject,
  file: StoredFile,
  { signal, onBytes }: CopyOptions,
): Promise<void> {
  if (there.sizeBytes !== file.sizeBytes) throw taken(target, there.path);
  try {
    for await (const piece of holdTo(file, target.readStream(there.path, { signal }), there.path))
      onBytes?.(piece.length);
  } catch (error) {
    if (error instanceof AppError && error.code.startsWith("verify.")) throw taken(target, there.path);
    throw error;
  }
}

async function isEqual(target: Storage, there: StoredObject, text: Uint8Array, signal: AbortSignal): Promise<boolean> {
  if (there.sizeBytes !== text.length) return false;
  return Buffer.compare(await target.read(there.path, { signal }), text) === 0;
}

function taken({ address }: Storage, path: string): AppError {
  return new AppError("backup.destinationExists", `${address}/${path} is there already, and is something else.`, {
    hint: "Look what it is. If nobody needs it, delete it and copy again.",
  });
}

/** Somebody was faster. */
function conflictAsTaken(error: unknown): unknown {
  if (!(error instanceof AppError) || error.code !== "storage.conflict") return error;
  return new AppError("backup.destinationExists", error.message, { detail: error.detail });
}
