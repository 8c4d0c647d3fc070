import type { ConnectionTarget } from "../../shared/profile/profile.ts";

/**
 * The environment every child gets: nothing of the user's own PG*, PSQL_*, LD_* or LANG comes in. HOME is for libpq's
 * default certificates. LC_ALL=C makes the tools speak the language that the error rules read.
 */
export function baseEnvironment(own: NodeJS.ProcessEnv = process.env): Record<string, string> {
  const allowed = process.platform === "win32" ? ["SystemRoot", "APPDATA", "TEMP", "TMP"] : ["HOME"];
  const env: Record<string, string> = { LC_ALL: "C" };
  for (const name of allowed) {
    const value = own[name];
    if (value !== undefined) env[name] = value;
  }
  return env;
}

/** A connection as libpq's environment (libpq-envars in the manual). The database is not in it, nor a password. */
export function connectionEnvironment(target: ConnectionTarget, applicationName: string): Record<string, string> {
  return {
    PGHOST: target.hosts.map(({ host }) => host).join(","),
    PGPORT: target.hosts.map(({ port }) => port).join(","),
    PGUSER: target.user,
    PGSSLMODE: target.sslMode,
    PGCONNECT_TIMEOUT: String(target.connectTimeoutSeconds),
    PGAPPNAME: applicationName,
    PGTARGETSESSIONATTRS: target.targetSessionAttrs,
    ...(target.sslRootCert === null ? {} : { PGSSLROOTCERT: target.sslRootCert }),
    ...(target.sslCert === null ? {} : { PGSSLCERT: target.sslCert }),
    ...(target.sslKey === null ? {} : { PGSSLKEY: target.sslKey }),
    ...(target.options === null ? {} : { PGOPTIONS: target.options }),
  };
}
