import { createWriteStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { displayCommand } from "../../shared/command/display.ts";
import { buildDumpArgs } from "../../shared/command/dump-command.ts";
import { failureOf } from "../../shared/error/classify.ts";
import type { Home } from "../home.ts";
import type { JobContext } from "../jobs/job-context.ts";
import { chooseDumpTool } from "../tools/choose-tool.ts";
import { locateInstallations } from "../tools/locate-tools.ts";
import { runTool } from "../tools/run-tool.ts";
import type { ToolConnection } from "../tools/tool-connection.ts";

/**
 * Writes a scratch database, which holds definitions and no rows, as an archive.
 * @param path of a new private file
 * @throws tool.*, pg_dump's classified failure, job.cancelled
 */
export async function dumpScratch(
  context: JobContext,
  tools: ToolConnection,
  from: { readonly database: string; readonly serverVersionNum: number; readonly home: Home },
  path: string,
): Promise<void> {
  const tool = chooseDumpTool(await locateInstallations(from.home), "pg_dump", from.serverVersionNum);
  const args = [tools.dbnameArgument(from.database), ...buildDumpArgs(options, tool.version)];
  context.log(displayCommand(tool.path, args));
  const run = runTool({
    path: tool.path,
    args,
    env: tools.env,
    stdout: "stream",
    signal: context.signal,
    phase: "dump",
    onSpawn: (pid) => context.recordChild(pid),
  });
  const written =
    run.stdout === null
      ? Promise.resolve()
      : pipeline(run.stdout, createWriteStream(path, { flags: "wx", mode: 0o600 }));
  // What the tool says counts for more than a pipe that closed early.
  const failure = await written.then(
    () => null,
    (error: unknown) => ({ error }),
  );
  const exit = await run.exit;
  if (exit.outcome !== "exited" || exit.exitCode !== 0) throw failureOf("pg_dump", exit, "dump");
  if (failure !== null) throw failure.error;
}

const options = {
  format: "custom",
  compression: { method: "none", level: null },
  jobs: 1,
  schemas: [],
  tables: [],
  excludeTables: [],
  excludeTableData: [],
  schemaOnly: false,
  dataOnly: false,
  lockWaitTimeoutSeconds: 0,
  outputPath: null,
} as const;
