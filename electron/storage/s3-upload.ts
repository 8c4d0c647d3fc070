import { createHash } from "node:crypto";
import { AppError } from "../../shared/error/app-error.ts";
import type { LateHead } from "./storage.ts";

/** What a request says of its body. */
export interface BodySums {
  /** In hexadecimal. */
  readonly sha256: string;
  /** Undefined where it is not asked for. */
  readonly md5: Buffer | undefined;
}

/** The calls that an upload needs, whoever makes them. */
export interface UploadCalls {
  /** The whole object in one request. */
  put(bytes: Uint8Array, sums: BodySums, signal: AbortSignal): Promise<void>;
  /** @returns the upload's id */
  begin(signal: AbortSignal): Promise<string>;
  /** @param number from 1 on. @returns the part's ETag */
  part(uploadId: string, number: number, bytes: Uint8Array, sums: BodySums, signal: AbortSignal): Promise<string>;
  complete(uploadId: string, etags: readonly string[], signal: AbortSignal): Promise<void>;
  abort(uploadId: string): Promise<void>;
}

export interface UploadOptions {
  readonly partBytes: number;
  readonly mostParts: number;
  readonly wantsMd5: boolean;
  /** Parts in memory together, the one being filled among them; one alone may be larger, and those of a late head come on top. */
  readonly memoryBytes?: number | undefined;
  readonly lateHead?: LateHead | undefined;
  readonly signal: AbortSignal | undefined;
}

const MiB = 1024 * 1024;
const smallestPart = 16 * MiB;
const usualMemoryBytes = 160 * MiB;
const mostAtOnce = 4;

/**
 * The length of all parts but the last: some services (Cloudflare R2) refuse parts of different lengths, so it has to be
 * right from the first one on. Without an expectation, 64 MiB: an object of 640 GB in 10,000 parts.
 */
export function choosePartBytes(expectedBytes: number | undefined, mostParts: number): number {
  if (expectedBytes === undefined) return 64 * MiB;
  // A little room: what is encrypted on the way gets longer than was expected.
  return Math.max(smallestPart, Math.ceil((expectedBytes * 1.01) / mostParts / MiB) * MiB);
}

/**
 * Uploads a stream in equal parts, some at a time, in memory that does not grow with it. What is smaller than a part goes
 * in one request; parts with bytes of a late head go last. On any failure the parts that were sent are aborted before it
 * throws.
 * @throws storage.tooLarge when more comes than the chosen parts can hold
 */
