import { createHash } from "node:crypto";
import type { StoredFile } from "../../shared/contract/manifest.ts";
import { AppError } from "../../shared/error/app-error.ts";
import { createHashSum, createPartSums } from "./part-sums.ts";

/**
 * A stored file's bytes as they pass by, held to what its manifest says: ends with an error, before whoever takes them has
 * them all for whole, where they are not what was backed up. Each part is looked at as soon as it has passed.
 * @param name of the file, for the message
 * @throws verify.sizeMismatch, verify.checksumMismatch with the first bytes that differ
 */
export async function* holdTo(
  file: StoredFile,
  pieces: AsyncIterable<Uint8Array>,
  name: string,
): AsyncGenerator<Uint8Array> {
  const parts = hasParts(file) ? createPartSums(createHashSum, file.chunkBytes) : null;
  const whole = file.sha256 === undefined ? null : createHash("sha256");
  let sizeBytes = 0;
  let checked = 0;
  for await (const piece of pieces) {
    sizeBytes += piece.length;
    if (sizeBytes > file.sizeBytes) throw otherSize(name, `more than the ${file.sizeBytes} bytes that were written`);
    whole?.update(piece);
    parts?.update(piece);
    checked = refuseOtherPart(file, parts?.sums ?? [], checked, name);
    yield piece;
  }
  if (sizeBytes !== file.sizeBytes) throw otherSize(name, `${sizeBytes} bytes, written were ${file.sizeBytes}`);
  refuseOtherPart(file, parts?.finish() ?? [], checked, name);
  if (whole === null && parts === null)
    throw new AppError("backup.manifestInvalid", `The manifest has no hash of ${name}.`);
  if (whole !== null && whole.digest("hex") !== file.sha256)
    throw changed(
      name,
      parts === null ? undefined : "the parts are as written, the whole is not: the manifest was changed",
    );
}

/** Whether a manifest has a hash of every part of a file. */
export function hasParts({ chunkBytes, chunks, sizeBytes }: StoredFile): boolean {
  return chunkBytes > 0 && chunks.length === Math.max(1, Math.ceil(sizeBytes / chunkBytes));
}

/** A stretch of a file, end not included. */
export interface Stretch {
  readonly start: number;
  readonly end: number;
}

/** The parts of a file that stretches of it touch, each once, in the file's order. */
export function touchedParts({ chunkBytes }: StoredFile, stretches: readonly Stretch[]): number[] {
  const touched = new Set<number>();
  for (const { start, end } of stretches)
    for (let part = Math.floor(start / chunkBytes); part * chunkBytes < end; part += 1) touched.add(part);
  return [...touched].toSorted((one, other) => one - other);
}

/** verify.checksumMismatch of one part. */
export function changedPart(name: string, { chunkBytes, sizeBytes }: StoredFile, part: number): AppError {
  return changed(name, `bytes ${part * chunkBytes} to ${Math.min((part + 1) * chunkBytes, sizeBytes) - 1}`);
}

/** Compares the parts from `checked` on. @returns how many are compared now */
function refuseOtherPart(file: StoredFile, sums: readonly string[], checked: number, name: string): number {
  for (let part = checked; part < sums.length; part += 1)
    if (sums[part] !== file.chunks[part]) throw changedPart(name, file, part);
  return sums.length;
}

/** verify.sizeMismatch. */
export function otherSize(name: string, detail: string): AppError {
  return new AppError("verify.sizeMismatch", `${name} has another size than when it was written.`, { detail });
}

function changed(name: string, detail: string | undefined): AppError {
  return new AppError("verify.checksumMismatch", `${name} was changed or damaged after it was written.`, {
    detail,
    hint: "Take another copy or an older backup; lifeboat salvage writes what is whole of this one.",
  });
}
