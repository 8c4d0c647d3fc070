/** A version of PostgreSQL, of a server or of a tool. Since 10 the first number is the major version. */
export interface PostgresVersion {
  readonly major: number;
  readonly minor: number;
  /** As people write it: `15.18`, `19rc1`. */
  readonly text: string;
}

/**
 * What `pg_dump --version` and its siblings print. Real lines:
 * `pg_dump (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)`, `psql (PostgreSQL) 19rc1`, `pg_restore (PostgreSQL) 9.6.24`.
 * A pre-release has minor 0. Null where the line is something else.
 */
export function parseToolVersion(line: string): PostgresVersion | null {
  const match =
    /^\S+ \(PostgreSQL\) (\d{1,3})(?:\.(\d{1,3}))?((?:\.\d{1,3})|(?:devel|alpha|beta|rc)\d{0,3})?(?:\s|$)/.exec(
      line.trim(),
    );
  if (!match) return null;
  const [, major, minor, rest] = match;
  return {
    major: Number(major),
    minor: Number(minor ?? 0),
    text: `${major}${minor === undefined ? "" : `.${minor}`}${rest ?? ""}`,
  };
}

/** From `server_version_num`: 150018 is 15.18, 90624 is 9.6.24. */
export function parseServerVersionNum(versionNum: number): PostgresVersion {
  const major = Math.floor(versionNum / 10_000);
  const rest = versionNum % 10_000;
  if (major >= 10) return { major, minor: rest, text: `${major}.${rest}` };
  const minor = Math.floor(rest / 100);
  return { major, minor, text: `${major}.${minor}.${rest % 100}` };
}

/** Negative where `a` is older than `b`. Pre-releases of one major count as equal to its `.0`. */
export function compareVersions(a: PostgresVersion, b: PostgresVersion): number {
  return a.major - b.major || a.minor - b.minor;
}
