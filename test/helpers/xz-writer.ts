import { crc32 } from "node:zlib";

/** An .xz file that holds bytes as they are, in stored chunks, without a check: for tests that change what is in one. */
export function storeAsXz(bytes: Uint8Array): Buffer {
  const chunks: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += 65_536) {
    const piece = bytes.subarray(at, at + 65_536);
    chunks.push(Buffer.from([at === 0 ? 1 : 2, (piece.length - 1) >> 8, (piece.length - 1) & 0xff]), piece);
  }
  const data = Buffer.concat([...chunks, Buffer.from([0])]);
  const flags = Buffer.from([0, 0]);
  const blockHeader = withSum(Buffer.from([2, 0, 0x21, 1, 0x16, 0, 0, 0]));
  const records = Buffer.from([0, 1, ...numberBytes(blockHeader.length + data.length), ...numberBytes(bytes.length)]);
  const index = withSum(padded(records));
  const size = Buffer.alloc(4);
  size.writeUInt32LE(index.length / 4 - 1);
  const end = Buffer.concat([size, flags]);
  return Buffer.concat([
    Buffer.from("\xfd7zXZ\0", "latin1"),
    withSum(flags),
    blockHeader,
    padded(data),
    index,
    sumOf(end),
    end,
    Buffer.from("YZ"),
  ]);
}

function padded(bytes: Uint8Array): Buffer {
  return Buffer.concat([bytes, Buffer.alloc((4 - (bytes.length % 4)) % 4)]);
}

function withSum(bytes: Uint8Array): Buffer {
  return Buffer.concat([bytes, sumOf(bytes)]);
}

function sumOf(bytes: Uint8Array): Buffer {
  const sum = Buffer.alloc(4);
  sum.writeUInt32LE(crc32(bytes));
  return sum;
}

function numberBytes(value: number): number[] {
  return value < 128 ? [value] : [(value % 128) | 128, ...numberBytes(Math.floor(value / 128))];
}
