import { AppError } from "../../shared/error/app-error.ts";

/** Hexadecimal digits that become bytes at a time. */
const pieceDigits = 2 * 1024 * 1024;

/** The bytes that a bytea's text stands for, a large one in pieces. @throws archive.damaged */
export function* byteaPieces(text: string): Generator<Uint8Array> {
  if (text.startsWith("\\x")) yield* hexBytes(text);
  else yield escapedBytes(text);
}

/** All of them. @throws as byteaPieces */
export function byteaBytes(text: string): Uint8Array {
  return Buffer.concat([...byteaPieces(text)]);
}

function* hexBytes(value: string): Generator<Uint8Array> {
  if (!/^\\x(?:[0-9a-f]{2})*$/i.test(value)) throw notBytea();
  for (let at = 2; at < value.length; at += pieceDigits) yield Buffer.from(value.slice(at, at + pieceDigits), "hex");
}

/** As a server with `bytea_output = escape` writes them: `\\\\` and three octal digits behind a backslash (byteaout in varlena.c). */
function escapedBytes(value: string): Uint8Array {
  const bytes: number[] = [];
  for (let at = 0; at < value.length; at += 1) {
    if (value[at] !== "\\") bytes.push(value.charCodeAt(at));
    else if (value[at + 1] === "\\") {
      bytes.push(0x5c);
      at += 1;
    } else {
      const [digits] = /^[0-3][0-7]{2}/.exec(value.slice(at + 1, at + 4)) ?? [];
      if (digits === undefined) throw notBytea();
      bytes.push(Number.parseInt(digits, 8));
      at += 3;
    }
  }
  return Uint8Array.from(bytes);
}

function notBytea(): AppError {
  return new AppError("archive.damaged", "The value is not written as PostgreSQL writes a bytea.");
}
