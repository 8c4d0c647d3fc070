import { MAX_ROW_BYTES } from "../../../shared/archive/limits.ts";
import { isObjectNumber } from "../../../shared/archive/member-names.ts";
import { AppError } from "../../../shared/error/app-error.ts";
import type { LargeObject } from "../archive.ts";

/**
 * Large objects out of the statements of a plain script, a line each (StartRestoreLO and dump_lo_buf in
 * pg_backup_archiver.c). Real lines of pg_dump 18: `SELECT pg_catalog.lo_open('424242', 131072);`,
 * `SELECT pg_catalog.lowrite(0, '\x0001');`, `SELECT pg_catalog.lo_close(0);`.
 * @throws archive.damaged, archive.truncated
 */
export async function* readLargeObjectStatements(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<LargeObject> {
  const lines = readLines(bytes)[Symbol.asyncIterator]();
  try {
    for (;;) {
      const { done, value: line } = await lines.next();
      if (done === true) return;
      const opened = /^SELECT pg_catalog\.lo_open\('(\d+)', \d+\);$/.exec(line);
      if (opened === null) continue;
      if (!isObjectNumber(Number(opened[1])))
        throw new AppError("archive.damaged", "A large object has a number that none has.", {
          detail: line.slice(0, 200),
        });
      const object = writtenTo(lines);
      yield { oid: Number(opened[1]), bytes: object };
      // What the consumer has left is passed over.
      for await (const _ of object);
    }
  } finally {
    await lines.return?.(undefined);
  }
}

async function* writtenTo(lines: AsyncIterator<string>): AsyncGenerator<Uint8Array> {
  for (;;) {
    const { done, value: line } = await lines.next();
    if (done === true) throw new AppError("archive.truncated", "The script ends inside a large object.");
    if (line.startsWith("SELECT pg_catalog.lo_close(")) return;
    const [, hex] = /^SELECT pg_catalog\.lowrite\(0, E?'\\{1,2}x((?:[0-9a-f]{2})*)'\);$/.exec(line) ?? [];
    if (hex === undefined)
      throw new AppError("archive.damaged", "A large object is not written as pg_dump writes it.", {
        detail: line.slice(0, 200),
      });
    if (hex !== "") yield Buffer.from(hex, "hex");
  }
}

async function* readLines(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  let rest = "";
  for await (const piece of bytes) {
    const lines = (rest + Buffer.from(piece.buffer, piece.byteOffset, piece.length).toString("latin1")).split("\n");
    rest = lines.pop() ?? "";
    if (rest.length > MAX_ROW_BYTES)
      throw new AppError("archive.limitExceeded", "A statement of a large object is too long.");
    yield* lines;
  }
  if (rest !== "") yield rest;
}
