import type { TextDecoding } from "../../shared/archive/text-decoding.ts";

/** Node's own decoders, several times faster than TextDecoder on short texts. */
export const nodeDecoding: TextDecoding = {
  latin1: (bytes, start, end) => asBuffer(bytes).toString("latin1", start, end),
  utf8: (bytes, start, end) => asBuffer(bytes).toString("utf8", start, end),
};

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