export async function uploadPieces(
  pieces: AsyncIterable<Uint8Array>,
  calls: UploadCalls,
  options: UploadOptions,
): Promise<void> {
  const { partBytes, mostParts, wantsMd5, lateHead, memoryBytes = usualMemoryBytes } = options;
  const atOnce = Math.max(1, Math.min(mostAtOnce, Math.floor(memoryBytes / partBytes) - 1));
  // One part that fails ends the others; so does the caller.
  const ending = new AbortController();
  const signal = options.signal === undefined ? ending.signal : AbortSignal.any([options.signal, ending.signal]);
  const buffers: Buffer[] = [];
  const etags: string[] = [];
  const held: Part[] = [];
  const sending = new Set<Promise<void>>();
  let uploadId: string | null = null;
  let failure: { readonly error: unknown } | null = null;

  async function sendPart(id: string, { index, bytes, sums }: Part): Promise<void> {
    try {
      etags[index] = await calls.part(id, index + 1, bytes, sums, signal);
      if (bytes.length === partBytes) buffers.push(bytes);
    } catch (error) {
      failure ??= { error };
      ending.abort(error);
    }
  }

  async function send(id: string, part: Part): Promise<void> {
    const sent: Promise<void> = sendPart(id, part).finally(() => sending.delete(sent));
    sending.add(sent);
    if (sending.size >= atOnce) await Promise.race(sending);
    if (failure !== null) throw failure.error;
  }

  /** Sends a full part, unless its bytes may still change, and those held back whose bytes turned out not to. */
  async function take(id: string, part: Part): Promise<void> {
    held.push(part);
    const headBytes = lateHead?.sizeBytes ?? 0;
    while (held.length > 0 && (held.at(-1)?.index ?? 0) * partBytes >= headBytes) {
      const last = held.pop();
      if (last !== undefined) await send(id, last);
    }
  }

  try {
    let buffer = takeBuffer(buffers, partBytes);
    let summing = createBodySums(wantsMd5);
    let filled = 0;
    let index = 0;
    for await (const piece of pieces) {
      signal.throwIfAborted();
      for (let at = 0; at < piece.length; ) {
        if (filled === partBytes) {
          if (index + 1 >= mostParts) throw tooLarge(partBytes, mostParts);
          uploadId ??= await calls.begin(signal);
          await take(uploadId, { index, bytes: buffer, sums: summing.finish() });
          index += 1;
          buffer = takeBuffer(buffers, partBytes);
          summing = createBodySums(wantsMd5);
          filled = 0;
        }
        const length = Math.min(piece.length - at, partBytes - filled);
        const taken = piece.subarray(at, at + length);
        buffer.set(taken, filled);
        summing.update(taken);
        filled += length;
        at += length;
      }
    }
    signal.throwIfAborted();
    const last: Part = { index, bytes: buffer.subarray(0, filled), sums: summing.finish() };
    const rest = [last, ...held].map((part) => withHead(part, lateHead?.bytes() ?? null, options));
    if (uploadId === null) return await calls.put(last.bytes, rest[0]?.sums ?? last.sums, signal);
    for (const part of rest) await send(uploadId, part);
    await Promise.all(sending);
    if (failure !== null) throw (failure as { readonly error: unknown }).error;
    await calls.complete(uploadId, etags, signal);
  } catch (error) {
    ending.abort(error);
    // A part that arrives behind the abort would stay for ever.
    await Promise.all(sending);
    // Where even this fails, sweepStaleUploads finds it a day later; the first failure is the one to tell.
    if (uploadId !== null) await calls.abort(uploadId).catch(() => {});
    throw options.signal?.aborted ? options.signal.reason : error;
  }
}

/** A part of the upload; `index` from 0 on. */
interface Part {
  readonly index: number;
  readonly bytes: Buffer;
  readonly sums: BodySums;
}

/** A part with what the late head changes of it, which was held back for that. */
function withHead(part: Part, head: Uint8Array | null, { partBytes, wantsMd5 }: UploadOptions): Part {
  const { index, bytes } = part;
  const changed = head?.subarray(index * partBytes, index * partBytes + bytes.length);
  if (changed === undefined || changed.length === 0) return part;
  bytes.set(changed, 0);
  const sums = createBodySums(wantsMd5);
  sums.update(bytes);
  return { ...part, sums: sums.finish() };
}

/**
 * Taken while a part is filled: of 16 MiB at once they would keep the thread for 40 ms, and whoever writes into a pipe that
 * is not read meanwhile.
 */
function createBodySums(wantsMd5: boolean): { update(bytes: Uint8Array): void; finish(): BodySums } {
  const sha256 = createHash("sha256");
  const md5 = wantsMd5 ? createHash("md5") : null;
  return {
    update(bytes) {
      sha256.update(bytes);
      md5?.update(bytes);
    },
    finish: () => ({ sha256: sha256.digest("hex"), md5: md5?.digest() }),
  };
}

/** Memory is taken as it is filled, not here: the system gives pages of it when they are first written. */
function takeBuffer(free: Buffer[], length: number): Buffer {
  return free.pop() ?? Buffer.allocUnsafeSlow(length);
}

function tooLarge(partBytes: number, mostParts: number): AppError {
  return new AppError("storage.tooLarge", `More came than ${mostParts} parts of ${partBytes / MiB} MiB hold.`, {
    hint: "Back the database up to a folder first, then copy the finished file: its size is known then.",
  });
}
