import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { buildDumpArgs } from "../../shared/command/dump-command.ts";
import { failureOf } from "../../shared/error/classify.ts";
import type { Archive } from "../archives/archive.ts";
import { openArchive } from "../archives/open-archive.ts";
import type { Home } from "../home.ts";
import { withSession } from "../postgres/connect.ts";
import type { ResolvedConnection } from "../profiles/resolve-connection.ts";
import { makePrivateFolder } from "../storage/durable-file.ts";
import { chooseDumpTool } from "../tools/choose-tool.ts";
import { locateInstallations } from "../tools/locate-tools.ts";
import { runTool } from "../tools/run-tool.ts";
import { openToolConnection } from "../tools/tool-connection.ts";

/**
 * The definitions of a live database as pg_dump writes them, for the length of `use`: a private archive without rows, removed
 * afterwards. Reads the server, changes nothing.
 * @throws connection.*, tool.*, pg_dump's classified failure, job.cancelled
 */
export async function withLiveSchema<Result>(
  connection: ResolvedConnection,
  home: Home,
  signal: AbortSignal,
  use: (archive: Archive) => Promise<Result>,
): Promise<Result> {
  const { target, password } = connection;
  const ask = { applicationName: "lifeboat", signal };
  const [version] = await withSession(target, password, ask, (session) =>
    session.query<{ number: number }>("select pg_catalog.current_setting('server_version_num')::int as number"),
  );
  const tool = chooseDumpTool(await locateInstallations(home), "pg_dump", version?.number ?? 0);
  await makePrivateFolder(home.runFolder);
  const folder = await mkdtemp(join(home.runFolder, `schema-${process.pid}-`));
  const path = join(folder, "schema.dump");
  try {
    const tools = await openToolConnection(target, password, home, "lifeboat", signal);
    try {
      const args = [tools.dbnameArgument(), ...buildDumpArgs({ ...options, outputPath: path }, tool.version)];
      const run = runTool({ path: tool.path, args, env: tools.env, stdout: "ignore", signal, phase: "dump" });
      const exit = await run.exit;
      signal.throwIfAborted();
      if (exit.outcome !== "exited" || exit.exitCode !== 0) throw tools.explain(failureOf("pg_dump", exit, "dump"));
    } finally {
      await tools.dispose();
    }
    const archive = await openArchive(path);
    try {
      return await use(archive);
    } finally {
      await archive.close();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const options = {
  format: "custom",
  compression: { method: "none", level: null },
  jobs: 1,
  schemas: [],
  tables: [],
  excludeTables: [],
  excludeTableData: [],
  schemaOnly: true,
  dataOnly: false,
  lockWaitTimeoutSeconds: 60,
} as const;
