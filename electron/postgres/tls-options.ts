import { readFile, stat } from "node:fs/promises";
import { type ConnectionOptions, checkServerIdentity, getCACertificates, rootCertificates } from "node:tls";
import { AppError } from "../../shared/error/app-error.ts";
import { isSocket } from "../../shared/profile/hosts.ts";
import type { ConnectionTarget } from "../../shared/profile/profile.ts";

/** One way to try a host: TLS options, or null for an unencrypted connection. */
export type TlsAttempt = ConnectionOptions | null;

/**
 * The ways to try one host, in order, as sslmode has them (manual 34.19.3): `allow` and `prefer` have a second way,
 * the others one. Sockets are never encrypted. A root certificate file is used in every mode, so `require` with one
 * verifies like `verify-ca`, as libpq does.
 *
 * @throws AppError `connection.tls` when a certificate or key file cannot be used
 */
export async function planTls(target: ConnectionTarget, host: string): Promise<readonly TlsAttempt[]> {
  if (isSocket(host) || target.sslMode === "disable") return [null];
  const tls = await tlsOptions(target, host);
  if (target.sslMode === "prefer") return [tls, null];
  if (target.sslMode === "allow") return [null, tls];
  return [tls];
}

async function tlsOptions(target: ConnectionTarget, host: string): Promise<ConnectionOptions> {
  const verifies = target.sslMode === "verify-ca" || target.sslMode === "verify-full";
  const options: ConnectionOptions = { minVersion: "TLSv1.2", rejectUnauthorized: verifies };
  if (target.sslRootCert !== null && target.sslRootCert !== "system") {
    options.ca = await readCertificate(target.sslRootCert, "root certificate");
    options.rejectUnauthorized = true;
  } else if (target.sslMode === "verify-ca") {
    throw new AppError(
      "connection.tls",
      "sslmode=verify-ca needs a root certificate (sslrootcert), and there is none.",
    );
  } else if (verifies) {
    options.ca = systemRoots();
  }
  // Against the host as the user wrote it; only verify-full cares whose certificate it is.
  options.checkServerIdentity = (_name, certificate) =>
    target.sslMode === "verify-full" ? checkServerIdentity(host, certificate) : undefined;
  if (target.sslCert !== null) {
    options.cert = await readCertificate(target.sslCert, "client certificate");
    if (target.sslKey === null) {
      throw new AppError("connection.tls", "There is a client certificate (sslcert) and no key for it (sslkey).");
    }
    options.key = await readKey(target.sslKey);
  }
  return options;
}

/** The operating system's roots; Node's own where the system has none, as in a bare container. */
function systemRoots(): string[] {
  const roots = getCACertificates("system");
  return roots.length > 0 ? roots : [...rootCertificates];
}

async function readCertificate(path: string, what: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    throw new AppError("connection.tls", `The ${what} ${path} cannot be read.`, {
      detail: error instanceof Error ? error.message : undefined,
      hint: "Check the path and who may read the file.",
      cause: error,
    });
  }
}

/** A private key that others may read is refused, with libpq's rule: 0600, or 0640 when root owns it. */
async function readKey(path: string): Promise<Buffer> {
  const key = await readCertificate(path, "client key");
  if (process.platform !== "win32") {
    const { mode, uid } = await stat(path);
    if ((mode & (uid === 0 ? 0o037 : 0o077)) !== 0) {
      throw new AppError("connection.tls", `The client key ${path} can be read by others, so it is not used.`, {
        hint: `Run: chmod 600 '${path}'`,
      });
    }
  }
  return key;
}
