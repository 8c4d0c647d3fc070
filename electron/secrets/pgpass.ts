import { readFile, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { findPgpassPassword, type PgpassKey } from "../../shared/profile/pgpass.ts";
import { Secret } from "./secret.ts";

/** What a .pgpass file says about a connection. */
export interface PgpassAnswer {
  readonly password: Secret | null;
  /** For people: `/home/me/.pgpass, line 3`; null when there is no password. */
  readonly place: string | null;
  /** Why the file was passed over, with what to do; null when it was not. */
  readonly warning: string | null;
}

/** Where libpq looks: the `passfile` setting or PGPASSFILE, else the user's own file. */
export function locatePgpass(env: NodeJS.ProcessEnv, platform: NodeJS.Platform = process.platform): string {
  if (env["PGPASSFILE"]) return env["PGPASSFILE"];
  if (platform === "win32") return join(env["APPDATA"] ?? homedir(), "postgresql", "pgpass.conf");
  return join(env["HOME"] ?? homedir(), ".pgpass");
}

/**
 * The password that a .pgpass file holds, by libpq's rules: a file that group or others may use in any way is ignored,
 * with a warning that names the remedy; one that is absent is no matter. Windows has no such permissions.
 */
export async function readPgpass(path: string, key: PgpassKey): Promise<PgpassAnswer> {
  try {
    const { mode, isFile } = await stat(path).then((found) => ({ mode: found.mode, isFile: found.isFile() }));
    if (!isFile) return nothing(`${path} is not a plain file, so it is ignored.`);
    if (process.platform !== "win32" && (mode & 0o077) !== 0) {
      return nothing(`${path} is ignored because others may read it. Run: chmod 600 '${path}'`);
    }
    const found = findPgpassPassword(await readFile(path, "utf8"), key);
    if (found === null || found.password === "") return nothing(null);
    return { password: new Secret(found.password), place: `${path}, line ${found.line}`, warning: null };
  } catch (error) {
    if (error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR")) {
      return nothing(null);
    }
    return nothing(`${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function nothing(warning: string | null): PgpassAnswer {
  return { password: null, place: null, warning };
}
