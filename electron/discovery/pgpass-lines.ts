import { readFile, stat } from "node:fs/promises";
import type { HostAddress } from "../../shared/profile/profile.ts";

/** A line of .pgpass without its password. */
export interface PgpassLine {
  readonly host: string;
  readonly port: string;
  readonly database: string;
  readonly user: string;
}

/** The lines of a .pgpass that libpq would use, passwords left where they are. A file others may read counts as none. */
export async function loadPgpassLines(path: string): Promise<PgpassLine[]> {
  try {
    const { mode } = await stat(path);
    if (process.platform !== "win32" && (mode & 0o077) !== 0) return [];
    const lines = (await readFile(path, "utf8")).split(/\r?\n/);
    return lines.filter((line) => line !== "" && !line.startsWith("#")).flatMap(readLine);
  } catch {
    return [];
  }
}

/** A user and a database to log in with. */
export interface Login {
  readonly user: string;
  readonly database: string;
}

/** Logins that the file has a password of for this server. */
export async function pgpassLogins(path: string, { host, port }: HostAddress): Promise<Login[]> {
  const name = host.startsWith("/") ? "localhost" : host;
  return (await loadPgpassLines(path))
    .filter((line) => (line.host === "*" || line.host === name) && (line.port === "*" || line.port === String(port)))
    .filter(({ user, database }) => user !== "*" && database !== "replication")
    .map(({ user, database }) => ({ user, database: database === "*" ? "postgres" : database }));
}

/** `host:port:database:user:password`, a backslash before `:` and itself. */
function readLine(line: string): PgpassLine[] {
  const fields: string[] = [];
  let field = "";
  for (let at = 0; at < line.length && fields.length < 4; at++) {
    const character = line.charAt(at);
    if (character === ":") {
      fields.push(field);
      field = "";
    } else if (character === "\\") {
      at++;
      field += line.charAt(at);
    } else field += character;
  }
  const [host, port, database, user] = fields;
  if (host === undefined || port === undefined || database === undefined || user === undefined) return [];
  return [{ host, port, database, user }];
}
