import type { Readable } from "node:stream";
import { buildGlobalsArgs } from "../../shared/command/dump-command.ts";
import type { StoredFile } from "../../shared/contract/manifest.ts";
import { AppError } from "../../shared/error/app-error.ts";
import { failureOf } from "../../shared/error/classify.ts";
import { hashChunkBytes } from "../storage/part-sums.ts";
import type { ChosenTool } from "../tools/choose-tool.ts";
import { runTool } from "../tools/run-tool.ts";
import type { ToolConnection } from "../tools/tool-connection.ts";
import { createDumpFile, type DumpFile } from "./dump-file.ts";
import { readPieces } from "./read-pieces.ts";

/** pg_dumpall's last line (pg_dumpall.c): without it the script was cut. */
const CLOSING_COMMENT = "-- PostgreSQL database cluster dump complete";

/**
 * Writes roles, tablespaces and their settings as SQL to `path` (a partial name; the caller renames it).
 * @returns the manifest's entry without its final path
 * Throws the classified failure of pg_dumpall, backup.incomplete, storage.*; nothing is left at `path` then.
 */
export async function dumpGlobals(
  path: string,
  tool: ChosenTool,
  connection: ToolConnection,
  options: {
    readonly rolePasswords: boolean;
    readonly database: string;
    /** age recipients; none: it is not encrypted. */
    readonly recipients: readonly string[];
    readonly signal: AbortSignal;
    readonly onSpawn: (pid: number) => void;
  },
): Promise<Omit<StoredFile, "path">> {
  const file = await createDumpFile(path, options.recipients);
  const giveUp = new AbortController();
  try {
    const run = runTool({
      path: tool.path,
      args: buildGlobalsArgs({ rolePasswords: options.rolePasswords, database: options.database }),
      env: connection.env,
      stdout: "stream",
      signal: AbortSignal.any([options.signal, giveUp.signal]),
      phase: "globals",
      onSpawn: options.onSpawn,
    });
    const tail = await writeAll(run.stdout, file);
    const exit = await run.exit;
    if (exit.outcome !== "exited" || exit.exitCode !== 0) throw failureOf("pg_dumpall", exit, "globals");
    if (!tail.includes(CLOSING_COMMENT))
      throw new AppError("backup.incomplete", "pg_dumpall stopped before it had written all roles.");
    const digest = await file.seal();
    return { role: "globals", ...digest, chunks: [...digest.chunks], chunkBytes: hashChunkBytes };
  } catch (error) {
    giveUp.abort();
    await file.discard();
    throw error;
  }
}

/** @returns the last bytes as text. A stream that closes early ends like any other: pg_dumpall's exit tells why. */
async function writeAll(stdout: Readable | null, file: DumpFile): Promise<string> {
  let tail = "";
  try {
    for await (const piece of readPieces(stdout)) {
      await file.write(piece);
      tail = (tail + piece.toString("latin1", Math.max(0, piece.length - 400))).slice(-400);
    }
  } catch (error) {
    if (error instanceof AppError) throw error;
  }
  return tail;
}
