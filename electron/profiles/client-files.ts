import { existsSync, readdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { homedir, userInfo } from "node:os";
import { join } from "node:path";
import { AppError } from "../../shared/error/app-error.ts";
import type { ConnectionTarget } from "../../shared/profile/profile.ts";
import { findService, type Service } from "../../shared/profile/service-file.ts";
import type { TargetDefaults } from "../../shared/profile/target.ts";

/** Where the system's pg_service.conf is: libpq's SYSCONFDIR, which differs by packager. */
const systemFolders = ["/etc/postgresql-common", "/etc/sysconfig/pgsql", "/etc", "/opt/homebrew/etc/postgresql"];

/** The folder of libpq's files for this user: certificates there have fixed names. */
function userFolder(env: NodeJS.ProcessEnv): string {
  if (process.platform === "win32") return join(env["APPDATA"] ?? homedir(), "postgresql");
  return join(env["HOME"] ?? homedir(), ".postgresql");
}

/** What libpq would take where nobody says otherwise: the socket of a server on this machine, this user's name. */
export function systemDefaults(): TargetDefaults {
  return { host: ["/var/run/postgresql", "/tmp"].find(holdsSocket) ?? "localhost", user: userName() };
}

function holdsSocket(folder: string): boolean {
  try {
    return readdirSync(folder).some((name) => name.startsWith(".s.PGSQL."));
  } catch {
    return false;
  }
}

/** Empty where the system has no entry for this user id: containers run under any number. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return "";
  }
}

/** The files that services are looked for in, in libpq's order; they need not exist. */
export function serviceFiles(file: string | undefined, env: NodeJS.ProcessEnv): string[] {
  const folder = process.platform === "win32" ? userFolder(env) : (env["HOME"] ?? homedir());
  const folders = env["PGSYSCONFDIR"] ? [env["PGSYSCONFDIR"]] : systemFolders;
  return [file ?? join(folder, ".pg_service.conf"), ...folders.map((each) => join(each, "pg_service.conf"))];
}

/**
 * The service's section from PGSERVICEFILE or the user's file, else from the system's.
 *
 * @throws AppError `connection.invalid` when there is no such service
 */
export async function loadService(name: string, file: string | undefined, env: NodeJS.ProcessEnv): Promise<Service> {
  const paths = serviceFiles(file, env);
  if (file !== undefined && !existsSync(file)) {
    throw new AppError("connection.invalid", `The service file ${file} does not exist.`, {
      hint: "Check PGSERVICEFILE.",
    });
  }
  for (const path of paths.filter((candidate) => existsSync(candidate))) {
    // oxlint-disable-next-line no-await-in-loop -- the first file that has it wins
    const service = findService(await readFile(path, "utf8"), name, path);
    if (service !== null) return service;
  }
  throw new AppError("connection.invalid", `The service ${name} is not defined.`, {
    hint: `Add a section [${name}] to ${paths[0] ?? ""}.`,
  });
}

/** The operating system's roots as one file: Debian, Fedora and its kin, SUSE, then macOS, Alpine and the BSDs. */
const rootBundles = [
  "/etc/ssl/certs/ca-certificates.crt",
  "/etc/pki/tls/certs/ca-bundle.crt",
  "/etc/ssl/ca-bundle.pem",
  "/etc/ssl/cert.pem",
];

/**
 * The certificate files libpq picks up by their place (manual 34.19): root.crt, postgresql.crt, postgresql.key. Where
 * verify-full has no root.crt, the operating system's roots stand in, so that our own sessions and the tools check the
 * same thing; as a file where there is one, because libpq before 16 does not know the word `system`.
 *
 * @throws AppError `connection.tls` for verify-ca without a root certificate: any public authority would do then
 */
export function completeTlsFiles(target: ConnectionTarget, env: NodeJS.ProcessEnv): ConnectionTarget {
  if (target.sslMode === "disable") return target;
  const own = (name: string): string | null => {
    const path = join(userFolder(env), name);
    return existsSync(path) ? path : null;
  };
  let sslRootCert = target.sslRootCert ?? own("root.crt");
  if (sslRootCert === null && target.sslMode === "verify-ca") {
    throw new AppError("connection.tls", "sslmode=verify-ca needs a root certificate, and there is none.", {
      hint: `Name it with sslrootcert, or put it at ${join(userFolder(env), "root.crt")}. With a public certificate use sslmode=verify-full.`,
    });
  }
  if (sslRootCert === "system" || (sslRootCert === null && target.sslMode === "verify-full")) {
    const chosen = env["SSL_CERT_FILE"];
    sslRootCert = [...(chosen ? [chosen] : []), ...rootBundles].find((path) => existsSync(path)) ?? "system";
  }
  const sslCert = target.sslCert ?? own("postgresql.crt");
  return {
    ...target,
    sslRootCert,
    sslCert,
    sslKey: target.sslKey ?? (sslCert === null ? null : own("postgresql.key")),
  };
}
