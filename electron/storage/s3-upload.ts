import { AppError } from "../../shared/error/app-error.ts";

/** The calls that an upload needs, whoever makes them. */
export interface UploadCalls {
  /** The whole object in one request. */
  put(bytes: Uint8Array, signal: AbortSignal): Promise<void>;
  /** @returns the upload's id */
  begin(signal: AbortSignal): Promise<string>;
  /** @param number from 1 on. @returns the part's ETag */
  part(uploadId: string, number: number, bytes: Uint8Array, signal: AbortSignal): Promise<string>;
  complete(uploadId: string, etags: readonly string[], signal: AbortSignal): Promise<void>;
  abort(uploadId: string): Promise<void>;
}

const MiB = 1024 * 1024;
const smallestPart = 16 * MiB;
/** Parts in memory together, the one being filled among them; one alone may be larger. */
const memoryBytes = 160 * MiB;
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
 * in one request. On any failure the parts that were sent are aborted before it throws.
 * @throws storage.tooLarge when more comes than the chosen parts can hold
 */
export async function uploadPieces(
  pieces: AsyncIterable<Uint8Array>,
  calls: UploadCalls,
  options: { readonly partBytes: number; readonly mostParts: number; readonly signal: AbortSignal | undefined },
): Promise<void> {
  const { partBytes, mostParts } = options;
  const atOnce = Math.max(1, Math.min(mostAtOnce, Math.floor(memoryBytes / partBytes) - 1));
  // One part that fails ends the others; so does the caller.
  const ending = new AbortController();
  const signal = options.signal === undefined ? ending.signal : AbortSignal.any([options.signal, ending.signal]);
  const buffers: Buffer[] = [];
  const etags: string[] = [];
  const sending = new Set<Promise<void>>();
  let uploadId: string | null = null;
  let failure: { readonly error: unknown } | null = null;

  async function sendPart(id: string, number: number, buffer: Buffer, length: number): Promise<void> {
    try {
      etags[number - 1] = await calls.part(id, number, buffer.subarray(0, length), signal);
      buffers.push(buffer);
    } catch (error) {
      failure ??= { error };
      ending.abort(error);
    }
  }

  async function send(id: string, buffer: Buffer, length: number): Promise<void> {
    const number = etags.push("");
    const sent: Promise<void> = sendPart(id, number, buffer, length).finally(() => sending.delete(sent));
    sending.add(sent);
    if (sending.size >= atOnce) await Promise.race(sending);
    if (failure !== null) throw failure.error;
  }

  try {
    let buffer = takeBuffer(buffers, partBytes);
    let filled = 0;
    for await (const piece of pieces) {
      signal.throwIfAborted();
      for (let at = 0; at < piece.length; ) {
        if (filled === partBytes) {
          if (etags.length + 1 >= mostParts) throw tooLarge(partBytes, mostParts);
          uploadId ??= await calls.begin(signal);
          await send(uploadId, buffer, filled);
          buffer = takeBuffer(buffers, partBytes);
          filled = 0;
        }
        const length = Math.min(piece.length - at, partBytes - filled);
        buffer.set(piece.subarray(at, at + length), filled);
        filled += length;
        at += length;
      }
    }
    signal.throwIfAborted();
    if (uploadId === null) return await calls.put(buffer.subarray(0, filled), signal);
    await send(uploadId, buffer, filled);
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

/** Memory is taken as it is filled, not here: the system gives pages of it when they are first written. */
function takeBuffer(free: Buffer[], length: number): Buffer {
  return free.pop() ?? Buffer.allocUnsafeSlow(length);
}

function tooLarge(partBytes: number, mostParts: number): AppError {
  return new AppError("storage.tooLarge", `More came than ${mostParts} parts of ${partBytes / MiB} MiB hold.`, {
    hint: "Back the database up to a folder first, then copy the finished file: its size is known then.",
  });
}
