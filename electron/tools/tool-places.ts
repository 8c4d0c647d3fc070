import { readdir, readFile } from "node:fs/promises";
import { delimiter, isAbsolute, join } from "node:path";
import { z } from "zod";
import { AppError } from "../../shared/error/app-error.ts";
import type { Home } from "../home.ts";

/** A folder that may hold PostgreSQL's programs, and how we came to it. */
export interface ToolPlace {
  readonly folder: string;
  readonly source: string;
}

/** One `*` stands for any text inside one folder's name. */
const wellKnown: Readonly<Partial<Record<NodeJS.Platform, readonly (readonly [pattern: string, source: string])[]>>> = {
  linux: [
    ["/usr/lib/postgresql/*/bin", "Debian package"],
    ["/usr/pgsql-*/bin", "RPM package"],
    ["/usr/lib/postgresql*/bin", "SUSE package"],
    ["/usr/libexec/postgresql*", "Alpine package"],
    ["/usr/local/pgsql/bin", "built from source"],
    ["/home/linuxbrew/.linuxbrew/opt/postgresql@*/bin", "Homebrew"],
    ["/home/linuxbrew/.linuxbrew/opt/libpq/bin", "Homebrew"],
  ],
  darwin: [
    ["/opt/homebrew/opt/postgresql@*/bin", "Homebrew"],
    ["/opt/homebrew/opt/libpq/bin", "Homebrew"],
    ["/usr/local/opt/postgresql@*/bin", "Homebrew"],
    ["/usr/local/opt/libpq/bin", "Homebrew"],
    ["/Applications/Postgres.app/Contents/Versions/*/bin", "Postgres.app"],
    ["/Library/PostgreSQL/*/bin", "installer"],
    ["/usr/local/pgsql/bin", "built from source"],
  ],
  win32: [
    ["C:/Program Files/PostgreSQL/*/bin", "installer"],
    ["C:/Program Files (x86)/PostgreSQL/*/bin", "installer"],
  ],
};

/**
 * Folders to look into, chosen ones first: settings.json `toolFolders`, LIFEBOAT_TOOLS (a path list), where packages
 * and installers put them, PATH. Relative entries are left out, because they would depend on where we stand.
 * @throws settings.invalid
 */
export async function listToolPlaces(home: Home, env: NodeJS.ProcessEnv): Promise<ToolPlace[]> {
  const known = await Promise.all((wellKnown[process.platform] ?? []).map(expand));
  return [
    ...(await readChosenFolders(home)).map((folder) => ({ folder, source: "settings.json" })),
    ...splitPathList(env["LIFEBOAT_TOOLS"]).map((folder) => ({ folder, source: "LIFEBOAT_TOOLS" })),
    ...known.flat(),
    ...splitPathList(env["PATH"]).map((folder) => ({ folder, source: "PATH" })),
  ];
}

function splitPathList(list: string | undefined): string[] {
  return (list ?? "").split(delimiter).filter((folder) => isAbsolute(folder));
}

const settingsSchema = z.looseObject({ toolFolders: z.array(z.string()).default([]) });

async function readChosenFolders(home: Home): Promise<string[]> {
  let text: string;
  try {
    text = await readFile(home.settingsFile, "utf8");
  } catch {
    return [];
  }
  try {
    return settingsSchema.parse(JSON.parse(text)).toolFolders.filter((folder) => isAbsolute(folder));
  } catch (error) {
    throw new AppError("settings.invalid", `${home.settingsFile} cannot be read.`, {
      detail: error instanceof Error ? error.message : undefined,
      cause: error,
    });
  }
}

async function expand([pattern, source]: readonly [string, string]): Promise<ToolPlace[]> {
  const [before = "", after = ""] = pattern.split("*", 2);
  if (!pattern.includes("*")) return [{ folder: pattern, source }];
  const parent = before.slice(0, before.lastIndexOf("/"));
  const prefix = before.slice(parent.length + 1);
  const names = await readdir(parent).catch(() => []);
  return names
    .filter((name) => name.startsWith(prefix))
    .map((name) => ({ folder: `${join(parent, name)}${after}`, source }));
}
