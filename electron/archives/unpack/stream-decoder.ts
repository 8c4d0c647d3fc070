/** Takes a compressed stream in whatever pieces it comes. Bytes are given out as they are asked for, never all at once. */
export interface StreamDecoder {
  /**
   * The bytes that become whole with this piece. All of them are to be taken before the next piece; each array is the
   * caller's own.
   * @throws UnpackError
   */
  push(piece: Uint8Array): Iterable<Uint8Array>;
  /**
   * Says that no more is to come, and gives what is left.
   * @throws UnpackError, also where the stream is not whole
   */
  end(): Iterable<Uint8Array>;
}

/** The bytes are not what they should be, or something in them is not supported. */
export class UnpackError extends Error {
  readonly code: "archive.damaged" | "archive.truncated" | "archive.unsupportedFormat" | "archive.limitExceeded";

  constructor(message: string, code: UnpackError["code"] = "archive.damaged") {
    super(message);
    this.code = code;
  }
}

/** Two runs of bytes as one. */
export function join(first: Uint8Array, second: Uint8Array): Uint8Array {
  if (first.length === 0) return second;
  const joined = new Uint8Array(first.length + second.length);
  joined.set(first);
  joined.set(second, first.length);
  return joined;
}
