import type { Readable } from "node:stream";
import { buildGlobalsArgs } from "../../shared/command/dump-command.ts";
import type { Manifest } from "../../shared/contract/manifest.ts";
import { AppError } from "../../shared/error/app-error.ts";
import { failureOf } from "../../shared/error/classify.ts";
import type { Place } from "../storage/place.ts";
import { type ChosenTool, chooseDumpTool } from "../tools/choose-tool.ts";
import { readPieces } from "../tools/read-pieces.ts";
import { runTool } from "../tools/run-tool.ts";
import type { DumpTask } from "./dump-database.ts";
import { type DumpFile, openDumpFile } from "./dump-file.ts";

/** pg_dumpall's last line (pg_dumpall.c): without it the script was cut. */
const CLOSING_COMMENT = "-- PostgreSQL database cluster dump complete";
/** Of roles and tablespaces, which are few. */
const mostBytes = 16 * 1024 * 1024;

/** The script, whole and without its name yet. */
export interface DumpedGlobals {
  readonly file: DumpFile;
  readonly warnings: Manifest["warnings"];
}

/**
 * Writes roles, tablespaces and their settings as SQL to every place; without the roles' passwords where the role may not
 * read them, and says so. The file has no name anywhere until its commit().
 * @param path from each storage's root
 * Throws the classified failure of pg_dumpall, backup.incomplete, storage.*; nothing stays then.
 */
export async function dumpGlobals(task: DumpTask, path: string, places: readonly Place[]): Promise<DumpedGlobals> {
  const { context, plan } = task;
  context.step("Saving roles and globals");
  const tool = chooseDumpTool(plan.installations, "pg_dumpall", plan.report.server.versionNum);
  try {
    return { file: await runDumpall(task, tool, path, places, true), warnings: [] };
  } catch (error) {
    // Only superusers may read pg_authid; managed services have none to give.
    if (!(error instanceof AppError) || error.code !== "postgres.permissionDenied") throw error;
    const warning = {
      code: "backup.noRolePasswords",
      message: "Roles are in this backup without their passwords, which this role may not read.",
    };
    context.log(`warning: ${warning.message}`);
    return { file: await runDumpall(task, tool, path, places, false), warnings: [warning] };
  }
}

async function runDumpall(
  { context, request, tools, encryptFor }: DumpTask,
  tool: ChosenTool,
  path: string,
  places: readonly Place[],
  rolePasswords: boolean,
): Promise<DumpFile> {
  const { signal } = context;
  const file = await openDumpFile(path, places, {
    encryptFor,
    hasLateHead: false,
    expectedBytes: mostBytes,
    signal,
    onPartial: (partial) => context.recordPartial(partial),
  });
  const giveUp = new AbortController();
  try {
    const run = runTool({
      path: tool.path,
      args: buildGlobalsArgs({ rolePasswords, database: request.database }),
      env: tools.env,
      stdout: "stream",
      signal: AbortSignal.any([signal, giveUp.signal]),
      phase: "globals",
      onSpawn: (pid) => context.recordChild(pid),
    });
    const tail = await writeAll(run.stdout, file);
    const exit = await run.exit;
    if (exit.outcome !== "exited" || exit.exitCode !== 0) throw failureOf("pg_dumpall", exit, "globals");
    if (!tail.includes(CLOSING_COMMENT))
      throw new AppError("backup.incomplete", "pg_dumpall stopped before it had written all roles.");
    return file;
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
