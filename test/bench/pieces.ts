import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { constants, deflateRawSync, zstdCompressSync } from "node:zlib";
import { clientFolder } from "../helpers/clients.ts";
import { bigDatabase } from "../helpers/seed.ts";
import { startServer } from "../helpers/servers.ts";

/**
 * How long the pieces are best that a backup's data is compressed in (electron/backup/compressors.ts): a table's text
 * compressed in pieces of several lengths, and as a whole, as pg_dump does it. Size and time, each as a part of the whole's.
 *
 *     node test/bench/pieces.ts
 */
const lengthsMb = [0.25, 0.5, 1, 2, 4, 24];
const levels = ["gzip:6", "zstd:3", "zstd:9", "zstd:15", "zstd:19"];
const textBytes = 24 * 1024 * 1024;

const server = await startServer(15);
try {
  const database = await bigDatabase(server, 400);
  for (const table of ["docs", "orders", "events"]) {
    const text = copyText(server.url(database), table);
    for (const level of levels) {
      const [bytes, elapsedMs] = compress(text, level, text.length);
      const parts = lengthsMb.map((megabytes) => {
        const [some, took] = compress(text, level, megabytes * 1024 * 1024);
        return `${megabytes} MB ${(some / bytes).toFixed(3)} ${(took / elapsedMs).toFixed(2)}`;
      });
      process.stdout.write(`${table.padEnd(8)}${level.padEnd(9)}${parts.join("   ")}\n`);
    }
  }
} finally {
  await server.stop();
}

function copyText(url: string, table: string): Buffer {
  const psql = join(clientFolder(15) ?? "", "psql");
  const { stdout } = spawnSync(psql, ["--dbname", url, "--command", `copy ${table} to stdout`], { maxBuffer: 2 ** 30 });
  return stdout.subarray(0, textBytes);
}

function compress(text: Buffer, level: string, pieceBytes: number): [bytes: number, elapsedMs: number] {
  const [method, number] = level.split(":");
  const startedAt = performance.now();
  let bytes = 0;
  for (let at = 0; at < text.length; at += pieceBytes) {
    const piece = text.subarray(at, at + pieceBytes);
    const params = { [constants.ZSTD_c_compressionLevel]: Number(number) };
    const packed =
      method === "zstd"
        ? zstdCompressSync(piece, { params, pledgedSrcSize: piece.length })
        : deflateRawSync(piece, {
            level: Number(number),
            ...(at === 0 ? {} : { dictionary: text.subarray(at - 32 * 1024, at) }),
          });
    bytes += packed.length;
  }
  return [bytes, performance.now() - startedAt];
}
