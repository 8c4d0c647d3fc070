import { mkdtemp, open, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { dbnameArgument } from "../../shared/command/dbname-argument.ts";
import { AppError } from "../../shared/error/app-error.ts";
import { isSocket } from "../../shared/profile/hosts.ts";
import type { ConnectionTarget } from "../../shared/profile/profile.ts";
import type { Home } from "../home.ts";
import type { Secret } from "../secrets/secret.ts";
import { type TunnelUse, useTunnel } from "../ssh/tunnels.ts";
import { makePrivateFolder } from "../storage/durable-file.ts";
import { isRunning } from "./is-running.ts";
import { baseEnvironment, connectionEnvironment } from "./tool-environment.ts";

/** How a child process connects: libpq's environment, and a password file that only it is told of. */
export interface ToolConnection {
  readonly env: Record<string, string>;
  readonly applicationName: string;
  /** The argument that names the database (dbname-argument.ts); the target's own where left out. */
  dbnameArgument(database?: string): string;
  /** The lost tunnel behind a tool's failure, where the target is reached through one; else the error itself. */
  explain(error: unknown): unknown;
  /** Removes the password file, and closes the tunnel's ports. To be called when the last child that uses it has ended; calling twice is harmless. */
  dispose(): Promise<void>;
}

const folderPrefix = "connection-";

/**
 * Prepares a connection for child processes. The password goes into a file (0600) in a folder of its own (0700) under
 * the home's run folder, never into argv or the environment, which other programs of the user can read. Without a
 * password the file is empty, so that the user's own ~/.pgpass, already looked into by the profiles, is not asked again.
 * @param applicationName shown in pg_stat_activity, by which the children's sessions are found
 * Where the target is reached through SSH, a port on loopback leads to each of its hosts until dispose().
 * @throws connection.invalid for a password with a line break, which no password file can hold; ssh.*
 */
export async function openToolConnection(
  target: ConnectionTarget,
  password: Secret | null,
  home: Home,
  applicationName: string,
  signal?: AbortSignal,
): Promise<ToolConnection> {
  const line = password === null ? "" : passfileLine(target.user, password.reveal());
  await makePrivateFolder(home.runFolder);
  await sweepPassfiles(home);
  const folder = await mkdtemp(join(home.runFolder, `${folderPrefix}${process.pid}-`));
  const passfile = join(folder, "pgpass");
  try {
    const file = await open(passfile, "wx", 0o600);
    try {
      await file.writeFile(line);
    } finally {
      await file.close();
    }
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
  let tunnel: TunnelUse | null = null;
  const dispose = async () => {
    await rm(folder, { recursive: true, force: true });
    await tunnel?.release();
  };
  try {
    tunnel = await useTunnel(target, signal);
    return {
      env: {
        ...baseEnvironment(),
        ...connectionEnvironment(target, applicationName),
        ...(tunnel === null ? {} : await tunnelEnvironment(target, tunnel)),
        PGPASSFILE: passfile,
      },
      applicationName,
      dbnameArgument: (database = target.database) => dbnameArgument(database),
      explain: (error) => (tunnel === null ? error : tunnel.explain(error)),
      dispose,
    };
  } catch (error) {
    await dispose();
    throw error;
  }
}

/**
 * Each host by the tunnel's port for it. PGHOST stays what the certificate is compared with; PGHOSTADDR is where libpq
 * connects (libpq-connect in the manual, hostaddr). A socket is never encrypted, and libpq would not know that it is one.
 */
async function tunnelEnvironment(target: ConnectionTarget, tunnel: TunnelUse): Promise<Record<string, string>> {
  const ports = await Promise.all(target.hosts.map((host) => tunnel.openPort(host)));
  return {
    PGHOSTADDR: target.hosts.map(() => "127.0.0.1").join(","),
    PGPORT: ports.join(","),
    ...(target.hosts.every(({ host }) => isSocket(host)) ? { PGSSLMODE: "disable" } : {}),
  };
}

/**
 * One line of a password file (libpq-pgpass in the manual): `host:port:database:user:password`, `\` before `:` and `\`.
 * Host, port and database are wildcards, so it holds for sockets and several hosts alike.
 */
function passfileLine(user: string, password: string): string {
  if (/[\r\n\0]/.test(password))
    throw new AppError("connection.invalid", "A password with a line break cannot be given to PostgreSQL's tools.", {
      hint: "Set a password without line breaks for this role.",
    });
  return `*:*:*:${escapeField(user)}:${escapeField(password)}\n`;
}

function escapeField(text: string): string {
  return text.replaceAll(/[\\:]/g, "\\$&");
}

/** Removes what a Lifeboat that was killed left behind: the process id in a folder's name is no longer running. */
async function sweepPassfiles(home: Home): Promise<void> {
  for (const name of await readdir(home.runFolder)) {
    const pid = name.startsWith(folderPrefix) ? Number.parseInt(name.slice(folderPrefix.length), 10) : Number.NaN;
    if (pid > 0 && !isRunning(pid)) await rm(join(home.runFolder, name), { recursive: true, force: true });
  }
}
