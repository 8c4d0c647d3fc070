import { access, constants, realpath } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { compareVersions, type PostgresVersion, parseToolVersion } from "../../shared/command/postgres-version.ts";
import { type ToolInstallation, type ToolName, toolNames } from "../../shared/command/tool-installation.ts";
import type { Home } from "../home.ts";
import { runTool } from "./run-tool.ts";
import { baseEnvironment } from "./tool-environment.ts";
import { listToolPlaces, type ToolPlace } from "./tool-places.ts";

export type { ToolInstallation } from "../../shared/command/tool-installation.ts";

const probeLimitMs = 5_000;
const probesAtOnce = 4;

/** Tools that lie in one real folder. */
interface Found {
  readonly folder: string;
  readonly source: string;
  readonly tools: Partial<Record<ToolName, string>>;
}

/**
 * Every installation of PostgreSQL's client programs on this machine, newest first. Links are followed and duplicates
 * folded into the place that was named first; what does not answer `--version` within five seconds is left out.
 * @throws settings.invalid
 */
export async function locateInstallations(
  home: Home,
  env: NodeJS.ProcessEnv = process.env,
): Promise<ToolInstallation[]> {
  const places = await listToolPlaces(home, env);
  const found = new Map<string, Found>();
  for (const [source, tools] of await Promise.all(places.map(lookInto)))
    for (const [name, path] of tools) {
      const folder = dirname(path);
      const known = found.get(folder) ?? { folder, source, tools: {} };
      known.tools[name] ??= path;
      found.set(folder, known);
    }
  const installations: ToolInstallation[] = [];
  const waiting = [...found.values()];
  const probeNext = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const version = await probeVersion(next);
      if (version !== null) installations.push({ ...next, version });
    }
  };
  await Promise.all(Array.from({ length: probesAtOnce }, probeNext));
  return installations.toSorted((a, b) => compareVersions(b.version, a.version) || (a.folder < b.folder ? -1 : 1));
}

async function lookInto({ folder, source }: ToolPlace): Promise<readonly [string, [ToolName, string][]]> {
  const tools = await Promise.all(
    toolNames.map(async (name): Promise<[ToolName, string][]> => {
      const path = await realProgram(join(folder, process.platform === "win32" ? `${name}.exe` : name));
      return path === null ? [] : [[name, path]];
    }),
  );
  return [source, tools.flat()];
}

/**
 * Where a program really lies; null where there is none that may be run. Debian's /usr/bin/pg_dump is one Perl script
 * for all programs and versions that picks one by cluster and needs PATH, so it is passed over: the programs themselves
 * are in /usr/lib/postgresql.
 */
async function realProgram(path: string): Promise<string | null> {
  try {
    const real = await realpath(path);
    await access(real, constants.X_OK);
    return basename(real) === "pg_wrapper" ? null : real;
  } catch {
    return null;
  }
}

async function probeVersion({ tools }: Found): Promise<PostgresVersion | null> {
  const path = toolNames.map((name) => tools[name]).find((tool) => tool !== undefined);
  if (path === undefined) return null;
  let firstLine: string | null = null;
  const run = runTool({
    path,
    args: ["--version"],
    env: baseEnvironment(),
    stdout: (line) => {
      firstLine ??= line;
    },
    limitMs: probeLimitMs,
    phase: "local",
  });
  const { exitCode } = await run.exit;
  return exitCode === 0 && firstLine !== null ? parseToolVersion(firstLine) : null;
}
