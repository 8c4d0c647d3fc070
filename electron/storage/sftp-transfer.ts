import { type SftpHandle, type SftpSession, sftpPieceBytes } from "../ssh/sftp-session.ts";

/** Requests under way together: a megabyte on the line, so that its delay does not set the pace. */
const atOnce = 32;

/**
 * A part of a file, several requests ahead of the reader, in order.
 * @throws what SftpSession.read throws, and the signal's reason
 */
export async function* readPieces(
  session: SftpSession,
  handle: SftpHandle,
  part: { readonly offset: number; readonly end: number; readonly signal: AbortSignal | undefined },
): AsyncGenerator<Uint8Array> {
  const { end, signal } = part;
  const coming: Promise<Uint8Array>[] = [];
  let next = part.offset;
  try {
    for (;;) {
      while (coming.length < atOnce && next < end) {
        const length = Math.min(sftpPieceBytes, end - next);
        coming.push(readWhole(session, handle, next, length));
        next += length;
      }
      const first = coming.shift();
      if (first === undefined) return;
      // oxlint-disable-next-line no-await-in-loop -- in order
      const piece = await unlessAborted(first, signal);
      if (piece.length === 0) return;
      yield piece;
    }
  } finally {
    // Nobody waits for these any more.
    for (const piece of coming) piece.catch(() => {});
  }
}

/** A server may give fewer bytes than were asked for; only none means the end. */
async function readWhole(
  session: SftpSession,
  handle: SftpHandle,
  offset: number,
  length: number,
): Promise<Uint8Array> {
  const first = await session.read(handle, offset, length);
  if (first.length === length || first.length === 0) return first;
  const rest = await readWhole(session, handle, offset + first.length, length - first.length);
  return Buffer.concat([first, rest]);
}

/**
 * Writes a stream from the start of a file, several requests at a time, in constant memory.
 * @returns how many bytes
 * @throws what SftpSession.write throws, the source's failure, and the signal's reason
 */
export async function writePieces(
  session: SftpSession,
  handle: SftpHandle,
  pieces: AsyncIterable<Uint8Array>,
  signal: AbortSignal | undefined,
): Promise<number> {
  const going = new Set<Promise<void>>();
  let failure: { readonly error: unknown } | null = null;
  let offset = 0;
  for await (const piece of pieces) {
    for (let at = 0; at < piece.length; at += sftpPieceBytes) {
      signal?.throwIfAborted();
      const bytes = piece.subarray(at, at + sftpPieceBytes);
      const sent: Promise<void> = session
        .write(handle, bytes, offset)
        .catch((error: unknown) => {
          failure ??= { error };
        })
        .finally(() => going.delete(sent));
      going.add(sent);
      offset += bytes.length;
      // oxlint-disable-next-line no-await-in-loop -- so many under way and no more
      if (going.size >= atOnce) await unlessAborted(Promise.race(going), signal);
      if (failure !== null) throw (failure as { readonly error: unknown }).error;
    }
  }
  await unlessAborted(Promise.all(going), signal);
  if (failure !== null) throw (failure as { readonly error: unknown }).error;
  return offset;
}

/** Gives up waiting at once: a connection that stalls answers nothing, not even that it stops. */
export function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  signal.throwIfAborted();
  return new Promise<T>((resolve, reject) => {
    const abort = () => reject(signal.reason);
    signal.addEventListener("abort", abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}
