/** What ssh's configuration says of one host. */
export interface SshHostSettings {
  readonly hostName: string | null;
  readonly port: number | null;
  readonly user: string | null;
  /** In the order in which ssh would try them; `~` and tokens as written. */
  readonly identityFiles: readonly string[];
  /** Lines that matter for the way to this host and are not obeyed, as written: `Include work.conf`, `ProxyJump gate`. */
  readonly ignored: readonly string[];
}

/** Keywords without which this host may be out of reach, or another than meant. */
const consequential = new Set(["include", "proxyjump", "proxycommand", "hostkeyalias", "match"]);

/**
 * Reads ssh_config(5) for one host: Host blocks with their patterns, of which the first value of each keyword holds;
 * HostName, Port, User and IdentityFile (all of them). Include is not followed, and a Match block never applies; both are
 * told in `ignored`.
 *
 * A line as ssh reads it: `    IdentityFile "~/.ssh/work key"`, `Port=2222`.
 */
export function parseSshConfig(text: string, host: string): SshHostSettings {
  let hostName: string | null = null;
  let port: number | null = null;
  let user: string | null = null;
  const identityFiles: string[] = [];
  const ignored: string[] = [];
  let applies = true;
  for (const line of text.split(/\r?\n/)) {
    const [, word = "", rest = ""] = /^\s*([A-Za-z]\w*)(?:\s*=\s*|\s+)(.*?)\s*$/.exec(line) ?? [];
    const keyword = word.toLowerCase();
    const values = splitWords(rest);
    const [value = ""] = values;
    if (keyword === "host") applies = matchesPatterns(host, values);
    else if (keyword === "match") applies = false;
    if (consequential.has(keyword) && (applies || keyword === "match")) ignored.push(`${word} ${rest}`);
    if (!applies || value === "") continue;
    if (keyword === "hostname") hostName ??= value.replaceAll("%h", host).replaceAll("%%", "%");
    else if (keyword === "port") port ??= /^\d{1,5}$/.test(value) ? Number(value) : null;
    else if (keyword === "user") user ??= value;
    else if (keyword === "identityfile" && value.toLowerCase() !== "none") identityFiles.push(value);
  }
  return { hostName, port, user, identityFiles, ignored };
}

/**
 * Whether a host is meant by a list of patterns (ssh_config(5), PATTERNS): `*` any characters, `?` one; a pattern after
 * `!` that fits excludes the host whatever the others say.
 */
export function matchesPatterns(host: string, patterns: readonly string[]): boolean {
  let matches = false;
  for (const pattern of patterns) {
    const isNegated = pattern.startsWith("!");
    if (!matchesPattern(host.toLowerCase(), pattern.slice(isNegated ? 1 : 0).toLowerCase())) continue;
    if (isNegated) return false;
    matches = true;
  }
  return matches;
}

/** Linear in both lengths, whatever the pattern: a file with forty asterisks must not hold us up. */
function matchesPattern(text: string, pattern: string): boolean {
  let at = 0;
  let place = 0;
  let star = -1;
  let resume = 0;
  while (at < text.length) {
    const sign = pattern[place];
    if (sign === "*") {
      star = place++;
      resume = at;
    } else if (sign !== undefined && (sign === "?" || sign === text[at])) {
      place++;
      at++;
    } else if (star >= 0) {
      place = star + 1;
      at = ++resume;
    } else return false;
  }
  return /^\**$/.test(pattern.slice(place));
}

/** Words apart by spaces; double quotes hold one together; a `#` that begins a word ends the line. */
function splitWords(text: string): string[] {
  const words: string[] = [];
  for (const [, quoted, plain] of text.matchAll(/"([^"]*)"|(\S+)/g)) {
    if (plain?.startsWith("#")) break;
    words.push(quoted ?? plain ?? "");
  }
  return words;
}
