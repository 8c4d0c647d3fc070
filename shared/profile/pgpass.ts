/** What a line of a .pgpass file is matched against. */
export interface PgpassKey {
  /** A host name or address as the user wrote it, or a socket folder; empty for the default host. */
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
}

/** Socket folders that libpq is built with; a connection through one of them is `localhost` in .pgpass. */
const defaultSocketFolders = ["/var/run/postgresql", "/run/postgresql", "/tmp"];

/**
 * The password of the first line that matches, with its line number from 1; null when no line does. As libpq's
 * `passwordFromFile` (fe-connect.c, manual 34.16): `host:port:database:user:password`, `*` alone matches anything,
 * backslash escapes `:` and itself, lines that begin with `#` are comments, the password ends at the next bare colon.
 * The default host and the default socket folder are looked up as `localhost`.
 */
export function findPgpassPassword(text: string, key: PgpassKey): { password: string; line: number } | null {
  const host = key.host === "" || defaultSocketFolders.includes(key.host) ? "localhost" : key.host;
  const wanted = [host, String(key.port), key.database, key.user];
  if (key.database === "" || key.user === "") return null;

  for (const [index, raw] of text.split("\n").entries()) {
    const line = raw.endsWith("\r") ? raw.slice(0, -1) : raw;
    if (line === "" || line.startsWith("#")) continue;
    let rest: string | null = line;
    for (const value of wanted) {
      rest = matchField(rest, value);
      if (rest === null) break;
    }
    if (rest !== null) return { password: readPassword(rest), line: index + 1 };
  }
  return null;
}

/** What follows the field and its colon when the field matches, else null. */
function matchField(text: string, value: string): string | null {
  if (text.startsWith("*:")) return text.slice(2);
  let at = 0;
  for (let index = 0; at < text.length; index++, at++) {
    if (text[at] === ":" && index === value.length) return text.slice(at + 1);
    // A bare colon matches a colon that is asked for, so `::1` may stand unescaped, as in libpq.
    if (text[at] === "\\") at++;
    if (index === value.length || text[at] !== value[index]) return null;
  }
  return null;
}

function readPassword(text: string): string {
  let password = "";
  for (let at = 0; at < text.length && text[at] !== ":"; at++) {
    if (text[at] === "\\" && at + 1 < text.length) at++;
    password += text.charAt(at);
  }
  return password;
}
